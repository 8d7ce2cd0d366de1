// Close status codes: one table of what may be sent, received and handed to the application.
#pragma once

#include <cstdint>
#include <string_view>

namespace autobahn::inline v0::websocket {

/// RFC 6455 section 7.4.1 and the IANA registry.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  goingAway = 1001,
  protocolError = 1002,
  unsupportedData = 1003,
  noStatus = 1005,       ///< never on the wire: the Close frame had no code
  abnormalClose = 1006,  ///< never on the wire: the connection ended without a Close frame
  invalidPayload = 1007,
  policyViolation = 1008,
  messageTooBig = 1009,
  mandatoryExtension = 1010,
  internalError = 1011,
  serviceRestart = 1012,
  tryAgainLater = 1013,
  badGateway = 1014,
  tlsFailed = 1015,  ///< never on the wire: the TLS handshake failed
};

/// The registered name ("protocol error"), or "application" / "library" for 3000–4999, or "unknown".
std::string_view closeCodeName(std::uint16_t code);
/// True when a peer may put the code into a Close frame (RFC 6455 section 7.4.2).
bool mayReceiveCloseCode(std::uint16_t code);
/// True when an application may pass the code to `sendClose`: 1000, 1001, 1008, 1011–1014, 3000–4999.
bool maySendCloseCode(std::uint16_t code);

}  // namespace autobahn::inline v0::websocket
