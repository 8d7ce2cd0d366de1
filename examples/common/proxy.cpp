#include "proxy.hpp"

#include <autobahn/websocket/http.hpp>
#include <autobahn/websocket/url.hpp>
#include <stdexcept>

namespace examples {

using autobahn::util::ProxyTarget;
namespace http = autobahn::websocket::http;

std::optional<ProxyTarget> parseProxy(std::string_view url) {
  if (url.empty()) return std::nullopt;
  ProxyTarget proxy;
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kSocks = "socks5://";
  if (url.starts_with(kHttp)) {
    url.remove_prefix(kHttp.size());
  } else if (url.starts_with(kSocks)) {
    proxy.type = ProxyTarget::Type::socks5;
    url.remove_prefix(kSocks.size());
  } else {
    throw std::invalid_argument("a proxy is http://host:port or socks5://host:port");
  }
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = url.substr(0, at);
    const std::size_t colon = std::min(user.find(':'), user.size());
    proxy.username = http::percentDecode(user.substr(0, colon)).value_or("");
    if (colon != user.size()) proxy.password = http::percentDecode(user.substr(colon + 1)).value_or("");
    url.remove_prefix(at + 1);
  }
  // Host and port are written as in any other URL.
  const auto parts = autobahn::websocket::parseUrl("ws://" + std::string(url));
  proxy.host = parts.host;
  proxy.port = parts.port;
  return proxy;
}

}  // namespace examples
