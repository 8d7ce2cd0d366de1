#include <autobahn/util/log.hpp>
#include <autobahn/util/version.hpp>
#include <autobahn/websocket/server.hpp>
#include <autobahn/websocket/url.hpp>
#include <utility>

#include "connection_guard.hpp"
#include "handshake.hpp"
#include "server_core.hpp"
#include "server_loop.hpp"

namespace autobahn::inline v0::websocket {

namespace {
constexpr util::Logger kLog{"autobahn.websocket"};
}  // namespace

// ---- WebSocketServerProtocol

ConnectDecision WebSocketServerProtocol::onConnect(const ConnectionRequest& request) {
  ConnectionAccept accept;
  accept.subprotocol = chooseSubprotocol(request, factory().protocols());
  return accept;
}

WebSocketServerFactory& WebSocketServerProtocol::factory() const {
  if (factory_ == nullptr || connection() == nullptr) {
    throw InvalidState("the connection is gone: its factory is not reachable through it any more");
  }
  return *factory_;
}

// ---- WebSocketServerFactory

std::string WebSocketServerFactory::defaultServer() { return "AutobahnCpp/" + std::string(util::version()); }

WebSocketServerFactory::WebSocketServerFactory(std::string_view url, std::vector<std::string> protocols,
                                               std::string server, Headers headers,
                                               std::uint16_t externalPort)
    : core_(std::make_shared<ServerCore>(*this, nullptr)) {
  setSessionParameters(url, std::move(protocols), std::move(server), std::move(headers), externalPort);
}

WebSocketServerFactory::WebSocketServerFactory(asio::io_context& io, std::string_view url,
                                               std::vector<std::string> protocols, std::string server,
                                               Headers headers, std::uint16_t externalPort)
    : core_(std::make_shared<ServerCore>(*this, &io)) {
  setSessionParameters(url, std::move(protocols), std::move(server), std::move(headers), externalPort);
}

WebSocketServerFactory::~WebSocketServerFactory() = default;

void WebSocketServerFactory::setBuilder(std::string path, Builder builder) {
  core_->updateConfig([&](ServerConfig& config) {
    auto builders = std::make_shared<ServerConfig::Builders>(*config.builders);
    (*builders)[std::move(path)] = std::move(builder);
    config.builders = std::move(builders);
  });
}

std::shared_ptr<WebSocketServerProtocol> WebSocketServerFactory::buildProtocol(
    const ConnectionRequest& request) {
  const auto builders = core_->config().builders;
  auto found = builders->find(request.path);
  if (found == builders->end()) found = builders->find("*");
  return found == builders->end() ? nullptr : found->second();
}

void WebSocketServerFactory::setHttpHandler(HttpHandler handler) {
  core_->updateConfig([&](ServerConfig& config) {
    config.httpHandler = std::make_shared<const HttpHandler>(std::move(handler));
  });
}

void WebSocketServerFactory::setForeignProtocol(ForeignProtocol protocol) {
  core_->updateConfig([&](ServerConfig& config) {
    config.foreign = std::make_shared<const ForeignProtocol>(std::move(protocol));
  });
}

void WebSocketServerFactory::setSessionParameters(std::string_view url, std::vector<std::string> protocols,
                                                  std::string server, Headers headers,
                                                  std::uint16_t externalPort) {
  core_->urlText = url;
  core_->url = url.empty() ? UrlParts{} : parseUrl(url);
  auto identity = std::make_shared<ServerIdentity>();
  identity->server = std::move(server);
  identity->headers = std::move(headers);
  identity->protocols = std::move(protocols);
  identity->externalPort = externalPort;
  identity->isSecure = core_->url.isSecure;
  core_->updateConfig([&](ServerConfig& config) { config.identity = std::move(identity); });
}

void WebSocketServerFactory::setHeaders(Headers headers) {
  core_->updateConfig([&](ServerConfig& config) {
    auto identity = std::make_shared<ServerIdentity>(*config.identity);
    identity->headers = std::move(headers);
    config.identity = std::move(identity);
  });
}

void WebSocketServerFactory::setProtocolOptions(ServerOptions options) {
  options.validate();
  auto shared = std::make_shared<const ServerOptions>(std::move(options));
  core_->updateConfig([&](ServerConfig& config) { config.options = std::move(shared); });
}

ServerOptions WebSocketServerFactory::protocolOptions() const { return *core_->config().options; }
bool WebSocketServerFactory::isSecure() const { return core_->url.isSecure; }
std::string WebSocketServerFactory::url() const { return core_->urlText; }
std::vector<std::string> WebSocketServerFactory::protocols() const {
  return core_->config().identity->protocols;
}

void WebSocketServerFactory::shareLoops(std::shared_ptr<util::LoopGroup> loops) {
  core_->shareLoops(std::move(loops));
}

ListenerInfo WebSocketServerFactory::listen(ListenOptions options) {
  if (core_->urlText.empty())
    throw InvalidState("no URL to listen on: give one to the factory or to listen()");
  return core_->listen(core_->url, options);
}

ListenerInfo WebSocketServerFactory::listen(std::string_view url, ListenOptions options) {
  return core_->listen(parseUrl(url), options);
}

std::uint16_t WebSocketServerFactory::port() const { return core_->port(); }

void WebSocketServerFactory::serve(std::unique_ptr<util::Stream> stream) {
  auto owned = std::make_shared<std::unique_ptr<util::Stream>>(std::move(stream));
  const auto loop = core_->firstLoop();
  loop->loop().post([loop, owned] { loop->serve(std::move(*owned)); });
}

void WebSocketServerFactory::serveUpgraded(std::unique_ptr<util::Stream> stream,
                                           std::shared_ptr<WebSocketServerProtocol> protocol,
                                           std::string received,
                                           std::optional<PerMessageDeflateParameters> compression) {
  auto owned = std::make_shared<std::unique_ptr<util::Stream>>(std::move(stream));
  const auto loop = core_->firstLoop();
  loop->loop().post(
      [loop, owned, protocol = std::move(protocol), received = std::move(received), compression] {
        loop->serveUpgraded(std::move(*owned), protocol, received, compression);
      });
}

int WebSocketServerFactory::run(std::chrono::milliseconds drainDeadline) { return core_->run(drainDeadline); }
void WebSocketServerFactory::stop() { core_->stop(); }

void WebSocketServerFactory::drain(std::chrono::milliseconds deadline, std::function<void()> done) {
  core_->drain(deadline, std::move(done));
}

void WebSocketServerFactory::close() { core_->close(); }
void WebSocketServerFactory::reloadCertificates() { core_->reloadCertificates(); }

std::size_t WebSocketServerFactory::connectionCount() const { return core_->admission.total(); }

PreparedMessage WebSocketServerFactory::prepareMessage(std::string payload, bool isBinary,
                                                       bool doNotCompress) const {
  return PreparedMessage(std::move(payload), isBinary, doNotCompress);
}

void WebSocketServerFactory::broadcast(PreparedMessage message,
                                       std::function<bool(WebSocketServerProtocol&)> filter) {
  forEach([message = std::move(message), filter = std::move(filter)](WebSocketServerProtocol& protocol) {
    if (!filter || filter(protocol)) protocol.sendPreparedMessage(message);
  });
}

void WebSocketServerFactory::forEach(std::function<void(WebSocketServerProtocol&)> visit) {
  core_->onEveryLoop([visit = std::move(visit)](ServerLoop& loop) {
    loop.forEach([&](Connection& connection) {
      if (connection.engine().state() != State::open) return;
      try {
        connection.visit(
            [&](WebSocketProtocol& protocol) { visit(static_cast<WebSocketServerProtocol&>(protocol)); });
      } catch (...) {  // such as a connection in the middle of a streamed message: the others go on
        kLog.error("connection passed over", {{"peer", connection.transport().peer},
                                              {"error", describeException(std::current_exception())}});
      }
    });
  });
}

void WebSocketServerFactory::readMetrics(std::function<void(const Metrics&)> done) {
  core_->readMetrics(std::move(done));
}

void WebSocketServerFactory::setMetricsObserver(std::shared_ptr<MetricsObserver> observer) {
  core_->setObserver(std::move(observer));
}

}  // namespace autobahn::inline v0::websocket
