// What WebSocket and RawSocket have in common as transports: messages are serialized here.
#pragma once

#include <autobahn/wamp/serializer.hpp>
#include <autobahn/wamp/transport.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// A transport over a connection that carries bytes. Its connection owns it and tells it what happens.
class SerializedTransport : public Transport, public std::enable_shared_from_this<SerializedTransport> {
 public:
  SerializedTransport(std::unique_ptr<Serializer> serializer, std::shared_ptr<TransportHandler> handler,
                      asio::any_io_executor executor);

  void send(const Message& message) final;
  Serializer* serializer() final { return serializer_.get(); }
  void sendSerialized(std::string_view bytes) final;
  bool isOpen() const final { return isOpen_; }
  void close() final;
  void abort() final;
  asio::any_io_executor executor() const final { return executor_; }

  // ---- From the connection
  void opened();
  /// Returns what is wrong with them, of which the handler has been told.
  Problem received(std::string_view bytes, bool isBinary);
  /// `reason` is in words. The last call.
  void ended(bool wasClean, const std::string& reason);

 protected:
  /// False: the connection does not take it. Throws MessageTooLarge.
  virtual bool sendBytes(std::string_view bytes, bool isBinary) = 0;
  virtual void closeConnection() = 0;
  virtual void abortConnection() = 0;
  /// After a message that is none.
  virtual void failConnection(const std::string& problem) = 0;

 private:
  std::unique_ptr<Serializer> serializer_;
  std::shared_ptr<TransportHandler> handler_;
  asio::any_io_executor executor_;
  bool isOpen_ = false;
  std::vector<Message> in_;
};

}  // namespace autobahn::inline v0::wamp
