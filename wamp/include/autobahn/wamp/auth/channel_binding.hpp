// What ties an authentication to the TLS connection under it.
#pragma once

#include <string>

namespace autobahn::inline v0::wamp {

/// A channel binding (RFC 5056): both ends of one TLS connection see the same data, and nobody in between
/// does.
struct ChannelBinding {
  /// "tls-unique" (RFC 5929; up to TLS 1.2), "tls-exporter" (RFC 9266), "tls-server-end-point" (RFC 5929;
  /// SCRAM only).
  std::string type;
  /// Raw bytes. SCRAM: the data as its RFC defines it. Cryptosign: 32 bytes, which for "tls-unique" is
  /// SHA-256 over the Finished message.
  std::string data;

  bool operator==(const ChannelBinding&) const = default;
};

}  // namespace autobahn::inline v0::wamp
