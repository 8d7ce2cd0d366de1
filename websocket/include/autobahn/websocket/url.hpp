// WebSocket URLs (RFC 6455 section 3), and those of WebSockets over Unix sockets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::websocket {

/// What a WebSocket URL says.
struct UrlParts {
  bool isSecure = false;  ///< wss
  std::string host;       ///< name or address, an IPv6 literal without brackets; "localhost" for Unix sockets
  std::uint16_t port = 0;  ///< 80 or 443 when the URL has none; 0: any free one (servers); 0 for Unix sockets
  std::string resource;    ///< path and query as they go onto the request line, at least "/"
  std::string path;        ///< the path, percent-decoded
  std::vector<std::pair<std::string, std::string>> params;  ///< query parameters, decoded, in order
  std::string unixPath;  ///< path of the Unix socket, decoded; empty for TCP

  bool operator==(const UrlParts&) const = default;
};

/// Takes a URL apart.
///
///     ws://example.com                 wss://[::1]:9000/chat?room=1
///     ws://unix:/run/x.sock            wss://unix:/run/x.sock
///     ws+unix:///run/x.sock            unix:///run/x.sock  (also with one slash)
///
/// The first Unix form is Autobahn's. Unlike there, the socket's path is not the resource too: the resource
/// is
/// "/", or stands behind the socket's path and a colon ("ws+unix:///run/x.sock:/chat?room=1"; a colon or '?'
/// within the socket's path is written %3A or %3F). A "wss" form speaks TLS over the Unix socket.
///
/// Throws std::invalid_argument saying what is wrong: another scheme, no host, a bad port, userinfo, a
/// fragment, a malformed escape, a space, control or non-ASCII character.
UrlParts parseUrl(std::string_view url);

/// Puts a URL together; host, path and params are plain, not yet encoded. `port` 0 = default of the scheme
/// (it is always written, as Autobahn does). Throws std::invalid_argument when the host is none or the path
/// does not start with '/'.
std::string createUrl(std::string_view host, std::uint16_t port = 0, bool isSecure = false,
                      std::string_view path = "/",
                      const std::vector<std::pair<std::string, std::string>>& params = {});

/// The same for a Unix socket ("ws+unix:///run/x.sock:/path"). `unixPath` must be absolute.
std::string createUnixUrl(std::string_view unixPath, bool isSecure = false, std::string_view path = "/",
                          const std::vector<std::pair<std::string, std::string>>& params = {});

}  // namespace autobahn::inline v0::websocket
