// Small helpers of the HTTP sources that are of no use outside.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace autobahn::inline v0::websocket::http {

/// Without the spaces and tabs at both ends (RFC 9110 section 5.6.3).
std::string_view trim(std::string_view text);

/// True when `target` may stand on a request line: visible ASCII, not empty, no '#'.
bool isTarget(std::string_view target);

/// A number of decimal (or hexadecimal) digits only: no sign, no space; nullopt otherwise or when too large.
template <typename Number = std::uint64_t>
std::optional<Number> parseNumber(std::string_view digits, int base = 10) {
  Number value{};
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || digits.front() == '-' || result.ec != std::errc{} || result.ptr != end)
    return std::nullopt;
  return value;
}

/// Port 0 is nowhere to connect to, but a server may be told to listen on any free port.
enum class PortZero : std::uint8_t { refused, allowed };

/// Host and port of an authority ("example.com:80", "[::1]"); IPv6 brackets are taken off.
struct Authority {
  std::string_view host;
  std::optional<std::uint16_t> port;
};
/// nullopt when malformed: empty host, userinfo, port outside 1…65535, unbracketed IPv6, odd characters.
std::optional<Authority> parseAuthority(std::string_view text, PortZero zero = PortZero::refused);

}  // namespace autobahn::inline v0::websocket::http
