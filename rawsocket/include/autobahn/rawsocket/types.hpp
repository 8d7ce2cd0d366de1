// What both ends of a RawSocket connection say and learn (WAMP specification, "RawSocket Transport").
#pragma once

#include <autobahn/util/net/stream.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace autobahn::inline v0::rawsocket {

using util::TlsDetails;
using util::TransportDetails;

/// Which end of a connection. In the specification the server is the router.
enum class Role : std::uint8_t { server, client };

/// Where a connection is.
enum class State : std::uint8_t {
  connecting,  ///< before the end of the opening handshake
  open,
  closing,  ///< nothing is sent or delivered any more, the transport is about to end
  closed,
};

/// What the payloads are written in; numbers as in the handshake ("Serialization"). For this module a label:
/// payloads are bytes.
enum class SerializerId : std::uint8_t { json = 1, msgpack = 2, cbor = 3, ubjson = 4, flatbuffers = 5 };
/// "json", "msgpack", "cbor", "ubjson", "flatbuffers"; "reserved" for other numbers.
std::string_view serializerName(SerializerId id);
/// Reverse of `serializerName`, for command lines and configurations.
std::optional<SerializerId> serializerByName(std::string_view name);

/// Why a server refuses a handshake; numbers as on the wire.
enum class HandshakeError : std::uint8_t {
  serializerUnsupported = 1,
  maxLengthUnacceptable = 2,
  reservedBitsUsed = 3,
  tooManyConnections = 4,
};
/// The specification's words for it, such as "serializer unsupported".
std::string_view handshakeErrorText(HandshakeError error);

/// The least and the greatest maximum that an end can announce, in octets. Every power of two between them
/// can be announced, nothing else.
inline constexpr std::size_t kLeastMaxPayload = 512;
inline constexpr std::size_t kGreatestMaxPayload = std::size_t{1} << 24;

/// A client's opening handshake, as the server's `buildProtocol` sees it.
struct HandshakeRequest {
  std::string peer{};               ///< "tcp4:192.0.2.1:51234"
  SerializerId serializer{};        ///< what the client wants to speak; one of the option `serializers`
  std::size_t maxSendSize = 0;      ///< octets of the largest payload the client receives
  std::optional<TlsDetails> tls{};  ///< the peer's TLS identity, on secure connections
};

/// Counters of one connection. Octets are those of payloads, without frame headers and handshake.
struct TrafficStats {
  std::uint64_t incomingOctets = 0;
  std::uint64_t outgoingOctets = 0;
  std::uint64_t incomingMessages = 0;
  std::uint64_t outgoingMessages = 0;
  std::uint64_t incomingPings = 0;  ///< each was answered
};

/// How a connection ended, as `onClose` gets it.
struct CloseInfo {
  bool wasClean = false;  ///< it was open, and one of the ends ended it in order, between two frames
  std::string reason{};
};

/// Thrown when a payload is larger than the peer receives; nothing was sent. `maxSendSize()` tells before.
class PayloadExceeded : public std::length_error {
 public:
  PayloadExceeded(std::size_t payloadSize, std::size_t peersMaximum);

  std::size_t size;     ///< octets of the payload
  std::size_t maximum;  ///< octets that the peer announced
};

}  // namespace autobahn::inline v0::rawsocket
