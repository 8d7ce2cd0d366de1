#include <algorithm>
#include <autobahn/websocket/http.hpp>
#include <autobahn/websocket/url.hpp>
#include <stdexcept>

#include "http_text.hpp"

namespace autobahn::inline v0::websocket {
namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

// What fits into sockaddr_un with its final NUL.
constexpr std::size_t kMaxUnixPath = 107;

[[noreturn]] void fail(const std::string& what) {
  throw std::invalid_argument("invalid WebSocket URL: " + what);
}

std::string decoded(std::string_view text, const char* where) {
  auto plain = http::percentDecode(text);
  if (!plain) fail(std::string("malformed percent escape in the ") + where);
  if (plain->find('\0') != std::string::npos) fail(std::string("NUL in the ") + where);
  return std::move(*plain);
}

void takeResource(std::string_view rest, UrlParts& parts) {
  parts.resource = rest.starts_with('/') ? "" : "/";
  parts.resource += rest;
  const std::string_view resource = parts.resource;
  const std::size_t mark = std::min(resource.find('?'), resource.size());
  parts.path = decoded(resource.substr(0, mark), "path");
  if (mark != resource.size()) parts.params = http::parseQuery(resource.substr(mark + 1));
}

// `rest` is "/run/x.sock[:resource]" or "/run/x.sock[?query]".
void takeUnix(std::string_view rest, UrlParts& parts) {
  const std::size_t end = std::min(rest.find_first_of(":?"), rest.size());
  parts.host = "localhost";
  parts.unixPath = decoded(rest.substr(0, end), "path of the Unix socket");
  if (parts.unixPath.size() < 2 || parts.unixPath.ends_with('/')) fail("no path of a Unix socket");
  if (parts.unixPath.size() > kMaxUnixPath) fail("the path of the Unix socket is longer than 107 bytes");
  rest.remove_prefix(end);
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    if (!rest.starts_with('/')) fail("no '/' behind the colon that follows the Unix socket");
  }
  takeResource(rest, parts);
}

void takeTcp(std::string_view rest, UrlParts& parts) {
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view text = rest.substr(0, end);
  if (text.empty()) fail("missing host");
  if (text.find('@') != std::string_view::npos) fail("user name or password before the host");
  const auto authority = http::parseAuthority(text, http::PortZero::allowed);
  if (!authority) fail("malformed host or port");
  parts.host = authority->host;
  parts.port = authority->port.value_or(parts.isSecure ? 443 : 80);
  takeResource(rest.substr(end), parts);
}

std::string encodedPath(std::string_view path) {
  std::string encoded;
  while (true) {
    const std::size_t slash = path.find('/');
    encoded += http::percentEncode(path.substr(0, slash));
    if (slash == std::string_view::npos) return encoded;
    encoded += '/';
    path.remove_prefix(slash + 1);
  }
}

std::string encodedResource(std::string_view path, const Params& params) {
  if (!path.empty() && path.front() != '/') fail("the path does not start with '/'");
  std::string resource = path.empty() ? "/" : encodedPath(path);
  char separator = '?';
  for (const auto& [name, value] : params) {
    resource += separator + http::percentEncode(name) + '=' + http::percentEncode(value);
    separator = '&';
  }
  return resource;
}

}  // namespace

UrlParts parseUrl(std::string_view url) {
  UrlParts parts;
  if (url.find('#') != std::string_view::npos) fail("it has a fragment");
  if (!http::isTarget(url)) fail("it is empty or holds a space or a character that is not visible ASCII");
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos) fail("it has no scheme");
  const std::string_view scheme = url.substr(0, colon);
  std::string_view rest = url.substr(colon + 1);
  const auto is = [scheme](std::string_view name) { return http::equalsIgnoreCase(scheme, name); };
  parts.isSecure = is("wss") || is("wss+unix");
  if (is("ws+unix") || is("wss+unix") || is("unix")) {
    if (rest.starts_with("//")) rest.remove_prefix(2);
    if (!rest.starts_with('/')) fail("the path of the Unix socket is not absolute");
    takeUnix(rest, parts);
    return parts;
  }
  if (!is("ws") && !is("wss")) fail("scheme '" + std::string(scheme) + "' is not ws, wss or ws+unix");
  if (!rest.starts_with("//")) fail("missing host");
  rest.remove_prefix(2);
  constexpr std::string_view kUnix = "unix:/";
  if (http::equalsIgnoreCase(rest.substr(0, kUnix.size()), kUnix)) {
    takeUnix(rest.substr(kUnix.size() - 1), parts);
  } else {
    takeTcp(rest, parts);
  }
  return parts;
}

std::string createUrl(std::string_view host, std::uint16_t port, bool isSecure, std::string_view path,
                      const Params& params) {
  std::string authority(host);
  if (host.find(':') != std::string_view::npos && !host.starts_with('[')) authority = '[' + authority + ']';
  const auto parsed = http::parseAuthority(authority);
  if (!parsed || parsed->port) fail("malformed host");
  const int written = port != 0 ? port : (isSecure ? 443 : 80);
  return (isSecure ? "wss://" : "ws://") + authority + ':' + std::to_string(written) +
         encodedResource(path, params);
}

std::string createUnixUrl(std::string_view unixPath, bool isSecure, std::string_view path,
                          const Params& params) {
  if (!unixPath.starts_with('/')) fail("the path of the Unix socket is not absolute");
  return (isSecure ? "wss+unix://" : "ws+unix://") + encodedPath(unixPath) + ':' +
         encodedResource(path, params);
}

}  // namespace autobahn::inline v0::websocket
