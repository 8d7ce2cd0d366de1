#include "cases/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "wire/utf8.hpp"

namespace wstest {

namespace {

std::uint8_t byteAt(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

std::size_t sizeByFirstByte(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first < 0xE0) return 2;
  return first < 0xF0 ? 3 : 4;
}

char32_t decode(std::string_view character) {
  if (character.size() == 1) return byteAt(character, 0);
  char32_t code = byteAt(character, 0) & (0x7Fu >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i) code = code << 6 | (byteAt(character, i) & 0x3Fu);
  return code;
}

/// Controls (C0, DEL, C1), line and paragraph separators, marks that reorder or hide text, byte order marks
/// and characters that are none.
bool isUnprintable(char32_t code) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 10> kRanges = {{{0x00, 0x1F},
                                                                             {0x7F, 0x9F},
                                                                             {0xAD, 0xAD},
                                                                             {0x061C, 0x061C},
                                                                             {0x200B, 0x200F},
                                                                             {0x2028, 0x202E},
                                                                             {0x2060, 0x206F},
                                                                             {0xFEFF, 0xFEFF},
                                                                             {0xFFF9, 0xFFFB},
                                                                             {0xE0000, 0xE0FFF}}};
  if ((code & 0xFFFE) == 0xFFFE) return true;
  return std::ranges::any_of(
      kRanges, [code](const auto& range) { return range.first <= code && code <= range.second; });
}

void appendEscaped(std::string& out, std::string_view bytes) {
  if (bytes == "\n") {
    out += "\\n";
  } else if (bytes == "\r") {
    out += "\\r";
  } else if (bytes == "\t") {
    out += "\\t";
  } else {
    for (const char byte : bytes) out += "\\x" + hex({&byte, 1});
  }
}

/// Copies `text`, escaping bytes that are not UTF-8 and the characters that `isEscaped` wants escaped.
template <typename Predicate>
std::string escaped(std::string_view text, Predicate isEscaped) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = characterSize(text);
    const std::string_view front = text.substr(0, std::max<std::size_t>(size, 1));
    if (size == 0 || isEscaped(decode(front))) {
      appendEscaped(out, front);
    } else {
      out += front;
    }
    text.remove_prefix(front.size());
  }
  return out;
}

}  // namespace

std::size_t characterSize(std::string_view text) {
  if (text.empty()) return 0;
  const std::size_t size = sizeByFirstByte(byteAt(text, 0));
  return size <= text.size() && isUtf8(text.substr(0, size)) ? size : 0;
}

std::string validUtf8(std::string_view text) {
  return escaped(text, [](char32_t) { return false; });
}

std::string printable(std::string_view text) { return escaped(text, isUnprintable); }

std::string printableLines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (end < text.size() && line.ends_with('\r')) line.remove_suffix(1);
    out += printable(line);
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t characters) {
  std::size_t end = 0;
  std::size_t beforeLast = 0;
  for (std::size_t count = 0; end < text.size(); ++count) {
    if (count == characters) return std::string(text.substr(0, beforeLast)) + (characters > 0 ? "…" : "");
    beforeLast = end;
    end += std::max<std::size_t>(characterSize(text.substr(end)), 1);
  }
  return std::string(text);
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char each : bytes) {
    const auto byte = static_cast<std::uint8_t>(each);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace wstest
