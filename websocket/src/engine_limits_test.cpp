// Limits on what a peer may send, and what memory follows: what arrived, never what was announced.
#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;

/// Expects the events of `good` and then a failure with `code`.
void expectLimit(Scenario scenario, const std::string& good, const Lines& events, const std::string& bad,
                 std::uint16_t code) {
  scenario.serverOptions.failByDrop = false;
  scenario.steps = {{good}};
  EXPECT_EQ(eventsOf(run(scenario)), events);
  scenario.steps = {{bad}};
  const Outcome outcome = run(scenario);
  EXPECT_EQ(outcome.log.back(), "drop");
  EXPECT_EQ(framesIn(outcome.output).at(0).payload.substr(0, 2), closePayload(code));
}

TEST(EngineLimits, FramePayload) {
  Scenario scenario;
  scenario.serverOptions.maxFramePayloadSize = 200;
  const std::string piece(200, 'a');
  expectLimit(scenario, fromClient(2, piece, false) + fromClient(0, piece),
              Lines{"binary " + shown(piece + piece)},
              fromClient(2, piece, false) + fromClient(0, piece + "a"), 1009);
}

TEST(EngineLimits, MessagePayload) {
  for (const ReceiveMode mode : {ReceiveMode::message, ReceiveMode::frame, ReceiveMode::stream}) {
    Scenario scenario{.mode = mode};
    scenario.serverOptions.maxMessagePayloadSize = 200;
    scenario.serverOptions.failByDrop = false;
    const std::string piece(100, 'a');
    if (mode == ReceiveMode::message) {
      expectLimit(scenario, fromClient(2, piece, false) + fromClient(0, piece),
                  Lines{"binary " + shown(piece + piece)},
                  fromClient(2, piece, false) + fromClient(0, piece, false) + fromClient(0, "a"), 1009);
      expectLimit(scenario, fromClient(2, piece + piece), Lines{"binary " + shown(piece + piece)},
                  fromClient(2, piece + piece + "a"), 1009);
    }
    scenario.steps = {{fromClient(2, piece, false) + fromClient(0, piece + "b")}};
    EXPECT_EQ(run(scenario).log.back(), "drop");
  }
}

TEST(EngineLimits, NoLimit) {
  Scenario scenario;
  scenario.serverOptions.maxMessagePayloadSize = 0;
  const std::string large(17 * 1024 * 1024, 'a');
  scenario.steps = {{fromClient(2, large)}};
  EXPECT_EQ(eventsOf(run(scenario, 3)), Lines{"binary " + shown(large)});
  // Announced lengths that add up past 2^64 do not wrap around.
  Engine engine = openServer();
  std::string head = fromClient(2, "a", false) +
                     frame({.opcode = 0, .masked = true, .declared = (std::uint64_t{1} << 63) - 1});
  engine.feed(head);
  EXPECT_EQ(engine.next().type, EventType::drop);
}

TEST(EngineLimits, FramesPerMessage) {
  Scenario scenario;
  scenario.serverOptions.maxFramesPerMessage = 3;
  const std::string three = fromClient(2, "a", false) + fromClient(9, "p") + fromClient(0, "", false);
  expectLimit(
      scenario, three + fromClient(0, "c") + three + fromClient(0, "d"),
      Lines{"ping \"p\"", "binary \"ac\"", "ping \"p\"", "binary \"ad\""},
      fromClient(2, "a", false) + fromClient(0, "b", false) + fromClient(0, "", false) + fromClient(0, ""),
      1008);
}

/// The limit is applied at the header: no octet of the payload has to come.
TEST(EngineLimits, RefusedAtTheHeader) {
  ServerOptions options;
  options.maxMessagePayloadSize = 1000;
  Engine engine = openServer(options);
  std::string head = frame({.opcode = 2, .masked = true, .declared = 1001});
  engine.feed(head);
  EXPECT_EQ(engine.next().type, EventType::drop);
  EXPECT_TRUE(engine.receiveWindow().empty());
  Engine deflating = openServer(options, PerMessageDeflateParameters{});
  head = frame({.opcode = 2, .rsv = 4, .masked = true, .declared = 2000});
  deflating.feed(head);
  EXPECT_EQ(deflating.next().type, EventType::drop);
}

/// A failed connection looks at nothing more, however much comes behind the header that failed it.
TEST(EngineLimits, InvalidLengthsEndAtOnce) {
  ServerOptions options;
  options.maxMessagePayloadSize = 1000;
  const std::string heads[] = {
      frame({.opcode = 2, .masked = true, .declared = std::uint64_t{1} << 63}),
      frame({.opcode = 2, .masked = true, .lengthBytes = 8, .declared = 1}),
      frame({.opcode = 9, .masked = true, .lengthBytes = 2, .declared = 126}),
      frame({.opcode = 2, .masked = true, .declared = 1001}),
  };
  for (const bool failByDrop : {true, false}) {
    options.failByDrop = failByDrop;
    for (const std::string& head : heads) {
      Engine engine = openServer(options);
      std::string input = head + std::string(100, 'x');
      engine.feed(input);
      const Event event = engine.next();
      EXPECT_EQ(event.type, EventType::drop);
      EXPECT_EQ(event.abort, failByDrop);
      for (int i = 0; i < 10; ++i) {
        input.assign(100'000, 'x');
        engine.feed(input);
        EXPECT_EQ(engine.next().type, EventType::none);
        EXPECT_TRUE(engine.receiveWindow().empty());
      }
    }
  }
}

TEST(EngineLimits, WindowGrowsWithWhatArrived) {
  ServerOptions options;
  options.maxMessagePayloadSize = 0;
  for (const std::uint64_t declared : {std::uint64_t{1} << 40, (std::uint64_t{1} << 63) - 1}) {
    Engine engine = openServer(options);
    std::string head = frame({.opcode = 2, .payload = "0123456789", .masked = true, .declared = declared});
    engine.feed(head);
    EXPECT_EQ(engine.next().type, EventType::none);
    std::size_t arrived = 10;
    while (arrived < 4'000'000) {
      const std::span<char> window = engine.receiveWindow();
      ASSERT_FALSE(window.empty());
      ASSERT_LE(window.size(), 3 * arrived + 128 * 1024) << arrived;
      const std::size_t size = std::min<std::size_t>(window.size(), 50'000);
      std::memset(window.data(), 'a', size);
      engine.received(size);
      EXPECT_EQ(engine.next().type, EventType::none);
      arrived += size;
    }
  }
}

TEST(EngineLimits, WindowOnlyWhereItServes) {
  Engine engine = openServer();
  EXPECT_TRUE(engine.receiveWindow().empty());
  std::string small = fromClient(2, std::string(1000, 'a'));
  std::string part = small.substr(0, 500);
  engine.feed(part);
  engine.next();
  EXPECT_TRUE(engine.receiveWindow().empty());
  part = small.substr(500) + fromClient(2, std::string(100'000, 'b')).substr(0, 100);
  engine.feed(part);
  // With input waiting, a window would overtake it.
  EXPECT_EQ(engine.next().type, EventType::message);
  EXPECT_TRUE(engine.receiveWindow().empty());
  EXPECT_EQ(engine.next().type, EventType::none);
  EXPECT_FALSE(engine.receiveWindow().empty());
  // Never past the end of the message: what follows belongs to the next one.
  EXPECT_LE(engine.receiveWindow().size(), 100'000u);
  // An offer need not be taken.
  std::string rest = fromClient(2, std::string(100'000, 'b')).substr(100);
  engine.feed(rest);
  EXPECT_EQ(engine.next().payload, std::string(100'000, 'b'));
  Engine streaming = openServer();
  streaming.setReceiveMode(ReceiveMode::stream);
  part = fromClient(2, std::string(100'000, 'b')).substr(0, 14);
  streaming.feed(part);
  while (streaming.next().type != EventType::none) {
  }
  EXPECT_TRUE(streaming.receiveWindow().empty());
}

}  // namespace
}  // namespace autobahn::websocket::testing
