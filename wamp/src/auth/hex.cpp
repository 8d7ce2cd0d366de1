#include "hex.hpp"

namespace autobahn::inline v0::wamp {
namespace {

/// The value of a digit, or -1. Without a table, so that no secret chooses an address.
int valueOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<Secret> hexDecode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Secret bytes(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const int high = valueOf(text[at]);
    const int low = valueOf(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.bytes()[at / 2] = static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace autobahn::inline v0::wamp
