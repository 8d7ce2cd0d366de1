// The server's opening handshake, and plain HTTP in front of it (RFC 6455 section 4.2).
#include <autobahn/websocket/compression.hpp>

#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string upgrade(const std::string& extra = "") {
  return "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         extra + "\r\n";
}
const std::string kAcceptLine = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

Scenario opening(std::string input) {
  Scenario scenario{.upgraded = false};
  scenario.steps = {{std::move(input)}};
  return scenario;
}

TEST(EngineServerOpening, ExampleOfRfc6455Section13) {
  const Outcome outcome =
      run(opening(upgrade("Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n")));
  EXPECT_EQ(outcome.log, (Lines{"connect /chat", "open"}));
  EXPECT_THAT(outcome.output, ::testing::StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(outcome.output, HasSubstr(kAcceptLine));
  EXPECT_THAT(outcome.output, ::testing::EndsWith("\r\n\r\n"));
}

TEST(EngineServerOpening, FramesBehindTheRequestAreKept) {
  const std::string frames = fromClient(1, "first") + fromClient(2, std::string(70'000, 'b'));
  const Lines want{"connect /chat", "open", "text \"first\"", "binary " + shown(std::string(70'000, 'b'))};
  EXPECT_EQ(run(opening(upgrade() + frames)).log, want);
  // … also when the decision comes later, and the bytes fed have gone away.
  Scenario later = opening(upgrade() + frames);
  later.react = [](Engine&, const Event& event) { return event.type == EventType::connect; };
  later.steps[0].then = [](Engine& engine) { engine.accept({}); };
  EXPECT_EQ(run(later).log, want);
}

TEST(EngineServerOpening, SubprotocolHeadersCompression) {
  Scenario scenario =
      opening(upgrade("Sec-WebSocket-Protocol: chat, superchat\r\n"
                      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n") +
              fromClient(1, "x"));
  scenario.serverOptions.perMessageCompressionAccept = acceptPerMessageDeflate();
  scenario.react = [](Engine& engine, const Event& event) {
    if (event.type != EventType::connect) return false;
    EXPECT_EQ(engine.request().protocols, (Lines{"chat", "superchat"}));
    EXPECT_THROW(engine.accept({"mqtt", {}}), InvalidState);
    engine.accept({"superchat", {{"X-Extra", "1"}, {"X-Extra", "2"}}});
    EXPECT_EQ(engine.subprotocol(), "superchat");
    EXPECT_TRUE(engine.compression().has_value());
    return true;
  };
  const Outcome outcome = run(scenario);
  EXPECT_EQ(outcome.log, (Lines{"connect /chat", "open", "text \"x\""}));
  EXPECT_THAT(outcome.output, HasSubstr("Sec-WebSocket-Protocol: superchat\r\n"));
  EXPECT_THAT(outcome.output, HasSubstr("Sec-WebSocket-Extensions: permessage-deflate"));
  EXPECT_THAT(outcome.output, HasSubstr("X-Extra: 1\r\nX-Extra: 2\r\n"));
}

TEST(EngineServerOpening, PlainHttpThenUpgrade) {
  const Outcome outcome =
      run(opening("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
                  "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"
                  "HEAD /c HTTP/1.1\r\nHost: h\r\n\r\n" +
                  upgrade() + fromClient(1, "hi")));
  EXPECT_EQ(outcome.log,
            (Lines{"http GET /a", "http POST /b", "http HEAD /c", "connect /chat", "open", "text \"hi\""}));
  EXPECT_THAT(outcome.output, HasSubstr("Content-Length: 6\r\n\r\nGET /aHTTP/1.1 200"));
  EXPECT_THAT(outcome.output, HasSubstr("Content-Length: 7\r\n\r\nPOST /bHTTP/1.1 200"));
  EXPECT_THAT(outcome.output, HasSubstr("Content-Length: 7\r\n\r\nHTTP/1.1 101"));
}

TEST(EngineServerOpening, HttpThatEnds) {
  struct {
    const char* request;
    bool keepAlive;
  } const cases[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", true},
      {"GET / HTTP/1.0\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", false},
  };
  for (const auto& c : cases) {
    Scenario scenario = opening(c.request + upgrade());
    scenario.react = [&](Engine& engine, const Event& event) {
      if (event.type != EventType::httpRequest) return false;
      http::Response response;
      response.body = "bye";
      response.keepAlive = c.keepAlive;
      engine.respond(std::move(response));
      return true;
    };
    const Outcome outcome = run(scenario);
    EXPECT_EQ(outcome.log, (Lines{"http GET /", "drop"}));
    EXPECT_THAT(outcome.output, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(outcome.output, ::testing::EndsWith("\r\n\r\nbye"));
  }
}

TEST(EngineServerOpening, HeadOfAnswersWithoutABody) {
  Scenario scenario = opening("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  scenario.react = [](Engine& engine, const Event& event) {
    if (event.type != EventType::httpRequest) return false;
    http::Response response;
    response.status = 204;
    engine.respond(std::move(response));
    return true;
  };
  // RFC 9110 section 8.6: never with 204.
  EXPECT_THAT(run(scenario).output, ::testing::Not(HasSubstr("Content-Length")));
}

TEST(EngineServerOpening, RespondLater) {
  Scenario scenario = opening("GET /a HTTP/1.1\r\nHost: h\r\n\r\n" + upgrade() + fromClient(1, "hi"));
  scenario.react = [](Engine&, const Event& event) { return event.type == EventType::httpRequest; };
  scenario.steps[0].then = [](Engine& engine) { engine.respond({}); };
  EXPECT_EQ(run(scenario).log, (Lines{"http GET /a", "connect /chat", "open", "text \"hi\""}));
}

TEST(EngineServerOpening, Deny) {
  Scenario scenario = opening(upgrade() + fromClient(1, "hi"));
  scenario.react = [](Engine& engine, const Event& event) {
    if (event.type == EventType::connect) engine.deny(403, "not for you", {{"X-Why", "because"}});
    return event.type == EventType::connect;
  };
  const Outcome outcome = run(scenario);
  EXPECT_EQ(outcome.log, (Lines{"connect /chat", "drop"}));
  EXPECT_THAT(outcome.output, ::testing::StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(outcome.output, HasSubstr("X-Why: because\r\n"));
  EXPECT_THAT(outcome.output, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(outcome.output, ::testing::EndsWith("not for you\n"));
  EXPECT_THAT(outcome.notClean, HasSubstr("403"));
}

TEST(EngineServerOpening, BadRequests) {
  struct {
    std::string request;
    const char* status;
  } const cases[] = {
      {"GET /chat HTTP/1.1\r\nHost : h\r\n\r\n", "400"},
      {"\x16\x03\x01\x02\x00\x01\r\n\r\n"s, "400"},
      {"GET /chat HTTP/1.1\r\nHost: h\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", "431"},
      {"GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
       "13\r\n\r\n",
       "400"},
      {"GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
       "12\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
       "426"},
      {"POST /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: "
       "Upgrade\r\nSec-WebSocket-Version: 13\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
       "405"},
  };
  for (const auto& c : cases) {
    const Outcome outcome = run(opening(c.request + "more"));
    EXPECT_EQ(outcome.log, Lines{"drop"}) << c.request;
    EXPECT_THAT(outcome.output, ::testing::StartsWith("HTTP/1.1 "s + c.status));
    EXPECT_FALSE(outcome.close.wasClean);
  }
}

/// What stands behind an upgrade that was refused may be meant for somebody else: nobody reads it.
TEST(EngineServerOpening, NothingFollowsARefusedUpgrade) {
  const std::string refused[] = {
      upgrade("Content-Length: 5\r\n"),
      upgrade("Transfer-Encoding: chunked\r\n"),
      upgrade("Origin: http://a.example\r\nOrigin: http://b.example\r\n"),
      upgrade("Sec-WebSocket-Version: 13\r\n"),
      "POST" + upgrade().substr(3),
  };
  const std::string behind = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n" + upgrade() + fromClient(1, "hi");
  for (const std::string& each : refused) {
    const Outcome outcome = run(opening(each + behind));
    EXPECT_EQ(outcome.log, Lines{"drop"}) << each;
    EXPECT_THAT(outcome.output, HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(outcome.output.find("HTTP/1.1 "), outcome.output.rfind("HTTP/1.1 ")) << outcome.output;
  }
  Scenario denied = opening(upgrade() + behind);
  denied.react = [](Engine& engine, const Event& event) {
    if (event.type != EventType::connect) return false;
    engine.deny(403, "no");
    return true;
  };
  EXPECT_EQ(run(denied).log, (Lines{"connect /chat", "drop"}));
}

TEST(EngineServerOpening, FlashPolicy) {
  Scenario scenario = opening("<policy-file-request/>\0"s);
  scenario.serverOptions.serveFlashSocketPolicy = true;
  const Outcome outcome = run(scenario);
  EXPECT_EQ(outcome.log, Lines{"drop"});
  EXPECT_EQ(outcome.output, scenario.serverOptions.flashSocketPolicy + "\0"s);
  scenario.steps = {{upgrade()}};
  EXPECT_EQ(run(scenario).log, (Lines{"connect /chat", "open"}));
  scenario.steps = {{"<polite"s + "\r\n\r\n"}};
  EXPECT_THAT(run(scenario).output, ::testing::StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(run(opening("<policy-file-request/>\0\r\n\r\n"s)).output,
              ::testing::StartsWith("HTTP/1.1 400"));
}

/// Feeds and pumps by hand until the wanted event.
void feedUntil(Engine& engine, std::string& bytes, EventType wanted) {
  engine.feed(bytes);
  ASSERT_EQ(engine.next().type, wanted);
}

/// The deadline is absolute: who sends an octet now and then gets no more time.
TEST(EngineServerOpening, AnOctetNowAndThenGainsNoTime) {
  Engine slow = server();
  const std::string head = upgrade();
  auto now = kStart;
  for (std::size_t i = 0; i < 9; ++i) {
    now += 500ms;
    slow.setTime(now);
    std::string octet(1, head[i]);
    slow.feed(octet);
    EXPECT_EQ(slow.next().type, EventType::none);
    slow.handleTimeout();
    EXPECT_EQ(slow.next().type, EventType::none);
    EXPECT_EQ(slow.nextDeadline(), kStart + 5s);
  }
  slow.setTime(kStart + 5s);
  slow.handleTimeout();
  EXPECT_EQ(slow.next().type, EventType::drop);
  EXPECT_THAT(drain(slow), ::testing::StartsWith("HTTP/1.1 408 "));
}

TEST(EngineServerOpening, TimeoutAnswers408WhenSomethingCame) {
  Engine silent = server();
  EXPECT_EQ(silent.nextDeadline(), kStart + 5s);
  silent.setTime(kStart + 4999ms);
  silent.handleTimeout();
  EXPECT_EQ(silent.next().type, EventType::none);
  silent.setTime(kStart + 5s);
  silent.handleTimeout();
  Event event = silent.next();
  EXPECT_TRUE(event.type == EventType::drop && event.abort);
  EXPECT_TRUE(silent.output().empty());

  Engine slow = server();
  std::string some = "GET /ch";
  feedUntil(slow, some, EventType::none);
  slow.setTime(kStart + 5s);
  slow.handleTimeout();
  event = slow.next();
  EXPECT_TRUE(event.type == EventType::drop && !event.abort);
  EXPECT_THAT(drain(slow), ::testing::StartsWith("HTTP/1.1 408 "));

  // The peer has done its part; the application takes its time.
  Engine undecided = server();
  std::string whole = upgrade();
  feedUntil(undecided, whole, EventType::connect);
  undecided.setTime(kStart + 5s);
  undecided.handleTimeout();
  EXPECT_EQ(undecided.next().type, EventType::drop);
  EXPECT_THAT(drain(undecided), ::testing::StartsWith("HTTP/1.1 503 "));

  ServerOptions patient;
  patient.openHandshakeTimeout = 0ms;
  EXPECT_EQ(server(patient).nextDeadline(), Engine::TimePoint::max());
}

TEST(EngineServerOpening, KeepAliveGetsAFreshTimeout) {
  Engine engine = server();
  std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  engine.setTime(kStart + 3s);
  feedUntil(engine, request, EventType::httpRequest);
  engine.respond({});
  EXPECT_EQ(engine.nextDeadline(), kStart + 8s);
  drain(engine);
  engine.setTime(kStart + 8s);
  engine.handleTimeout();
  const Event event = engine.next();
  EXPECT_TRUE(event.type == EventType::drop && event.abort);
  EXPECT_TRUE(engine.output().empty());
}

/// The application decides when the connection is gone already: nothing comes back to life.
TEST(EngineServerOpening, DecisionsThatComeTooLate) {
  for (const bool timedOut : {true, false}) {
    for (const bool accepts : {true, false}) {
      Engine engine = server();
      std::string request = upgrade();
      feedUntil(engine, request, EventType::connect);
      if (timedOut) {
        engine.setTime(kStart + 5s);
        engine.handleTimeout();
        EXPECT_EQ(engine.next().type, EventType::drop);
      } else {
        engine.transportLost();
      }
      drain(engine);
      if (accepts)
        engine.accept({});
      else
        engine.deny(404, "no");
      EXPECT_EQ(engine.next().type, EventType::none);
      EXPECT_TRUE(engine.output().empty());
      EXPECT_FALSE(engine.wasEverOpen());
      EXPECT_NE(engine.state(), State::open);
    }
  }
  Engine engine = server();
  std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  feedUntil(engine, request, EventType::httpRequest);
  engine.transportLost();
  engine.respond({});
  EXPECT_TRUE(engine.output().empty());
  EXPECT_EQ(engine.nextDeadline(), Engine::TimePoint::max());
}

TEST(EngineServerOpening, AnswersToQuestionsNotAsked) {
  Engine engine = server();
  EXPECT_THROW(engine.accept({}), InvalidState);
  EXPECT_THROW(engine.deny(404, "no"), InvalidState);
  EXPECT_THROW(engine.respond({}), InvalidState);
  std::string request = upgrade();
  feedUntil(engine, request, EventType::connect);
  EXPECT_THROW(engine.respond({}), InvalidState);
  engine.accept({});
  EXPECT_THROW(engine.accept({}), InvalidState);
  EXPECT_THROW(engine.confirm(), InvalidState);
}

TEST(EngineServerOpening, Timings) {
  ServerOptions options;
  options.trackTimings = true;
  Engine engine = server(options);
  engine.setTime(kStart + 1s);
  std::string request = upgrade();
  feedUntil(engine, request, EventType::connect);
  engine.setTime(kStart + 2s);
  engine.accept({});
  EXPECT_EQ(engine.timings().handshakeStarted, kStart + 1s);
  EXPECT_EQ(engine.timings().opened, kStart + 2s);
}

}  // namespace
}  // namespace autobahn::websocket::testing
