#include <algorithm>
#include <autobahn/wamp/uri.hpp>

namespace autobahn::inline v0::wamp {
namespace {

bool isLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

bool isAsciiSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f'); }

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
  bool isAscii = true;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= uri.size(); ++i) {
    if (i == uri.size() || uri[i] == '.') {
      const bool mayBeEmpty = match == Match::wildcard || (match == Match::prefix && i == uri.size());
      if (i == begin && !mayBeEmpty) return false;
      begin = i + 1;
      continue;
    }
    const char c = uri[i];
    if (rule == UriRule::strict ? !isLowerOrDigit(c) : c == '#' || isAsciiSpace(c)) return false;
    if (static_cast<unsigned char>(c) >= 0x80) isAscii = false;
  }
  return isAscii || !holdsUnicodeSpace(uri);
}

bool isReservedUri(std::string_view uri) { return uri == "wamp" || uri.starts_with("wamp."); }

bool isCustomAttribute(std::string_view name) {
  const auto areAllowed = [](std::string_view rest) { return std::ranges::all_of(rest, isLowerOrDigit); };
  if (name.starts_with("x_")) return areAllowed(name.substr(2));
  return name.starts_with('_') && name.size() >= 4 && areAllowed(name.substr(1));
}

}  // namespace autobahn::inline v0::wamp
