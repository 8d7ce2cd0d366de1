// Who a server says it is, and what a client asks for: the factories' part of the opening handshake.
#pragma once

#include <autobahn/websocket/types.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace autobahn::inline v0::websocket {

/// What a server's factory adds to its answers and checks requests against.
struct ServerIdentity {
  std::string server{};                  ///< "Server" header; empty = none
  Headers headers{};                     ///< added to every 101
  std::vector<std::string> protocols{};  ///< subprotocols the server speaks
  std::uint16_t externalPort =
      0;  ///< the port clients see (behind a proxy); 0 = the Host header's is not checked
  bool isSecure = false;
};

/// What a client asks for.
struct ClientRequest {
  std::string host{};  ///< as in the URL; an IPv6 literal without brackets; "localhost" for Unix sockets
  std::uint16_t port = 0;
  bool isSecure = false;
  std::string resource = "/";  ///< path and query
  std::string origin{};        ///< empty = no Origin header
  std::vector<std::string> protocols{};
  std::string useragent{};  ///< empty = no User-Agent header
  Headers headers{};        ///< added to the request
};

}  // namespace autobahn::inline v0::websocket
