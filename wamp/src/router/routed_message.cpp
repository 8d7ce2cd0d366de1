#include <autobahn/wamp/router/transport.hpp>

namespace autobahn::inline v0::wamp {

Message RoutedMessage::take() {
  if (receiversLeft_ <= 1) return std::move(message_);
  return message_;
}

const RoutedMessage::Bytes& RoutedMessage::bytes(Serializer& serializer) {
  for (const auto& each : written_) {
    if (each->serializer == serializer.id()) return each->bytes;
  }
  auto made = std::make_unique<Written>();
  made->serializer = serializer.id();
  util::ByteBuffer out;
  made->bytes.problem = serializer.serialize(message_, out);
  if (!made->bytes.problem) made->bytes.buffer = SharedBuffer::copyOf(out.view());
  written_.push_back(std::move(made));
  return written_.back()->bytes;
}

std::shared_ptr<RoutedMessage> RoutedMessage::copyFor(const void* place) {
  for (const auto& [where, copy] : copies_) {
    if (where == place) return copy;
  }
  return copies_.emplace_back(place, std::make_shared<RoutedMessage>(message_, 2)).second;
}

}  // namespace autobahn::inline v0::wamp
