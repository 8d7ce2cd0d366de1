// Which pages may open a WebSocket to us (RFC 6455 section 10.2, RFC 6454).
#include <algorithm>

#include "handshake.hpp"
#include "http_text.hpp"

namespace autobahn::inline v0::websocket {
namespace {

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string_view defaultPort(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return ":80";
  if (scheme == "https" || scheme == "wss") return ":443";
  return "";
}

// "HTTPS://Example.com" as "https://example.com:443"; empty when it is no origin. Strict, so that a path or
// userinfo in a forged value cannot satisfy the end of a pattern.
std::string normalised(std::string_view origin) {
  std::string text = lowered(origin);
  const std::size_t mark = text.find("://");
  if (mark == std::string::npos || mark == 0) return {};
  const std::string scheme = text.substr(0, mark);
  if (!std::ranges::all_of(scheme, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      })) {
    return {};
  }
  const auto authority = http::parseAuthority(std::string_view(text).substr(mark + 3));
  if (!authority) return {};
  if (!authority->port) text += defaultPort(scheme);
  return text;
}

std::string withPort(std::string_view pattern) {
  std::string text = lowered(pattern);
  const std::size_t mark = text.find("://");
  if (mark == std::string::npos || text.ends_with('*')) return text;
  const std::string_view host = std::string_view(text).substr(mark + 3);
  const std::size_t bracket = host.rfind(']');
  const bool hasPort =
      host.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
  if (!hasPort) text += defaultPort(text.substr(0, mark));
  return text;
}

// '*' matches any run. Only the last '*' is ever gone back to: no exponential backtracking.
bool matches(std::string_view text, std::string_view pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(p), [](char c) { return c == '*'; });
}

}  // namespace

bool originAllowed(std::string_view origin, const std::vector<std::string>& patterns) {
  if (std::ranges::find(patterns, "*") != patterns.end()) return true;
  const std::string full = normalised(origin);
  return !full.empty() && std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return matches(full, withPort(pattern));
  });
}

bool ServerOptions::allowsOrigin(std::string_view origin) const {
  return (origin == "null" && allowNullOrigin) || originAllowed(origin, allowedOrigins);
}

}  // namespace autobahn::inline v0::websocket
