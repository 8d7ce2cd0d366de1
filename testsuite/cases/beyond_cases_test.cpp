// Groups 14 to 19 as a catalogue. What they find is shown by selftest/.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cases/beyond.hpp"

namespace wstest {
namespace {

const Catalog& beyond() {
  static const Catalog all = [] {
    Catalog made;
    for (const auto add : {addServerHandshake, addClientHandshake, addDeflateNegotiation, addResources,
                           addTcpClosing, addTls}) {
      add(made);
    }
    return made;
  }();
  return all;
}

TEST(BeyondCases, HaveIdsOnce) {
  std::set<CaseId> seen;
  for (const Case& each : beyond().cases) {
    EXPECT_TRUE(seen.insert(each.id).second) << each.id.text();
    EXPECT_EQ(each.id.numbers.size(), 3U) << each.id.text();
  }
}

TEST(BeyondCases, AreNumberedWithoutGaps) {
  std::map<CaseId, int> last;
  for (const Case& each : beyond().cases) {
    const CaseId group{{each.id.numbers[0], each.id.numbers[1]}};
    EXPECT_EQ(each.id.numbers[2], ++last[group]) << each.id.text();
  }
}

TEST(BeyondCases, BelongToAGroupWithATitle) {
  std::set<CaseId> titled;
  for (const Group& each : beyond().groups) {
    EXPECT_FALSE(each.title.empty()) << each.id.text();
    EXPECT_TRUE(titled.insert(each.id).second) << each.id.text();
  }
  for (const Case& each : beyond().cases) {
    EXPECT_TRUE(titled.contains(CaseId{{each.id.numbers[0]}})) << each.id.text();
    EXPECT_TRUE(titled.contains(CaseId{{each.id.numbers[0], each.id.numbers[1]}})) << each.id.text();
  }
}

TEST(BeyondCases, SayWhatTheyDoAndWhere) {
  for (const Case& each : beyond().cases) {
    EXPECT_FALSE(each.description.empty()) << each.id.text();
    EXPECT_TRUE(each.description.ends_with('.') || each.description.ends_with('?') ||
                each.description.ends_with(')'))
        << each.id.text() << ": " << each.description;
    EXPECT_TRUE(each.expectation.ends_with('.')) << each.id.text() << ": " << each.expectation;
    EXPECT_TRUE(each.section.starts_with("RFC ")) << each.id.text() << ": " << each.section;
    EXPECT_NE(each.section.find(", "), std::string::npos) << each.id.text() << " names no section";
    EXPECT_TRUE(each.run) << each.id.text();
  }
}

TEST(BeyondCases, AreForThoseWhomTheyConcern) {
  for (const Case& each : beyond().cases) {
    const int group = each.id.group();
    if (group == 14) {
      EXPECT_EQ(each.tests, Tests::servers) << each.id.text();
    }
    if (group == 15) {
      EXPECT_EQ(each.tests, Tests::clients) << each.id.text();
    }
    EXPECT_EQ(each.needsTls, group == 19) << each.id.text();
    if (each.opening == Opening::tcp) {
      EXPECT_EQ(each.tests, Tests::servers) << each.id.text();
    }
    if (each.presents != Presents::rightCertificate) {
      EXPECT_EQ(each.tests, Tests::clients) << each.id.text();
    }
    if (!each.deflate.empty()) {
      EXPECT_EQ(group, 16) << each.id.text();
    }
  }
}

TEST(BeyondCases, AreEnough) {
  std::map<int, int> counts;
  for (const Case& each : beyond().cases) ++counts[each.id.group()];
  for (const auto& [group, least] :
       std::map<int, int>{{14, 90}, {15, 60}, {16, 90}, {17, 20}, {18, 15}, {19, 15}}) {
    EXPECT_GE(counts[group], least) << group;
  }
}

TEST(BentHeads, ChangeInOnePlace) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nX: 1\r\n\r\n";
  EXPECT_EQ(withStartLine(head, "PUT / HTTP/1.1"), "PUT / HTTP/1.1\r\nHost: a\r\nHost: b\r\nX: 1\r\n\r\n");
  EXPECT_EQ(withHeader(head, "Host", "c"), "GET / HTTP/1.1\r\nHost: c\r\nX: 1\r\n\r\n");
  EXPECT_EQ(withHeader(head, "Y", "2"), "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nX: 1\r\nY: 2\r\n\r\n");
  EXPECT_EQ(withoutHeader(head, "Host"), "GET / HTTP/1.1\r\nX: 1\r\n\r\n");
  EXPECT_EQ(withLine(head, "odd"), "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nX: 1\r\nodd\r\n\r\n");
  EXPECT_EQ(withFirstLine(head, "odd"), "GET / HTTP/1.1\r\nodd\r\nHost: a\r\nHost: b\r\nX: 1\r\n\r\n");
  EXPECT_EQ(replaced("a-b-c", "-", "--"), "a--b--c");
}

TEST(Tokens, AreVisibleAsciiWithoutDelimiters) {
  for (const char* token : {"a", "X-Wstest", "!#$%&'*+-.^_`|~09AZaz"}) EXPECT_TRUE(isToken(token)) << token;
  for (const char* none :
       {"",    "a b",   "a\tb", "a\x01", "a\x7F", "gr\xC3\xBC", "a\r", "(a)", "a/b", "a:b",
        "a@b", "\"a\"", "a=b",  "[a]",   "{a}",   "a\\b",       "a,b", "a;b", "<a>", "a?"}) {
    EXPECT_FALSE(isToken(none)) << none;
  }
}

TEST(Letters, RepeatAfterTheirPeriod) {
  const std::string text = letters(100, 1000);
  ASSERT_EQ(text.size(), 1000U);
  EXPECT_EQ(text.substr(0, 900), text.substr(100));
  EXPECT_NE(text.substr(0, 50), text.substr(50, 50));
}

}  // namespace
}  // namespace wstest
