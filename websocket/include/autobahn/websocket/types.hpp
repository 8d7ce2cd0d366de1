// What both ends of a connection learn about each other and about the traffic between them.
#pragma once

#include <autobahn/util/invalid_state.hpp>
#include <autobahn/util/net/stream.hpp>
#include <autobahn/websocket/close_code.hpp>
#include <autobahn/websocket/http.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace autobahn::inline v0::websocket {

using http::Headers;
using util::InvalidState;
using util::TlsDetails;
using util::TransportDetails;

/// Which end of a connection.
enum class Role : std::uint8_t { server, client };

/// One element of a Sec-WebSocket-Extensions header (RFC 6455 section 9.1): a name and its parameters in
/// order; a parameter without a value has nullopt.
struct ExtensionOffer {
  std::string name;
  std::vector<std::pair<std::string, std::optional<std::string>>> parameters;
};

/// A client's opening handshake, as the server's `onConnect` sees it (RFC 6455 section 4.2.1).
struct ConnectionRequest {
  std::string peer;        ///< "tcp4:192.0.2.1:51234"
  Headers headers;         ///< all of them, as received
  std::string host;        ///< of the Host header, without the port
  std::uint16_t port = 0;  ///< of the Host header, or the default of the scheme
  std::string path;        ///< percent-decoded path
  std::vector<std::pair<std::string, std::string>> params;  ///< query parameters in order
  int version = 13;                                         ///< Sec-WebSocket-Version
  std::string origin;                  ///< Origin (or Sec-WebSocket-Origin with version 8); empty when absent
  std::vector<std::string> protocols;  ///< announced subprotocols in order of preference
  std::vector<ExtensionOffer> extensions;
  std::optional<TlsDetails> tls;  ///< the peer's TLS identity, on secure connections
  std::string forwardedFor;       ///< the client's address as vouched for by trusted proxies, or empty

  /// The first value of a query parameter, or an empty text.
  std::string_view param(std::string_view name) const;
};

/// A server's answer, as the client's `onConnect` sees it (RFC 6455 section 4.2.2).
struct ConnectionResponse {
  std::string peer;
  Headers headers;
  int version = 13;
  std::string protocol;                    ///< the subprotocol in use, or empty
  std::vector<ExtensionOffer> extensions;  ///< the extensions in use
};

/// A server's decision to go on with a connection.
struct ConnectionAccept {
  std::string subprotocol;  ///< one of those the client announced, or empty for none
  Headers headers;          ///< added to the answer; several of one name are kept
};

/// Thrown from a server's `onConnect` to refuse a connection with an HTTP status.
class ConnectionDeny : public std::runtime_error {
 public:
  static constexpr int kBadRequest = 400;
  static constexpr int kUnauthorized = 401;
  static constexpr int kForbidden = 403;
  static constexpr int kNotFound = 404;
  static constexpr int kNotAcceptable = 406;
  static constexpr int kInternalServerError = 500;
  static constexpr int kServiceUnavailable = 503;

  /// `status`: 300…599 · `why`: goes into the body and the log · `extra`: headers added to the answer.
  explicit ConnectionDeny(int status, std::string why = "", Headers extra = {})
      : std::runtime_error(why), code(status), reason(std::move(why)), headers(std::move(extra)) {}

  int code;
  std::string reason;
  Headers headers;
};

/// Where a connection is (RFC 6455; names as in Autobahn).
enum class State : std::uint8_t { connecting, open, closing, closed };

/// Counters of one connection. "Wire" counts what is inside the frames on the wire (compressed), including
/// frame headers for octets; "App" counts message payloads as the application sees them.
struct TrafficStats {
  std::uint64_t incomingOctetsWireLevel = 0;
  std::uint64_t outgoingOctetsWireLevel = 0;
  std::uint64_t incomingOctetsAppLevel = 0;
  std::uint64_t outgoingOctetsAppLevel = 0;
  std::uint64_t incomingWebSocketFrames = 0;
  std::uint64_t outgoingWebSocketFrames = 0;
  std::uint64_t incomingWebSocketMessages = 0;
  std::uint64_t outgoingWebSocketMessages = 0;

  /// Wire octets ÷ application octets; 0 while there was no traffic.
  double incomingCompressionRatio() const;
  double outgoingCompressionRatio() const;
};

/// Points in a connection's life, taken only when the option `trackTimings` is on.
struct Timings {
  using Clock = std::chrono::steady_clock;
  Clock::time_point created{};           ///< the transport connected
  Clock::time_point handshakeStarted{};  ///< the first byte of the opening handshake was received or sent
  Clock::time_point opened{};
  Clock::time_point closeStarted{};  ///< the first Close frame was sent or received
  Clock::time_point closed{};
  Clock::time_point lastPingSent{};
  Clock::duration lastPingRoundTrip{};  ///< of the last automatic ping that was answered
};

/// How a connection ended, as `onClose` gets it.
struct CloseInfo {
  bool wasClean = false;   ///< the close handshake was completed
  std::uint16_t code = 0;  ///< the peer's code; 1005 without one; 1006 when not clean; 1015 TLS failure
  std::string reason;
};

}  // namespace autobahn::inline v0::websocket
