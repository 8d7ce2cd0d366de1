// Framing, PINGs, sizes, ending (section "Framing").
#include "testing/engine_harness.hpp"

namespace autobahn::inline v0::rawsocket::testing {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

const std::string kHello = four(0x7F, 0xF1);

std::string patterned(std::size_t size) {
  std::string payload(size, '\0');
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 31 + i / 251);
  return payload;
}

/// Without the events of the handshake.
Lines behindHandshake(const Outcome& outcome, Role role = Role::server) {
  const auto skipped = role == Role::server ? 2 : 1;
  EXPECT_GE(outcome.log.size(), static_cast<std::size_t>(skipped));
  return {outcome.log.begin() + skipped, outcome.log.end()};
}

TEST(RawSocketEngine, EchoesMessagesOfAllSizesInBothRoles) {
  for (const Role role : {Role::server, Role::client}) {
    Scenario scenario{.role = role, .input = kHello, .echo = true};
    std::string echoes = kHello;
    Lines expected;
    for (const std::size_t size : {0U, 1U, 3U, 4U, 5U, 255U, 256U, 4095U, 8192U, 65535U, 65536U, 100'000U}) {
      const std::string payload = patterned(size);
      scenario.input += message(payload);
      echoes += message(payload);
      expected.push_back("message " + shown(payload));
    }
    expected.emplace_back("drop");
    const Outcome outcome = run(scenario);
    EXPECT_EQ(behindHandshake(outcome, role), expected);
    EXPECT_TRUE(outcome.output == echoes);
    EXPECT_TRUE(outcome.close.wasClean);
    EXPECT_EQ(outcome.close.reason, "closed by the peer");
  }
}

TEST(RawSocketEngine, SixteenMebibytesHaveABitOfTheirOwn) {
  const std::string payload = patterned(kGreatestMaxPayload);
  const std::string almost = payload.substr(1);
  Scenario scenario{.input = kHello + head(0x08, 0) + payload + message(almost) + message("after"),
                    .echo = true};
  const Outcome outcome = run(scenario, 4);
  EXPECT_EQ(behindHandshake(outcome),
            (Lines{"message " + shown(payload), "message " + shown(almost), "message \"after\"", "drop"}));
  EXPECT_TRUE(outcome.output == scenario.input);
}

TEST(RawSocketEngine, EveryPingIsAnsweredAtOnceWithItsPayload) {
  const std::string large = patterned(70'000);
  Scenario scenario{
      .input = kHello + ping("") + message("a") + ping("one") + pong("unasked") + ping(large) + message("b"),
      .echo = true};
  const Outcome outcome = run(scenario);
  EXPECT_EQ(behindHandshake(outcome), (Lines{"ping \"\"", "message \"a\"", "ping \"one\"", "pong \"unasked\"",
                                             "ping " + shown(large), "message \"b\"", "drop"}));
  EXPECT_TRUE(outcome.output == kHello + pong("") + message("a") + pong("one") + pong(large) + message("b"));
}

struct Violation {
  const char* name;
  std::string bytes;
  const char* reason;
};

TEST(RawSocketEngine, FailsTheConnectionAtTheHeader) {
  const std::vector<Violation> cases = {
      {"message over our maximum", head(0, 1025), "message of 1025 octets, announced were at most 1024"},
      {"16 MiB", head(8, 0), "message of 16777216 octets"},
      {"PING over our maximum", head(1, 2000), "PING of 2000 octets, announced were at most 1024"},
      {"PONG over our maximum", head(2, 2000), "PONG of 2000 octets"},
      {"PING over the peer's own maximum", head(1, 513), "asks for a PONG larger than the 512 octets"},
      {"type 3", head(3, 0), "reserved type 3"},
      {"type 4", head(4, 0), "reserved type 4"},
      {"type 5", head(5, 0), "reserved type 5"},
      {"type 6", head(6, 0), "reserved type 6"},
      {"type 7", head(7, 0), "reserved type 7"},
      {"reserved bit 4", head(0x10, 0), "reserved bits: the first octet is 0x10"},
      {"reserved bit 5", head(0x20, 0), "reserved bits: the first octet is 0x20"},
      {"reserved bit 6", head(0x40, 0), "reserved bits: the first octet is 0x40"},
      {"reserved bit 7", head(0x81, 0), "reserved bits: the first octet is 0x81"},
      {"extra bit and a length", head(8, 1), "the bit for 16 MiB and a length of 1"},
  };
  for (const Violation& bad : cases) {
    SCOPED_TRACE(bad.name);
    Scenario scenario{.input = four(0x7F, 0x01) + message("good") + bad.bytes + message("never seen")};
    scenario.serverOptions.maxMessagePayloadSize = 1024;
    const Outcome outcome = run(scenario);
    EXPECT_EQ(behindHandshake(outcome), (Lines{"message \"good\"", "drop abort"}));
    EXPECT_EQ(outcome.output, four(0x7F, 0x11));
    EXPECT_FALSE(outcome.close.wasClean);
    EXPECT_THAT(outcome.close.reason, HasSubstr(bad.reason));
  }
}

TEST(RawSocketEngine, AnEndInsideAFrameIsNotClean) {
  const std::string whole = message("0123456789");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    Scenario scenario{.input = kHello + whole.substr(0, size)};
    const Outcome outcome = run(scenario, 4);
    EXPECT_EQ(behindHandshake(outcome), Lines{"drop"});
    EXPECT_FALSE(outcome.close.wasClean);
    EXPECT_THAT(outcome.close.reason, HasSubstr("inside a frame"));
    const std::string where = size > 4 ? std::to_string(size - 4) + " of 10 octets" : "";
    EXPECT_THAT(outcome.close.reason, HasSubstr(where));
  }
}

TEST(RawSocketEngine, MemoryGrowsWithWhatArrivedNotWithWhatWasDeclared) {
  Engine engine = openServer();
  const std::string header = head(8, 0) + "x";
  engine.feed(header);
  EXPECT_EQ(engine.next().type, EventType::none);
  std::size_t arrived = 1;
  while (arrived < kGreatestMaxPayload) {
    const std::span<char> window = engine.receiveWindow();
    ASSERT_LE(window.size(), std::max<std::size_t>(64 * 1024, 3 * arrived));
    const std::size_t size = std::min<std::size_t>(window.size(), 50'000);
    if (size == 0) break;
    std::fill_n(window.data(), size, 'y');
    engine.received(size);
    arrived += size;
    if (arrived == kGreatestMaxPayload) break;
    ASSERT_EQ(engine.next().type, EventType::none);
  }
  const std::string rest(kGreatestMaxPayload - arrived, 'z');
  engine.feed(rest);
  const Event event = engine.next();
  EXPECT_EQ(event.type, EventType::message);
  EXPECT_EQ(event.payload.size(), kGreatestMaxPayload);
}

TEST(RawSocketEngine, AWholeFrameIsAViewOfTheInput) {
  Engine engine = openServer();
  const std::string input = message("abc") + message(std::string(50'000, 'x'));
  engine.feed(input);
  EXPECT_EQ(engine.next().payload.data(), input.data() + 4);
  EXPECT_EQ(engine.next().payload.data(), input.data() + 11);
  EXPECT_EQ(engine.next().type, EventType::none);
}

TEST(RawSocketEngine, TooLargeForThePeerIsRefusedAndNothingIsSent) {
  Engine engine = openServer({}, 0);
  EXPECT_EQ(engine.maxSendSize(), 512U);
  EXPECT_TRUE(engine.sendMessage(std::string(512, 'x')));
  drain(engine);
  const std::string over(513, 'x');
  EXPECT_THROW(engine.sendMessage(std::string_view(over)), PayloadExceeded);
  EXPECT_THROW(engine.sendMessageBorrowed(over), PayloadExceeded);
  EXPECT_THROW(engine.sendMessage(std::string(over)), PayloadExceeded);
  EXPECT_THROW(engine.sendMessage(std::make_shared<const std::string>(over)), PayloadExceeded);
  EXPECT_THROW(engine.sendPing(over), PayloadExceeded);
  EXPECT_EQ(drain(engine), "");
  try {
    engine.sendMessage(std::string_view(over));
    FAIL() << "it was taken";
  } catch (const PayloadExceeded& error) {
    EXPECT_EQ(error.size, 513U);
    EXPECT_EQ(error.maximum, 512U);
    EXPECT_STREQ(error.what(), "payload of 513 octets: the peer receives at most 512");
  }
  EXPECT_TRUE(engine.sendMessage("the connection goes on"));
}

TEST(RawSocketEngine, EveryWayOfSendingGivesTheSameBytes) {
  for (const std::size_t size : {0U, 10U, 5000U, 9000U, 200'000U}) {
    Engine engine = openClient();
    const std::string payload = patterned(size);
    engine.sendMessage(std::string_view(payload));
    engine.sendMessageBorrowed(payload);
    engine.sendMessage(std::string(payload));
    engine.sendMessage(std::make_shared<const std::string>(payload));
    std::string expected;
    for (int i = 0; i < 4; ++i) expected += message(payload);
    EXPECT_TRUE(drain(engine, 777) == expected) << size;
  }
}

/// Whoever echoes need not know whose memory a payload lies in: that of the engine serves the next message.
TEST(RawSocketEngine, EchoesOfAnyMessageOutliveItsMemory) {
  Engine engine = openServer();
  util::BufferPool pool;
  engine.useBufferPool(pool);
  std::string expected;
  for (int i = 0; i < 3; ++i) {
    const std::string frame = message(std::string(50'000, static_cast<char>('a' + i)));
    expected += frame;
    engine.feed({frame.data(), 20'000});
    EXPECT_EQ(engine.next().type, EventType::none);
    engine.feed({frame.data() + 20'000, frame.size() - 20'000});
    engine.sendMessageBorrowed(engine.next().payload);
  }
  // Two at once, of which the second has to wait in the engine.
  std::string both = message(std::string(9000, 'x')) + message(std::string(9000, 'y'));
  expected += both;
  engine.feed(both);
  engine.sendMessage(engine.next().payload);
  engine.retain();
  both.assign(both.size(), '#');
  engine.sendMessageBorrowed(engine.next().payload);
  EXPECT_EQ(engine.next().type, EventType::none);
  both = message(std::string(9000, 'z')) + message(std::string(9000, '!'));
  engine.feed(both);
  EXPECT_EQ(engine.next().type, EventType::message);
  engine.retain();
  EXPECT_TRUE(drain(engine) == expected);
}

TEST(RawSocketEngine, ClosesInOrderAndThrowsAwayWhatStillComes) {
  Engine engine = openServer();
  const std::string input = message("first") + message("second");
  engine.feed(input);
  EXPECT_EQ(engine.next().payload, "first");
  engine.sendMessage("answer");
  engine.close();
  EXPECT_FALSE(engine.sendMessage("too late"));
  EXPECT_EQ(engine.state(), State::closing);
  const Event event = engine.next();
  EXPECT_EQ(event.type, EventType::drop);
  EXPECT_FALSE(event.abort);
  EXPECT_EQ(engine.next().type, EventType::none);
  engine.feed(input);
  EXPECT_EQ(engine.next().type, EventType::none);
  EXPECT_EQ(drain(engine), message("answer"));
  engine.inputEnded();
  engine.transportLost();
  EXPECT_TRUE(engine.closeInfo().wasClean);
  EXPECT_EQ(engine.closeInfo().reason, "closed by this end");
  EXPECT_EQ(engine.state(), State::closed);
  EXPECT_FALSE(engine.sendMessage("x"));
}

TEST(RawSocketEngine, AnOrderlyEndThatThePeerDoesNotJoinIsNotClean) {
  Engine engine = openServer();
  engine.close();
  EXPECT_EQ(engine.next().type, EventType::drop);
  EXPECT_EQ(engine.nextDeadline(), kStart + 1s);
  engine.setTime(kStart + 1s);
  engine.handleTimeout();
  const Event event = engine.next();
  EXPECT_TRUE(event.type == EventType::drop && event.abort);
  engine.transportLost();
  EXPECT_FALSE(engine.closeInfo().wasClean);
  EXPECT_THAT(engine.closeInfo().reason, HasSubstr("end the connection in time"));
}

TEST(RawSocketEngine, ALostTransportIsNotClean) {
  Engine engine = openClient();
  engine.transportLost("connection reset by peer");
  EXPECT_FALSE(engine.closeInfo().wasClean);
  EXPECT_EQ(engine.closeInfo().reason, "connection reset by peer");
  EXPECT_EQ(engine.next().type, EventType::none);
  EXPECT_EQ(engine.nextDeadline(), Engine::TimePoint::max());
  Engine closing = openClient();
  closing.close();
  closing.transportLost("broken pipe");
  EXPECT_FALSE(closing.closeInfo().wasClean);
  EXPECT_EQ(closing.closeInfo().reason, "broken pipe");
}

TEST(RawSocketEngine, AbortsAtOnce) {
  Engine engine = openClient();
  engine.abort("enough");
  engine.close();
  const Event event = engine.next();
  EXPECT_TRUE(event.type == EventType::drop && event.abort);
  engine.transportLost();
  EXPECT_FALSE(engine.closeInfo().wasClean);
  EXPECT_EQ(engine.closeInfo().reason, "enough");
}

// ---- Keeping alive

ServerOptions pinging(bool restart) {
  ServerOptions options;
  options.autoPingInterval = 10s;
  options.autoPingTimeout = 5s;
  options.autoPingRestartOnAnyTraffic = restart;
  return options;
}

void at(Engine& engine, std::chrono::milliseconds time) {
  engine.setTime(kStart + time);
  engine.handleTimeout();
}

TEST(RawSocketEngine, PingsByItselfAndFailsWithoutAnAnswer) {
  Engine engine = openServer(pinging(false));
  at(engine, 9999ms);
  EXPECT_EQ(drain(engine), "");
  at(engine, 10s);
  const std::string sent = drain(engine);
  ASSERT_EQ(sent.size(), 16U);
  EXPECT_EQ(sent.substr(0, 4), head(1, 12));
  engine.setTime(kStart + 12s);
  std::string answers = pong("another");
  engine.feed(answers);
  EXPECT_EQ(engine.next().type, EventType::pong);
  EXPECT_EQ(engine.nextDeadline(), kStart + 15s) << "only the right payload is an answer";
  answers = pong(sent.substr(4));
  engine.feed(answers);
  EXPECT_EQ(engine.next().type, EventType::pong);
  EXPECT_EQ(engine.nextDeadline(), kStart + 22s);
  at(engine, 22s);
  EXPECT_NE(drain(engine), sent);
  at(engine, 27s);
  const Event event = engine.next();
  EXPECT_TRUE(event.type == EventType::drop && event.abort);
  EXPECT_THAT(engine.closeInfo().reason, HasSubstr("PING in time"));
}

TEST(RawSocketEngine, AnyTrafficIsASignOfLife) {
  Engine engine = openServer(pinging(true));
  const std::string input = message("x");
  engine.setTime(kStart + 8s);
  engine.feed(input);
  EXPECT_EQ(engine.next().type, EventType::message);
  EXPECT_EQ(engine.nextDeadline(), kStart + 18s);
  at(engine, 18s);
  EXPECT_EQ(drain(engine).size(), 16U);
  engine.setTime(kStart + 20s);
  engine.feed(input);
  EXPECT_EQ(engine.nextDeadline(), kStart + 30s);
}

TEST(RawSocketEngine, APausedDriverCannotSeePongs) {
  Engine engine = openServer(pinging(false));
  at(engine, 10s);
  engine.setInputPaused(true);
  at(engine, 15s);
  EXPECT_EQ(engine.next().type, EventType::none);
  engine.setInputPaused(false);
  EXPECT_EQ(engine.nextDeadline(), kStart + 25s);
}

TEST(RawSocketEngine, CountsItsTraffic) {
  Engine engine = openServer();
  const std::string input = message("abc") + ping("pp") + message("de");
  engine.feed(input);
  while (engine.next().type != EventType::none) engine.sendMessage("1234");
  const TrafficStats& stats = engine.trafficStats();
  EXPECT_EQ(stats.incomingMessages, 2U);
  EXPECT_EQ(stats.incomingOctets, 5U);
  EXPECT_EQ(stats.incomingPings, 1U);
  EXPECT_EQ(stats.outgoingMessages, 3U);
  EXPECT_EQ(stats.outgoingOctets, 12U);
}

// ---- Two engines with each other

/// Moves bytes until nothing moves, in random pieces.
void converse(Engine& a, Engine& b, const std::function<void(Engine&, const Event&)>& seen,
              std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string wires[2];
  for (bool moved = true; moved;) {
    moved = false;
    for (const int side : {0, 1}) {
      Engine& from = side == 0 ? a : b;
      Engine& to = side == 0 ? b : a;
      std::string& wire = wires[side];
      wire += drain(from);
      if (wire.empty()) continue;
      moved = true;
      std::string piece = wire.substr(0, 1 + random() % wire.size());
      wire.erase(0, piece.size());
      to.feed(piece);
      for (Event event = to.next(); event.type != EventType::none; event = to.next()) {
        if (event.type == EventType::handshake) to.accept();
        seen(to, event);
      }
      to.output().settle();
    }
  }
}

TEST(RawSocketEngine, ServerAndClientUnderstandEachOther) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    ServerOptions serverOptions;
    serverOptions.maxMessagePayloadSize = 1 << 17;
    Engine ours = server(serverOptions);
    Engine theirs = client({});
    theirs.start();
    std::vector<std::string> sent;
    std::vector<std::string> echoed;
    converse(
        ours, theirs,
        [&](Engine& engine, const Event& event) {
          if (event.type == EventType::open && engine.role() == Role::client) {
            for (std::size_t i = 0; i < 20; ++i) {
              sent.push_back(patterned(seed * 37 * i % 70'000));
              engine.sendMessage(std::string_view(sent.back()));
              engine.sendPing("are you there?");
            }
          }
          if (event.type == EventType::message) {
            if (engine.role() == Role::server) engine.sendMessage(event.payload);
            if (engine.role() == Role::client) echoed.emplace_back(event.payload);
          }
        },
        seed);
    ASSERT_EQ(theirs.maxSendSize(), std::size_t{1} << 17);
    ASSERT_EQ(sent.size(), 20U);
    ASSERT_TRUE(sent == echoed);
  }
}

/// Whatever comes, the engine neither crashes nor spins, and an error is told once.
TEST(RawSocketEngine, RandomBytesHarmNothing) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    Engine engine = random() % 2 == 0 ? openServer() : openClient();
    int drops = 0;
    for (int i = 0; i < 20; ++i) {
      std::string bytes(random() % 50, '\0');
      for (char& c : bytes) c = static_cast<char>(random() % 4 == 0 ? random() : random() % 3);
      engine.feed(bytes);
      for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
        drops += event.type == EventType::drop ? 1 : 0;
      }
    }
    EXPECT_LE(drops, 1);
    EXPECT_EQ(drops == 1, engine.state() == State::closing);
  }
}

}  // namespace
}  // namespace autobahn::inline v0::rawsocket::testing
