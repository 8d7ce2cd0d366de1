// The closing handshake and the other ways to end (RFC 6455 sections 5.5.1 and 7).
#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

std::string fromPeer(Role role, int opcode, std::string_view payload) {
  return frame({.opcode = opcode, .payload = payload, .masked = role == Role::server});
}

TEST(EngineClose, EveryCodeByTheTable) {
  for (int code = 0; code <= 5000; ++code) {
    Engine engine = openServer();
    std::string bytes = fromClient(8, closePayload(static_cast<std::uint16_t>(code), "why"));
    engine.feed(bytes);
    const Event event = engine.next();
    ASSERT_EQ(event.type, EventType::drop);
    const bool allowed = mayReceiveCloseCode(static_cast<std::uint16_t>(code));
    ASSERT_EQ(event.abort, !allowed) << code;
    engine.transportLost();
    ASSERT_EQ(engine.closeInfo().wasClean, allowed) << code;
    ASSERT_EQ(engine.closeInfo().code, allowed ? code : 1006);
    ASSERT_EQ(describeFrames(drain(engine)), allowed ? Lines{"close 1000 \"\""} : Lines{}) << code;
  }
}

TEST(EngineClose, ByThePeer) {
  for (const Role role : {Role::server, Role::client}) {
    const std::string mask = role == Role::client ? "masked " : "";
    const Lines drops = role == Role::server ? Lines{"drop"} : Lines{};
    struct {
      std::string payload;
      bool echo;
      std::uint16_t code;
      const char* reason;
      const char* answer;
    } const cases[] = {
        {"", false, 1005, "", "close 1000 \"\""},
        {"", true, 1005, "", "close \"\""},
        {closePayload(1000), false, 1000, "", "close 1000 \"\""},
        {closePayload(1001, "going"), false, 1001, "going", "close 1000 \"\""},
        {closePayload(4321, "going"), true, 4321, "going", "close 4321 \"going\""},
        {closePayload(3000, std::string(123, 'r')), false, 3000, "r", "close 1000 \"\""},
    };
    for (const auto& c : cases) {
      Scenario scenario{.role = role};
      scenario.serverOptions.echoCloseCodeReason = scenario.clientOptions.echoCloseCodeReason = c.echo;
      // What comes behind a Close frame is no longer looked at, however wrong.
      scenario.steps = {{fromPeer(role, 8, c.payload) + fromPeer(role, 1, "late") + "\xff\xff\xff"s},
                        {"\xff"s}};
      const Outcome outcome = run(scenario);
      EXPECT_EQ(eventsOf(outcome), drops);
      EXPECT_EQ(describeFrames(outcome.output), Lines{mask + c.answer});
      EXPECT_TRUE(outcome.close.wasClean);
      EXPECT_EQ(outcome.close.code, c.code);
      EXPECT_EQ(outcome.close.reason.substr(0, std::strlen(c.reason)), c.reason);
    }
  }
}

TEST(EngineClose, DamagedCloseFrames) {
  struct {
    std::string payload;
    std::uint16_t code;
    bool validates;
  } const cases[] = {
      {"\x03", 1002, true},
      {closePayload(1000, "\xff"), 1007, true},
      {closePayload(1000, "abc\xe2\x82"), 1007, true},
      {closePayload(1000, "\xed\xa0\x80"), 1007, true},
      {closePayload(1005), 1002, false},
      {closePayload(999, "\xff"), 1002, true},
  };
  for (const auto& c : cases) {
    Scenario scenario;
    scenario.serverOptions.failByDrop = false;
    scenario.serverOptions.utf8validateIncoming = c.validates;
    scenario.steps = {{fromClient(8, c.payload) + fromClient(1, "late")}};
    Outcome outcome = run(scenario);
    EXPECT_EQ(eventsOf(outcome), Lines{"drop"});
    const auto frames = framesIn(outcome.output);
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].payload.substr(0, 2), closePayload(c.code));
    EXPECT_FALSE(outcome.close.wasClean);
    EXPECT_EQ(outcome.close.code, 1006);
    scenario.serverOptions.failByDrop = true;
    outcome = run(scenario);
    EXPECT_EQ(eventsOf(outcome), Lines{"drop abort"});
    EXPECT_EQ(outcome.output, "");
  }
  Scenario lax;
  lax.serverOptions.utf8validateIncoming = false;
  lax.steps = {{fromClient(8, closePayload(1000, "\xff"))}};
  EXPECT_TRUE(run(lax).close.wasClean);
}

TEST(EngineClose, ByUs) {
  for (const Role role : {Role::server, Role::client}) {
    const std::string mask = role == Role::client ? "masked " : "";
    Scenario scenario{.role = role};
    scenario.steps = {
        {"",
         [](Engine& engine) {
           EXPECT_TRUE(engine.sendClose(3333, "bye"));
           EXPECT_EQ(engine.state(), State::closing);
           EXPECT_TRUE(engine.endedByCaller());
           EXPECT_FALSE(engine.sendClose());
           EXPECT_FALSE(engine.sendMessage(std::string_view("no")));
           EXPECT_FALSE(engine.sendPing());
           EXPECT_FALSE(engine.beginMessage());
           EXPECT_EQ(engine.localCloseCode(), 3333);
           EXPECT_EQ(engine.localCloseReason(), "bye");
         }},
        // Until the peer's Close, its messages still count (section 5.5.1).
        {fromPeer(role, 1, "still") + fromPeer(role, 9, "p") + fromPeer(role, 8, closePayload(1001, "ok"))},
        {fromPeer(role, 1, "late")}};
    const Outcome outcome = run(scenario);
    Lines want{"text \"still\"", "ping \"p\""};
    if (role == Role::server) want.push_back("drop");
    EXPECT_EQ(eventsOf(outcome), want);
    EXPECT_EQ(describeFrames(outcome.output), Lines{mask + "close 3333 \"bye\""});
    EXPECT_TRUE(outcome.close.wasClean);
    EXPECT_EQ(outcome.close.code, 1001);
    EXPECT_EQ(outcome.close.reason, "ok");
    EXPECT_EQ(outcome.notClean, "");
  }
}

TEST(EngineClose, BothAtOnce) {
  Engine a = openServer();
  Engine b = openClient();
  a.sendClose(1001, "a");
  b.sendClose(1000, "b");
  std::string fromA = drain(a);
  std::string fromB = drain(b);
  a.feed(fromB);
  b.feed(fromA);
  EXPECT_EQ(a.next().type, EventType::drop);
  EXPECT_EQ(b.next().type, EventType::none);
  EXPECT_TRUE(a.output().empty());
  EXPECT_TRUE(b.output().empty());
  a.transportLost();
  b.transportLost();
  EXPECT_TRUE(a.closeInfo().wasClean);
  EXPECT_EQ(a.closeInfo().code, 1000);
  EXPECT_EQ(b.closeInfo().code, 1001);
}

TEST(EngineClose, Arguments) {
  Engine engine = openServer();
  for (int code = 1; code <= 5000; ++code) {
    if (maySendCloseCode(static_cast<std::uint16_t>(code))) continue;
    ASSERT_THROW(engine.sendClose(static_cast<std::uint16_t>(code)), std::invalid_argument) << code;
  }
  EXPECT_THROW(engine.sendClose(0, "reason without code"), std::invalid_argument);
  EXPECT_THROW(engine.sendClose(1000, "\xff"), std::invalid_argument);
  EXPECT_EQ(engine.state(), State::open);
  EXPECT_TRUE(engine.sendClose(0));
  EXPECT_EQ(describeFrames(drain(engine)), Lines{"close \"\""});
  Engine connecting = server();
  EXPECT_FALSE(connecting.sendClose());
}

TEST(EngineClose, LongReasonIsCutAtACodePoint) {
  std::string reason(122, 'r');
  reason += "\xc3\xa4 and more";
  Engine engine = openServer();
  EXPECT_TRUE(engine.sendClose(1000, reason));
  EXPECT_EQ(framesIn(drain(engine)).at(0).payload, closePayload(1000, std::string(122, 'r')));
  EXPECT_EQ(engine.localCloseReason(), std::string(122, 'r'));
}

TEST(EngineClose, FailAsTheApplicationWants) {
  ServerOptions options;
  options.failByDrop = false;
  for (const std::uint16_t code :
       std::initializer_list<std::uint16_t>{1002, 1003, 1007, 1008, 1009, 1010, 1011}) {
    Engine engine = openServer(options);
    engine.fail(code, "because");
    const Event event = engine.next();
    EXPECT_EQ(event.type, EventType::drop);
    EXPECT_FALSE(event.abort);
    EXPECT_EQ(describeFrames(drain(engine)), Lines{"close " + std::to_string(code) + " \"because\""});
    EXPECT_EQ(engine.localCloseCode(), code);
    EXPECT_EQ(engine.next().type, EventType::none);
  }
  Engine dropped = openServer();
  dropped.fail(1011, "because");
  const Event event = dropped.next();
  EXPECT_TRUE(event.type == EventType::drop && event.abort);
  EXPECT_TRUE(dropped.output().empty());
  EXPECT_THAT(dropped.wasNotCleanReason(), ::testing::HasSubstr("because"));
}

TEST(EngineClose, ViolationWhileClosingSendsNoSecondClose) {
  Scenario scenario;
  scenario.serverOptions.failByDrop = false;
  scenario.steps = {{"", [](Engine& engine) { engine.sendClose(1000, "bye"); }}, {fromClient(3, "bad")}};
  const Outcome outcome = run(scenario);
  EXPECT_EQ(eventsOf(outcome), Lines{"drop abort"});
  EXPECT_EQ(describeFrames(outcome.output), Lines{"close 1000 \"bye\""});
  EXPECT_EQ(outcome.close.code, 1006);
}

TEST(EngineClose, DropByTheApplication) {
  for (const bool abort : {false, true}) {
    Engine engine = openServer();
    engine.sendMessage(std::string_view("last"));
    engine.dropConnection(abort, "");
    EXPECT_TRUE(engine.endedByCaller());
    const Event event = engine.next();
    EXPECT_EQ(event.type, EventType::drop);
    EXPECT_EQ(event.abort, abort);
    EXPECT_FALSE(engine.sendMessage(std::string_view("no")));
    std::string late = fromClient(1, "late");
    engine.feed(late);
    EXPECT_EQ(engine.next().type, EventType::none);
    engine.transportLost();
    EXPECT_EQ(engine.state(), State::closed);
    EXPECT_EQ(engine.closeInfo().code, 1006);
    EXPECT_FALSE(engine.closeInfo().wasClean);
  }
}

/// A handshake that was completed stays completed (section 7.1.4).
TEST(EngineClose, DropBehindACompletedHandshakeIsClean) {
  Engine engine = openClient();
  engine.sendClose(1000);
  std::string answer = fromServer(8, closePayload(1000));
  engine.feed(answer);
  EXPECT_EQ(engine.next().type, EventType::none);
  engine.dropConnection(false);
  EXPECT_EQ(engine.next().type, EventType::drop);
  engine.transportLost();
  EXPECT_TRUE(engine.closeInfo().wasClean);
  EXPECT_EQ(engine.closeInfo().code, 1000);
}

TEST(EngineClose, TransportLost) {
  Engine open = openServer();
  open.transportLost();
  EXPECT_EQ(open.closeInfo().code, 1006);
  EXPECT_THAT(open.closeInfo().reason, ::testing::HasSubstr("without previous WebSocket closing handshake"));
  Engine detail = openServer();
  detail.transportLost("connection reset");
  EXPECT_EQ(detail.wasNotCleanReason(), "connection reset");
  Engine early = server();
  early.transportLost();
  EXPECT_FALSE(early.wasEverOpen());
  EXPECT_THAT(early.wasNotCleanReason(), ::testing::HasSubstr("before the opening handshake"));
  Engine tls = client();
  tls.transportLost("certificate expired", true);
  EXPECT_EQ(tls.closeInfo().code, 1015);
  Engine ours = openServer();
  ours.sendClose();
  ours.transportLost();
  EXPECT_EQ(ours.closeInfo().code, 1006);
  ours.transportLost("twice");
  EXPECT_EQ(ours.next().type, EventType::none);
  EXPECT_EQ(ours.nextDeadline(), Engine::TimePoint::max());
}

/// A frame that was begun is finished before the Close frame goes out (section 5.5.1 forbids data behind it).
TEST(EngineClose, InsideAStreamedFrame) {
  Engine engine = openServer();
  engine.beginMessage();
  engine.beginMessageFrame(4);
  EXPECT_EQ(engine.sendMessageFrameData("ab"), 2);
  EXPECT_TRUE(engine.sendClose(1000, "bye"));
  EXPECT_FALSE(engine.sendPing());
  EXPECT_EQ(engine.sendMessageFrameData("cd"), 0);
  EXPECT_EQ(describeFrames(drain(engine)), (Lines{"text nofin \"abcd\"", "close 1000 \"bye\""}));
  EXPECT_FALSE(engine.endMessage());
  EXPECT_EQ(engine.sendMessageFrameData("ef"), 0);
  EXPECT_TRUE(engine.output().empty());
}

TEST(EngineClose, TimingsOfALife) {
  ServerOptions options;
  options.trackTimings = true;
  Engine engine = server(options);
  engine.setTime(kStart + 1s);
  engine.openUpgraded();
  engine.setTime(kStart + 2s);
  engine.sendClose();
  engine.setTime(kStart + 3s);
  engine.transportLost();
  const Timings timings = engine.timings();
  EXPECT_EQ(timings.created, kStart);
  EXPECT_EQ(timings.opened, kStart + 1s);
  EXPECT_EQ(timings.closeStarted, kStart + 2s);
  EXPECT_EQ(timings.closed, kStart + 3s);
  EXPECT_EQ(openServer().timings().opened, Timings::Clock::time_point{});
}

}  // namespace
}  // namespace autobahn::websocket::testing
