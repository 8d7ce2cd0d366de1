#include "serialized_transport.hpp"

#include <autobahn/util/buffer.hpp>
#include <utility>

namespace autobahn::inline v0::wamp {
namespace {

// Octets of a buffer that is not given back after a large message.
constexpr std::size_t kMostKept = std::size_t{1} << 20;

}  // namespace

SerializedTransport::SerializedTransport(std::unique_ptr<Serializer> serializer,
                                         std::shared_ptr<TransportHandler> handler,
                                         asio::any_io_executor executor)
    : serializer_(std::move(serializer)), handler_(std::move(handler)), executor_(std::move(executor)) {}

void SerializedTransport::send(const Message& message) {
  if (!isOpen_) throw TransportLost("the transport is closed");
  // One buffer for all transports of the thread: sending calls nobody back.
  thread_local util::ByteBuffer buffer;
  if (buffer.capacity() > kMostKept) buffer = {};
  buffer.clear();
  if (Problem problem = serializer_->serialize(message, buffer)) throw SerializationError(*problem);
  sendSerialized(buffer.view());
}

void SerializedTransport::sendSerialized(std::string_view bytes) {
  if (!isOpen_ || !sendBytes(bytes, serializer_->isBinary())) throw TransportLost("the transport is closed");
}

void SerializedTransport::close() {
  if (std::exchange(isOpen_, false)) closeConnection();
}

void SerializedTransport::abort() {
  isOpen_ = false;
  abortConnection();
}

void SerializedTransport::opened() {
  isOpen_ = true;
  handler_->onOpen(shared_from_this());
}

Problem SerializedTransport::received(std::string_view bytes, bool isBinary) {
  const auto self = shared_from_this();
  const auto handler = handler_;
  if (!isOpen_ || !handler) return {};
  std::vector<Message> messages = std::exchange(in_, {});
  Problem problem = serializer_->unserialize(bytes, isBinary, messages);
  for (Message& message : messages) {
    if (!isOpen_) break;  // closed by what came before
    handler->onMessage(std::move(message));
  }
  messages.clear();
  in_ = std::move(messages);
  if (!problem || !isOpen_) return {};
  handler->onBadMessage(*problem);
  if (std::exchange(isOpen_, false)) failConnection(*problem);
  return problem;
}

void SerializedTransport::ended(bool wasClean, const std::string& reason) {
  isOpen_ = false;
  if (const auto handler = std::exchange(handler_, nullptr)) handler->onClose(wasClean, reason);
}

}  // namespace autobahn::inline v0::wamp
