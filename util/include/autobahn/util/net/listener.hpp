// Accepts TCP and Unix socket connections.
#pragma once

#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/unique_fd.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace autobahn::inline v0::util {

/// Where to listen.
struct ListenAddress {
  std::string host = "127.0.0.1";  ///< IPv4 or IPv6 address, or a name (its first address); empty: all IPv4
  std::uint16_t port = 0;          ///< 0: any free one
  std::string unixPath{};    ///< a Unix socket instead of TCP when not empty; "@name": Linux' abstract names
  int backlog = 1024;        ///< connections the system queues before they are accepted
  bool reuseAddress = true;  ///< SO_REUSEADDR: do not wait for old connections of the port to time out
  bool reusePort = false;    ///< SO_REUSEPORT: others may listen on the same port
  bool ipv6Only = true;      ///< an IPv6 wildcard address does not take IPv4 connections
  unsigned unixMode = 0600;  ///< permissions of the Unix socket's file
};

/// Listens from construction to `stop` or destruction. On the loop's thread.
class Listener {
 public:
  /// Given each accepted socket (non-blocking, close-on-exec), which it owns from then on. May stop or
  /// destroy the listener. What it throws is logged.
  using Accepted = std::function<void(int socket)>;

  /// Throws std::system_error: "cannot listen on 127.0.0.1:80: Permission denied". The file of a Unix socket
  /// nobody listens on any more is replaced.
  Listener(AsioLoop& loop, const ListenAddress& address, Accepted accepted);
  /// Takes over a socket that listens already, as from systemd. Throws std::system_error when it is none.
  Listener(AsioLoop& loop, UniqueFd listening, Accepted accepted);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// Closes the socket; connections not yet accepted are refused. A Unix socket's file is removed when it is
  /// ours.
  void stop();
  /// Leaves connections waiting in the system's queue, or takes them again.
  void setAccepting(bool on);

  /// The TCP port; 0 for Unix sockets.
  std::uint16_t port() const;
  /// "tcp4:127.0.0.1:9000", "tcp6:[::1]:9000", "unix:/path".
  std::string endpoint() const;

 private:
  class Acceptor;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace autobahn::inline v0::util
