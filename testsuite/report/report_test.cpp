// index.json and the files of cases, and what the run makes of them.
#include "report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases/printable.hpp"
#include "report/outcome.hpp"
#include "report/settings.hpp"
#include "report/testing.hpp"
#include "wire/utf8.hpp"

namespace wstest {
namespace {

using namespace testing;

rapidjson::Document parsed(const std::string& json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  EXPECT_FALSE(document.HasParseError()) << json;
  return document;
}

std::string errorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& problem) {
    return problem.what();
  }
  return "";
}

TEST(Report, IndexIsWrittenAsAutobahnWritesIt) {
  TemporaryFolder folder;
  auto result = resultOf("AutobahnCpp", "1.1.2");
  result.closing.remoteCloseCode = 1000;
  writeIndexJson(agentsOf({result, resultOf("AutobahnCpp", "1.1.10", Behavior::nonStrict)}), folder.path());
  // Case IDs are sorted as texts, as json.dumps(sort_keys=True, indent=3) sorts them.
  EXPECT_EQ(folder.read("index.json"), R"({
   "AutobahnCpp": {
      "1.1.10": {
         "behavior": "NON-STRICT",
         "behaviorClose": "OK",
         "duration": 12,
         "remoteCloseCode": null,
         "reportfile": "autobahncpp_case_1_1_10.json"
      },
      "1.1.2": {
         "behavior": "OK",
         "behaviorClose": "OK",
         "duration": 12,
         "remoteCloseCode": 1000,
         "reportfile": "autobahncpp_case_1_1_2.json"
      }
   }
}
)");
}

TEST(Report, AgentsAndCasesOfEarlierRunsAreKept) {
  TemporaryFolder folder;
  writeReports(agentsOf({resultOf("A", "1.1.1"), resultOf("A", "1.1.2"), resultOf("B", "1.1.1")}),
               folder.path());
  writeReports(agentsOf({resultOf("A", "1.1.1", Behavior::failed)}), folder.path());
  const Index index = readIndex(folder.file("index.json"));
  EXPECT_EQ(index.at("A").at(parseCaseId("1.1.1")).first, "FAILED");
  EXPECT_EQ(index.at("A").at(parseCaseId("1.1.2")).first, "OK");
  EXPECT_EQ(index.at("B").at(parseCaseId("1.1.1")).first, "OK");
}

TEST(Report, EveryReportfileIsThere) {
  TemporaryFolder folder;
  writeReports(agentsOf({resultOf("a b", "1.1.1"), resultOf("A-B", "1.1.1"), resultOf("", "1.1.1"),
                         resultOf(std::string(1000, 'x'), "1.1.1"), hostileResult("1.1.1")}),
               folder.path());
  const auto index = parsed(folder.read("index.json"));
  std::map<std::string, int> files;
  for (const auto& agent : index.GetObject()) {
    const std::string file = agent.value["1.1.1"]["reportfile"].GetString();
    EXPECT_EQ(++files[file], 1) << file << " is written by two agents";
    EXPECT_EQ(file.find('/'), std::string::npos);
    EXPECT_STREQ(parsed(folder.read(file))["agent"].GetString(), agent.name.GetString());
  }
  EXPECT_EQ(files.size(), 5u);
}

TEST(Report, FilenamesAreAutobahns) {
  EXPECT_EQ(reportFilename("AutobahnCpp", "1.2.3", "json"), "autobahncpp_case_1_2_3.json");
  EXPECT_EQ(reportFilename(" Agent/1.0 ", "10.1.1", "html"), "agent_1_0_case_10_1_1.html");
  EXPECT_LT(reportFilename(std::string(1000, 'x'), "1.1.1", "json").size(), 255u);
}

TEST(Report, CaseFileHasAutobahnsMembers) {
  TemporaryFolder folder;
  auto result = resultOf("A", allCases().at(1).id.text(), Behavior::failed, CloseBehavior::wrongCode);
  result.closing.remoteCloseCode = 1002;
  FrameHead head;
  head.opcode = opcode::text;
  head.maskKey = 0x01020304;
  head.length = 5;
  result.wire.frame(true, head, "Hello");
  result.wire.bytes(false, "\xff");
  writeCaseJson(result, folder.path());
  const auto json = parsed(folder.read(reportFilename("A", result.id, "json")));
  for (const char* member : {"id",
                             "description",
                             "expectation",
                             "agent",
                             "started",
                             "duration",
                             "behavior",
                             "behaviorClose",
                             "expected",
                             "expectedClose",
                             "received",
                             "result",
                             "resultClose",
                             "wirelog",
                             "closedByMe",
                             "failedByMe",
                             "droppedByMe",
                             "wasClean",
                             "wasNotCleanReason",
                             "localCloseCode",
                             "localCloseReason",
                             "remoteCloseCode",
                             "remoteCloseReason",
                             "isServer",
                             "rxOctetStats",
                             "txOctetStats",
                             "rxFrameStats",
                             "txFrameStats",
                             "httpRequest",
                             "httpResponse",
                             "section",
                             "strictness"}) {
    EXPECT_TRUE(json.HasMember(member)) << member;
  }
  EXPECT_EQ(json["case"].GetInt(), 2);
  EXPECT_EQ(json["remoteCloseCode"].GetInt(), 1002);
  EXPECT_TRUE(json["localCloseCode"].IsNull());
  EXPECT_EQ(json["txFrameStats"]["1"].GetInt(), 1);
  EXPECT_EQ(json["rxOctetStats"]["1"].GetInt(), 1);
  const auto& frame = json["wirelog"][0];
  EXPECT_STREQ(frame[0].GetString(), "TF");
  EXPECT_STREQ(frame[1][1].GetString(), "Hello");
  EXPECT_STREQ(frame[5].GetString(), "01020304");
  EXPECT_STREQ(json["wirelog"][1][1][1].GetString(), "ff");
}

TEST(Report, HostileBytesBecomeJson) {
  TemporaryFolder folder;
  const auto agents = agentsOf({hostileResult(allCases().front().id.text())});
  writeReports(agents, folder.path());
  const std::string index = folder.read("index.json");
  EXPECT_TRUE(isUtf8(index));
  const auto json = parsed(index);
  const std::string file = json.MemberBegin()->value.MemberBegin()->value["reportfile"].GetString();
  const std::string text = folder.read(file);
  EXPECT_TRUE(isUtf8(text));
  const auto detail = parsed(text);
  const auto& result = detail["result"];
  EXPECT_EQ(std::string(result.GetString(), result.GetStringLength()), validUtf8(kHostile));
  // Another run finds the same agent again.
  writeReports(agents, folder.path());
  EXPECT_EQ(parsed(folder.read("index.json")).MemberCount(), 1u);
}

TEST(Report, NoTemporaryFilesStay) {
  TemporaryFolder folder;
  prepareFolder(folder.path());
  writeReports(agentsOf({resultOf("A", "1.1.1")}), folder.path());
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"a_case_1_1_1.json", "index.html", "index.json"}));
}

TEST(Report, DevicesAndLinksStayWhatTheyAre) {
  TemporaryFolder folder;
  writeFile(folder.file("target"), "something long");
  ASSERT_EQ(::symlink("target", folder.file("link").c_str()), 0);
  // As /dev/stdout is one.
  ASSERT_EQ(::symlink("/dev/null", folder.file("device").c_str()), 0);
  writeFile(folder.file("link"), "short");
  EXPECT_EQ(folder.read("target"), "short");
  writeFile(folder.file("device"), "gone");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link")));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("device")));
}

TEST(Report, FilesThatCannotBeWrittenAreSaidBeforeTheRun) {
  TemporaryFolder folder;
  prepareFile("");
  prepareFile(folder.file("new"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_THAT(errorOf([&] { prepareFile(folder.path()); }), ::testing::HasSubstr("Is a directory"));
  EXPECT_THAT(errorOf([&] { prepareFile(folder.file("no/such")); }), ::testing::HasSubstr("No such file"));
}

TEST(Report, FoldersAreMade) {
  TemporaryFolder folder;
  prepareFolder(folder.file("a/b/c"));
  EXPECT_TRUE(std::filesystem::is_directory(folder.file("a/b/c")));
}

TEST(Report, FoldersThatCannotBeWrittenToAreSaid) {
  TemporaryFolder folder;
  writeFile(folder.file("file"), "x");
  const auto prepare = [](const std::string& path) { return errorOf([&] { prepareFolder(path); }); };
  const auto message = [](const std::string& path, const std::string& why) {
    return "cannot write reports to '" + path + "': " + why;
  };
  EXPECT_EQ(prepare(folder.file("file")), message(folder.file("file"), "Not a directory"));
  EXPECT_EQ(prepare(folder.file("file/below")), message(folder.file("file/below"), "Not a directory"));
  // Nothing can be made in /proc, not even by root.
  EXPECT_EQ(prepare("/proc/wstest"), message("/proc/wstest", "No such file or directory"));
  EXPECT_EQ(prepare("/proc/self"), message("/proc/self", "No such file or directory"));
}

TEST(Report, FoldersWithoutPermissionAreSaid) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0500);
  EXPECT_THAT(errorOf([&] { prepareFolder(folder.path()); }), ::testing::HasSubstr("Permission denied"));
  ::chmod(folder.path().c_str(), 0700);
}

TEST(Report, BadIndexesAreSaidBeforeTheRun) {
  TemporaryFolder folder;
  for (const char* bad : {"", "{", "[]", R"({"A": 1})", R"({"A": {"1.1.1": 1}})", "\xff"}) {
    writeFile(folder.file("index.json"), bad);
    EXPECT_NE(errorOf([&] { prepareFolder(folder.path()); }), "") << bad;
    EXPECT_NE(errorOf([&] { readIndex(folder.file("index.json")); }), "") << bad;
  }
  EXPECT_NE(errorOf([&] { readIndex(folder.file("none.json")); }), "");
  writeFile(folder.file("index.json"), std::string(100'000, '{'));
  EXPECT_NE(errorOf([&] { prepareFolder(folder.path()); }), "");
}

TEST(Report, ResultsAreFound) {
  Results results;
  results.add(resultOf("A", "1.1.1", Behavior::nonStrict));
  results.add(resultOf("A", "1.1.1", Behavior::failed));
  ASSERT_TRUE(results.find("A", "1.1.1"));
  EXPECT_EQ(results.find("A", "1.1.1")->behavior, Behavior::failed) << "the last one counts";
  EXPECT_FALSE(results.find("A", "1.1.2"));
  EXPECT_FALSE(results.find("B", "1.1.1"));
}

TEST(Report, AgentsCasesAreExcluded) {
  RunSettings settings;
  settings.excludeAgentCases = {{"Chrom*", {"6.*", "9.1.1"}}, {"*", {"13.1.1"}}};
  EXPECT_TRUE(isExcluded(settings, "Chromium", "6.4.1"));
  EXPECT_TRUE(isExcluded(settings, "Chrome", "9.1.1"));
  EXPECT_FALSE(isExcluded(settings, "Chrome", "9.1.2"));
  EXPECT_FALSE(isExcluded(settings, "Firefox", "6.4.1"));
  EXPECT_TRUE(isExcluded(settings, "Firefox", "13.1.1"));
}

}  // namespace
}  // namespace wstest
