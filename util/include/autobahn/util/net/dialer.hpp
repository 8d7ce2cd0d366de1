// Making connections: name look-up, several addresses, proxies, TLS.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/stream.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace autobahn::inline v0::util {

class TlsContext;

/// A proxy to go through. It is told the name of the host and looks it up itself.
struct ProxyTarget {
  enum class Type : std::uint8_t {
    httpConnect,  ///< HTTP/1.1 CONNECT (RFC 9110 section 9.3.6), with Basic authentication
    socks5,       ///< RFC 1928, with username and password (RFC 1929)
  };
  Type type = Type::httpConnect;
  std::string host{};
  std::uint16_t port = 0;
  std::string username{};  ///< no authentication when empty
  std::string password{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< httpConnect: added to the request
};

/// What to connect to.
struct DialTarget {
  std::string host{};  ///< name or address; IPv6 addresses without brackets
  std::uint16_t port = 0;
  std::string unixPath{};  ///< a Unix socket instead of host and port; no proxy then
  std::optional<ProxyTarget> proxy{};
  std::shared_ptr<TlsContext> tls{};  ///< TLS over the connection; the stream's user does its handshake
  std::string serverName{};           ///< the name the certificate must have; `host` when empty
  std::string localAddress{};         ///< where connections come from; empty: the system chooses
};

/// Called once, on the loop, never from inside `dial`. No error: `stream` is connected and not attached yet.
/// Otherwise `detail` says what went wrong, and with what address.
using DialHandler =
    std::function<void(std::error_code error, const std::string& detail, std::unique_ptr<Stream> stream)>;

/// A connection in the making.
class DialOperation {
 public:
  DialOperation() = default;
  DialOperation(const DialOperation&) = delete;
  DialOperation& operator=(const DialOperation&) = delete;
  /// Gives it up; the handler is not called any more. May be destroyed in the handler.
  virtual ~DialOperation() = default;
};
using DialHandle = std::unique_ptr<DialOperation>;

/// Makes connections. On one loop's thread.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// Starts connecting. `timeout` is for everything together, 0 for none. Holds no reference to `target`.
  [[nodiscard]] virtual DialHandle dial(const DialTarget& target, std::chrono::milliseconds timeout,
                                        DialHandler handler) = 0;
};

/// The dialer over real sockets on the AsioLoop of `context`. The addresses of a host are tried in turn, a
/// new one every 250 ms or as soon as one fails, families alternating; the first to answer wins (RFC 8305).
/// Operations must not outlive `context`.
std::unique_ptr<Dialer> makeDialer(asio::io_context& context);

}  // namespace autobahn::inline v0::util
