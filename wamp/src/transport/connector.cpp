#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/rawsocket.hpp>
#include <autobahn/wamp/websocket.hpp>
#include <utility>

#include "longpoll_client.hpp"
#include "url_scheme.hpp"

namespace autobahn::inline v0::wamp {
namespace {

/// A factory with its one connection.
template <class Factory>
class OverFactory final : public ClientConnection {
 public:
  explicit OverFactory(std::unique_ptr<Factory> factory) : factory_(std::move(factory)) {}

 private:
  std::unique_ptr<Factory> factory_;
};

std::unique_ptr<ClientConnection> connectRawSocket(asio::io_context& io, const TransportConfig& config,
                                                   std::shared_ptr<TransportHandler> handler) {
  auto factory = std::make_unique<WampRawSocketClientFactory>(
      io, config.url, [handler = std::move(handler)] { return handler; }, config.serializers);
  rawsocket::ClientOptions options = factory->protocolOptions();
  options.autoPingInterval = config.websocket.autoPingInterval;
  options.autoPingTimeout = config.websocket.autoPingTimeout;
  factory->setProtocolOptions(options);
  rawsocket::ConnectOptions connect;
  connect.tls = config.tls;
  connect.timeout = config.timeout;
  connect.proxy = config.proxy;
  factory->connect(std::move(connect));
  return std::make_unique<OverFactory<WampRawSocketClientFactory>>(std::move(factory));
}

std::unique_ptr<ClientConnection> connectWebSocket(asio::io_context& io, const TransportConfig& config,
                                                   std::shared_ptr<TransportHandler> handler) {
  auto factory = std::make_unique<WampWebSocketClientFactory>(
      io, config.url, [handler = std::move(handler)] { return handler; }, config.serializers, config.headers,
      config.proxy);
  factory->setProtocolOptions(config.websocket);
  websocket::ConnectOptions connect;
  connect.tls = config.tls;
  connect.timeout = config.timeout;
  factory->connect(std::move(connect));
  return std::make_unique<OverFactory<WampWebSocketClientFactory>>(std::move(factory));
}

}  // namespace

TransportConfig::TransportConfig() {
  websocket.autoPingInterval = std::chrono::seconds(10);
  websocket.autoPingTimeout = std::chrono::seconds(5);
}

TransportConfig::TransportConfig(std::string target) : TransportConfig() { url = std::move(target); }

std::unique_ptr<ClientConnection> connectTransport(asio::io_context& io, const TransportConfig& config,
                                                   std::shared_ptr<TransportHandler> handler) {
  if (isRawSocketUrl(config.url)) return connectRawSocket(io, config, std::move(handler));
  if (isLongPollUrl(config.url)) return connectLongPoll(io, config, std::move(handler));
  return connectWebSocket(io, config, std::move(handler));  // whose parser judges all others
}

}  // namespace autobahn::inline v0::wamp
