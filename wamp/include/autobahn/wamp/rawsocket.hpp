// WAMP over RawSocket, both roles.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/rawsocket/client.hpp>
#include <autobahn/rawsocket/server.hpp>
#include <autobahn/wamp/serializer_set.hpp>
#include <autobahn/wamp/transport.hpp>
#include <autobahn/wamp/websocket.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

class RawSocketTransport;

/// One end of a RawSocket that carries WAMP for one handler: what both roles share.
class WampRawSocket {
 public:
  WampRawSocket(std::shared_ptr<TransportHandler> handler, SerializerSet serializers, std::string url);
  WampRawSocket(const WampRawSocket&) = delete;
  WampRawSocket& operator=(const WampRawSocket&) = delete;
  ~WampRawSocket();

  /// What the protocol classes hand on.
  void opened(rawsocket::RawSocketProtocol& connection);
  void received(std::string_view payload);
  void closed(bool wasClean, const std::string& reason);

 private:
  std::shared_ptr<TransportHandler> handler_;  ///< until the transport has it
  SerializerSet serializers_;
  std::string url_;
  std::shared_ptr<RawSocketTransport> transport_;
};

/// A client's RawSocket that carries WAMP. Usable without the factory. The handler's `onClose` is called also
/// when no connection comes about.
class WampRawSocketClientProtocol : public rawsocket::RawSocketClientProtocol {
 public:
  /// `url` is for TransportDetails only.
  WampRawSocketClientProtocol(std::shared_ptr<TransportHandler> handler, SerializerSet serializers,
                              std::string url = {})
      : wamp_(std::move(handler), std::move(serializers), std::move(url)) {}

  void onOpen() override { wamp_.opened(*this); }
  void onMessage(std::string_view payload) override { wamp_.received(payload); }
  void onClose(bool wasClean, const std::string& reason) override { wamp_.closed(wasClean, reason); }

 private:
  WampRawSocket wamp_;
};

/// A server's RawSocket that carries WAMP.
class WampRawSocketServerProtocol : public rawsocket::RawSocketServerProtocol {
 public:
  WampRawSocketServerProtocol(std::shared_ptr<TransportHandler> handler, SerializerSet serializers)
      : wamp_(std::move(handler), std::move(serializers), {}) {}

  void onOpen() override { wamp_.opened(*this); }
  void onMessage(std::string_view payload) override { wamp_.received(payload); }
  void onClose(bool wasClean, const std::string& reason) override { wamp_.closed(wasClean, reason); }

 private:
  WampRawSocket wamp_;
};

/// A RawSocketClientFactory whose connections carry WAMP. A RawSocket offers one serializer: the first of the
/// set that has a number in RawSocket's handshake.
class WampRawSocketClientFactory : public rawsocket::RawSocketClientFactory {
 public:
  /// `makeHandler` is called for each connection. Throws std::invalid_argument as RawSocketClientFactory
  /// does, and when no serializer fits.
  WampRawSocketClientFactory(asio::io_context& io, std::string_view url, TransportHandlerFactory makeHandler,
                             SerializerSet serializers = {});
};

/// A RawSocketServerFactory whose connections carry WAMP.
class WampRawSocketServerFactory : public rawsocket::RawSocketServerFactory {
 public:
  /// `makeHandler` is called for each connection, on its loop.
  WampRawSocketServerFactory(asio::io_context& io, std::string_view url, TransportHandlerFactory makeHandler,
                             SerializerSet serializers = SerializerSet::all());
};

}  // namespace autobahn::inline v0::wamp
