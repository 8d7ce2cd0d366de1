// WAMP over WebSocket, both roles: the subprotocols `wamp.2.*`.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/wamp/serializer_set.hpp>
#include <autobahn/wamp/transport.hpp>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/server.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

class WebSocketTransport;
class CookieStore;

/// A client's WebSocket that carries WAMP for one handler. Usable without the factory, in any
/// WebSocketClientFactory whose protocols are those of the set. The handler's `onClose` is called also when
/// no connection comes about.
class WampWebSocketClientProtocol : public websocket::WebSocketClientProtocol {
 public:
  /// `url` is for TransportDetails only.
  WampWebSocketClientProtocol(std::shared_ptr<TransportHandler> handler, SerializerSet serializers,
                              std::string url = {});
  ~WampWebSocketClientProtocol() override;

  void onConnect(const websocket::ConnectionResponse& response) override;
  void onOpen() override;
  void onMessage(std::string_view payload, bool isBinary) override;
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override;

 private:
  std::shared_ptr<TransportHandler> handler_;  ///< until the transport has it
  SerializerSet serializers_;
  std::string url_;
  std::shared_ptr<WebSocketTransport> transport_;
};

/// A server's WebSocket that carries WAMP for one handler.
class WampWebSocketServerProtocol : public websocket::WebSocketServerProtocol {
 public:
  /// `cookies`: where clients are known by, or nullptr.
  WampWebSocketServerProtocol(std::shared_ptr<TransportHandler> handler, SerializerSet serializers,
                              std::shared_ptr<CookieStore> cookies = {});
  ~WampWebSocketServerProtocol() override;

  /// Takes the first subprotocol announced that the set has; denies with 400 when there is none.
  websocket::ConnectDecision onConnect(const websocket::ConnectionRequest& request) override;
  void onOpen() override;
  void onMessage(std::string_view payload, bool isBinary) override;
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override;

 private:
  std::shared_ptr<TransportHandler> handler_;
  SerializerSet serializers_;
  std::shared_ptr<CookieStore> cookies_;
  std::string cookie_;        ///< the client's
  std::string forwardedFor_;  ///< its address as trusted proxies have it
  std::shared_ptr<WebSocketTransport> transport_;
};

/// Makes the handler of one connection.
using TransportHandlerFactory = std::function<std::shared_ptr<TransportHandler>()>;

/// A WebSocketClientFactory whose connections carry WAMP.
class WampWebSocketClientFactory : public websocket::WebSocketClientFactory {
 public:
  /// `makeHandler` is called for each connection (a new session each, or always the same). Throws
  /// std::invalid_argument as WebSocketClientFactory does.
  WampWebSocketClientFactory(asio::io_context& io, std::string_view url, TransportHandlerFactory makeHandler,
                             SerializerSet serializers = {}, websocket::Headers headers = {},
                             std::optional<Proxy> proxy = {});
};

/// A WebSocketServerFactory whose connections carry WAMP.
class WampWebSocketServerFactory : public websocket::WebSocketServerFactory {
 public:
  /// `makeHandler` is called for each connection, on its loop. `paths`: where there is one, "*" for anywhere;
  /// elsewhere WebSockets are refused with 404. `cookies`: where clients are known by, or nullptr.
  WampWebSocketServerFactory(asio::io_context& io, std::string_view url, TransportHandlerFactory makeHandler,
                             SerializerSet serializers = SerializerSet::all(),
                             const std::vector<std::string>& paths = {"*"},
                             std::shared_ptr<CookieStore> cookies = {});
};

}  // namespace autobahn::inline v0::wamp
