#include "cases/verdict.hpp"

#include <gtest/gtest.h>

namespace wstest {
namespace {

TEST(Verdict, NamesAreAutobahns) {
  for (const char* each : {"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"}) {
    ASSERT_TRUE(behaviorOf(each)) << each;
    EXPECT_EQ(name(*behaviorOf(each)), each);
  }
  for (const char* each :
       {"OK", "FAILED", "WRONG CODE", "UNCLEAN", "FAILED BY CLIENT", "INFORMATIONAL", "UNIMPLEMENTED"}) {
    ASSERT_TRUE(closeBehaviorOf(each)) << each;
    EXPECT_EQ(name(*closeBehaviorOf(each)), each);
  }
  EXPECT_EQ(name(Behavior::nonStrict), "NON-STRICT");
  EXPECT_EQ(name(CloseBehavior::failedByClient), "FAILED BY CLIENT");
  EXPECT_FALSE(behaviorOf("ok"));
  EXPECT_FALSE(closeBehaviorOf("NON-STRICT"));
}

TEST(Verdict, QuotesSoThatItCanBeReadInOneWay) {
  EXPECT_EQ(quote("Hello"), "'Hello'");
  EXPECT_EQ(quote(""), "''");
  EXPECT_EQ(quote("it's \\"), "'it\\'s \\\\'");
  EXPECT_EQ(quote("\xff\n"), "'\\xff\\n'");
}

TEST(Verdict, QuotesShorten) {
  EXPECT_EQ(quote("abcdef", 6), "'abcdef'");
  EXPECT_EQ(quote("abcdefg", 6), "'abcdef…'");
  EXPECT_LT(quote(std::string(1 << 20, '\xff')).size(), 80u);
}

TEST(Verdict, DescribesEvents) {
  EXPECT_EQ(describe(textMessage("Hello")), "text message of 5 bytes 'Hello'");
  EXPECT_EQ(describe(binaryMessage("\xfe")), "binary message of 1 byte '\\xfe'");
  EXPECT_EQ(describe(pongWith("")), "pong of 0 bytes");
  EXPECT_EQ(describe(std::vector<Event>()), "nothing");
  EXPECT_EQ(describe({textMessage("a"), pongWith("b")}), "text message of 1 byte 'a', pong of 1 byte 'b'");
}

TEST(Verdict, DescribesTheFirstOfMany) {
  const std::string text = describe(std::vector<Event>(1000, textMessage("x")));
  EXPECT_TRUE(text.ends_with(" and 990 more")) << text;
}

}  // namespace
}  // namespace wstest
