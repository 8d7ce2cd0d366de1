// The harness's own UTF-8 checker against RFC 3629's table and against a decoder that works the other way
// round.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "wire/testing.hpp"
#include "wire/utf8.hpp"

namespace wstest {
namespace {

using namespace std::string_literals;

std::string encode(std::uint32_t point) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0)};
}

/// Decodes by arithmetic, then asks whether encoding leads back: overlong forms do not.
bool isValid(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    const std::size_t size = first < 0x80       ? 1
                             : first >> 5 == 6  ? 2
                             : first >> 4 == 14 ? 3
                             : first >> 3 == 30 ? 4
                                                : 0;
    if (size == 0 || text.size() < size) return false;
    std::uint32_t point = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) point = point << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
    const bool isScalar = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    if (!isScalar || encode(point) != text.substr(0, size)) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// Whether any text goes on like this; the table of the shortest and highest continuations says so.
bool isPrefix(const std::string& text) {
  if (isValid(text)) return true;
  for (const char* rest : {"\x80", "\x80\x80", "\x80\x80\x80", "\x90\x80\x80", "\xA0\x80", "\xBF"}) {
    if (isValid(text + rest)) return true;
  }
  return false;
}

struct Row {
  const char* name;
  std::string text;
  bool isRight;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"nothing", "", true},
      {"ASCII", "Hello\0\x7F"s, true},
      {"two bytes, first", "\xC2\x80", true},
      {"two bytes, last", "\xDF\xBF", true},
      {"three bytes, first", "\xE0\xA0\x80", true},
      {"before the surrogates", "\xED\x9F\xBF", true},
      {"behind the surrogates", "\xEE\x80\x80", true},
      {"not a character", "\xEF\xBF\xBF", true},
      {"four bytes, first", "\xF0\x90\x80\x80", true},
      {"U+10FFFF", "\xF4\x8F\xBF\xBF", true},
      {"words and more",
       "01234567\xC3\xA4"
       "89abcdefghijklmn\xE2\x82\xAC",
       true},
      {"lone continuation", "\x80", false},
      {"overlong slash", "\xC0\xAF", false},
      {"overlong, C1", "\xC1\xBF", false},
      {"overlong, three", "\xE0\x9F\xBF", false},
      {"overlong, four", "\xF0\x8F\xBF\xBF", false},
      {"surrogate", "\xED\xA0\x80", false},
      {"last surrogate", "\xED\xBF\xBF", false},
      {"U+110000", "\xF4\x90\x80\x80", false},
      {"F5", "\xF5\x80\x80\x80", false},
      {"five bytes", "\xF8\x88\x80\x80\x80", false},
      {"FE", "\xFE", false},
      {"FF behind words", "0123456789abcdef\xFF", false},
      {"cut two", "\xC2", false},
      {"cut three", "a\xE2\x82", false},
      {"cut four", "\xF0\x9F\x98", false},
      {"ASCII within",
       "\xE2\x82"
       "A",
       false},
      {"a word within",
       "\xE2\x82"
       "01234567",
       false},
  };
  return kRows;
}

TEST(Utf8, TableIsJudgedRightWhereverItIsCut) {
  for (const Row& row : rows()) {
    EXPECT_EQ(isUtf8(row.text), row.isRight) << row.name;
    EXPECT_EQ(isValid(row.text), row.isRight) << row.name << ": the test's own decoder";
    for (std::size_t first = 0; first <= row.text.size(); ++first) {
      for (std::size_t second = first; second <= row.text.size(); ++second) {
        Utf8Checker checker;
        bool isRight = checker.add(row.text.substr(0, first));
        isRight &= checker.add(row.text.substr(first, second - first));
        isRight &= checker.add(row.text.substr(second));
        EXPECT_EQ(isRight && checker.isComplete(), row.isRight)
            << row.name << " cut at " << first << ", " << second;
      }
    }
  }
}

TEST(Utf8, EveryCharacterIsValidAndItsPrefixesAreIncomplete) {
  for (std::uint32_t point = 0; point <= 0x10FFFF; point += point < 0x3000 ? 1 : 61) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    const std::string text = encode(point);
    ASSERT_TRUE(isUtf8(text)) << point;
    for (std::size_t size = 1; size < text.size(); ++size) {
      Utf8Checker checker;
      ASSERT_TRUE(checker.add(text.substr(0, size))) << point;
      ASSERT_FALSE(checker.isComplete()) << point;
    }
  }
}

TEST(Utf8, FailsAtTheFirstByteThatNoTextCanHave) {
  // All pairs, and all that can come third and fourth at the borders of the table.
  const std::string borders = "\x00\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xFF"s;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string pair = {static_cast<char>(first), static_cast<char>(second)};
      Utf8Checker checker;
      ASSERT_EQ(checker.add(pair), isPrefix(pair)) << first << ' ' << second;
      if (first < 0xC0) continue;
      for (const char third : borders) {
        for (const char fourth : borders) {
          const std::string text = pair + third + fourth;
          Utf8Checker whole;
          ASSERT_EQ(whole.add(text), isPrefix(text))
              << first << ' ' << second << ' ' << int{third} << ' ' << int{fourth};
          ASSERT_EQ(isUtf8(text), isValid(text)) << first << ' ' << second;
        }
      }
    }
  }
}

TEST(Utf8, StaysBroken) {
  Utf8Checker checker;
  EXPECT_FALSE(checker.add("\xFF"));
  EXPECT_FALSE(checker.add("fine"));
  EXPECT_FALSE(checker.add(""));
}

}  // namespace
}  // namespace wstest
