#include <autobahn/wamp/rawsocket.hpp>
#include <stdexcept>
#include <utility>

#include "serialized_transport.hpp"

namespace autobahn::inline v0::wamp {

/// The transport over one RawSocket, which it outlives in the hands of sessions.
class RawSocketTransport final : public SerializedTransport {
 public:
  RawSocketTransport(rawsocket::RawSocketProtocol& connection, std::unique_ptr<Serializer> serializer,
                     std::shared_ptr<TransportHandler> handler, std::string url)
      : SerializedTransport(std::move(serializer), std::move(handler), connection.executor()),
        connection_(&connection) {
    details_.type = "rawsocket";
    details_.url = std::move(url);
    details_.protocol = this->serializer()->subprotocol();
    details_.serializer = this->serializer()->id();
    details_.network = connection.transportDetails();
  }

  TransportDetails details() const override { return details_; }
  std::string getChannelId(std::string_view type) const override {
    return connection_ == nullptr ? std::string() : connection_->channelId(type);
  }
  void pauseReading() override {
    if (connection_ != nullptr) connection_->pauseReading();
  }
  void resumeReading() override {
    if (connection_ != nullptr) connection_->resumeReading();
  }
  /// The RawSocket is gone.
  void disconnect(bool wasClean, const std::string& reason) {
    connection_ = nullptr;
    ended(wasClean, reason);
  }
  /// RawSocket does not tell text from binary.
  void receivedBytes(std::string_view bytes) { received(bytes, serializer()->isBinary()); }

 protected:
  bool sendBytes(std::string_view bytes, bool /*isBinary*/) override {
    if (connection_ == nullptr) return false;
    try {
      return connection_->sendMessage(bytes);
    } catch (const rawsocket::PayloadExceeded& error) {
      throw MessageTooLarge(error.what());
    }
  }
  void closeConnection() override {
    if (connection_ != nullptr) connection_->close();
  }
  void abortConnection() override {
    if (connection_ != nullptr) connection_->abort();
  }
  void failConnection(const std::string& /*problem*/) override { closeConnection(); }

 private:
  rawsocket::RawSocketProtocol* connection_;  ///< null once it is gone
  TransportDetails details_;
};

WampRawSocket::WampRawSocket(std::shared_ptr<TransportHandler> handler, SerializerSet serializers,
                             std::string url)
    : handler_(std::move(handler)), serializers_(std::move(serializers)), url_(std::move(url)) {}

WampRawSocket::~WampRawSocket() { closed(false, "the connection was given up"); }

void WampRawSocket::opened(rawsocket::RawSocketProtocol& connection) {
  auto serializer = serializers_.makeForRawSocket(static_cast<int>(connection.serializer()));
  if (!serializer) return connection.close();  // the factories agree on known ones only
  transport_ = std::make_shared<RawSocketTransport>(connection, std::move(serializer),
                                                    std::exchange(handler_, nullptr), url_);
  const auto transport = transport_;  // it may be closed from within
  transport->opened();
}

void WampRawSocket::received(std::string_view payload) {
  if (const auto transport = transport_) transport->receivedBytes(payload);
}

void WampRawSocket::closed(bool wasClean, const std::string& reason) {
  if (const auto open = std::exchange(transport_, nullptr)) {
    open->disconnect(wasClean, reason);
  } else if (const auto waiting = std::exchange(handler_, nullptr)) {
    waiting->onClose(wasClean, reason);
  }
}

WampRawSocketClientFactory::WampRawSocketClientFactory(asio::io_context& io, std::string_view url,
                                                       TransportHandlerFactory makeHandler,
                                                       SerializerSet serializers)
    : RawSocketClientFactory(io, url) {
  const auto numbers = serializers.rawSocketIds();
  if (numbers.empty()) throw std::invalid_argument("none of the serializers can be used over RawSocket");
  rawsocket::ClientOptions options = protocolOptions();
  options.serializer = static_cast<rawsocket::SerializerId>(numbers.front());
  setProtocolOptions(options);
  setBuilder([makeHandler = std::move(makeHandler), serializers = std::move(serializers),
              target = std::string(url)] {
    return std::make_shared<WampRawSocketClientProtocol>(makeHandler(), serializers, target);
  });
}

WampRawSocketServerFactory::WampRawSocketServerFactory(asio::io_context& io, std::string_view url,
                                                       TransportHandlerFactory makeHandler,
                                                       SerializerSet serializers)
    : RawSocketServerFactory(io, url) {
  rawsocket::ServerOptions options = protocolOptions();
  options.serializers.clear();
  for (const int number : serializers.rawSocketIds()) {
    options.serializers.push_back(static_cast<rawsocket::SerializerId>(number));
  }
  setProtocolOptions(options);
  setBuilder([makeHandler = std::move(makeHandler),
              serializers = std::move(serializers)](const rawsocket::HandshakeRequest&) {
    return std::make_shared<WampRawSocketServerProtocol>(makeHandler(), serializers);
  });
}

}  // namespace autobahn::inline v0::wamp
