#include <algorithm>
#include <autobahn/wamp/router/cookie_store.hpp>
#include <autobahn/wamp/websocket.hpp>
#include <autobahn/websocket/close_code.hpp>
#include <utility>

#include "serialized_transport.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// As Autobahn|JS has it; 1002 is for violations of WebSocket's own protocol.
constexpr std::uint16_t kProtocolViolation = 3002;

}  // namespace

/// The transport over one WebSocket, which it outlives in the hands of sessions.
class WebSocketTransport final : public SerializedTransport {
 public:
  WebSocketTransport(websocket::WebSocketProtocol& connection, std::unique_ptr<Serializer> serializer,
                     std::shared_ptr<TransportHandler> handler, std::string url)
      : SerializedTransport(std::move(serializer), std::move(handler), connection.executor()),
        connection_(&connection) {
    details_.type = "websocket";
    details_.url = std::move(url);
    details_.protocol = connection.subprotocol();
    details_.serializer = this->serializer()->id();
    details_.network = connection.transportDetails();
  }

  TransportDetails details() const override { return details_; }
  /// Before `opened`: what the handshake has told of a client.
  void setClient(std::string cookie, std::string forwardedFor) {
    details_.cookie = std::move(cookie);
    if (!forwardedFor.empty()) details_.network.peerAddress = std::move(forwardedFor);
  }
  std::string getChannelId(std::string_view type) const override {
    return connection_ == nullptr ? std::string() : connection_->channelId(type);
  }
  void pauseReading() override {
    if (connection_ != nullptr) connection_->pauseReading();
  }
  void resumeReading() override {
    if (connection_ != nullptr) connection_->resumeReading();
  }
  /// The WebSocket is gone.
  void disconnect(bool wasClean, std::uint16_t code, const std::string& reason) {
    connection_ = nullptr;
    ended(wasClean, reason.empty() ? "WebSocket close code " + std::to_string(code) : reason);
  }

 protected:
  bool sendBytes(std::string_view bytes, bool isBinary) override {
    return connection_ != nullptr && connection_->sendMessage(bytes, isBinary);
  }
  void closeConnection() override {
    if (connection_ != nullptr) connection_->sendClose(websocket::CloseCode::normal);
  }
  void abortConnection() override {
    if (connection_ != nullptr) connection_->dropConnection(true);
  }
  void failConnection(const std::string& problem) override {
    if (connection_ != nullptr) connection_->sendClose(kProtocolViolation, problem);
  }

 private:
  websocket::WebSocketProtocol* connection_;  ///< null once it is gone
  TransportDetails details_;
};

namespace {

std::shared_ptr<WebSocketTransport> openTransport(websocket::WebSocketProtocol& connection,
                                                  const SerializerSet& serializers,
                                                  std::shared_ptr<TransportHandler> handler,
                                                  std::string url) {
  return std::make_shared<WebSocketTransport>(connection,
                                              serializers.makeForSubprotocol(connection.subprotocol()),
                                              std::move(handler), std::move(url));
}

void endTransport(std::shared_ptr<WebSocketTransport>& transport, std::shared_ptr<TransportHandler>& handler,
                  bool wasClean, std::uint16_t code, const std::string& reason) {
  if (const auto open = std::exchange(transport, nullptr)) {
    open->disconnect(wasClean, code, reason);
  } else if (const auto waiting = std::exchange(handler, nullptr)) {
    waiting->onClose(wasClean, reason);
  }
}

}  // namespace

WampWebSocketClientProtocol::WampWebSocketClientProtocol(std::shared_ptr<TransportHandler> handler,
                                                         SerializerSet serializers, std::string url)
    : handler_(std::move(handler)), serializers_(std::move(serializers)), url_(std::move(url)) {}

WampWebSocketClientProtocol::~WampWebSocketClientProtocol() {
  endTransport(transport_, handler_, false, 1006, "the connection was given up");
}

void WampWebSocketClientProtocol::onConnect(const websocket::ConnectionResponse& response) {
  if (serializers_.makeForSubprotocol(response.protocol)) return;
  throw ProtocolError(response.protocol.empty()
                          ? "the server speaks none of the WAMP subprotocols offered"
                          : "the server chose a subprotocol that was not offered: " + response.protocol);
}

void WampWebSocketClientProtocol::onOpen() {
  transport_ = openTransport(*this, serializers_, std::exchange(handler_, nullptr), url_);
  const auto transport = transport_;  // it may be closed from within
  transport->opened();
}

void WampWebSocketClientProtocol::onMessage(std::string_view payload, bool isBinary) {
  if (const auto transport = transport_) transport->received(payload, isBinary);
}

void WampWebSocketClientProtocol::onClose(bool wasClean, std::uint16_t code, const std::string& reason) {
  endTransport(transport_, handler_, wasClean, code, reason);
}

WampWebSocketServerProtocol::WampWebSocketServerProtocol(std::shared_ptr<TransportHandler> handler,
                                                         SerializerSet serializers,
                                                         std::shared_ptr<CookieStore> cookies)
    : handler_(std::move(handler)), serializers_(std::move(serializers)), cookies_(std::move(cookies)) {}

WampWebSocketServerProtocol::~WampWebSocketServerProtocol() {
  endTransport(transport_, handler_, false, 1006, "the connection was given up");
}

websocket::ConnectDecision WampWebSocketServerProtocol::onConnect(
    const websocket::ConnectionRequest& request) {
  for (const std::string& each : request.protocols) {
    if (!serializers_.makeForSubprotocol(each)) continue;
    websocket::ConnectionAccept accepted{each, {}};
    forwardedFor_ = request.forwardedFor;
    if (cookies_) {
      CookieStore::Greeting greeting =
          cookies_->greet(request.headers.get("Cookie"), request.tls.has_value());
      cookie_ = std::move(greeting.cookie);
      if (!greeting.setCookie.empty()) accepted.headers.add("Set-Cookie", std::move(greeting.setCookie));
    }
    return accepted;
  }
  throw websocket::ConnectionDeny(
      websocket::ConnectionDeny::kBadRequest,
      "this server speaks WAMP over WebSocket: none of its subprotocols is offered");
}

void WampWebSocketServerProtocol::onOpen() {
  transport_ = openTransport(*this, serializers_, std::exchange(handler_, nullptr), {});
  transport_->setClient(std::move(cookie_), std::move(forwardedFor_));
  const auto transport = transport_;
  transport->opened();
}

void WampWebSocketServerProtocol::onMessage(std::string_view payload, bool isBinary) {
  if (const auto transport = transport_) transport->received(payload, isBinary);
}

void WampWebSocketServerProtocol::onClose(bool wasClean, std::uint16_t code, const std::string& reason) {
  endTransport(transport_, handler_, wasClean, code, reason);
}

WampWebSocketClientFactory::WampWebSocketClientFactory(asio::io_context& io, std::string_view url,
                                                       TransportHandlerFactory makeHandler,
                                                       SerializerSet serializers, websocket::Headers headers,
                                                       std::optional<Proxy> proxy)
    : WebSocketClientFactory(io, url, {}, serializers.subprotocols(), defaultUserAgent(), std::move(headers),
                             std::move(proxy)) {
  setBuilder([makeHandler = std::move(makeHandler), serializers = std::move(serializers),
              target = std::string(url)] {
    return std::make_shared<WampWebSocketClientProtocol>(makeHandler(), serializers, target);
  });
}

WampWebSocketServerFactory::WampWebSocketServerFactory(asio::io_context& io, std::string_view url,
                                                       TransportHandlerFactory makeHandler,
                                                       SerializerSet serializers,
                                                       const std::vector<std::string>& paths,
                                                       std::shared_ptr<CookieStore> cookies)
    : WebSocketServerFactory(io, url, serializers.subprotocols()) {
  const Builder builder = [makeHandler = std::move(makeHandler), serializers = std::move(serializers),
                           cookies = std::move(cookies)] {
    return std::make_shared<WampWebSocketServerProtocol>(makeHandler(), serializers, cookies);
  };
  for (const std::string& path : paths) setBuilder(path, builder);
}

}  // namespace autobahn::inline v0::wamp
