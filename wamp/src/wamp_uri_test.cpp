#include <gtest/gtest.h>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/uri.hpp>

#include <string>

namespace autobahn::wamp {
namespace {

struct Case {
  std::string_view uri;
  UriRule rule;
  Match match;
  bool isValid;
};

constexpr auto kLoose = UriRule::loose;
constexpr auto kStrict = UriRule::strict;

TEST(Uri, ComponentsFollowTheRule) {
  const Case cases[] = {
      {"com.myapp.topic1", kStrict, Match::exact, true},
      {"a", kStrict, Match::exact, true},
      {"com.myApp", kStrict, Match::exact, false},
      {"com.my-app", kStrict, Match::exact, false},
      {"com.my-App.Käse", kLoose, Match::exact, true},
      {"com.k\u00e4se", kStrict, Match::exact, false},
      {"com my", kLoose, Match::exact, false},
      {"com\tmy", kLoose, Match::exact, false},
      {"com.my#app", kLoose, Match::exact, false},
      {"com.\u2003x", kLoose, Match::exact, false},
      {"com.\u00a0x", kLoose, Match::exact, false},
      {"", kLoose, Match::exact, false},
      {".", kLoose, Match::exact, false},
      {"com.", kLoose, Match::exact, false},
      {".com", kLoose, Match::exact, false},
      {"com..x", kLoose, Match::exact, false},
      {"com.", kLoose, Match::prefix, true},
      {"com.ap", kStrict, Match::prefix, true},
      {"", kLoose, Match::prefix, true},
      {"com..x", kLoose, Match::prefix, false},
      {".com", kLoose, Match::prefix, false},
      {"com..x", kStrict, Match::wildcard, true},
      {"..", kLoose, Match::wildcard, true},
      {"", kLoose, Match::wildcard, true},
      {"com. .x", kLoose, Match::wildcard, false},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(isValidUri(each.uri, each.rule, each.match), each.isValid) << each.uri;
  }
}

TEST(Uri, ReservedOnesBeginWithTheComponentWamp) {
  EXPECT_TRUE(isReservedUri("wamp"));
  EXPECT_TRUE(isReservedUri(error::kNoSuchProcedure));
  EXPECT_FALSE(isReservedUri("wampy.x"));
  EXPECT_FALSE(isReservedUri("com.wamp"));
}

TEST(Uri, OwnUrisAreStrict) {
  EXPECT_TRUE(isValidUri(error::kOptionDisallowedDiscloseMe, kStrict));
  EXPECT_TRUE(isValidUri(close::kGoodbyeAndOut, kStrict));
}

TEST(CustomAttribute, Names) {
  for (const char* each : {"x_", "x_a", "x_cb_1", "_abc", "_a_1"})
    EXPECT_TRUE(isCustomAttribute(each)) << each;
  for (const char* each : {"", "x", "x-a", "x_A", "_ab", "_", "__", "_abC", "a_x", "timeout"}) {
    EXPECT_FALSE(isCustomAttribute(each)) << each;
  }
}

}  // namespace
}  // namespace autobahn::wamp
