// Time-outs and automatic pings. Time is told, so nothing here waits.
#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto kNever = Engine::TimePoint::max();

/// Lets the time come and returns what is due.
Event at(Engine& engine, std::chrono::milliseconds time) {
  engine.setTime(kStart + time);
  engine.handleTimeout();
  return engine.next();
}

bool isAbort(const Event& event) { return event.type == EventType::drop && event.abort; }

template <class Options>
Options pinging(std::chrono::milliseconds interval, std::chrono::milliseconds timeout, bool restart = true) {
  Options options;
  options.autoPingInterval = interval;
  options.autoPingTimeout = timeout;
  options.autoPingRestartOnAnyTraffic = restart;
  options.trackTimings = true;
  return options;
}

TEST(EngineTime, IdleConnectionWaitsForNothing) {
  Engine engine = openServer();
  EXPECT_EQ(engine.nextDeadline(), kNever);
  EXPECT_EQ(at(engine, 100h).type, EventType::none);
  EXPECT_EQ(engine.state(), State::open);
}

TEST(EngineTime, PeerThatDoesNotCloseIsDropped) {
  Engine engine = openServer();
  engine.setTime(kStart + 1s);
  engine.sendClose();
  EXPECT_EQ(engine.nextDeadline(), kStart + 2s);
  EXPECT_EQ(at(engine, 1999ms).type, EventType::none);
  EXPECT_TRUE(isAbort(at(engine, 2s)));
  EXPECT_THAT(engine.wasNotCleanReason(), HasSubstr("closing handshake in time"));

  ServerOptions patient;
  patient.closeHandshakeTimeout = 0ms;
  Engine waiting = openServer(patient);
  waiting.sendClose();
  EXPECT_EQ(waiting.nextDeadline(), kNever);
}

TEST(EngineTime, ServerThatDoesNotEndTcpIsDropped) {
  ClientOptions options;
  options.serverConnectionDropTimeout = 3s;
  Engine engine = openClient(options);
  std::string close = fromServer(8, closePayload(1001));
  engine.feed(close);
  EXPECT_EQ(engine.next().type, EventType::none);
  EXPECT_EQ(engine.nextDeadline(), kStart + 3s);
  EXPECT_TRUE(isAbort(at(engine, 3s)));
  EXPECT_THAT(engine.wasNotCleanReason(), HasSubstr("did not drop the TCP connection"));

  options.serverConnectionDropTimeout = 0ms;
  Engine waiting = openClient(options);
  close = fromServer(8, closePayload(1001));
  waiting.feed(close);
  waiting.next();
  EXPECT_EQ(waiting.nextDeadline(), kNever);
}

TEST(EngineTime, LingeringEnds) {
  Engine engine = openServer();
  std::string close = fromClient(8, closePayload(1000));
  engine.feed(close);
  Event event = engine.next();
  EXPECT_TRUE(event.type == EventType::drop && !event.abort);
  EXPECT_EQ(engine.nextDeadline(), kStart + 1s);
  EXPECT_TRUE(isAbort(at(engine, 1s)));
  engine.transportLost();
  EXPECT_TRUE(engine.closeInfo().wasClean);

  ServerOptions options;
  options.closeHandshakeTimeout = 0ms;
  Engine other = openServer(options);
  close = fromClient(8, closePayload(1000));
  other.feed(close);
  EXPECT_EQ(other.next().type, EventType::drop);
  EXPECT_NE(other.nextDeadline(), kNever);  // somebody has to end it
}

TEST(EngineTime, PingsAtTheInterval) {
  for (const std::size_t size : {4U, 12U, 125U}) {
    ServerOptions options = pinging<ServerOptions>(10s, 0ms);
    options.autoPingSize = size;
    Engine engine = openServer(options);
    EXPECT_EQ(engine.nextDeadline(), kStart + 10s);
    std::string last;
    for (int i = 1; i <= 3; ++i) {
      EXPECT_EQ(at(engine, i * 10s - 1ms).type, EventType::none);
      EXPECT_TRUE(engine.output().empty());
      EXPECT_EQ(at(engine, i * 10s).type, EventType::none);
      const auto frames = framesIn(drain(engine));
      ASSERT_EQ(frames.size(), 1u);
      EXPECT_EQ(frames[0].header.opcode, Opcode::ping);
      EXPECT_EQ(frames[0].payload.size(), size);
      EXPECT_NE(frames[0].payload, last);
      last = frames[0].payload;
      EXPECT_EQ(engine.timings().lastPingSent, kStart + i * 10s);
    }
    EXPECT_EQ(engine.state(), State::open);
  }
}

TEST(EngineTime, NoPongNoConnection) {
  for (const bool restart : {true, false}) {
    Engine engine = openClient(pinging<ClientOptions>(10s, 4s, restart));
    at(engine, 10s);
    EXPECT_EQ(engine.nextDeadline(), kStart + 14s);
    EXPECT_EQ(at(engine, 13999ms).type, EventType::none);
    EXPECT_TRUE(isAbort(at(engine, 14s)));
    EXPECT_THAT(engine.wasNotCleanReason(), HasSubstr("ping"));
    EXPECT_EQ(engine.closeInfo().code, 1006);
  }
}

TEST(EngineTime, PongKeepsTheConnectionAndIsMeasured) {
  for (const bool restart : {true, false}) {
    for (const auto timeout : {4000ms, 0ms}) {
      Engine engine = openServer(pinging<ServerOptions>(10s, timeout, restart));
      at(engine, 10s);
      std::string pong = fromClient(10, framesIn(drain(engine)).at(0).payload);
      engine.setTime(kStart + 10s + 150ms);
      engine.feed(pong);
      EXPECT_EQ(engine.next().type, EventType::pong);
      EXPECT_EQ(engine.timings().lastPingRoundTrip, 150ms) << restart << timeout.count();
      EXPECT_EQ(at(engine, 15s).type, EventType::none);
      EXPECT_TRUE(engine.output().empty());
      EXPECT_EQ(at(engine, 20s + 150ms).type, EventType::none);
      EXPECT_EQ(framesIn(drain(engine)).size(), 1u);
    }
  }
}

TEST(EngineTime, ForeignPongCountsOnlyAsTraffic) {
  Engine strict = openServer(pinging<ServerOptions>(10s, 4s, false));
  at(strict, 10s);
  std::string pong = fromClient(10, "other");
  strict.feed(pong);
  EXPECT_EQ(strict.next().type, EventType::pong);
  EXPECT_TRUE(isAbort(at(strict, 14s)));

  Engine lax = openServer(pinging<ServerOptions>(10s, 4s, true));
  at(lax, 10s);
  pong = fromClient(10, "other");
  lax.feed(pong);
  lax.next();
  EXPECT_EQ(at(lax, 14s).type, EventType::none);
  EXPECT_EQ(lax.nextDeadline(), kStart + 20s);
}

TEST(EngineTime, TrafficDelaysThePing) {
  Engine lax = openServer(pinging<ServerOptions>(10s, 4s, true));
  Engine strict = openServer(pinging<ServerOptions>(10s, 4s, false));
  for (Engine* engine : {&lax, &strict}) {
    engine->setTime(kStart + 9s);
    std::string some = fromClient(1, "hello").substr(0, 3);
    engine->feed(some);
    EXPECT_EQ(engine->next().type, EventType::none);
  }
  EXPECT_EQ(lax.nextDeadline(), kStart + 19s);
  EXPECT_EQ(strict.nextDeadline(), kStart + 10s);
  // Also while the peer sends one long frame, received into the window.
  Engine window = openServer(pinging<ServerOptions>(10s, 4s, true));
  std::string start = fromClient(2, std::string(100'000, 'a')).substr(0, 100);
  window.feed(start);
  window.next();
  at(window, 10s);
  const std::span<char> space = window.receiveWindow();
  ASSERT_FALSE(space.empty());
  window.received(1);
  window.next();
  EXPECT_EQ(at(window, 14s).type, EventType::none);
}

TEST(EngineTime, PongBehindOurCloseStartsNoPings) {
  ServerOptions options = pinging<ServerOptions>(10s, 4s);
  options.closeHandshakeTimeout = 0ms;
  Engine engine = openServer(options);
  at(engine, 10s);
  std::string pong = fromClient(10, framesIn(drain(engine)).at(0).payload);
  engine.sendClose();
  drain(engine);
  engine.feed(pong);
  EXPECT_EQ(engine.next().type, EventType::pong);
  EXPECT_EQ(engine.nextDeadline(), kNever);
  EXPECT_EQ(at(engine, 60s).type, EventType::none);
  EXPECT_TRUE(engine.output().empty());
}

/// The machine has slept: what is due is done once, not as often as it would have been, and then time goes
/// on.
TEST(EngineTime, ALeapOfHours) {
  Engine pinging10 = openServer(pinging<ServerOptions>(10s, 0ms));
  for (int leap = 1; leap <= 3; ++leap) {
    const auto time = leap * 10h;
    EXPECT_EQ(at(pinging10, time).type, EventType::none);
    EXPECT_EQ(at(pinging10, time).type, EventType::none);
    EXPECT_EQ(framesIn(drain(pinging10)).size(), 1u);
    EXPECT_EQ(pinging10.nextDeadline(), kStart + time + 10s);
  }
  // Backwards, which a steady clock does not go: nothing is due.
  EXPECT_EQ(at(pinging10, 1s).type, EventType::none);
  EXPECT_TRUE(pinging10.output().empty());

  // A ping that was sent in time for the leap has no answer behind it.
  Engine waiting = openServer(pinging<ServerOptions>(10s, 4s));
  at(waiting, 10s);
  EXPECT_EQ(framesIn(drain(waiting)).size(), 1u);
  EXPECT_TRUE(isAbort(at(waiting, 10h)));
  EXPECT_TRUE(waiting.output().empty());

  Engine opening = server();
  EXPECT_TRUE(isAbort(at(opening, 10h)));
  opening.transportLost();
  EXPECT_EQ(at(opening, 20h).type, EventType::none);
  EXPECT_EQ(opening.nextDeadline(), kNever);
}

TEST(EngineTime, NoPingsBehindAClose) {
  Engine engine = openServer(pinging<ServerOptions>(1s, 1s));
  ServerOptions options;
  engine.sendClose();
  drain(engine);
  EXPECT_TRUE(isAbort(at(engine, 5s)));
  EXPECT_TRUE(engine.output().empty());
}

}  // namespace
}  // namespace autobahn::websocket::testing
