#include <autobahn/rawsocket/options.hpp>
#include <bit>
#include <stdexcept>
#include <string>

namespace autobahn::inline v0::rawsocket {

namespace {

void require(bool holds, const char* rule) {
  if (!holds) throw std::invalid_argument(rule);
}

void requireDuration(std::chrono::milliseconds value, const char* name) {
  // More than ten years is a mistake and could overflow a deadline.
  constexpr auto kMost = std::chrono::hours(24 * 3650);
  if (value < std::chrono::milliseconds::zero() || value > kMost) {
    throw std::invalid_argument(std::string(name) + " is outside 0…10 years");
  }
}

void requireKnown(SerializerId id, const char* name) {
  if (serializerName(id) == "reserved") {
    throw std::invalid_argument(std::string(name) + ": " + std::to_string(static_cast<int>(id)) +
                                " is no serializer (1…5)");
  }
}

bool inRange(std::size_t size) { return size >= kLeastMaxPayload && size <= kGreatestMaxPayload; }

}  // namespace

// Here, because GCC 12 warns of the list's bytes where it is inlined.
ServerOptions::ServerOptions() { slowConsumerPolicy = SlowConsumerPolicy::close; }

void ProtocolOptions::validate() const {
  require(inRange(maxMessagePayloadSize) && std::has_single_bit(maxMessagePayloadSize),
          "maxMessagePayloadSize is not a power of two from 512 to 16777216");
  require(inRange(minPeerMaxPayloadSize), "minPeerMaxPayloadSize is outside 512…16777216");
  requireDuration(openHandshakeTimeout, "openHandshakeTimeout");
  requireDuration(closeTimeout, "closeTimeout");
  requireDuration(autoPingInterval, "autoPingInterval");
  requireDuration(autoPingTimeout, "autoPingTimeout");
  require(autoPingSize >= 4 && autoPingSize <= 125, "autoPingSize is outside 4…125");
  require(sendBufferHighWatermark > 0, "sendBufferHighWatermark is 0: nothing could be sent");
  require(sendBufferLowWatermark <= sendBufferHighWatermark,
          "sendBufferLowWatermark is above sendBufferHighWatermark");
}

void ServerOptions::validate() const {
  ProtocolOptions::validate();
  require(!serializers.empty(), "serializers is empty: nobody could connect");
  for (const SerializerId id : serializers) requireKnown(id, "serializers");
}

void ClientOptions::validate() const {
  ProtocolOptions::validate();
  requireKnown(serializer, "serializer");
}

}  // namespace autobahn::inline v0::rawsocket
