// Socket addresses in the texts of TransportDetails.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <autobahn/util/net/stream.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace autobahn::inline v0::util {

/// A socket address of any family.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return length == 0 ? AF_UNSPEC : storage.ss_family; }

  /// The local end, or nothing (length 0).
  static SocketAddress ofSocket(int fd);
  /// The peer's end, or nothing.
  static SocketAddress ofPeer(int fd);
  /// False when the path does not fit. "@name" is an abstract name.
  bool setUnixPath(std::string_view path);
  /// False when `address` is no IPv4 or IPv6 address.
  bool setNumeric(const std::string& address, std::uint16_t port);

  /// The bare IP address ("127.0.0.1", "::1"; IPv4 also when mapped into IPv6), or empty.
  std::string address() const;
  std::uint16_t port() const;
  /// The path of a Unix socket ("@name" when abstract), or empty.
  std::string unixPath() const;
  /// "tcp4:127.0.0.1:9000", "tcp6:[::1]:9000", "unix:/path"; empty for nothing.
  std::string endpoint() const;
  /// The same without the kind: "127.0.0.1:9000", "[::1]:9000", "/path".
  std::string text() const;
};

/// The ends of a connected socket.
TransportDetails describeSocket(int fd);

}  // namespace autobahn::inline v0::util
