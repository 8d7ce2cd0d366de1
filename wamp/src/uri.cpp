#include <algorithm>
#include <array>
#include <autobahn/wamp/uri.hpp>
#include <cstdint>

namespace autobahn::inline v0::wamp {
namespace {

constexpr bool isLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }
constexpr bool isAsciiSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

// What an octet may be in a URI.
constexpr std::uint8_t kStrict = 1;  ///< part of a component, by the strict rule
constexpr std::uint8_t kLoose = 2;   ///< part of a component, by the loose rule
constexpr std::uint8_t kDot = 4;
constexpr std::uint8_t kBeyondAscii = 8;

constexpr auto kKinds = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (unsigned octet = 0; octet != 256; ++octet) {
    const char c = static_cast<char>(octet);
    std::uint8_t& kind = kinds[octet];
    if (c == '.') {
      kind = kDot;
    } else if (c != '#' && !isAsciiSpace(c)) {
      kind = kLoose;
    }
    if (isLowerOrDigit(c)) kind |= kStrict;
    if (octet >= 0x80) kind |= kBeyondAscii;
  }
  return kinds;
}();

// The white space of Unicode outside ASCII, in UTF-8.
constexpr std::string_view kUnicodeSpaces[] = {
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

bool holdsUnicodeSpace(std::string_view uri) {
  return std::ranges::any_of(
      kUnicodeSpaces, [uri](std::string_view each) { return uri.find(each) != std::string_view::npos; });
}

}  // namespace

bool isValidUri(std::string_view uri, UriRule rule, Match match) {
  const std::uint8_t wanted = rule == UriRule::strict ? kStrict : kLoose;
  std::uint8_t seen = 0;
  bool isEmpty = true;  // the component
  for (const char c : uri) {
    const std::uint8_t kind = kKinds[static_cast<unsigned char>(c)];
    seen |= kind;
    if ((kind & kDot) != 0) {
      if (isEmpty && match != Match::wildcard) return false;
      isEmpty = true;
    } else {
      if ((kind & wanted) == 0) return false;
      isEmpty = false;
    }
  }
  if (isEmpty && match == Match::exact) return false;
  return (seen & kBeyondAscii) == 0 || !holdsUnicodeSpace(uri);
}

bool isReservedUri(std::string_view uri) { return uri == "wamp" || uri.starts_with("wamp."); }

bool isCustomAttribute(std::string_view name) {
  const auto areAllowed = [](std::string_view rest) { return std::ranges::all_of(rest, isLowerOrDigit); };
  if (name.starts_with("x_")) return areAllowed(name.substr(2));
  return name.starts_with('_') && name.size() >= 4 && areAllowed(name.substr(1));
}

}  // namespace autobahn::inline v0::wamp
