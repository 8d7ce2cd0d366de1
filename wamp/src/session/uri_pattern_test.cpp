#include <autobahn/wamp/uri_pattern.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace autobahn::wamp {
namespace {

TEST(UriPattern, SaysWhatToRegister) {
  struct Case {
    const char* pattern;
    const char* uri;
    Match match;
  };
  const Case cases[] = {
      {"com.myapp.add", "com.myapp.add", Match::exact},
      {"com.app.user.<id:int>.update", "com.app.user..update", Match::wildcard},
      {"<app>.user", ".user", Match::wildcard},
      {"com.app.<name:str>", "com.app.", Match::wildcard},
      {"com.app.<rest:suffix>", "com.app.", Match::prefix},
  };
  for (const Case& each : cases) {
    const UriPattern pattern(each.pattern);
    EXPECT_EQ(pattern.uri(), each.uri);
    EXPECT_EQ(pattern.match(), each.match) << each.pattern;
  }
}

TEST(UriPattern, FindsTheValues) {
  struct Case {
    const char* pattern;
    const char* uri;
    std::optional<List> values;
  };
  const Case cases[] = {
      {"com.user.<id:int>.update", "com.user.7.update", List{7}},
      {"com.user.<id:int>.update", "com.user.-7.update", List{-7}},
      {"com.user.<id:int>.update", "com.user.x.update", std::nullopt},
      {"com.user.<id:int>.update", "com.user.7", std::nullopt},
      {"com.user.<id:int>.update", "com.user.7.update.more", std::nullopt},
      {"com.user.<id:int>.update", "com.user.99999999999999999999.update", std::nullopt},
      {"com.<a>.<b>", "com.x.y", List{"x", "y"}},
      {"com.<rest:suffix>", "com.x.y", List{"x.y"}},
      {"com.myapp", "com.myapp", List{}},
      {"com.myapp", "com.other", std::nullopt},
  };
  for (const Case& each : cases)
    EXPECT_EQ(UriPattern(each.pattern).valuesIn(each.uri), each.values) << each.uri;
}

TEST(UriPattern, RefusesWhatIsNone) {
  for (const char* pattern : {"com.<>", "com.<A>", "com.<a:float>", "com.<a", "com.a>", "com.<a:suffix>.b",
                              "com.<a>.<b:suffix>", "com..a", "com.a b", ""}) {
    EXPECT_THROW(UriPattern{pattern}, std::invalid_argument) << pattern;
  }
}

}  // namespace
}  // namespace autobahn::wamp
