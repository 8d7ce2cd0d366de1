#include "modes/spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>

#include "modes/json_node.hpp"

namespace wstest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// A spec file of that content, for the time of a test.
class SpecFile {
 public:
  explicit SpecFile(const std::string& content) { std::ofstream(path_) << content; }
  ~SpecFile() { std::filesystem::remove(path_); }
  SpecFile(const SpecFile&) = delete;
  SpecFile& operator=(const SpecFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "spec_test_" + std::to_string(::getpid()) + ".json";
};

/// What `read` says is wrong with the content, without the file's path.
std::string problemOf(const std::string& content, const std::function<void(const std::string&)>& read) {
  const SpecFile file(content);
  try {
    read(file.path());
  } catch (const JsonError& error) {
    const std::string what = error.what();
    EXPECT_TRUE(what.starts_with(file.path())) << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    return what.substr(file.path().size());
  }
  return "nothing";
}

TEST(Spec, ClientAsAutobahnHasIt) {
  const SpecFile file(R"({
    "options": {"failByDrop": false},
    "outdir": "./out",
    "servers": [
      {"agent": "A", "url": "ws://127.0.0.1:9001", "options": {"version": 18}},
      {"agent": "B", "url": "wss://10.0.0.1:9002/x?y", "hostname": "b.example", "protocols": ["p", "q"],
       "origin": "http://o"}
    ],
    "cases": ["1.*", "6.4.1"],
    "exclude-cases": ["1.2.*"],
    "exclude-agent-cases": {"A*": ["1.1.1", "9.*"]}
  })");
  const auto spec = readClientSpec(file.path());
  EXPECT_THAT(spec.warnings, IsEmpty());
  const auto& run = spec.settings.run;
  EXPECT_EQ(run.outdir, "./out");
  EXPECT_THAT(run.cases, ElementsAre("1.*", "6.4.1"));
  EXPECT_THAT(run.exclude, ElementsAre("1.2.*"));
  EXPECT_THAT(run.excludeAgentCases, ElementsAre(Pair("A*", ElementsAre("1.1.1", "9.*"))));
  ASSERT_EQ(spec.settings.servers.size(), 2u);
  EXPECT_EQ(spec.settings.servers[0].agent, "A");
  EXPECT_EQ(spec.settings.servers[0].target.hostHeader, "127.0.0.1:9001");
  const ServerTarget& second = spec.settings.servers[1].target;
  EXPECT_TRUE(second.isSecure);
  EXPECT_EQ(second.host, "10.0.0.1");
  EXPECT_EQ(second.resource, "/x?y");
  EXPECT_EQ(second.hostHeader, "b.example:9002");
  EXPECT_EQ(second.tls.serverName, "b.example");
  EXPECT_THAT(second.protocols, ElementsAre("p", "q"));
  EXPECT_EQ(second.origin, "http://o");
}

TEST(Spec, ClientDefaults) {
  const SpecFile file(R"({"servers": [{"url": "ws://h"}]})");
  const auto spec = readClientSpec(file.path());
  EXPECT_EQ(spec.settings.run.outdir, "./reports/servers");
  EXPECT_THAT(spec.settings.run.cases, ElementsAre("*"));
  EXPECT_EQ(spec.settings.servers[0].agent, "");
  EXPECT_EQ(spec.settings.servers[0].target.port, 80);
}

TEST(Spec, ServerAsAutobahnHasIt) {
  const SpecFile file(R"({
    "url": "wss://localhost:9001", "key": "k.pem", "cert": "c.pem", "webport": 8081, "protocols": ["p"],
    "options": {"failByDrop": false, "requireMaskedClientFrames": true}, "outdir": "o", "cases": ["*"],
    "exclude-cases": ["9.*"], "exclude-agent-cases": {}
  })");
  const auto spec = readServerSpec(file.path());
  EXPECT_THAT(spec.warnings, IsEmpty());
  EXPECT_EQ(spec.settings.host, "localhost");
  EXPECT_EQ(spec.settings.port, 9001);
  EXPECT_TRUE(spec.settings.isSecure);
  EXPECT_EQ(spec.settings.keyFile, "k.pem");
  EXPECT_EQ(spec.settings.certificateFile, "c.pem");
  EXPECT_EQ(spec.settings.webPort, 8081);
  EXPECT_THAT(spec.settings.protocols, ElementsAre("p"));
  EXPECT_EQ(spec.settings.run.outdir, "o");
  EXPECT_THAT(spec.settings.run.exclude, ElementsAre("9.*"));
}

TEST(Spec, NoWebPortIsZeroAsThere) {
  const SpecFile file(R"({"url": "ws://h", "webport": 0})");
  EXPECT_EQ(readServerSpec(file.path()).settings.webPort, -1);
}

TEST(Spec, ServerDefaults) {
  const SpecFile file(R"({"url": "ws://127.0.0.1:0"})");
  const auto spec = readServerSpec(file.path());
  EXPECT_EQ(spec.settings.port, 0);
  EXPECT_EQ(spec.settings.webPort, 8080);
  EXPECT_EQ(spec.settings.run.outdir, "./reports/clients");
}

TEST(Spec, MassConnectAsAutobahnHasIt) {
  const SpecFile file(R"({
    "options": {"connections": 7, "batchsize": 2, "batchdelay": 3, "retrydelay": 4},
    "servers": [{"name": "N", "uri": "ws://127.0.0.1:9000", "desc": "…"}, {"uri": "ws://h:1"}]
  })");
  const auto spec = readMassConnectSpec(file.path());
  EXPECT_THAT(spec.warnings, IsEmpty());
  EXPECT_EQ(spec.settings.connections, 7);
  EXPECT_EQ(spec.settings.batchSize, 2);
  EXPECT_EQ(spec.settings.batchDelay, 3);
  EXPECT_EQ(spec.settings.retryDelay, 4);
  ASSERT_EQ(spec.settings.servers.size(), 2u);
  EXPECT_EQ(spec.settings.servers[0].name, "N");
  EXPECT_EQ(spec.settings.servers[1].name, "ws://h:1");
}

TEST(Spec, DefaultsAreValid) {
  const SpecFile client(kDefaultClientSpec);
  EXPECT_THAT(readClientSpec(client.path()).warnings, IsEmpty());
  const SpecFile server(kDefaultServerSpec);
  EXPECT_THAT(readServerSpec(server.path()).warnings, IsEmpty());
  const SpecFile mass(kDefaultMassConnectSpec);
  EXPECT_THAT(readMassConnectSpec(mass.path()).warnings, IsEmpty());
}

TEST(Spec, CommentsAndTrailingCommasPass) {
  const SpecFile file(
      "\xEF\xBB\xBF{ // mine\n \"servers\": [{\"url\": \"ws://h\",},], /* all */ \"cases\": [\"*\",],}");
  EXPECT_EQ(readClientSpec(file.path()).settings.servers.size(), 1u);
}

TEST(Spec, PatternsThatMatchNothingAreRemarkedOn) {
  const SpecFile file(
      R"({"servers": [{"url": "ws://h"}], "cases": ["10.*", "11.*"], "exclude-cases": ["8.*"]})");
  const auto spec = readClientSpec(file.path());
  EXPECT_THAT(spec.settings.run.cases, ElementsAre("10.*"));
  EXPECT_THAT(spec.settings.run.exclude, IsEmpty());
  EXPECT_THAT(spec.warnings, ElementsAre(HasSubstr("cases[1]: no case matches '11.*', ignored"),
                                         HasSubstr("exclude-cases[0]: no case matches '8.*', ignored")));
}

TEST(Spec, DeepNestingIsNoEnd) {
  const SpecFile file(std::string(1'000'000, '['));
  EXPECT_THROW(readClientSpec(file.path()), JsonError);
}

TEST(Spec, UnknownKeysAreRemarkedOn) {
  const SpecFile file(R"({"servers": [{"url": "ws://h", "nmae": 1, "options": {"x": 1}}], "case": []})");
  const auto spec = readClientSpec(file.path());
  EXPECT_THAT(spec.warnings, testing::UnorderedElementsAre(HasSubstr("servers[0].nmae: unknown"),
                                                           HasSubstr("servers[0].options.x: unknown"),
                                                           HasSubstr(": case: unknown")));
}

TEST(Spec, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* content;
    const char* problem;
  } table[] = {
      {"", ":1:1: no JSON: "},
      {"{\n  \"servers\": [\n    oops\n", ":3:5: no JSON: "},
      {"{\"a\": 1 \"b\": 2}", ":1:9: no JSON: "},
      {"[]", ": must be an object, is a list"},
      {"{}", ": 'servers' is missing"},
      {R"({"servers": null})", ": 'servers' is missing"},
      {R"({"servers": []})", ": servers: is empty: nothing to test"},
      {R"({"servers": {"url": "ws://h"}})", ": servers: must be a list, is an object"},
      {R"({"servers": ["ws://h"]})", ": servers[0]: must be an object, is a string"},
      {R"({"servers": [{}]})", ": servers[0]: 'url' is missing"},
      {R"({"servers": [{"url": 5}]})", ": servers[0].url: must be a string, is a number"},
      {R"({"servers": [{"url": "http://h"}]})", ": servers[0].url: 'http://h' is no server"},
      {R"({"servers": [{"url": "ws://h"}, {"url": "ws://h", "agent": true}]})",
       ": servers[1].agent: must be a string, is a boolean"},
      {R"({"servers": [{"url": "ws://h", "protocols": ["a", 1]}]})",
       ": servers[0].protocols[1]: must be a string, is a number"},
      {R"({"servers": [{"url": "ws://h"}], "cases": "*"})", ": cases: must be a list, is a string"},
      {R"({"servers": [{"url": "ws://h"}], "exclude-agent-cases": {"A": "*"}})",
       ": exclude-agent-cases.A: must be a list, is a string"},
      {R"({"servers": [{"url": "ws://h"}], "options": 1})", ": options: must be an object, is a number"},
  };
  for (const auto& each : table) {
    const std::string problem =
        problemOf(each.content, [](const std::string& file) { readClientSpec(file); });
    EXPECT_TRUE(problem.starts_with(each.problem)) << each.content << "\n" << problem;
  }
}

TEST(Spec, SaysWhatIsWrongWithAServers) {
  const struct {
    const char* content;
    const char* problem;
  } table[] = {
      {"{}", ": 'url' is missing"},
      {R"({"url": "http://h"})", ": url: "},
      {R"({"url": "ws+unix:///x"})", ": url: ws+unix:///x: Unix sockets are not served here"},
      {R"({"url": "ws://h", "webport": 70000})", ": webport: must be a whole number from 0 to 65535"},
      {R"({"url": "ws://h", "webport": "80"})", ": webport: must be a number from 0 to 65535, is a string"},
      {R"({"url": "wss://h", "key": "k"})", ": 'key' and 'cert' go together"},
  };
  for (const auto& each : table) {
    const std::string problem =
        problemOf(each.content, [](const std::string& file) { readServerSpec(file); });
    EXPECT_TRUE(problem.starts_with(each.problem)) << each.content << "\n" << problem;
  }
}

TEST(Spec, SaysWhatIsWrongWithMassConnects) {
  const std::string problem = problemOf(R"({"options": {"connections": 0}, "servers": [{"uri": "ws://h"}]})",
                                        [](const std::string& file) { readMassConnectSpec(file); });
  EXPECT_EQ(problem, ": options.connections: must be a whole number from 1 to 1000000");
}

TEST(Spec, MissingFile) {
  EXPECT_THROW(
      {
        try {
          readClientSpec("/no/such.json");
        } catch (const JsonError& error) {
          EXPECT_STREQ(error.what(), "/no/such.json: cannot read: No such file or directory");
          throw;
        }
      },
      JsonError);
}

}  // namespace
}  // namespace wstest
