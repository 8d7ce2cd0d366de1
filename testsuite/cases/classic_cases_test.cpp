// The classic groups as they stand in the catalogue: what the network does with them is for the self-tests.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cases/classic.hpp"

namespace wstest {
namespace {

const Catalog& classics() {
  static const Catalog all = [] {
    Catalog made;
    for (const auto add : {addFraming, addPings, addReservedBits, addOpcodes, addFragmentation, addUtf8,
                           addClosing, addAutoFragmentation}) {
      add(made);
    }
    return made;
  }();
  return all;
}

/// How many cases there are below each ID: of "6.4.1" below "6" and "6.4".
std::map<std::string, int> counts() {
  std::map<std::string, int> made;
  for (const Case& each : classics().cases) {
    CaseId above = each.id;
    for (above.numbers.pop_back(); !above.numbers.empty(); above.numbers.pop_back()) ++made[above.text()];
  }
  return made;
}

const Case& caseOf(std::string_view id) {
  const auto found = std::ranges::find(classics().cases, parseCaseId(id), &Case::id);
  if (found == classics().cases.end()) throw std::out_of_range("there is no case " + std::string(id));
  return *found;
}

bool isSaid(std::string_view id, std::string_view part) {
  return caseOf(id).description.find(part) != std::string::npos;
}

const Utf8Group& sequencesOf(int number) {
  static const std::vector<Utf8Group> groups = utf8Groups();
  return *std::ranges::find(groups, number, &Utf8Group::number);
}

TEST(ClassicCases, AreAsManyAsInTheOriginal) {
  const std::map<std::string, int> expected = {
      {"1", 16},   {"1.1", 8},  {"1.2", 8},   {"2", 11},    {"3", 7},    {"4", 10},   {"4.1", 5},
      {"4.2", 5},  {"5", 20},   {"6", 145},   {"6.1", 3},   {"6.2", 4},  {"6.3", 2},  {"6.4", 4},
      {"6.5", 5},  {"6.6", 11}, {"6.7", 4},   {"6.8", 2},   {"6.9", 4},  {"6.10", 3}, {"6.11", 5},
      {"6.12", 8}, {"6.13", 5}, {"6.14", 10}, {"6.15", 1},  {"6.16", 3}, {"6.17", 5}, {"6.18", 5},
      {"6.19", 5}, {"6.20", 7}, {"6.21", 8},  {"6.22", 34}, {"6.23", 7}, {"7", 37},   {"7.1", 6},
      {"7.3", 6},  {"7.5", 1},  {"7.7", 13},  {"7.9", 9},   {"7.13", 2}, {"10", 1},   {"10.1", 1}};
  EXPECT_EQ(counts(), expected);
}

TEST(ClassicCases, AreNumberedWithoutGapsAndOnce) {
  std::set<CaseId> ids;
  std::map<std::vector<int>, int> last;
  for (const Case& each : classics().cases) {
    EXPECT_TRUE(ids.insert(each.id).second) << each.id.text();
    const std::vector<int> above(each.id.numbers.begin(), each.id.numbers.end() - 1);
    EXPECT_EQ(each.id.numbers.back(), ++last[above]) << each.id.text();
  }
}

TEST(ClassicCases, HaveAllTexts) {
  for (const Case& each : classics().cases) {
    SCOPED_TRACE(each.id.text());
    EXPECT_TRUE(each.description.ends_with(".")) << each.description;
    EXPECT_TRUE(each.expectation.ends_with(".") || each.expectation.ends_with(".)")) << each.expectation;
    EXPECT_TRUE(each.section.starts_with("RFC 6455, ")) << each.section;
    EXPECT_TRUE(each.run);
    EXPECT_EQ(printable(each.description), each.description);
  }
}

TEST(ClassicCases, HaveTitlesForTheirGroups) {
  std::set<std::string> titled;
  for (const Group& each : classics().groups) {
    EXPECT_FALSE(each.title.empty()) << each.id.text();
    EXPECT_TRUE(titled.insert(each.id.text()).second) << each.id.text();
  }
  for (const auto& [id, count] : counts()) EXPECT_TRUE(titled.contains(id)) << id;
}

TEST(ClassicCases, AreRequiredOfEverybodyButForFive) {
  // RFC 6455, 5.5.3 allows to answer the latest of many Pings only.
  const std::map<std::string, Strictness> others = {{"2.10", Strictness::recommended},
                                                    {"2.11", Strictness::recommended},
                                                    {"7.1.6", Strictness::informational},
                                                    {"7.13.1", Strictness::informational},
                                                    {"7.13.2", Strictness::informational}};
  for (const Case& each : classics().cases) {
    const auto other = others.find(each.id.text());
    EXPECT_EQ(each.strictness, other == others.end() ? Strictness::required : other->second)
        << each.id.text();
    EXPECT_EQ(each.tests, Tests::both) << each.id.text();
    EXPECT_EQ(each.opening, Opening::done) << each.id.text();
    EXPECT_TRUE(each.isInQuick && each.deflate.empty()) << each.id.text();
  }
}

TEST(ClassicCases, SayWhatTheySend) {
  EXPECT_TRUE(isSaid("1.1.6", " 65535 bytes"));
  EXPECT_TRUE(isSaid("1.2.8", "binary message of 65536 bytes, written in pieces of 997 bytes"));
  EXPECT_TRUE(isSaid("3.3", "RSV=3"));
  EXPECT_TRUE(isSaid("3.3", "one write per frame"));
  EXPECT_TRUE(isSaid("4.1.5", "opcode 7 and a payload"));
  EXPECT_TRUE(isSaid("4.2.3", "opcode 13 and no payload"));
  EXPECT_TRUE(isSaid("4.2.5", "byte by byte"));
  EXPECT_TRUE(isSaid("5.14", "FIN=0"));
  EXPECT_TRUE(isSaid("5.17", "FIN=1"));
  EXPECT_TRUE(isSaid("6.2.1", "48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121"));
  EXPECT_TRUE(isSaid("6.3.1", "cebae1bdb9cf83cebcceb5eda080656469746564"));
  EXPECT_TRUE(
      isSaid("6.4.1", "cebae1bdb9cf83cebcceb5, still valid; f4908080, which makes it invalid; 656469746564"));
  EXPECT_TRUE(
      isSaid("6.4.4", "cebae1bdb9cf83cebcceb5f4, still valid; 90, which makes it invalid; 8080656469746564"));
  EXPECT_TRUE(isSaid("7.7.13", "4999"));
  EXPECT_TRUE(isSaid("7.9.3", "1004"));
  EXPECT_TRUE(isSaid("7.13.2", "65535"));
}

TEST(Utf8Sequences, AreRightlyValidOrNot) {
  for (const Utf8Group& group : utf8Groups()) {
    for (const Utf8Sequence& each : group.sequences) {
      EXPECT_EQ(isUtf8(each.bytes), each.isValid) << "6." << group.number << ": " << hex(each.bytes);
    }
  }
}

TEST(Utf8Sequences, AreThoseOfTheOriginal) {
  using std::string_literals::operator""s;
  EXPECT_EQ(sequencesOf(5).sequences.at(3).bytes, "hello\U00024b62world");
  EXPECT_EQ(sequencesOf(6).sequences.at(10).bytes, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5");
  EXPECT_EQ(sequencesOf(7).sequences.at(0).bytes, "\0"s);
  EXPECT_EQ(sequencesOf(16).sequences.at(2).bytes, "\xfe\xfe\xff\xff");
  EXPECT_EQ(hex(sequencesOf(15).sequences.at(0).bytes),
            "c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf");
}

TEST(Utf8Sequences, LeaveOutTheLastOfARange) {
  const std::string& continuations = sequencesOf(12).sequences.at(7).bytes;
  EXPECT_EQ(continuations.size(), 63U);
  EXPECT_TRUE(continuations.starts_with('\x80') && continuations.ends_with('\xbe'));
  const auto& starts = sequencesOf(13).sequences;
  EXPECT_EQ(starts.at(0).bytes.size(), 62U);
  EXPECT_TRUE(starts.at(0).bytes.starts_with("\xc0 \xc1 ") && starts.at(0).bytes.ends_with("\xde "));
  EXPECT_EQ(hex(starts.at(3).bytes), "f820f920fa20");
  EXPECT_EQ(hex(starts.at(4).bytes), "fc20");
}

TEST(Utf8Sequences, HaveTheNonCharactersOfEveryPlane) {
  const auto& sequences = sequencesOf(22).sequences;
  EXPECT_EQ(hex(sequences.at(1).bytes), "efbfbf");
  EXPECT_EQ(hex(sequences.at(2).bytes), "f09fbfbe");
  EXPECT_EQ(hex(sequences.at(7).bytes), "f0bfbfbf");
  EXPECT_EQ(hex(sequences.at(8).bytes), "f18fbfbe");
  EXPECT_EQ(hex(sequences.at(33).bytes), "f48fbfbf");
}

}  // namespace
}  // namespace wstest
