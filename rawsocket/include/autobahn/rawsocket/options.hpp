// Options of RawSocket servers and clients. Names as in autobahn/websocket/options.hpp where they mean the
// same.
#pragma once

#include <autobahn/rawsocket/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace autobahn::inline v0::rawsocket {

using namespace std::chrono_literals;

/// What happens to a connection whose peer does not read, once `sendBufferHighWatermark` bytes wait for it.
enum class SlowConsumerPolicy : std::uint8_t {
  buffer,       ///< go on queueing; the application watches `bufferedAmount`, `drain` or `onDrain`
  dropMessage,  ///< `sendMessage` returns false and queues nothing until the low watermark is reached
  close,        ///< the connection fails, also when its peer takes nothing for 30 s
};

/// Options of both roles.
struct ProtocolOptions {
  /// Octets of the largest payload we receive, announced in the handshake: a power of two, 512 … 16 MiB. A
  /// larger frame fails the connection at its header.
  std::size_t maxMessagePayloadSize = kGreatestMaxPayload;
  /// Octets; a peer that announces a smaller maximum is refused.
  std::size_t minPeerMaxPayloadSize = kLeastMaxPayload;
  std::chrono::milliseconds openHandshakeTimeout = 5s;  ///< TLS included; 0 = none
  std::chrono::milliseconds closeTimeout = 1s;          ///< for the peer to take our last octets and end
                                                        ///< its side; then it is dropped; 0 = 1 s
  bool tcpNoDelay = true;
  std::chrono::milliseconds autoPingInterval = 0s;  ///< 0 = no automatic PINGs
  std::chrono::milliseconds autoPingTimeout = 0s;   ///< without its PONG for so long the connection is
                                                    ///< dropped; 0 = never
  std::size_t autoPingSize = 12;                    ///< octets of the payload, 4…125
  bool autoPingRestartOnAnyTraffic = true;  ///< received data counts as a sign of life and delays the next
  std::size_t sendBufferHighWatermark = 16 * 1024 * 1024;  ///< octets queued when `slowConsumerPolicy` starts
  std::size_t sendBufferLowWatermark = 1024 * 1024;        ///< octets queued when `onDrain` is called
  SlowConsumerPolicy slowConsumerPolicy = SlowConsumerPolicy::buffer;  ///< servers: close

  /// Throws std::invalid_argument naming the option and its range.
  void validate() const;
};

/// Options of servers. Unlike clients, a server drops a peer that does not read: it cannot know how many
/// such peers there will be.
struct ServerOptions : ProtocolOptions {
  ServerOptions();

  /// What clients may ask for; others are refused with "serializer unsupported".
  std::vector<SerializerId> serializers = {SerializerId::json, SerializerId::msgpack, SerializerId::cbor,
                                           SerializerId::ubjson, SerializerId::flatbuffers};
  std::size_t maxConnections = 0;       ///< more are refused with error 4; 0 = unlimited
  std::size_t maxConnectionsPerIp = 0;  ///< likewise, of one address; 0 = unlimited

  void validate() const;
};

/// Options of clients.
struct ClientOptions : ProtocolOptions {
  SerializerId serializer = SerializerId::json;  ///< what is asked for; the server takes it or refuses

  void validate() const;
};

}  // namespace autobahn::inline v0::rawsocket
