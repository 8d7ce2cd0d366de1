// The URL protocol of a fuzzing server, as drivers of the Autobahn Testsuite speak it.
#include "server/fuzzing_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "cases/testing.hpp"
#include "report/testing.hpp"
#include "server/certificates.hpp"

namespace wstest {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Two cases, on any port.
FuzzingServerSettings quickly(const Patience& patience = patient()) {
  FuzzingServerSettings settings;
  settings.port = 0;
  settings.run.cases = {"1.1.1", "1.1.2"};
  settings.run.patience = patience;
  settings.run.isQuiet = true;
  return settings;
}

/// A fuzzing server, and whoever visits it.
class Fuzzing {
 public:
  explicit Fuzzing(FuzzingServerSettings settings = quickly())
      : server_(std::make_unique<FuzzingServer>(settings, stop_)) {
    const std::string url = server_->url();
    target_ = Scene::targetOf(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    target_.isSecure = settings.isSecure;
    target_.tls.isInsecure = true;
    serving_ = std::jthread([this] { server_->serve(); });
  }
  ~Fuzzing() { end(); }
  Fuzzing(const Fuzzing&) = delete;
  Fuzzing& operator=(const Fuzzing&) = delete;

  void end() {
    stop_.press();
    waitForEnd();
    server_.reset();
  }
  void waitForEnd() {
    if (serving_.joinable()) serving_.join();
  }

  /// A connection on which these bytes have been sent.
  std::unique_ptr<Stream> asks(const std::string& bytes) const {
    auto stream = connectTcp(target_.host, target_.port, soon(), visitors_);
    EXPECT_TRUE(writeAll(*stream, bytes));
    return stream;
  }
  /// All that comes back for these bytes.
  Got says(const std::string& bytes) const { return readToEnd(*asks(bytes)); }
  std::string upgrade(const std::string& resource) const {
    return "GET " + resource + " HTTP/1.1\r\nHost: " + target_.hostHeader +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  }
  /// A WebSocket connection, open.
  std::unique_ptr<Exchange> open(const std::string& resource, const std::string& host = "") const {
    ServerTarget target = target_;
    target.resource = resource;
    if (!host.empty()) target.hostHeader = host;
    auto visit = std::make_unique<Exchange>(target, patient(), Profile::quick, visitors_);
    visit->connect();
    EXPECT_TRUE(visit->open()) << resource << ": " << visit->violation();
    return visit;
  }
  /// Echoes to the end; the last text that came.
  std::string visit(const std::string& resource, const std::string& host = "") const {
    return visit(*open(resource, host));
  }
  std::string visit(Exchange& exchange) const {
    while (exchange.receive(kLong) == Received::event) {
      exchange.sendMessage(exchange.last().payload, exchange.last().isBinary);
    }
    EXPECT_TRUE(exchange.isCloseReceived());
    return exchange.events().empty() ? "" : exchange.last().payload;
  }

  std::vector<std::string> agents() const {
    std::vector<std::string> names;
    server_->results().read([&](const Results::Agents& agents) {
      for (const auto& [name, results] : agents) names.push_back(name);
    });
    return names;
  }

 private:
  StopSwitch stop_;
  StopSwitch visitors_;  ///< never pressed: they see what a server makes of its own end
  std::unique_ptr<FuzzingServer> server_;
  ServerTarget target_;
  std::jthread serving_;
};

TEST(FuzzingServer, TellsOfItsCases) {
  const Fuzzing server;
  EXPECT_EQ(server.visit("/getCaseCount"), "2");
  EXPECT_THAT(server.visit("/getCaseInfo?case=1"), StartsWith(R"({"id": "1.1.1", "description": ")"));
  EXPECT_THAT(server.visit("/getCaseInfo?agent=a&case=2"), HasSubstr(R"("id": "1.1.2")"));
  EXPECT_THAT(server.visit("/getCaseInfo?casetuple=1.1.2"), HasSubstr(R"("id": "1.1.2")"));
}

TEST(FuzzingServer, RunsACaseAndTellsHowItWent) {
  const Fuzzing server;
  server.visit("/runCase?case=1&agent=a");
  server.visit("/runCase?agent=b&casetuple=1.1.2");
  const std::string good = R"({"behavior": "OK", "behaviorClose": "OK"})";
  EXPECT_EQ(server.visit("/getCaseStatus?case=1&agent=a"), good);
  EXPECT_EQ(server.visit("/getCaseStatus?case=2&agent=b"), good);
}

TEST(FuzzingServer, AgentsMayBeAnything) {
  const Fuzzing server;
  for (const std::string agent : {"A%20B%2f%C3%A9+%3Cb%3E", "100%25%zz%4"}) {
    server.visit("/runCase?case=1&agent=" + agent);
    server.visit("/updateReports?agent=" + agent);
  }
  EXPECT_EQ(server.agents(), (std::vector<std::string>{"100%%zz%4", "A B/\xC3\xA9 <b>"}));
  const std::string page = server.says("GET / HTTP/1.1\r\n\r\n").bytes;
  EXPECT_THAT(page, HasSubstr("A B/\xC3\xA9 &lt;b&gt;"));
}

TEST(FuzzingServer, TheCaseThatIsRunCountsNotTheOneBefore) {
  const Fuzzing server;
  server.visit("/runCase?case=1&agent=a");
  // Waits until it is recorded.
  server.visit("/getCaseStatus?case=1&agent=a");
  const auto again = server.open("/runCase?case=1&agent=a");
  std::string status;
  std::jthread asking([&] { status = server.visit("/getCaseStatus?case=1&agent=a"); });
  again->drop();
  asking.join();
  EXPECT_THAT(status, HasSubstr(R"("behavior": "FAILED")"));
}

TEST(FuzzingServer, TheLastCaseIsInTheReport) {
  TemporaryFolder folder;
  FuzzingServerSettings settings = quickly();
  settings.run.outdir = folder.path();
  const Fuzzing server(settings);
  const auto last = server.open("/runCase?case=2&agent=a");
  std::jthread asking([&] { server.visit("/updateReports?agent=a"); });
  server.visit(*last);
  asking.join();
  EXPECT_THAT(folder.read("index.json"), HasSubstr("a_case_1_1_2.json"));
}

TEST(FuzzingServer, BadRequestsAreAnsweredWith500) {
  const Fuzzing server(quickly({.reaction = 1s, .quiet = 10ms, .whole = kLong}));
  const std::vector<std::pair<std::string, std::string>> requests = {
      {"/runCase?case=0&agent=a", "case '0' is not one of 1 to 2"},
      {"/runCase?case=3&agent=a", "case '3' is not one of 1 to 2"},
      {"/runCase?case=-1&agent=a", "case '-1' is not"},
      {"/runCase?case=1x&agent=a", "case '1x' is not"},
      {"/runCase?case=99999999999999999999&agent=a", "is not one of"},
      {"/runCase?casetuple=1.1.3&agent=a", "case '1.1.3' is not among"},
      {"/runCase?agent=a", "parameter 'case' (or 'casetuple') is missing"},
      {"/runCase?case=1&case=2&agent=a", "parameter 'case' comes more than once"},
      {"/runCase?case=1", "parameter 'agent' is missing"},
      {"/runCase?case=1&agent=", "parameter 'agent' is missing"},
      {"/runCase?case=1&agent=a&agent=b", "parameter 'agent' comes more than once"},
      {"/runCase?case=1&agent=" + std::string(1001, 'a'), "'agent' is longer than"},
      {"/getCaseInfo", "parameter 'case' (or 'casetuple') is missing"},
      {"/getCaseStatus?case=1", "parameter 'agent' is missing"},
      {"/getCaseStatus?case=1&agent=nobody", "case 1.1.1 has not been run"},
      {"/updateReports", "parameter 'agent' is missing"},
      {"/stopServer", "parameter 'agent' is missing"},
      {"/nothing", "there is no '/nothing'"},
  };
  for (const auto& [resource, why] : requests) {
    const Got got = server.says(server.upgrade(resource));
    EXPECT_THAT(got.bytes, StartsWith("HTTP/1.1 500 ")) << resource;
    EXPECT_THAT(got.bytes, HasSubstr(why)) << resource;
    EXPECT_EQ(got.ended, Io::end) << resource;
  }
  EXPECT_TRUE(server.agents().empty());
  EXPECT_EQ(server.visit("/getCaseCount"), "2");
}

TEST(FuzzingServer, SpeaksHttpWithThoseWhoSpeakNothingElse) {
  const Fuzzing server;
  const std::string page = server.says("GET / HTTP/1.1\r\nHost: a\r\n\r\n").bytes;
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(page, HasSubstr("There are 2 cases"));
  const std::string head = server.says("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").bytes;
  EXPECT_EQ(head, page.substr(0, page.find("\r\n\r\n") + 4));
  EXPECT_THAT(server.says("GET /getCaseCount HTTP/1.1\r\n\r\n").bytes, StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(server.says("GET /../../etc/passwd HTTP/1.1\r\n\r\n").bytes, StartsWith("HTTP/1.1 404 "));
}

TEST(FuzzingServer, APostIsRefusedAndLearnsOfIt) {
  const Fuzzing server;
  const std::string body(1 << 20, 'x');
  const Got got = server.says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body);
  EXPECT_THAT(got.bytes, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(got.bytes, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_EQ(got.ended, Io::end);
}

TEST(FuzzingServer, EndsWhenAsked) {
  for (const std::string last : {"/stopServer?agent=a", "/updateReports?agent=a&shutdownOnComplete=true",
                                 "/updateReports?agent=a&shutdownOnComplete=YES"}) {
    Fuzzing server;
    server.visit("/updateReports?agent=a&shutdownOnComplete=false");
    server.visit(last);
    server.waitForEnd();
  }
}

TEST(FuzzingServer, EndsWhenAskedAlsoWithoutAReport) {
  TemporaryFolder folder;
  FuzzingServerSettings settings = quickly();
  settings.run.outdir = folder.file("gone");
  Fuzzing server(settings);
  server.visit("/runCase?case=1&agent=a");
  const Got got = server.says(server.upgrade("/updateReports?agent=a&shutdownOnComplete=true"));
  EXPECT_THAT(got.bytes, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(got.bytes, HasSubstr("cannot write"));
  server.waitForEnd();
}

TEST(FuzzingServer, CtrlCEndsQuestions) {
  Fuzzing server(quickly({.reaction = 24h, .quiet = 10ms, .whole = 24h}));
  const auto runs = server.open("/runCase?case=1&agent=a");
  const auto asks = server.asks(server.upgrade("/getCaseStatus?case=2&agent=a"));
  server.end();
}

TEST(FuzzingServer, SpecialCertificatesAreWhereTheClientFindsThem) {
  FuzzingServerSettings settings = quickly();
  settings.isSecure = true;
  settings.run.cases = {"19.3.2"};
  const Fuzzing server(settings);
  EXPECT_THAT(server.visit("/getCaseInfo?case=1&agent=a"), HasSubstr(R"("url": "wss://127.0.0.1:)"));
  EXPECT_THAT(server.visit("/getCaseInfo?case=1&agent=a%26", "harness:9001"),
              HasSubstr(R"("url": "wss://harness:)"));
  EXPECT_THAT(server.visit("/getCaseInfo?case=1&agent=a%26", "[::1]:9001"),
              HasSubstr(R"("url": "wss://[::1]:)"));
  const std::string info = server.visit("/getCaseInfo?case=1&agent=a%26", "x\"/y:1");
  EXPECT_THAT(info, HasSubstr(R"("url": "wss://127.0.0.1:)"));
  EXPECT_THAT(info, HasSubstr(R"(agent=a%26")"));
}

TEST(FuzzingServer, NothingToRunIsSaidAtOnce) {
  FuzzingServerSettings settings = quickly();
  settings.run.cases = {"19.*"};
  StopSwitch stop;
  EXPECT_THROW(FuzzingServer(settings, stop), std::invalid_argument);
}

TEST(Certificates, AreMadeForAnyHost) {
  for (const char* host : {"localhost", "10.0.0.1", "::1", "fe80::1", "cafe", "dead.beef", "a-b.example"}) {
    EXPECT_NO_THROW(Certificates{host}) << host;
  }
}

}  // namespace
}  // namespace wstest
