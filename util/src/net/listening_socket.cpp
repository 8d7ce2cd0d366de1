#include "listening_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "socket_address.hpp"

namespace autobahn::inline v0::util {

namespace {

[[noreturn]] void fail(const std::string& where, int error) {
  throw std::system_error(error, std::system_category(), "cannot listen on " + where);
}

UniqueFd openSocket(int family, const std::string& where) {
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) fail(where, errno);
  return fd;
}

void setOption(int fd, int level, int option, bool on, const std::string& where) {
  const int value = on ? 1 : 0;
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) fail(where, errno);
}

/// Blocks while a name is looked up: listening starts before anything is served.
SocketAddress resolve(const ListenAddress& address, const std::string& where) {
  SocketAddress found;
  const std::string host = address.host.empty() ? "0.0.0.0" : address.host;
  if (found.setNumeric(host, address.port)) return found;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
  if (error != 0 || list == nullptr) {
    throw std::system_error(std::make_error_code(std::errc::address_not_available),
                            "cannot listen on " + where + ": " + ::gai_strerror(error));
  }
  std::copy_n(reinterpret_cast<const char*>(list->ai_addr), list->ai_addrlen,
              reinterpret_cast<char*>(&found.storage));
  found.length = list->ai_addrlen;
  return found;
}

ListeningSocket listenTcp(const ListenAddress& address) {
  const bool bracketed = address.host.find(':') != std::string::npos;
  const std::string where =
      (bracketed ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
  const SocketAddress resolved = resolve(address, where);
  ListeningSocket socket{openSocket(resolved.family(), where), {}};
  const int fd = socket.fd.get();
  setOption(fd, SOL_SOCKET, SO_REUSEADDR, address.reuseAddress, where);
  if (address.reusePort) setOption(fd, SOL_SOCKET, SO_REUSEPORT, true, where);
  if (resolved.family() == AF_INET6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, address.ipv6Only, where);
  if (::bind(fd, resolved.get(), resolved.length) != 0) fail(where, errno);
  if (::listen(fd, address.backlog) != 0) fail(where, errno);
  return socket;
}

/// True when `path` is a socket nobody listens on: what a server that was killed leaves behind.
bool isStale(const SocketAddress& where, const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return probe && ::connect(probe.get(), where.get(), where.length) != 0 && errno == ECONNREFUSED;
}

ListeningSocket listenUnix(const ListenAddress& address) {
  const std::string& path = address.unixPath;
  SocketAddress where;
  if (!where.setUnixPath(path)) fail(path, ENAMETOOLONG);
  ListeningSocket socket{openSocket(AF_UNIX, path), {}};
  const int fd = socket.fd.get();
  int bound = ::bind(fd, where.get(), where.length);
  if (bound != 0 && errno == EADDRINUSE && path.front() != '@' && isStale(where, path)) {
    ::unlink(path.c_str());
    bound = ::bind(fd, where.get(), where.length);
  }
  if (bound != 0) fail(path, errno);
  if (path.front() != '@') {
    socket.file = UnixSocketFile(path);
    // Nobody can connect before the permissions are right: it does not listen yet.
    if (::chmod(path.c_str(), address.unixMode) != 0) fail(path, errno);
  }
  if (::listen(fd, address.backlog) != 0) fail(path, errno);
  return socket;
}

}  // namespace

UnixSocketFile::UnixSocketFile(std::string path) : path_(std::move(path)) {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) path_.clear();
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

UnixSocketFile::~UnixSocketFile() {
  struct stat status {};
  if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

ListeningSocket openListeningSocket(const ListenAddress& address) {
  return address.unixPath.empty() ? listenTcp(address) : listenUnix(address);
}

}  // namespace autobahn::inline v0::util
