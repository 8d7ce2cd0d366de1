#include <gtest/gtest.h>

#include <autobahn/util/uri.hpp>
#include <string>

namespace autobahn::util {
namespace {

TEST(Uri, ComparesWithoutCase) {
  EXPECT_TRUE(equalsIgnoreCase("WebSocket", "wEBsOCKET"));
  EXPECT_FALSE(equalsIgnoreCase("a", "ab"));
  EXPECT_FALSE(equalsIgnoreCase("@", "`"));
}

TEST(Uri, Percent) {
  EXPECT_EQ(percentDecode("a%20b+c%C3%a9"), "a b+c\xc3\xa9");
  for (const std::string_view bad : {"%", "%1", "%g0", "%0g", "a%%20"})
    EXPECT_EQ(percentDecode(bad), std::nullopt);
  EXPECT_EQ(percentEncode("a b/\xc3\xa9~"), "a%20b%2F%C3%A9~");
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(percentDecode(percentEncode(all)), all);
}

TEST(Uri, Authority) {
  const auto plain = parseAuthority("example.com");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "example.com");
  EXPECT_EQ(plain->port, std::nullopt);
  const auto six = parseAuthority("[::1]:8080");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->port, 8080);
  for (const std::string_view bad :
       {"",   ":80", "a:",     "a:0",     "a:65536", "a:-1", "a:+1", "a:8x",  "::1", "[::1",
        "[]", "[a]", "[::1]x", "[::1]80", "u@h",     "a b",  "a/b",  "a:1:2", "a,b", "h%20"}) {
    EXPECT_FALSE(parseAuthority(bad)) << bad;
  }
}

}  // namespace
}  // namespace autobahn::util
