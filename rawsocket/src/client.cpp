#include <autobahn/rawsocket/client.hpp>
#include <utility>

#include "client_core.hpp"

namespace autobahn::inline v0::rawsocket {

namespace {

std::shared_ptr<ClientCore> makeCore(asio::io_context* io, std::string_view url, ClientOptions options) {
  options.validate();
  UrlParts parts = parseUrl(url);
  auto core = std::make_shared<ClientCore>(io);
  core->urlText = url;
  core->url = std::move(parts);
  core->options = std::make_shared<const ClientOptions>(options);
  return core;
}

std::shared_ptr<RawSocketClientProtocol> built(RawSocketClientFactory& factory) {
  auto protocol = factory.buildProtocol();
  if (!protocol) throw InvalidState("no protocol to connect: call setProtocol() first");
  return protocol;
}

}  // namespace

RawSocketClientFactory::RawSocketClientFactory(std::string_view url, ClientOptions options)
    : core_(makeCore(nullptr, url, options)) {}
RawSocketClientFactory::RawSocketClientFactory(asio::io_context& io, std::string_view url,
                                               ClientOptions options)
    : core_(makeCore(&io, url, options)) {}
RawSocketClientFactory::~RawSocketClientFactory() = default;

void RawSocketClientFactory::setBuilder(Builder builder) { core_->builder = std::move(builder); }

std::shared_ptr<RawSocketClientProtocol> RawSocketClientFactory::buildProtocol() {
  return core_->builder ? core_->builder() : nullptr;
}

void RawSocketClientFactory::setProtocolOptions(ClientOptions options) {
  options.validate();
  core_->options = std::make_shared<const ClientOptions>(options);
}

ClientOptions RawSocketClientFactory::protocolOptions() const { return *core_->options; }
bool RawSocketClientFactory::isSecure() const { return core_->url.isSecure; }
std::string RawSocketClientFactory::url() const { return core_->urlText; }

std::shared_ptr<RawSocketClientProtocol> RawSocketClientFactory::connect(ConnectOptions options) {
  auto protocol = built(*this);
  core_->connect(protocol, options);
  return protocol;
}

std::shared_ptr<RawSocketClientProtocol> RawSocketClientFactory::connectOver(
    std::unique_ptr<util::Stream> stream) {
  auto protocol = built(*this);
  core_->connectOver(protocol, std::move(stream));
  return protocol;
}

int RawSocketClientFactory::run() { return core_->run(); }
void RawSocketClientFactory::stop() { core_->stop(); }
void RawSocketClientFactory::close() { core_->close(); }
std::size_t RawSocketClientFactory::connectionCount() const { return core_->count(); }

}  // namespace autobahn::inline v0::rawsocket
