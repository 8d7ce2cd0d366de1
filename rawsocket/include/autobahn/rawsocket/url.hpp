// RawSocket URLs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace autobahn::inline v0::rawsocket {

/// What a RawSocket URL says.
struct UrlParts {
  bool isSecure = false;  ///< rss
  std::string host;       ///< name or address, an IPv6 literal without brackets; "localhost" for Unix sockets
  std::uint16_t port = 0;  ///< 80 or 443 when the URL has none; 0: any free one (servers); 0 for Unix sockets
  std::string unixPath;    ///< path of the Unix socket, decoded; empty for TCP

  bool operator==(const UrlParts&) const = default;
};

/// Takes a URL apart.
///
///     rs://example.com:8080            rss://[::1]
///     rs://unix:/run/x.sock            rss://unix:/run/x.sock
///     rs+unix:///run/x.sock            unix:///run/x.sock  (also with one slash)
///
/// The first Unix form is Autobahn's. A colon within the socket's path is written %3A. An "rss" form speaks
/// TLS over the Unix socket. There is no path besides: a RawSocket has no resources; a single '/' behind host
/// and port is passed over.
///
/// Throws std::invalid_argument saying what is wrong: another scheme, no host, a bad port, userinfo, a path,
/// a query, a fragment, a malformed escape, a space, control or non-ASCII character.
UrlParts parseUrl(std::string_view url);

/// Puts a URL together. `port` 0 = default of the scheme (it is always written, as Autobahn does). Throws
/// std::invalid_argument when the host is none.
std::string createUrl(std::string_view host, std::uint16_t port = 0, bool isSecure = false);

/// The same for a Unix socket ("rs+unix:///run/x.sock"). `unixPath` must be absolute.
std::string createUnixUrl(std::string_view unixPath, bool isSecure = false);

}  // namespace autobahn::inline v0::rawsocket
