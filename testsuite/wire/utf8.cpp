#include "wire/utf8.hpp"

#include <cstring>

namespace wstest {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

/// Whether these are a word's bytes, all below 0x80.
bool isAscii(std::string_view bytes) {
  std::uint64_t word = 0;
  if (bytes.size() < kWord) return false;
  std::memcpy(&word, bytes.data(), kWord);
  return (word & 0x8080808080808080U) == 0;
}

}  // namespace

// RFC 3629, section 4: UTF8-octets. Only the byte after the first has a range narrower than 80–BF.
bool Utf8Checker::add(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size() && !isBroken_; ++i) {
    while (missing_ == 0 && isAscii(bytes.substr(i, kWord))) i += kWord;
    if (i == bytes.size()) break;
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    if (missing_ > 0) {
      isBroken_ = byte < low_ || byte > high_;
      low_ = 0x80;
      high_ = 0xBF;
      --missing_;
    } else if (byte < 0x80) {
      continue;
    } else if (byte >= 0xC2 && byte <= 0xDF) {
      missing_ = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
      missing_ = 2;
      if (byte == 0xE0) low_ = 0xA0;   // not overlong
      if (byte == 0xED) high_ = 0x9F;  // no surrogates
    } else if (byte >= 0xF0 && byte <= 0xF4) {
      missing_ = 3;
      if (byte == 0xF0) low_ = 0x90;   // not overlong
      if (byte == 0xF4) high_ = 0x8F;  // up to U+10FFFF
    } else {
      isBroken_ = true;
    }
  }
  return !isBroken_;
}

bool isUtf8(std::string_view text) {
  Utf8Checker checker;
  return checker.add(text) && checker.isComplete();
}

}  // namespace wstest
