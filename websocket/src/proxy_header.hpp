// The PROXY protocol, versions 1 and 2, as HAProxy and others send it in front of a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace autobahn::inline v0::websocket {

/// Whom a proxy speaks for.
struct ProxySource {
  enum class Kind : std::uint8_t {
    unknown,  ///< the proxy speaks for itself (health checks) or does not know: the transport's own peer
              ///< counts
    tcp4,
    tcp6,
    unixSocket,
  };
  Kind kind = Kind::unknown;
  std::string address;     ///< IP address in its usual spelling, or the path of a Unix socket
  std::uint16_t port = 0;  ///< 0 for Unix sockets

  /// As `TransportDetails::peer`: "tcp4:192.0.2.1:51234"; empty when unknown.
  std::string peer() const;
};

/// Reads one header from the front of a connection, in pieces of any size, holding at most 232 bytes. Refuses
/// at the first byte that no header has in its place.
class ProxyHeaderParser {
 public:
  enum class Status : std::uint8_t { partial, complete, bad };

  /// Takes bytes from the front of `input` (what it took is removed); never a byte behind the header.
  Status feed(std::string_view& input);
  /// Valid after `complete`.
  const ProxySource& source() const { return source_; }
  /// Valid after `bad`: what rule was broken.
  const std::string& error() const { return error_; }

 private:
  void takeByte(char byte);
  void takeText(char byte);
  void takeBinary(char byte);
  void parseText(std::string_view line);
  void parseLead();
  void parseAddresses();
  void fail(std::string reason);

  Status status_ = Status::partial;
  std::string bytes_;       ///< what was seen of the header, without what is passed over
  std::size_t needed_ = 0;  ///< version 2: bytes of lead and addresses
  std::size_t skip_ = 0;    ///< version 2: bytes behind the addresses
  ProxySource source_;
  std::string error_;
};

}  // namespace autobahn::inline v0::websocket
