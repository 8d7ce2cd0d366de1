#include <autobahn/util/version.hpp>
#include <autobahn/websocket/client.hpp>
#include <utility>

#include "client_core.hpp"

namespace autobahn::inline v0::websocket {

void WebSocketClientProtocol::onConnecting(ClientRequest& /*request*/,
                                           const TransportDetails& /*transport*/) {}
void WebSocketClientProtocol::onConnect(const ConnectionResponse& /*response*/) {}

std::string WebSocketClientFactory::defaultUserAgent() {
  return "AutobahnCpp/" + std::string(util::version());
}

WebSocketClientFactory::WebSocketClientFactory(std::string_view url, std::string origin,
                                               std::vector<std::string> protocols, std::string useragent,
                                               Headers headers, std::optional<Proxy> proxy)
    : core_(std::make_shared<ClientCore>(*this, nullptr)) {
  setSessionParameters(url, std::move(origin), std::move(protocols), std::move(useragent), std::move(headers),
                       std::move(proxy));
}

WebSocketClientFactory::WebSocketClientFactory(asio::io_context& io, std::string_view url, std::string origin,
                                               std::vector<std::string> protocols, std::string useragent,
                                               Headers headers, std::optional<Proxy> proxy)
    : core_(std::make_shared<ClientCore>(*this, &io)) {
  setSessionParameters(url, std::move(origin), std::move(protocols), std::move(useragent), std::move(headers),
                       std::move(proxy));
}

WebSocketClientFactory::~WebSocketClientFactory() = default;

void WebSocketClientFactory::setBuilder(Builder builder) { core_->builder = std::move(builder); }

std::shared_ptr<WebSocketClientProtocol> WebSocketClientFactory::buildProtocol() {
  return core_->builder ? core_->builder() : nullptr;
}

void WebSocketClientFactory::setSessionParameters(std::string_view url, std::string origin,
                                                  std::vector<std::string> protocols, std::string useragent,
                                                  Headers headers, std::optional<Proxy> proxy) {
  core_->setUrl(url);
  core_->request.origin = std::move(origin);
  core_->request.protocols = std::move(protocols);
  core_->request.useragent = std::move(useragent);
  core_->request.headers = std::move(headers);
  core_->proxy = std::move(proxy);
}

void WebSocketClientFactory::setHeaders(Headers headers) { core_->request.headers = std::move(headers); }
void WebSocketClientFactory::setProxy(std::optional<Proxy> proxy) { core_->proxy = std::move(proxy); }

void WebSocketClientFactory::setProtocolOptions(ClientOptions options) {
  options.validate();
  core_->options = std::make_shared<const ClientOptions>(std::move(options));
}

ClientOptions WebSocketClientFactory::protocolOptions() const { return *core_->options; }
bool WebSocketClientFactory::isSecure() const { return core_->url.isSecure; }
std::string WebSocketClientFactory::url() const { return core_->urlText; }

std::shared_ptr<WebSocketClientProtocol> WebSocketClientFactory::connect(ConnectOptions options) {
  const auto session = core_->newSession(core_->plan(options), std::nullopt);
  auto protocol = session->start();
  core_->keep(session);
  return protocol;
}

void WebSocketClientFactory::connectReconnecting(ReconnectOptions reconnect, ConnectOptions options) {
  reconnect.validate();
  const auto session = core_->newSession(core_->plan(options), std::move(reconnect));
  session->start();
  core_->keep(session);
}

std::shared_ptr<WebSocketClientProtocol> WebSocketClientFactory::connectOver(
    std::unique_ptr<util::Stream> stream) {
  const auto session = core_->newSession(core_->plan({}), std::nullopt);
  auto protocol = session->startOver(std::move(stream));
  core_->keep(session);
  return protocol;
}

void WebSocketClientFactory::connectUpgraded(std::unique_ptr<util::Stream> stream,
                                             std::shared_ptr<WebSocketClientProtocol> protocol,
                                             std::string received,
                                             std::optional<PerMessageDeflateParameters> compression) {
  const auto session = core_->newSession(core_->plan({}), std::nullopt);
  session->startUpgraded(std::move(stream), std::move(protocol), received, compression);
  core_->keep(session);
}

int WebSocketClientFactory::run() { return core_->run(); }
void WebSocketClientFactory::stop() { core_->stop(); }

void WebSocketClientFactory::close(std::uint16_t code, std::string reason) { core_->close(code, reason); }

std::size_t WebSocketClientFactory::connectionCount() const { return core_->count(); }
Metrics WebSocketClientFactory::metrics() const { return core_->metrics(); }

void WebSocketClientFactory::setMetricsObserver(std::shared_ptr<MetricsObserver> observer) {
  core_->observer = std::move(observer);
}

}  // namespace autobahn::inline v0::websocket
