#include <algorithm>
#include <autobahn/websocket/forwarded.hpp>
#include <cstddef>
#include <string_view>

#include "http_text.hpp"

namespace autobahn::inline v0::websocket {

std::string forwardedFor(const http::Headers& headers, int trusted) {
  if (trusted <= 0) return {};
  const std::string all = headers.joined("X-Forwarded-For");
  const auto addresses = http::splitList(all);
  if (addresses.empty()) return {};
  const auto count = std::min(static_cast<std::size_t>(trusted), addresses.size());
  const std::string_view address = addresses[addresses.size() - count];
  // An address, perhaps with a port, or a name that a proxy made up (RFC 7239 section 6).
  const bool isPlausible = address.size() <= 64 && std::ranges::all_of(address, [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                    (c >= '0' && c <= '9') ||
                                    std::string_view(".:[]_-%").find(c) != std::string_view::npos;
                           });
  return isPlausible ? std::string(address) : std::string{};
}

}  // namespace autobahn::inline v0::websocket
