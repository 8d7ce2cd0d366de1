// Pieces of URIs (RFC 3986), for URLs and HTTP. From any thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace autobahn::inline v0::util {

/// ASCII comparison without case.
bool equalsIgnoreCase(std::string_view a, std::string_view b);
/// Decodes %XX ('+' stays '+'); nullopt when an escape is malformed.
std::optional<std::string> percentDecode(std::string_view text);
/// Encodes everything outside RFC 3986 unreserved.
std::string percentEncode(std::string_view text);

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

}  // namespace autobahn::inline v0::util
