// How results count, for exit codes, JUnit, TAP, the summary and comparisons.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "report/outcome.hpp"
#include "report/testing.hpp"
#include "wire/utf8.hpp"

namespace wstest {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string required() { return idOf(Strictness::required); }
std::string recommended() { return idOf(Strictness::recommended); }
std::string informational() { return idOf(Strictness::informational); }

TEST(Weight, TableOfVerdictsAndStrictness) {
  struct Row {
    Behavior behavior;
    CloseBehavior behaviorClose;
    Weight required, recommended;
  };
  using enum Weight;
  const Row rows[] = {
      {Behavior::ok, CloseBehavior::ok, good, good},
      {Behavior::informational, CloseBehavior::informational, good, good},
      {Behavior::unimplemented, CloseBehavior::unimplemented, good, good},
      {Behavior::nonStrict, CloseBehavior::ok, Weight::nonStrict, Weight::nonStrict},
      {Behavior::ok, CloseBehavior::failedByClient, Weight::nonStrict, Weight::nonStrict},
      {Behavior::failed, CloseBehavior::ok, requiredFailure, recommendedFailure},
      {Behavior::ok, CloseBehavior::failed, requiredFailure, recommendedFailure},
      {Behavior::ok, CloseBehavior::wrongCode, requiredFailure, recommendedFailure},
      {Behavior::nonStrict, CloseBehavior::unclean, requiredFailure, recommendedFailure},
  };
  for (const Row& row : rows) {
    const std::string what = std::string(name(row.behavior)) + ", " + std::string(name(row.behaviorClose));
    EXPECT_EQ(weigh(row.behavior, row.behaviorClose, Strictness::required), row.required) << what;
    EXPECT_EQ(weigh(row.behavior, row.behaviorClose, Strictness::recommended), row.recommended) << what;
    EXPECT_EQ(weigh(row.behavior, row.behaviorClose, Strictness::informational), good) << what;
  }
}

TEST(Weight, LooksTheCaseUp) {
  EXPECT_EQ(weigh(resultOf("A", required(), Behavior::failed)), Weight::requiredFailure);
  EXPECT_EQ(weigh(resultOf("A", recommended(), Behavior::failed)), Weight::recommendedFailure);
  EXPECT_EQ(weigh(resultOf("A", informational(), Behavior::failed)), Weight::good);
}

TEST(Summary, ExitCodeByTheWorst) {
  struct Row {
    Weight worst;
    int required, recommended, nonStrict;
  };
  for (const Row& row : {Row{Weight::good, 0, 0, 0}, Row{Weight::nonStrict, 0, 0, 1},
                         Row{Weight::recommendedFailure, 0, 1, 1}, Row{Weight::requiredFailure, 1, 1, 1}}) {
    Summary summary;
    summary.worst = row.worst;
    EXPECT_EQ(summary.exitCode(FailOn::required), row.required);
    EXPECT_EQ(summary.exitCode(FailOn::recommended), row.recommended);
    EXPECT_EQ(summary.exitCode(FailOn::nonStrict), row.nonStrict);
    EXPECT_EQ(summary.exitCode(FailOn::never), 0);
  }
}

TEST(Summary, Counts) {
  const auto agents = agentsOf({resultOf("A", "1.1.1"), resultOf("A", "1.1.2", Behavior::nonStrict),
                                resultOf("B", "1.1.1", Behavior::ok, CloseBehavior::wrongCode),
                                resultOf("B", "1.1.2", Behavior::unimplemented, CloseBehavior::unimplemented),
                                resultOf("B", informational(), Behavior::failed)});
  const Summary summary = summarize(agents);
  EXPECT_EQ(summary.cases, 5u);
  EXPECT_EQ(summary.ok, 1u);
  EXPECT_EQ(summary.nonStrict, 1u);
  EXPECT_EQ(summary.failed, 1u);
  EXPECT_EQ(summary.unimplemented, 1u);
  EXPECT_EQ(summary.informational, 1u);
  EXPECT_EQ(summary.worst, Weight::requiredFailure);
}

TEST(Summary, IsPrinted) {
  std::ostringstream out;
  printSummary(out, agentsOf({resultOf("A", "1.1.1"), resultOf("A", "1.1.2", Behavior::failed),
                              resultOf("A", "1.1.3", Behavior::failed),
                              resultOf("A", "1.1.4", Behavior::ok, CloseBehavior::unclean)}));
  EXPECT_EQ(out.str(),
            "A: 4 cases: 1 OK, 3 FAILED (00:00 of cases)\n"
            "  1.1.2    and 1 more FAILED: because\n"
            "  1.1.4    closing: UNCLEAN: closing because\n");
}

TEST(Summary, HostileTextDoesNothingToATerminal) {
  std::ostringstream out;
  printSummary(out, agentsOf({hostileResult(required())}));
  EXPECT_TRUE(isUtf8(out.str()));
  EXPECT_THAT(out.str(), Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::ranges::count(out.str(), '\n'), 2);
}

TEST(Compare, SaysWhatChanged) {
  const Index before = {{"A",
                         {{parseCaseId("6.4.1"), {"OK", "OK"}},
                          {parseCaseId("6.4.2"), {"NON-STRICT", "OK"}},
                          {parseCaseId("6.4.3"), {"OK", "OK"}}}},
                        {"Old", {{parseCaseId("1.1.1"), {"OK", "OK"}}}}};
  const auto now = agentsOf({resultOf("A", "6.4.1", Behavior::failed, CloseBehavior::wrongCode),
                             resultOf("A", "6.4.2", Behavior::nonStrict), resultOf("A", "14.1.1"),
                             resultOf("New", "1.1.1")});
  EXPECT_THAT(compare(before, now),
              ElementsAre("A 6.4.1: OK → FAILED", "A 6.4.1 closing: OK → WRONG CODE", "A: 1 new: 14.1.1 OK",
                          "A: 1 gone: 6.4.3", "New: new", "Old: gone"));
}

TEST(Compare, NothingChanged) {
  const Index before = {{"A", {{parseCaseId("6.4.1"), {"OK", "OK"}}}}};
  EXPECT_THAT(compare(before, agentsOf({resultOf("A", "6.4.1")})), ElementsAre());
}

TEST(Junit, OneSuitePerAgentAndGroup) {
  TemporaryFolder folder;
  writeJunit(agentsOf({resultOf("Agent/1.0", "1.1.1"), resultOf("Agent/1.0", "2.1", Behavior::failed),
                       resultOf("Agent/1.0", "2.2", Behavior::unimplemented, CloseBehavior::unimplemented),
                       resultOf("Agent/1.0", "2.3", Behavior::nonStrict)}),
             folder.file("junit.xml"));
  const std::string xml = folder.read("junit.xml");
  EXPECT_THAT(xml,
              HasSubstr("<testsuites name=\"wstest\" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"1\" "
                        "time=\"0.048\">"));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"Agent/1.0: 1 "));
  EXPECT_THAT(xml, HasSubstr("classname=\"Agent/1_0.2 "));
  EXPECT_THAT(xml, HasSubstr("<failure type=\"FAILED\" message=\"FAILED: because\">"));
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"unimplemented: because\"/>"));
  EXPECT_THAT(xml, HasSubstr("<system-out>NON-STRICT (required): because</system-out>"));
}

TEST(Junit, RecommendedFailuresDoNotFail) {
  TemporaryFolder folder;
  writeJunit(agentsOf({resultOf("A", recommended(), Behavior::failed)}), folder.file("junit.xml"));
  const std::string xml = folder.read("junit.xml");
  EXPECT_THAT(xml, HasSubstr("failures=\"0\""));
  EXPECT_THAT(xml, Not(HasSubstr("<failure")));
  EXPECT_THAT(xml, HasSubstr("<system-out>FAILED (recommended): because</system-out>"));
}

TEST(Junit, HostileTextIsEscaped) {
  TemporaryFolder folder;
  writeJunit(agentsOf({hostileResult(required())}), folder.file("junit.xml"));
  const std::string xml = folder.read("junit.xml");
  EXPECT_TRUE(isUtf8(xml));
  // XML 1.0, 2.2: no control characters, no U+FFFE.
  EXPECT_TRUE(std::ranges::none_of(xml, [](char each) { return each >= 0 && each < 0x20 && each != '\n'; }));
  EXPECT_THAT(xml, Not(HasSubstr("\xef\xbf\xbe")));
  EXPECT_THAT(xml, Not(HasSubstr("<script")));
  EXPECT_THAT(xml, Not(HasSubstr("]]>")));
  EXPECT_THAT(xml, HasSubstr("&amp;amp;&quot;"));
}

TEST(Tap, DirectivesForWhatIsNotRequired) {
  TemporaryFolder folder;
  writeTap(
      agentsOf({resultOf("A", "1.1.1"), resultOf("A", "1.1.2", Behavior::failed),
                resultOf("A", "1.1.3", Behavior::unimplemented, CloseBehavior::ok),
                resultOf("A", "1.1.4", Behavior::nonStrict), resultOf("B", recommended(), Behavior::failed)}),
      folder.file("out.tap"));
  std::istringstream lines(folder.read("out.tap"));
  std::vector<std::string> tests;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(" ")) tests.push_back(line);
  }
  ASSERT_EQ(tests.size(), 7u);
  EXPECT_EQ(tests[0], "TAP version 13");
  EXPECT_EQ(tests[1], "1..5");
  EXPECT_THAT(tests[2], ::testing::StartsWith("ok 1 - A 1.1.1"));
  EXPECT_THAT(tests[3], ::testing::StartsWith("not ok 2 - A 1.1.2"));
  EXPECT_THAT(tests[3], Not(HasSubstr("#")));
  EXPECT_THAT(tests[4], ::testing::StartsWith("ok 3 - "));
  EXPECT_THAT(tests[4], HasSubstr(" # SKIP unimplemented: because"));
  EXPECT_THAT(tests[5], ::testing::StartsWith("not ok 4 - "));
  EXPECT_THAT(tests[5], HasSubstr(" # TODO non-strict: because"));
  EXPECT_THAT(tests[6], HasSubstr(" # TODO recommended: because"));
}

TEST(Tap, HostileTextMakesNoDirectivesAndNoLines) {
  TemporaryFolder folder;
  auto result = resultOf("x # SKIP\nok 2", required(), Behavior::failed, CloseBehavior::ok, kHostile);
  writeTap(agentsOf({result}), folder.file("out.tap"));
  const std::string text = folder.read("out.tap");
  EXPECT_THAT(text, HasSubstr("\nnot ok 1 - x \\# SKIP\\\\nok 2 "));
  EXPECT_THAT(text, Not(HasSubstr("\nok 2")));
  EXPECT_TRUE(isUtf8(text));
}

}  // namespace
}  // namespace wstest
