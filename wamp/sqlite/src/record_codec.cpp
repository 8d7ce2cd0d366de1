#include "record_codec.hpp"

#include <autobahn/wamp/error.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace autobahn::inline v0::wamp::sqlite {

// They stand in files.
static_assert(static_cast<int>(Encoding::none) == 0 && static_cast<int>(Encoding::json) == 1 &&
              static_cast<int>(Encoding::msgpack) == 2 && static_cast<int>(Encoding::cbor) == 3 &&
              static_cast<int>(Encoding::ubjson) == 4 && kEncodingCount == 5);

RecordCodec::RecordCodec()
    : serializer_(makeSerializer("cbor", {.maxMessageSize = 0, .maxBatch = 1, .maxDepth = 512})) {}

std::string RecordCodec::write(const Message& message) {
  util::ByteBuffer bytes;
  if (Problem problem = serializer_->serialize(message, bytes)) throw SerializationError(*problem);
  return std::string(bytes.view());
}

Message RecordCodec::read(std::string_view bytes) {
  std::vector<Message> messages;
  if (Problem problem = serializer_->unserialize(bytes, true, messages)) throw SerializationError(*problem);
  return std::move(messages.at(0));
}

RecordColumns RecordCodec::columns(const HistoryRecord& record) {
  RecordColumns columns;
  if (record.details != message::Event::Details()) {
    columns.details = write(message::Event{.subscription = 1, .publication = 1, .details = record.details});
  }
  if (record.receivers) {
    message::Publish publish{.request = 1, .topic = Text::constant("a")};
    publish.options.receivers = record.receivers;
    columns.receivers = write(publish);
  }
  const Payload& payload = record.payload;
  if (payload.isOpaque()) {
    columns.form = kOpaqueForm;
    columns.args = payload.opaqueBytes();
  } else if (!payload.empty()) {
    const Encoding encoding = payload.encoding() == Encoding::none ? Encoding::cbor : payload.encoding();
    const Payload::Raw raw = payload.rawFor(encoding);
    if (!raw.error.empty()) throw SerializationError(std::string(raw.error));
    columns.form = static_cast<std::int64_t>(encoding);
    columns.args = raw.args;
    columns.kwargs = raw.kwargs;
  }
  return columns;
}

message::Event::Details RecordCodec::details(std::string_view bytes) {
  if (bytes.empty()) return {};
  Message message = read(bytes);
  auto* const event = std::get_if<message::Event>(&message);
  if (event == nullptr) throw SerializationError("details: no EVENT");
  return std::move(event->details);
}

Rare<message::Receivers> RecordCodec::receivers(std::string_view bytes) {
  if (bytes.empty()) return {};
  Message message = read(bytes);
  auto* const publish = std::get_if<message::Publish>(&message);
  if (publish == nullptr) throw SerializationError("receivers: no PUBLISH");
  return std::move(publish->options.receivers);
}

Payload RecordCodec::payload(std::int64_t form, std::string_view args, std::string_view kwargs) {
  if (form == 0) return {};
  if (form == kOpaqueForm) return Payload::opaque(args);
  if (form < 0 || form >= static_cast<std::int64_t>(kEncodingCount)) {
    throw SerializationError("payload: the form " + std::to_string(form) + " is not known");
  }
  return Payload::encoded(static_cast<Encoding>(form), args, kwargs);
}

}  // namespace autobahn::inline v0::wamp::sqlite
