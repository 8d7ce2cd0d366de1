// URLs of message transports: where to connect to or listen on, over TCP, TLS or Unix sockets. From any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace autobahn::inline v0::util {

/// A transport's name in messages and its schemes, such as {"WebSocket", "ws", "wss"}. The Unix schemes are
/// these with "+unix", and "unix" alone.
struct UrlFamily {
  std::string_view name;
  std::string_view plain;
  std::string_view secure;
};

/// What a URL says of the connection.
struct EndpointUrl {
  bool isSecure = false;
  std::string host;  ///< name or address, an IPv6 literal without brackets; "localhost" for Unix sockets
  std::uint16_t port = 0;  ///< 80 or 443 when the URL has none; 0: any free one (servers); 0 for Unix sockets
  std::string unixPath;    ///< path of the Unix socket, decoded; empty for TCP
  std::string resource;    ///< what follows, as it stands: empty, or with '/' or '?' in front
};

/// Takes a URL apart.
///
///     ws://example.com                 wss://[::1]:9000/chat?room=1
///     ws://unix:/run/x.sock            wss://unix:/run/x.sock
///     ws+unix:///run/x.sock            unix:///run/x.sock  (also with one slash)
///
/// A resource stands behind the path of a Unix socket and a colon ("ws+unix:///run/x.sock:/chat?room=1"); a
/// colon or '?' within the socket's path is written %3A or %3F.
///
/// Throws std::invalid_argument saying what is wrong: another scheme, no host, a bad port, userinfo, a
/// fragment, a malformed escape, a space, control or non-ASCII character.
EndpointUrl parseEndpointUrl(const UrlFamily& family, std::string_view url);

/// "ws://host:port", without a resource. `port` 0 = default of the scheme. Throws std::invalid_argument when
/// the host is none.
std::string createEndpointUrl(const UrlFamily& family, std::string_view host, std::uint16_t port,
                              bool isSecure);
/// "ws+unix:///run/x.sock", without a resource. Throws std::invalid_argument when the path is not absolute.
std::string createUnixEndpointUrl(const UrlFamily& family, std::string_view unixPath, bool isSecure);

/// Percent-encodes what stands between the slashes of a path.
std::string encodePath(std::string_view path);
/// Reverse of the encoding of one part; throws std::invalid_argument, naming `where`, for a malformed escape
/// or a NUL.
std::string decodeUrlPart(const UrlFamily& family, std::string_view text, std::string_view where);
/// Throws the std::invalid_argument of all of these: "invalid WebSocket URL: what".
[[noreturn]] void failUrl(const UrlFamily& family, std::string_view what);

}  // namespace autobahn::inline v0::util
