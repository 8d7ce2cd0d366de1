#include <algorithm>
#include <array>
#include <autobahn/rawsocket/types.hpp>

namespace autobahn::inline v0::rawsocket {

namespace {

struct SerializerEntry {
  SerializerId id;
  std::string_view name;
};

constexpr std::array kSerializers = {
    SerializerEntry{SerializerId::json, "json"},
    SerializerEntry{SerializerId::msgpack, "msgpack"},
    SerializerEntry{SerializerId::cbor, "cbor"},
    SerializerEntry{SerializerId::ubjson, "ubjson"},
    SerializerEntry{SerializerId::flatbuffers, "flatbuffers"},
};

}  // namespace

std::string_view serializerName(SerializerId id) {
  const auto* found = std::ranges::find(kSerializers, id, &SerializerEntry::id);
  return found == kSerializers.end() ? "reserved" : found->name;
}

std::optional<SerializerId> serializerByName(std::string_view name) {
  const auto* found = std::ranges::find(kSerializers, name, &SerializerEntry::name);
  if (found == kSerializers.end()) return std::nullopt;
  return found->id;
}

std::string_view handshakeErrorText(HandshakeError error) {
  switch (error) {
    case HandshakeError::serializerUnsupported:
      return "serializer unsupported";
    case HandshakeError::maxLengthUnacceptable:
      return "maximum message length unacceptable";
    case HandshakeError::reservedBitsUsed:
      return "use of reserved bits (unsupported feature)";
    case HandshakeError::tooManyConnections:
      return "maximum connection count reached";
  }
  return "an error this specification does not define";
}

PayloadExceeded::PayloadExceeded(std::size_t payloadSize, std::size_t peersMaximum)
    : std::length_error("payload of " + std::to_string(payloadSize) + " octets: the peer receives at most " +
                        std::to_string(peersMaximum)),
      size(payloadSize),
      maximum(peersMaximum) {}

}  // namespace autobahn::inline v0::rawsocket
