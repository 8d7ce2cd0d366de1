#include "autobahn/util/xor.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace autobahn::inline v0::util {
namespace {

TEST(XorBytes, KnownAnswers) {
  EXPECT_EQ(xorBytes("", ""), "");
  EXPECT_EQ(xorBytes("\xFF\x0F", "\x0F\xFF"), "\xF0\xF0");
  const std::string a = "some forty bytes of text, more than a word";
  const std::string key(a.size(), '\x5A');
  EXPECT_NE(xorBytes(a, key), a);
  EXPECT_EQ(xorBytes(xorBytes(a, key), key), a);
}

TEST(XorBytes, UnequalSizesAreRefused) {
  EXPECT_THROW(xorBytes("a", ""), std::invalid_argument);
  EXPECT_THROW(xorBytes("a", "bc"), std::invalid_argument);
}

}  // namespace
}  // namespace autobahn::inline v0::util
