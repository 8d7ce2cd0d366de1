// The catalogue: IDs, patterns and the selection of cases.
#include "cases/case.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace wstest {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> selected(const std::vector<std::string>& patterns,
                                  const std::vector<std::string>& exclude = {},
                                  Tests tested = Tests::servers) {
  std::vector<std::string> ids;
  for (const Case* each : selectCases(patterns, exclude, tested)) ids.push_back(each->id.text());
  return ids;
}

TEST(CaseIds, AreReadAndWritten) {
  EXPECT_EQ(parseCaseId("6.4.1").numbers, (std::vector<int>{6, 4, 1}));
  EXPECT_EQ(parseCaseId("12").text(), "12");
  EXPECT_EQ(parseCaseId("12.3").group(), 12);
  for (const char* text : {"", ".", "6.", ".6", "6..4", "6.4.x", "x", "-1", "6.-4", " 6", "6 ", "+6",
                           "99999999999999999999", "6.4.1 "}) {
    EXPECT_THROW(parseCaseId(text), std::invalid_argument) << text;
  }
}

TEST(CaseIds, AreComparedNumberByNumber) {
  EXPECT_LT(parseCaseId("2.9"), parseCaseId("2.10"));
  EXPECT_LT(parseCaseId("9.8.6"), parseCaseId("10.1.1"));
  EXPECT_LT(parseCaseId("6"), parseCaseId("6.1"));
}

TEST(Patterns, MatchTheWholeText) {
  struct Row {
    const char* pattern;
    const char* text;
    bool isMatch;
  };
  for (const auto& [pattern, text, isMatch] : std::vector<Row>{
           {"6.4.1", "6.4.1", true},
           {"6.4.1", "6.4.10", false},
           {"6.4", "6.4.1", false},
           {"*", "6.4.1", true},
           {"*", "", true},
           {"", "", true},
           {"", "6", false},
           {"6.*", "6.4.1", true},
           {"6.*", "16.4.1", false},
           {"6.*", "6", false},
           {"7.7.1*", "7.7.1", true},
           {"7.7.1*", "7.7.13", true},
           {"7.7.1*", "7.7.2", false},
           {"*.1", "6.4.1", true},
           {"*.1", "6.4.11", false},
           {"*.1.*", "7.1.6", true},
           {"*.1.*", "7.3.1", false},
           {"1*1", "1", false},
           {"1*1", "11", true},
           {"1**1", "1.2.1", true},
           {"6?4", "6.4", false},
       }) {
    EXPECT_EQ(matchesPattern(pattern, text), isMatch) << pattern << " on " << text;
  }
}

TEST(Patterns, MayHaveManyStars) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += '*';
  EXPECT_TRUE(matchesPattern(pattern, "13.7.18"));
  EXPECT_FALSE(matchesPattern(pattern + "x", "13.7.18"));
}

TEST(Selection, IsInOrderAndWithoutDoubles) {
  EXPECT_THAT(selected({"2.10", "2.9", "1.1.1", "2.10", "2.1*"}),
              ElementsAre("1.1.1", "2.1", "2.9", "2.10", "2.11"));
}

TEST(Selection, LeavesOutWhatIsExcluded) {
  EXPECT_THAT(selected({"3.*"}, {"3.2", "3.4*", "1.*", "3.7"}), ElementsAre("3.1", "3.3", "3.5", "3.6"));
}

TEST(Selection, IsOfCasesForThoseWhoAreTested) {
  EXPECT_THROW(selected({"15.*"}), std::invalid_argument);
  EXPECT_THROW(selected({"14.*"}, {}, Tests::clients), std::invalid_argument);
  EXPECT_THAT(selected({"14.1.1", "15.3.1"}), ElementsAre("14.1.1"));
  EXPECT_THAT(selected({"14.1.1", "15.3.1"}, {}, Tests::clients), ElementsAre("15.3.1"));
  // Excluding what is for others anyhow is no mistake.
  EXPECT_THAT(selected({"3.1"}, {"15.*"}), ElementsAre("3.1"));
}

TEST(Selection, NamesThePatternThatMatchesNothing) {
  const auto messageOf = [](const std::vector<std::string>& patterns,
                            const std::vector<std::string>& exclude) -> std::string {
    try {
      selectCases(patterns, exclude, Tests::servers);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(messageOf({"1.*", "8.*"}, {}), "no case matches '8.*' (wstest --list shows all)");
  EXPECT_EQ(messageOf({"1.*"}, {"1.3.*"}), "no case matches '1.3.*' (wstest --list shows all)");
  EXPECT_EQ(messageOf({"1.*"}, {"*"}), "no cases are left to run");
  EXPECT_EQ(messageOf({}, {}), "no cases are left to run");
}

TEST(Catalogue, HasTheClassicCases) {
  std::map<int, int> counts;
  for (const Case& each : allCases()) ++counts[each.id.group()];
  const std::map<int, int> classic = {{1, 16}, {2, 11}, {3, 7},  {4, 10},  {5, 20},  {6, 145},
                                      {7, 37}, {9, 54}, {10, 1}, {12, 90}, {13, 126}};
  for (const auto& [group, count] : classic) EXPECT_EQ(counts[group], count) << group;
  EXPECT_FALSE(counts.contains(8) || counts.contains(11)) << "they never existed";
}

TEST(Catalogue, IsSortedAndFindsEachOnce) {
  EXPECT_TRUE(std::ranges::is_sorted(allCases(), {}, &Case::id));
  EXPECT_TRUE(std::ranges::is_sorted(allGroups(), {}, &Group::id));
  for (const Case& each : allCases()) EXPECT_EQ(findCase(each.id), &each) << each.id.text();
  EXPECT_EQ(findCase(parseCaseId("6.4")), nullptr);
  EXPECT_EQ(findCase(parseCaseId("99.1.1")), nullptr);
}

}  // namespace
}  // namespace wstest
