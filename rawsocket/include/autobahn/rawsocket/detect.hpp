// One port for several protocols: what a connection speaks, told by its first octets.
#pragma once

#include <cstdint>
#include <string_view>

namespace autobahn::inline v0::rawsocket {

/// What a peer's first octets begin.
enum class WireProtocol : std::uint8_t {
  undecided,  ///< nothing has arrived yet: ask again with more
  rawSocket,  ///< 0x7F, which no HTTP request begins with
  http,       ///< a letter or another character of an HTTP method: HTTP/1.1, and so WebSocket and long-poll
  tls,        ///< a TLS handshake record, on a port that was to be plain
  unknown,    ///< none of these: to be refused
};

/// Tells by the first octet; nothing is consumed, and one octet is enough. Hand the connection and what was
/// read of it to the protocol's server (`RawSocketServerFactory::serve`).
WireProtocol detectProtocol(std::string_view received);

}  // namespace autobahn::inline v0::rawsocket
