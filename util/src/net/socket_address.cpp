#include "socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace autobahn::inline v0::util {

namespace {

template <class Address>
Address as(const SocketAddress& address) {
  Address typed;
  std::memcpy(&typed, &address.storage, sizeof typed);
  return typed;
}

bool isMapped(const sockaddr_in6& address) { return IN6_IS_ADDR_V4MAPPED(&address.sin6_addr); }

bool isIpv6(const SocketAddress& address) {
  return address.family() == AF_INET6 && !isMapped(as<sockaddr_in6>(address));
}

/// inet_ntop prints IPv4 by way of sprintf, which was a fifth of what a connection cost besides the kernel.
std::string printIpv4(const std::uint8_t* bytes) {
  std::string text = std::to_string(bytes[0]);
  for (int i = 1; i != 4; ++i) (text += '.') += std::to_string(bytes[i]);
  return text;
}

std::string print(int family, const void* address) {
  if (family == AF_INET) return printIpv4(static_cast<const std::uint8_t*>(address));
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(family, address, text.data(), text.size()) == nullptr ? std::string() : text.data();
}

}  // namespace

SocketAddress SocketAddress::ofSocket(int fd) {
  SocketAddress address;
  socklen_t length = sizeof address.storage;
  if (::getsockname(fd, address.get(), &length) == 0) address.length = length;
  return address;
}

SocketAddress SocketAddress::ofPeer(int fd) {
  SocketAddress address;
  socklen_t length = sizeof address.storage;
  if (::getpeername(fd, address.get(), &length) == 0) address.length = length;
  return address;
}

bool SocketAddress::setUnixPath(std::string_view path) {
  sockaddr_un unixAddress{};
  // A path needs its terminator, an abstract name does not: its "@" stands for a NUL.
  const bool isAbstract = path.starts_with('@');
  const std::size_t most = sizeof unixAddress.sun_path - (isAbstract ? 0 : 1);
  if (path.empty() || path.size() > most) return false;
  unixAddress.sun_family = AF_UNIX;
  std::memcpy(unixAddress.sun_path, path.data(), path.size());
  if (isAbstract) unixAddress.sun_path[0] = '\0';
  std::memcpy(&storage, &unixAddress, sizeof unixAddress);
  length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (isAbstract ? 0 : 1));
  return true;
}

bool SocketAddress::setNumeric(const std::string& address, std::uint16_t port) {
  storage = {};
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&storage, &v4, sizeof v4);
    length = sizeof v4;
    return true;
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) != 1) return false;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&storage, &v6, sizeof v6);
  length = sizeof v6;
  return true;
}

std::string SocketAddress::address() const {
  if (family() == AF_INET) {
    const auto v4 = as<sockaddr_in>(*this);
    return print(AF_INET, &v4.sin_addr);
  }
  if (family() != AF_INET6) return {};
  const auto v6 = as<sockaddr_in6>(*this);
  return isMapped(v6) ? print(AF_INET, &v6.sin6_addr.s6_addr[12]) : print(AF_INET6, &v6.sin6_addr);
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(as<sockaddr_in>(*this).sin_port);
  if (family() == AF_INET6) return ntohs(as<sockaddr_in6>(*this).sin6_port);
  return 0;
}

std::string SocketAddress::unixPath() const {
  constexpr std::size_t kHead = offsetof(sockaddr_un, sun_path);
  if (family() != AF_UNIX || length <= kHead) return {};
  const auto unixAddress = as<sockaddr_un>(*this);
  std::string path(unixAddress.sun_path, length - kHead);
  if (path.front() == '\0') {
    path.front() = '@';
  } else {
    path.resize(::strnlen(path.data(), path.size()));
  }
  return path;
}

std::string SocketAddress::text() const {
  if (family() == AF_UNIX) return unixPath();
  if (family() != AF_INET && family() != AF_INET6) return {};
  return (isIpv6(*this) ? '[' + address() + ']' : address()) + ':' + std::to_string(port());
}

std::string SocketAddress::endpoint() const {
  if (family() == AF_UNIX) return "unix:" + unixPath();
  if (family() != AF_INET && family() != AF_INET6) return {};
  return (isIpv6(*this) ? "tcp6:" : "tcp4:") + text();
}

TransportDetails describeSocket(int fd) {
  const SocketAddress local = SocketAddress::ofSocket(fd);
  const SocketAddress peer = SocketAddress::ofPeer(fd);
  TransportDetails details;
  details.local = local.endpoint();
  details.peer = peer.endpoint();
  details.peerAddress = peer.address();
  // One end of a Unix connection has no name of its own.
  if (local.family() == AF_UNIX) {
    const std::string path = local.unixPath().empty() ? peer.unixPath() : local.unixPath();
    details.local = details.peer = "unix:" + path;
  }
  return details;
}

}  // namespace autobahn::inline v0::util
