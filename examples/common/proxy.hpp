// A client's proxy, given as a URL.
#pragma once

#include <autobahn/util/net/dialer.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace examples {

/// "http://[user:password@]host:port" for HTTP CONNECT, "socks5://…" for SOCKS5; nothing for an empty text.
/// Throws std::invalid_argument saying what is wrong.
std::optional<autobahn::util::ProxyTarget> parseProxy(std::string_view url);

}  // namespace examples
