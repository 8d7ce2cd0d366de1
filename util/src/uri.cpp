#include <algorithm>
#include <autobahn/util/uri.hpp>

namespace autobahn::inline v0::util {
namespace {

constexpr bool isAlphaNumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 3986 section 2.3.
constexpr bool isUnreserved(char c) {
  return isAlphaNumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

constexpr char toLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = toLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// RFC 3986 section 3.2.2: reg-name, where percent-escapes and sub-delimiters make no sense for us.
bool isHostName(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) { return isUnreserved(c); });
}

bool isIpv6Literal(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         std::ranges::all_of(host, [](char c) { return hexDigit(c) >= 0 || c == ':' || c == '.'; });
}

}  // namespace

bool equalsIgnoreCase(std::string_view a, std::string_view b) {
  // Mostly called for names that differ in size or in their first letter.
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i != a.size(); ++i) {
    if (a[i] != b[i] && toLower(a[i]) != toLower(b[i])) return false;
  }
  return true;
}

std::optional<std::string> percentDecode(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hexDigit(text[i + 1]);
    const int low = hexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

std::string percentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (isUnreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return encoded;
}

std::optional<Authority> parseAuthority(std::string_view text, PortZero zero) {
  Authority authority;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    authority.host = text.substr(1, close - 1);
    if (!isIpv6Literal(authority.host)) return std::nullopt;
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    authority.host = text.substr(0, colon);
    if (!isHostName(authority.host)) return std::nullopt;
    rest = text.substr(colon);
  }
  if (rest.empty()) return authority;
  if (rest.front() != ':') return std::nullopt;
  authority.port = parseNumber<std::uint16_t>(rest.substr(1));
  if (!authority.port || (*authority.port == 0 && zero == PortZero::refused)) return std::nullopt;
  return authority;
}

}  // namespace autobahn::inline v0::util
