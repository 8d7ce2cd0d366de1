#include <autobahn/rawsocket/detect.hpp>

#include "frame.hpp"

namespace autobahn::inline v0::rawsocket {

namespace {

constexpr char kTlsHandshake = 0x16;  // RFC 8446 section 5.1

// A method is a token (RFC 9110 section 5.6.2). An empty line before it may come from careless old clients
// (RFC 9112 section 2.2).
bool beginsHttp(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\r' ||
         c == '\n' || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

WireProtocol detectProtocol(std::string_view received) {
  if (received.empty()) return WireProtocol::undecided;
  const char first = received.front();
  if (static_cast<std::uint8_t>(first) == kMagic) return WireProtocol::rawSocket;
  if (first == kTlsHandshake) return WireProtocol::tls;
  return beginsHttp(first) ? WireProtocol::http : WireProtocol::unknown;
}

}  // namespace autobahn::inline v0::rawsocket
