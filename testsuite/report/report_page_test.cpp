// The page: what peers say stays data in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "report/page_data.hpp"
#include "report/testing.hpp"
#include "report/wire_excerpt.hpp"
#include "wire/utf8.hpp"

namespace wstest {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

std::string caseId() { return allCases().front().id.text(); }

std::size_t countOf(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// What stands between the tags of the data.
std::string dataIn(const std::string& html) {
  const std::string begin = "id=\"data\">";
  const auto at = html.find(begin) + begin.size();
  return html.substr(at, html.find("</script>", at) - at);
}

rapidjson::Document parsed(const std::string& json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  EXPECT_FALSE(document.HasParseError());
  return document;
}

std::string pageOf(const Results::Agents& agents) {
  TemporaryFolder folder;
  writeReports(agents, folder.path());
  return folder.read("index.html");
}

TEST(Page, HostileTextCannotBreakOut) {
  const std::string html = pageOf(agentsOf({hostileResult(caseId())}));
  EXPECT_TRUE(isUtf8(html));
  EXPECT_EQ(countOf(html, "<script"), 2u);
  EXPECT_EQ(countOf(html, "</script>"), 2u);
  EXPECT_EQ(countOf(html, "<!--"), 0u);
  const std::string data = dataIn(html);
  EXPECT_EQ(data.find_first_of("<>&"), std::string::npos);
  const auto json = parsed(data);
  const auto& more = json["agents"][0]["results"][caseId().c_str()]["more"];
  EXPECT_TRUE(std::string(more["why"].GetString()).starts_with("</script><!--<script>"));
  EXPECT_THAT(more["why"].GetString(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(more["response"].GetString(), Not(HasSubstr("\xe2\x80\xae")))
      << "text would change its direction";
}

TEST(Page, NeedsNothingElse) {
  const std::string html = pageOf(agentsOf({resultOf("A", caseId())}));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, Not(HasSubstr("{{")));
  EXPECT_EQ(countOf(html, "innerHTML"), 0u);
  EXPECT_EQ(countOf(html, "src=\""), 0u);
  EXPECT_EQ(countOf(html, "@import"), 0u);
}

TEST(Page, NoncesDiffer) {
  const auto agents = agentsOf({resultOf("A", caseId())});
  const auto nonceOf = [](const std::string& html) { return html.substr(html.find("'nonce-") + 7, 32); };
  EXPECT_NE(nonceOf(pageOf(agents)), nonceOf(pageOf(agents)));
}

TEST(Page, ShowsCasesAndAgentsOfEarlierRuns) {
  TemporaryFolder folder;
  writeFile(folder.file("index.json"), R"({"Old": {"1.1.1": {"behavior": "FAILED", "behaviorClose": "ODD",
      "duration": 7, "remoteCloseCode": 1002, "reportfile": "old_case_1_1_1.json"}, "99.x": {}}})");
  writeReports(agentsOf({resultOf("New", caseId())}), folder.path());
  const auto json = parsed(dataIn(folder.read("index.html")));
  ASSERT_EQ(json["agents"].Size(), 2u);
  EXPECT_TRUE(json["agents"][0]["results"][caseId().c_str()].HasMember("more"));
  const auto& old = json["agents"][1]["results"]["1.1.1"];
  EXPECT_FALSE(old.HasMember("more"));
  EXPECT_STREQ(old["b"].GetString(), "FAILED");
  EXPECT_STREQ(old["o"].GetString(), "info") << "with a verdict that is not ours";
  EXPECT_STREQ(old["file"].GetString(), "old_case_1_1_1.json");
  EXPECT_STREQ(json["cases"][json["cases"].Size() - 1]["id"].GetString(), "99.x");
}

TEST(Page, OutcomesFollowStrictness) {
  const std::string informational = idOf(Strictness::informational);
  const auto agents =
      agentsOf({resultOf("A", informational, Behavior::failed), resultOf("A", caseId(), Behavior::failed)});
  const auto json = parsed(dataIn(pageOf(agents)));
  const auto& results = json["agents"][0]["results"];
  EXPECT_STREQ(results[informational.c_str()]["o"].GetString(), "info");
  EXPECT_STREQ(results[caseId().c_str()]["o"].GetString(), "failed");
}

/// 100 frames received, each read by itself.
CaseResult longResult(const std::string& agent, const std::string& id, Behavior behavior) {
  CaseResult result = resultOf(agent, id, behavior);
  FrameHead head;
  head.opcode = opcode::binary;
  head.length = 70'000;
  for (int i = 0; i < 100; ++i) {
    result.wire.bytes(false, std::string(300, '\xff'));
    result.wire.frame(false, head, std::string(300, '\xff'));
  }
  return result;
}

TEST(Page, SixHundredCasesOfTenAgentsStayBearable) {
  std::vector<CaseResult> results;
  for (int agent = 0; agent < 10; ++agent) {
    for (std::size_t i = 0; i < std::min<std::size_t>(allCases().size(), 600); ++i) {
      const Behavior behavior = i % 10 == 0 ? Behavior::failed : Behavior::ok;
      results.push_back(longResult(std::to_string(agent), allCases()[i].id.text(), behavior));
    }
  }
  const auto agents = agentsOf(results);
  const std::string data = pageData(merge({}, agents), agents, "now");
  EXPECT_LT(data.size(), 40u << 20);
  EXPECT_THAT(data, HasSubstr("[\"gap\",")) << "what is left out is said";
}

TEST(WireExcerpt, KeepsTheBeginningAndTheEnd) {
  WireLog wire;
  for (int i = 0; i < 20; ++i) wire.note(std::to_string(i));
  const auto excerpt = excerptOf(wire, {8, 100, true});
  ASSERT_EQ(excerpt.entries.size(), 8u);
  EXPECT_EQ(excerpt.leftOut, 12u);
  EXPECT_EQ(excerpt.gapAt, 6u);
  EXPECT_EQ(excerpt.entries[5].data, "5");
  EXPECT_EQ(excerpt.entries[6].data, "18");
  EXPECT_EQ(excerptOf(wire, {20, 100, true}).leftOut, 0u);
}

TEST(WireExcerpt, OctetsGoWhereFramesTellTheSame) {
  const auto result = longResult("A", caseId(), Behavior::ok);
  EXPECT_EQ(excerptOf(result.wire, {1000, 100, false}).entries.front().kind, WireEntry::Kind::receivedFrame);
  WireLog bytesOnly;
  bytesOnly.bytes(true, "GET /");
  EXPECT_EQ(excerptOf(bytesOnly, {1000, 100, false}).entries.size(), 1u);
}

TEST(WireExcerpt, PayloadsAreShownAsWhatTheyAre) {
  const auto shown = [](std::uint8_t code, const std::string& payload, std::size_t size,
                        std::size_t limit = 256) {
    WireEntry entry;
    entry.kind = WireEntry::Kind::receivedFrame;
    entry.opcode = code;
    entry.data = payload;
    entry.size = size;
    const auto [text, isHex] = shownPayload(entry, limit);
    return (isHex ? "hex " : "") + text;
  };
  EXPECT_EQ(shown(opcode::text, "κόσμε", 10), "κόσμε");
  EXPECT_EQ(shown(opcode::text, "\xce\xff", 2), "hex ceff");
  EXPECT_EQ(shown(opcode::text, "ab\xce", 400), "ab") << "a character cut by the excerpt";
  EXPECT_EQ(shown(opcode::text, "ab\xce", 3), "hex 6162ce") << "a character cut by the peer";
  EXPECT_EQ(shown(opcode::text, "\x1b", 1), "\\x1b");
  EXPECT_EQ(shown(opcode::binary, "\x1b", 1), "hex 1b");
  EXPECT_EQ(shown(opcode::binary, "{}", 2), "{}");
  EXPECT_EQ(shown(opcode::close,
                  "\x03\xe8"
                  "bye",
                  5),
            "1000 'bye'");
  EXPECT_EQ(shown(opcode::close, "\x03\xe8", 2), "1000");
  EXPECT_EQ(shown(opcode::close, "\x03", 1), "hex 03");
  EXPECT_EQ(shown(opcode::text, "abcdef", 6, 3), "abc");
}

}  // namespace
}  // namespace wstest
