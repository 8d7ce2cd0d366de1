#include "uri_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace autobahn::wamp::router {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Map = UriMap<std::string>;

std::vector<std::string> matches(Map& map, std::string_view uri) {
  std::vector<std::string> found;
  map.forEachMatch(uri, [&found](const std::string& each) {
    found.push_back(each);
    return true;
  });
  return found;
}

void put(Map& map, std::string_view uri, Match match) {
  map.insert(uri, match, std::string(uri) + (match == Match::prefix ? "*" : ""));
}

TEST(UriMap, MatchesExactUrisOnly) {
  Map map;
  put(map, "com.app", Match::exact);
  EXPECT_THAT(matches(map, "com.app"), ElementsAre("com.app"));
  EXPECT_THAT(matches(map, "com.apple"), IsEmpty());
  EXPECT_THAT(matches(map, "com"), IsEmpty());
}

TEST(UriMap, MatchesPrefixesByStringLongestFirst) {
  Map map;
  for (const char* each : {"com.app", "com.", "com.application", ""}) put(map, each, Match::prefix);
  EXPECT_THAT(matches(map, "com.apple"), ElementsAre("com.app*", "com.*", "*"));
  EXPECT_THAT(matches(map, "com.app"), ElementsAre("com.app*", "com.*", "*"));
  EXPECT_THAT(matches(map, "com.ap"), ElementsAre("com.*", "*"));
  EXPECT_THAT(matches(map, "co"), ElementsAre("*"));
  EXPECT_THAT(matches(map, "com.applications"), ElementsAre("com.application*", "com.app*", "com.*", "*"));
}

TEST(UriMap, MatchesWildcardsByComponent) {
  Map map;
  for (const char* each : {"com..update", "com.app.", ".", ""}) put(map, each, Match::wildcard);
  EXPECT_THAT(matches(map, "com.app.update"), ElementsAre("com.app.", "com..update"));
  EXPECT_THAT(matches(map, "com.app.update.now"), IsEmpty());
  EXPECT_THAT(matches(map, "com.app"), ElementsAre("."));
  EXPECT_THAT(matches(map, "com"), ElementsAre(""));
}

// Advanced profile, pattern-based registration: the longer part before the first wildcard wins, then before
// the second, and so on.
TEST(UriMap, WildcardsTakePrecedenceByTheLengthOfTheirParts) {
  Map map;
  for (const char* each : {"a...d", "a.b..", "a..c.", "a.b..d", ".b.c.d", "a..c.d"}) {
    put(map, each, Match::wildcard);
  }
  EXPECT_THAT(matches(map, "a.b.c.d"), ElementsAre("a.b..d", "a.b..", "a..c.d", "a..c.", "a...d", ".b.c.d"));
}

TEST(UriMap, ExactTakesPrecedenceOverPrefixOverWildcard) {
  Map map;
  put(map, "a.b.c", Match::exact);
  put(map, "a.b", Match::prefix);
  put(map, "a.b.", Match::wildcard);
  EXPECT_THAT(matches(map, "a.b.c"), ElementsAre("a.b.c", "a.b*", "a.b."));
  EXPECT_EQ(*map.best("a.b.c"), "a.b.c");
  map.erase("a.b.c", Match::exact);
  EXPECT_EQ(*map.best("a.b.c"), "a.b*");
  map.erase("a.b", Match::prefix);
  EXPECT_EQ(*map.best("a.b.c"), "a.b.");
  map.erase("a.b.", Match::wildcard);
  EXPECT_EQ(map.best("a.b.c"), nullptr);
}

TEST(UriMap, FindsAndErasesByPolicy) {
  Map map;
  for (const Match match : {Match::exact, Match::prefix, Match::wildcard}) {
    put(map, "a.b", match);
    EXPECT_NE(map.find("a.b", match), nullptr);
    EXPECT_EQ(map.find("a.", match), nullptr);
    EXPECT_EQ(map.find("a.b.c", match), nullptr);
  }
  EXPECT_EQ(map.size(), 3u);
  map.erase("a", Match::prefix);  // not there: nothing happens
  map.erase("a.bc", Match::prefix);
  map.erase("a.c", Match::wildcard);
  EXPECT_EQ(map.size(), 3u);
  for (const Match match : {Match::exact, Match::prefix, Match::wildcard}) map.erase("a.b", match);
  EXPECT_EQ(map.size(), 0u);
  EXPECT_EQ(map.nodeCount(), 0u);
}

TEST(UriMap, ValuesStayWhereTheyAre) {
  Map map;
  for (const Match match : {Match::exact, Match::prefix, Match::wildcard}) {
    const std::string* before = &map.insert("x.abc", match, "kept");
    for (int i = 0; i < 100; ++i) map.insert("x.a" + std::to_string(i), match, "other");
    map.insert("x.ab", match, "shorter");
    EXPECT_EQ(map.find("x.abc", match), before);
    map.erase("x.ab", match);
    EXPECT_EQ(map.find("x.abc", match), before);
  }
}

// 60,000 unrelated entries do not make a look-up visit more.
TEST(UriMap, UnrelatedEntriesCostNothing) {
  const auto visits = [](Map& map) {
    const std::size_t before = map.visited();
    EXPECT_EQ(matches(map, "com.app.user.17.update").size(), 2u);
    return map.visited() - before;
  };
  Map map;
  put(map, "com.app.", Match::prefix);
  put(map, "com.app.user..update", Match::wildcard);
  const std::size_t few = visits(map);
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = std::to_string(i);
    put(map, "com.app.user" + number, Match::prefix);
    put(map, "com.app.user." + number + ".delete.", Match::wildcard);
    put(map, "com..user." + number, Match::wildcard);
  }
  // A radix tree may gain a branching point per character of the URI, the wildcards one per component.
  EXPECT_LE(visits(map), few + 12);
}

bool fits(std::string_view pattern, Match match, std::string_view uri) {
  if (match == Match::exact) return pattern == uri;
  if (match == Match::prefix) return uri.starts_with(pattern);
  std::vector<std::string> parts[2];
  for (int i = 0; i < 2; ++i) {
    std::string part;
    for (const char c : i == 0 ? pattern : uri) {
      if (c == '.') {
        parts[i].push_back(std::exchange(part, {}));
      } else {
        part += c;
      }
    }
    parts[i].push_back(part);
  }
  return std::ranges::equal(parts[0], parts[1], [](const std::string& wanted, const std::string& is) {
    return wanted.empty() || wanted == is;
  });
}

TEST(UriMap, AgreesWithComparingEachPattern) {
  std::mt19937 random(7);
  const auto pick = [&random](int count) {
    return static_cast<int>(random() % static_cast<unsigned>(count));
  };
  const auto makeUri = [&pick](bool isPattern) {
    std::string uri;
    for (int parts = 1 + pick(4); parts > 0; --parts) {
      if (!isPattern || pick(3) != 0)
        uri += std::string(static_cast<std::size_t>(1 + pick(2)), "ab"[pick(2)]);
      if (parts > 1) uri += '.';
    }
    return uri;
  };
  Map map;
  std::map<std::pair<std::string, Match>, std::string> model;
  for (int step = 0; step < 4'000; ++step) {
    const auto match = static_cast<Match>(pick(3));
    const std::string uri = makeUri(match != Match::exact);
    if (pick(2) == 0) {
      if (model.emplace(std::pair(uri, match), uri).second) map.insert(uri, match, uri);
    } else {
      model.erase({uri, match});
      map.erase(uri, match);
    }
    if (step % 8 != 0) continue;
    const std::string looked = makeUri(false);
    std::vector<std::string> expected;
    for (const auto& entry : model) {
      if (fits(entry.first.first, entry.first.second, looked)) expected.push_back(entry.second);
    }
    std::vector<std::string> found = matches(map, looked);
    std::ranges::sort(expected);
    std::ranges::sort(found);
    ASSERT_EQ(found, expected) << looked;
  }
  EXPECT_EQ(map.size(), model.size());
  for (const auto& entry : model) map.erase(entry.first.first, entry.first.second);
  EXPECT_EQ(map.nodeCount(), 0u);
}

// A known answer (the reference implementation's vectors are for SipHash-2-4, so this guards against change
// only), and keys that matter.
TEST(KeyedHash, DependsOnKeyAndText) {
  const KeyedHash one({1, 2});
  const KeyedHash other({1, 3});
  for (const char* text : {"", "a", "com.app", "com.app.1", "com.app.12345678"}) {
    EXPECT_EQ(one(text), one(std::string(text)));
    EXPECT_NE(one(text), other(text));
    EXPECT_NE(one(text), one(std::string(text) + '\0'));
  }
}

}  // namespace
}  // namespace autobahn::wamp::router
