#include "base32.hpp"

#include <cstdint>

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The five bits of a character, or -1. Without a table, so that no secret chooses an address.
int valueOf(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a';
  if (c >= '2' && c <= '7') return c - '2' + 26;
  return -1;
}

}  // namespace

std::string base32Encode(std::string_view data) {
  std::string text;
  text.reserve((data.size() + 4) / 5 * 8);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : data) {
    bits = (bits << 8) | static_cast<unsigned char>(byte);
    for (count += 8; count >= 5; count -= 5) text += kAlphabet[(bits >> (count - 5)) & 31];
  }
  if (count > 0) text += kAlphabet[(bits << (5 - count)) & 31];
  while (text.size() % 8 != 0) text += '=';
  return text;
}

std::optional<Secret> base32Decode(std::string_view text) {
  const std::size_t end = text.find('=');
  if (end != std::string_view::npos) {
    const bool isWhole = text.size() % 8 == 0 && text.size() - end < 8 &&
                         text.find_first_not_of('=', end) == std::string_view::npos;
    if (!isWhole) return std::nullopt;
    text = text.substr(0, end);
  }
  // A group of 8 may end after 2, 4, 5 or 7 characters.
  if (const std::size_t rest = text.size() % 8; rest == 1 || rest == 3 || rest == 6) return std::nullopt;
  Secret data(text.size() * 5 / 8);
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t at = 0;
  for (const char c : text) {
    const int value = valueOf(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 5) | static_cast<std::uint32_t>(value);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    data.bytes()[at++] = static_cast<char>(static_cast<unsigned char>(bits >> count));
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return data;
}

}  // namespace autobahn::inline v0::wamp
