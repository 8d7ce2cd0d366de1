// URLs of WebSocket and RawSocket: what is read, written and read again is the same, and refusals name a
// reason.
#include <algorithm>
#include <autobahn/rawsocket/url.hpp>
#include <autobahn/util/uri.hpp>
#include <autobahn/websocket/url.hpp>
#include <optional>
#include <stdexcept>

#include "choices.hpp"
#include "target.hpp"

namespace autobahn::fuzz {
namespace {

template <class Parts>
std::optional<Parts> read(Parts (*parse)(std::string_view), std::string_view url) {
  try {
    return parse(url);
  } catch (const std::invalid_argument& error) {
    require(std::string_view(error.what()).size() > 20, "refused without a reason");
    return std::nullopt;
  }
}

// What every URL that is read says.
template <class Parts>
void checkEndpoint(const Parts& parts, std::string_view url) {
  require(std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f && c != '#'; }),
          "an odd character was let in");
  require(!parts.host.empty() && parts.host.find_first_of("/?@[] ") == std::string::npos, "an odd host");
  require(parts.unixPath.size() <= 107 && parts.unixPath.find('\0') == std::string::npos,
          "no path for a socket");
  require(parts.unixPath.empty() ||
              (parts.unixPath.front() == '/' && parts.port == 0 && parts.host == "localhost"),
          "a Unix socket with a host");
}

void checkWebSocket(std::string_view url) {
  const auto parts = read(websocket::parseUrl, url);
  if (!parts) return;
  checkEndpoint(*parts, url);
  require(parts->resource.starts_with('/') && parts->path.starts_with('/'), "no path");
  // Port 0 is read for servers only.
  if (parts->unixPath.empty() && parts->port == 0) return;
  const std::string written =
      parts->unixPath.empty()
          ? websocket::createUrl(parts->host, parts->port, parts->isSecure, parts->path, parts->params)
          : websocket::createUnixUrl(parts->unixPath, parts->isSecure, parts->path, parts->params);
  auto again = read(websocket::parseUrl, written);
  require(again.has_value(), "what was written is refused: " + written);
  require(again->path == parts->path && again->params == parts->params, "another resource: " + written);
  again->resource = parts->resource;
  require(*again == *parts, "it comes back as another one: " + written);
}

void checkRawSocket(std::string_view url) {
  const auto parts = read(rawsocket::parseUrl, url);
  if (!parts) return;
  checkEndpoint(*parts, url);
  if (parts->unixPath.empty() && parts->port == 0) return;
  const std::string written = parts->unixPath.empty()
                                  ? rawsocket::createUrl(parts->host, parts->port, parts->isSecure)
                                  : rawsocket::createUnixUrl(parts->unixPath, parts->isSecure);
  require(read(rawsocket::parseUrl, written) == parts, "it comes back as another one: " + written);
}

// Any text survives being written into a URL.
void checkEscapes(std::string_view text) {
  const std::string encoded = util::percentEncode(text);
  require(util::percentDecode(encoded) == text, "an escaped text comes back as another one");
  if (text.find('\0') != std::string_view::npos) return;
  const std::string url =
      websocket::createUrl("h", 1, false, "/" + std::string(text), {{std::string(text), std::string(text)}});
  const auto parts = read(websocket::parseUrl, url);
  require(parts && parts->path == "/" + std::string(text), "another path: " + url);
  require(parts->params.size() == 1 && parts->params[0].first == text && parts->params[0].second == text,
          "other parameters: " + url);
}

void checkAuthority(std::string_view text) {
  for (const auto zero : {util::PortZero::refused, util::PortZero::allowed}) {
    const auto authority = util::parseAuthority(text, zero);
    if (!authority) continue;
    const bool isIpv6 = text.front() == '[';
    std::string written = isIpv6 ? '[' + std::string(authority->host) + ']' : std::string(authority->host);
    if (authority->port) written += ':' + std::to_string(*authority->port);
    const auto again = util::parseAuthority(written, zero);
    require(again && again->host == authority->host && again->port == authority->port,
            "another host or port");
  }
}

}  // namespace

void tryUrl(std::string_view input) {
  checkWebSocket(input);
  checkRawSocket(input);
  checkEscapes(input);
  if (!input.empty()) checkAuthority(input);
}

}  // namespace autobahn::fuzz
