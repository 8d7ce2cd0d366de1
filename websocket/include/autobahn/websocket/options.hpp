// Protocol options of servers and clients. Names and meaning as in Autobahn|Python; where a default differs,
// docs/security.md says why.
#pragma once

#include <autobahn/websocket/compression.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::websocket {

using namespace std::chrono_literals;

/// What happens to a connection whose peer does not read, once `sendBufferHighWatermark` bytes wait for it.
enum class SlowConsumerPolicy : std::uint8_t {
  buffer,       ///< go on queueing; the application watches `bufferedAmount`, `drain` or `onDrain`
  dropMessage,  ///< `sendMessage` returns false and queues nothing until the low watermark is reached
  close,        ///< the connection fails with 1008, also when its peer takes nothing for 30 s
};

/// Options of both roles.
struct ProtocolOptions {
  bool logOctets = false;               ///< log every chunk received and sent (level trace, hex)
  bool logFrames = false;               ///< log every frame received and sent (level debug)
  bool trackTimings = false;            ///< keep `Timings`
  bool utf8validateIncoming = true;     ///< check text messages and close reasons (RFC 6455 section 8.1)
  bool applyMask = true;                ///< XOR payloads with the mask; false only for tests of both ends
  std::size_t maxFramePayloadSize = 0;  ///< bytes; a larger received frame fails with 1009; 0 = unlimited
  std::size_t maxMessagePayloadSize = 16 * 1024 * 1024;  ///< bytes; larger fails with 1009; 0 = unlimited
  std::size_t maxFramesPerMessage =
      0x10000;  ///< fragments of one received message; more fails with 1008; 0 = unlimited
  std::size_t autoFragmentSize = 0;  ///< bytes; sent messages are split into frames of this size; 0 = never
  bool failByDrop = true;  ///< a failed connection is dropped; false: a Close frame with the code goes first
  bool echoCloseCodeReason = false;  ///< answer a Close with the peer's code and reason instead of 1000
  std::chrono::milliseconds openHandshakeTimeout = 5s;   ///< 0 = none
  std::chrono::milliseconds closeHandshakeTimeout = 1s;  ///< 0 = none
  bool tcpNoDelay = true;
  std::chrono::milliseconds autoPingInterval = 0s;  ///< 0 = no automatic pings
  std::chrono::milliseconds autoPingTimeout =
      0s;                         ///< without a pong for so long the connection is dropped; 0 = never
  std::size_t autoPingSize = 12;  ///< bytes of ping payload, 4…125
  bool autoPingRestartOnAnyTraffic =
      true;  ///< received data counts as a sign of life and delays the next ping
  std::size_t maxHandshakeSize = 16 * 1024;                ///< bytes of the peer's handshake head
  std::size_t maxHeaders = 100;                            ///< header fields of the peer's handshake
  std::size_t sendBufferHighWatermark = 16 * 1024 * 1024;  ///< bytes queued when `slowConsumerPolicy` starts
  std::size_t sendBufferLowWatermark =
      1024 * 1024;  ///< bytes queued when `onDrain` is called and policies end
  SlowConsumerPolicy slowConsumerPolicy = SlowConsumerPolicy::buffer;  ///< servers: close

  /// Throws std::invalid_argument naming the option and its range.
  void validate() const;
};

/// How the PROXY protocol (HAProxy, v1 and v2) is treated in front of the opening handshake.
enum class ProxyProtocol : std::uint8_t {
  off,       ///< not expected
  required,  ///< every connection starts with a PROXY header; others are dropped
};

/// Options of servers. Unlike clients, a server drops a peer that does not read: it cannot know how many
/// such peers there will be.
struct ServerOptions : ProtocolOptions {
  ServerOptions() { slowConsumerPolicy = SlowConsumerPolicy::close; }

  std::vector<int> versions = {8, 13};    ///< Sec-WebSocket-Version values spoken
  bool webStatus = true;                  ///< answer a plain GET with a status page (426 otherwise)
  bool requireMaskedClientFrames = true;  ///< RFC 6455 section 5.1
  bool maskServerFrames = false;          ///< against RFC 6455; for tests
  PerMessageCompressionAccept perMessageCompressionAccept;  ///< empty: no compression
  bool serveFlashSocketPolicy = false;                      ///< answer "<policy-file-request/>\0"
  std::string flashSocketPolicy =
      "<cross-domain-policy>\n"
      "     <allow-access-from domain=\"*\" to-ports=\"*\" />\n"
      "</cross-domain-policy>";
  std::vector<std::string> allowedOrigins = {"*"};  ///< patterns on scheme://host:port, '*' matches any run
  bool allowNullOrigin = false;               ///< accept "Origin: null" when `allowedOrigins` is not "*"
  std::size_t maxConnections = 0;             ///< more are answered 503; 0 = unlimited
  std::size_t maxConnectionsPerIp = 0;        ///< more are answered 503; 0 = unlimited
  std::size_t maxHttpBodySize = 1024 * 1024;  ///< bytes; a larger body of plain HTTP is answered 413
  /// For an HttpHandler's answer, then 503; 0 = what is left of `openHandshakeTimeout`.
  std::chrono::milliseconds httpHandlerTimeout = 0s;
  int trustXForwardedFor = 0;  ///< how many proxies in front of us append to X-Forwarded-For
  ProxyProtocol proxyProtocol = ProxyProtocol::off;

  void validate() const;
  /// Whether a request with this Origin header ("https://example.com", "null") is welcome.
  bool allowsOrigin(std::string_view origin) const;
};

/// Options of clients.
struct ClientOptions : ProtocolOptions {
  int version = 13;  ///< 13 or 8; the draft numbers 10…18 of Autobahn are mapped to them
  bool acceptMaskedServerFrames = false;                       ///< against RFC 6455 section 5.1; for tests
  bool maskClientFrames = true;                                ///< RFC 6455 section 5.3; false for tests
  std::chrono::milliseconds serverConnectionDropTimeout = 1s;  ///< wait for the server's FIN after the close
                                                               ///< handshake; 0 = for ever
  std::vector<PerMessageDeflateOffer> perMessageCompressionOffers;  ///< empty: no compression
  PerMessageCompressionResponseAccept perMessageCompressionAccept;  ///< empty: any valid answer is accepted

  void validate() const;
};

}  // namespace autobahn::inline v0::websocket
