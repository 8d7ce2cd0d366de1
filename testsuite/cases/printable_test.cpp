#include "cases/printable.hpp"

#include <gtest/gtest.h>

namespace wstest {
namespace {

TEST(Printable, CharactersHaveTheirSize) {
  EXPECT_EQ(characterSize(""), 0u);
  EXPECT_EQ(characterSize("ab"), 1u);
  EXPECT_EQ(characterSize("\xc3\xa9x"), 2u);
  EXPECT_EQ(characterSize("\xe2\x82\xac"), 3u);
  EXPECT_EQ(characterSize("\xf0\x9f\x98\x80"), 4u);
}

TEST(Printable, NoCharacterHasNoSize) {
  EXPECT_EQ(characterSize("\x80"), 0u) << "a continuation byte";
  EXPECT_EQ(characterSize("\xc0\x80"), 0u) << "overlong";
  EXPECT_EQ(characterSize("\xed\xa0\x80"), 0u) << "a surrogate";
  EXPECT_EQ(characterSize("\xe2\x82"), 0u) << "cut off";
  EXPECT_EQ(characterSize("\xf4\x90\x80\x80"), 0u) << "above U+10FFFF";
}

TEST(Printable, EscapesWhatIsNoUtf8Only) {
  EXPECT_EQ(validUtf8("a\xff\xc3\xa9\n\xe2\x82"), "a\\xff\xc3\xa9\n\\xe2\\x82");
}

TEST(Printable, EscapesWhatActsOnATerminalOrAReader) {
  EXPECT_EQ(printable("a\r\n\tb"), "a\\r\\n\\tb");
  EXPECT_EQ(printable("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(printable(std::string("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "C1: CSI in one character";
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "right-to-left override";
  EXPECT_EQ(printable("\xef\xbf\xbf"), "\\xef\\xbf\\xbf") << "no character";
  EXPECT_EQ(printable("κόσμε \xf0\x9f\x98\x80"), "κόσμε \xf0\x9f\x98\x80");
}

TEST(Printable, KeepsLinesWhereAsked) {
  EXPECT_EQ(printableLines("a: b\r\nc\x1b\n\r\nd\r"), "a: b\nc\\x1b\n\nd\\r");
  EXPECT_EQ(printableLines("a\rb\r\n"), "a\\rb\n") << "a bare CR is worth seeing";
}

TEST(Printable, ShortensByCharacters) {
  EXPECT_EQ(shortened("κόσμε", 5), "κόσμε");
  EXPECT_EQ(shortened("κόσμε", 4), "κόσ…");
  EXPECT_EQ(shortened("abc", 1), "…");
  EXPECT_EQ(shortened("abc", 0), "");
  EXPECT_EQ(shortened("", 0), "");
}

TEST(Printable, Hex) { EXPECT_EQ(hex(std::string("\x00\xfe\x7f", 3)), "00fe7f"); }

}  // namespace
}  // namespace wstest
