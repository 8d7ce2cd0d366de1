// What one frame may look like, and in which order frames may come (RFC 6455 section 5).
#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;

TEST(EngineFrames, ExamplesOfRfc6455Section57) {
  Scenario toClient{.role = Role::client};
  toClient.steps = {{"\x81\x05Hello"s + "\x01\x03Hel"s + "\x80\x02lo"s + "\x89\x05Hello"s}};
  const Outcome atClient = run(toClient);
  EXPECT_EQ(eventsOf(atClient), (Lines{"text \"Hello\"", "text \"Hello\"", "ping \"Hello\""}));
  EXPECT_EQ(describeFrames(atClient.output), (Lines{"masked pong \"Hello\""}));

  Scenario toServer;
  toServer.steps = {
      {"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s + "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s}};
  EXPECT_EQ(eventsOf(run(toServer)), (Lines{"text \"Hello\"", "pong \"Hello\""}));
}

TEST(EngineFrames, HasEventsSpeaksTrue) {
  Engine engine = openClient();
  EXPECT_FALSE(engine.hasEvents());
  std::string message = "\x81\x05Hello\x89\x02hi"s;
  engine.feed(message);
  for (const EventType type : {EventType::message, EventType::ping}) {
    EXPECT_TRUE(engine.hasEvents());
    EXPECT_EQ(engine.next().type, type);
  }
  EXPECT_FALSE(engine.hasEvents());
  EXPECT_EQ(engine.next().type, EventType::none);
  // A view into a buffer of the engine's is given back by the next call, so that one is due.
  std::string first = "\x01\x03Hel"s;
  engine.feed(first);
  EXPECT_EQ(engine.next().type, EventType::none);
  std::string second = "\x80\x02lo"s;
  engine.feed(second);
  EXPECT_EQ(engine.next().payload, "Hello");
  EXPECT_TRUE(engine.hasEvents());
  EXPECT_EQ(engine.next().type, EventType::none);
  EXPECT_FALSE(engine.hasEvents());
  engine.dropConnection(true);
  EXPECT_TRUE(engine.hasEvents());
  EXPECT_EQ(engine.next().type, EventType::drop);
}

TEST(EngineFrames, EveryLength) {
  for (const std::size_t size :
       {0U, 1U, 125U, 126U, 127U, 128U, 65535U, 65536U, 65537U, 100'000U, 250'000U}) {
    const std::string payload(size, 'a');
    for (const Role role : {Role::server, Role::client}) {
      Scenario scenario{.role = role, .echo = true};
      scenario.steps = {{frame({.opcode = 2, .payload = payload, .masked = role == Role::server}) +
                         frame({.opcode = 1, .payload = "end", .masked = role == Role::server})}};
      const Outcome outcome = run(scenario, size > 60'000 ? 24 : 40);
      const std::string mask = role == Role::client ? "masked " : "";
      EXPECT_EQ(eventsOf(outcome), (Lines{"binary " + shown(payload), "text \"end\""}));
      EXPECT_EQ(describeFrames(outcome.output),
                (Lines{mask + "binary " + shown(payload), mask + "text \"end\""}));
    }
  }
}

struct Violating {
  const char* name;
  std::string input;
  std::uint16_t code;
  const char* reason;
};

/// With failByDrop nothing is sent; without, a Close frame with the code. In both cases what follows the
/// violation is ignored.
void expectViolation(Scenario scenario, const Violating& c, const Lines& before = {}) {
  SCOPED_TRACE(c.name);
  const bool isServer = scenario.role == Role::server;
  const std::string after = frame({.opcode = 1, .payload = "ignored", .masked = isServer});
  scenario.steps = {{c.input + after}, {after}};
  Lines want = before;
  want.push_back("drop abort");
  Outcome outcome = run(scenario);
  EXPECT_EQ(eventsOf(outcome), want);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.close.code, 1006);
  EXPECT_FALSE(outcome.close.wasClean);
  EXPECT_THAT(outcome.notClean, ::testing::HasSubstr(c.reason));
  EXPECT_THAT(outcome.notClean, ::testing::HasSubstr(std::to_string(c.code)));

  scenario.serverOptions.failByDrop = scenario.clientOptions.failByDrop = false;
  want.back() = "drop";
  outcome = run(scenario);
  EXPECT_EQ(eventsOf(outcome), want);
  const auto frames = framesIn(outcome.output);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].header.opcode, Opcode::close);
  EXPECT_EQ(frames[0].header.masked, !isServer);
  ASSERT_GE(frames[0].payload.size(), 2u);
  EXPECT_EQ(frames[0].payload.substr(0, 2), closePayload(c.code));
  EXPECT_THAT(frames[0].payload, ::testing::HasSubstr(c.reason));
  EXPECT_FALSE(outcome.close.wasClean);
}

TEST(EngineFrames, ViolationsAtTheServer) {
  const Violating cases[] = {
      {"rsv1", fromClient(1, "a", true, 4), 1002, "reserved bit"},
      {"rsv2", fromClient(1, "a", true, 2), 1002, "reserved bit"},
      {"rsv3", fromClient(2, "a", true, 1), 1002, "reserved bit"},
      {"rsv1 on ping", fromClient(9, "a", true, 4), 1002, "reserved bit"},
      {"rsv1 on close", fromClient(8, "", true, 4), 1002, "reserved bit"},
      {"opcode 3", fromClient(3, "a"), 1002, "reserved opcode"},
      {"opcode 7", fromClient(7, "a"), 1002, "reserved opcode"},
      {"opcode 11", fromClient(11, "a"), 1002, "reserved opcode"},
      {"opcode 15", fromClient(15, "a"), 1002, "reserved opcode"},
      {"unmasked text", fromServer(1, "a"), 1002, "unmasked"},
      {"unmasked ping", fromServer(9, "a"), 1002, "unmasked"},
      {"unmasked close", fromServer(8, ""), 1002, "unmasked"},
      {"fragmented ping", fromClient(9, "a", false), 1002, "fragmented control"},
      {"fragmented close", fromClient(8, "", false), 1002, "fragmented control"},
      {"long ping", fromClient(9, std::string(126, 'p')), 1002, "125"},
      {"16 bit for 125", frame({.payload = "a", .masked = true, .lengthBytes = 2, .declared = 125}), 1002,
       "minimal"},
      {"64 bit for 65535", frame({.payload = "a", .masked = true, .lengthBytes = 8, .declared = 65535}), 1002,
       "minimal"},
      {"64th bit", frame({.payload = "a", .masked = true, .declared = std::uint64_t{1} << 63}), 1002,
       "most significant"},
      {"63 bits", frame({.payload = "a", .masked = true, .declared = (std::uint64_t{1} << 63) - 1}), 1009,
       "limit"},
      {"continuation first", fromClient(0, "a"), 1002, "continuation"},
      {"continuation, not last", fromClient(0, "a", false), 1002, "continuation"},
  };
  for (const Violating& c : cases) expectViolation({}, c);
}

TEST(EngineFrames, ViolationsAtTheClient) {
  const Violating cases[] = {
      {"masked", fromClient(1, "a"), 1002, "masked server-to-client"},
      {"masked ping", fromClient(9, "a"), 1002, "masked server-to-client"},
      {"rsv1", fromServer(1, "a", true, 4), 1002, "reserved bit"},
      {"opcode 12", fromServer(12, "a"), 1002, "reserved opcode"},
      {"continuation first", fromServer(0, "a"), 1002, "continuation"},
  };
  for (const Violating& c : cases) expectViolation({.role = Role::client}, c);
}

TEST(EngineFrames, WrongOrder) {
  expectViolation(
      {}, {"text in text", fromClient(1, "a", false) + fromClient(1, "b"), 1002, "inside a fragmented"});
  expectViolation(
      {}, {"binary in text", fromClient(1, "a", false) + fromClient(2, "b", false), 1002, "inside a"});
  expectViolation({},
                  {"continuation after the end",
                   fromClient(1, "a", false) + fromClient(0, "b") + fromClient(0, "c"), 1002, "continuation"},
                  {"text \"ab\""});
  expectViolation(
      {}, {"continuation after a pong", fromClient(10, "p") + fromClient(0, "b"), 1002, "continuation"},
      {"pong \"p\""});
}

TEST(EngineFrames, OptionsAboutMasks) {
  Scenario lax;
  lax.serverOptions.requireMaskedClientFrames = false;
  lax.steps = {{fromServer(1, "plain") + fromClient(1, "masked") + fromServer(9, "p")}};
  EXPECT_EQ(eventsOf(run(lax)), (Lines{"text \"plain\"", "text \"masked\"", "ping \"p\""}));

  Scenario laxClient{.role = Role::client};
  laxClient.clientOptions.acceptMaskedServerFrames = true;
  laxClient.steps = {{fromServer(1, "plain") + fromClient(1, "masked")}};
  EXPECT_EQ(eventsOf(run(laxClient)), (Lines{"text \"plain\"", "text \"masked\""}));

  ServerOptions masking;
  masking.maskServerFrames = true;
  Engine masked = openServer(masking);
  masked.sendMessage(std::string_view("hi"));
  masked.sendPing("p");
  EXPECT_EQ(describeFrames(drain(masked)), (Lines{"masked text \"hi\"", "masked ping \"p\""}));

  ClientOptions open;
  open.maskClientFrames = false;
  Engine unmasked = openClient(open);
  unmasked.sendMessage(std::string_view("hi"));
  unmasked.sendClose();
  EXPECT_EQ(describeFrames(drain(unmasked)), (Lines{"text \"hi\"", "close 1000 \"\""}));
}

TEST(EngineFrames, ApplyMaskOffLeavesPayloadsAlone) {
  Scenario scenario;
  scenario.serverOptions.applyMask = false;
  std::string bytes = fromClient(2, "abcdefgh");
  bytes.replace(6, 8, "abcdefgh");
  scenario.steps = {{bytes}};
  EXPECT_EQ(eventsOf(run(scenario)), (Lines{"binary \"abcdefgh\""}));

  ClientOptions options;
  options.applyMask = false;
  Engine engine = openClient(options);
  engine.sendMessage(std::string_view("abc"));
  engine.sendMessage(std::string(20'000, 'z'));
  const std::string out = drain(engine);
  EXPECT_EQ(out.substr(6, 3), "abc");
  EXPECT_EQ(out.substr(9 + 8), std::string(20'000, 'z'));
  EXPECT_EQ(out[1] & 0x80, 0x80);
}

TEST(EngineFrames, MaskKeysAreFresh) {
  Engine engine = openClient();
  std::vector<MaskKey> keys;
  // In every way that there is to a frame.
  for (int i = 0; i < 20; ++i) {
    engine.sendMessage(std::string_view("hello"));
    engine.sendMessage(std::string("hello"));
    engine.sendMessage(std::string_view("hello"), false, {.fragmentSize = 2});
    engine.sendPing("hello");
    engine.beginMessage();
    engine.sendMessageFrame("hello");
    engine.beginMessageFrame(5);
    engine.sendMessageFrameData("hel");
    engine.sendMessageFrameData("lo");
    engine.endMessage();
  }
  for (const SeenFrame& seen : framesIn(drain(engine))) keys.push_back(seen.header.mask);
  EXPECT_EQ(keys.size(), 20U * (1 + 1 + 3 + 1 + 3));
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::unique(keys.begin(), keys.end()), keys.end());
}

TEST(EngineFrames, FragmentsWithControlFramesBetween) {
  Scenario scenario;
  scenario.steps = {{fromClient(1, "one ", false) + fromClient(9, "p1") + fromClient(0, "", false) +
                     fromClient(10, "q") + fromClient(9, "") + fromClient(0, "two ", false) +
                     fromClient(0, "", false) + fromClient(0, "three") + fromClient(2, "b")}};
  const Outcome outcome = run(scenario);
  EXPECT_EQ(eventsOf(outcome),
            (Lines{"ping \"p1\"", "pong \"q\"", "ping \"\"", "text \"one two three\"", "binary \"b\""}));
  EXPECT_EQ(describeFrames(outcome.output), (Lines{"pong \"p1\"", "pong \"\""}));
}

TEST(EngineFrames, EmptyMessagesAndFragments) {
  Scenario scenario{.echo = true};
  scenario.steps = {{fromClient(1, "") + fromClient(2, "") + fromClient(1, "", false) +
                     fromClient(0, "", false) + fromClient(0, "") + fromClient(2, "x", false) +
                     fromClient(0, "")}};
  EXPECT_EQ(eventsOf(run(scenario)), (Lines{"text \"\"", "binary \"\"", "text \"\"", "binary \"x\""}));
}

TEST(EngineFrames, LargeFragments) {
  std::string all;
  std::string input;
  for (int i = 0; i < 6; ++i) {
    const std::string piece(static_cast<std::size_t>(50'000 + i * 9'001), static_cast<char>('a' + i));
    all += piece;
    input += fromClient(i == 0 ? 2 : 0, piece, i == 5) + fromClient(9, "ping");
  }
  for (const ReceiveMode mode : {ReceiveMode::message, ReceiveMode::frame, ReceiveMode::stream}) {
    Scenario scenario{.mode = mode};
    scenario.steps = {{input}};
    const Lines lines = eventsOf(run(scenario));
    if (mode == ReceiveMode::message) {
      EXPECT_EQ(lines[5], "binary " + shown(all));
    }
  }
}

Scenario modes(ReceiveMode mode) {
  Scenario scenario{.mode = mode};
  scenario.steps = {{fromClient(1, "abc", false) + fromClient(9, "p") + fromClient(0, "", false) +
                     fromClient(0, "def") + fromClient(2, "") + fromClient(2, "ghi")}};
  return scenario;
}

TEST(EngineFrames, FrameMode) {
  EXPECT_EQ(eventsOf(run(modes(ReceiveMode::frame))),
            (Lines{"begin text ", "frame \"abc\"", "ping \"p\"", "frame \"\"", "frame \"def\"", "end",
                   "begin binary ", "frame \"\"", "end", "begin binary ", "frame \"ghi\"", "end"}));
}

TEST(EngineFrames, StreamMode) {
  EXPECT_EQ(eventsOf(run(modes(ReceiveMode::stream))),
            (Lines{"begin text ",   "frameBegin 3",  "data \"abc\"", "frameEnd",     "ping \"p\"",
                   "frameBegin 0",  "frameEnd",      "frameBegin 3", "data \"def\"", "frameEnd",
                   "end",           "begin binary ", "frameBegin 0", "frameEnd",     "end",
                   "begin binary ", "frameBegin 3",  "data \"ghi\"", "frameEnd",     "end"}));
}

/// A mode chosen in the middle of a message holds from the next message on: nothing is lost.
TEST(EngineFrames, ModeChangesBetweenMessages) {
  Scenario scenario;
  scenario.steps = {
      {fromClient(1, "ab", false), [](Engine& engine) { engine.setReceiveMode(ReceiveMode::frame); }},
      {fromClient(0, "cd") + fromClient(1, "ef")}};
  EXPECT_EQ(eventsOf(run(scenario)), (Lines{"text \"abcd\"", "begin text ", "frame \"ef\"", "end"}));
}

TEST(EngineFrames, TraceSeesEveryFrame) {
  std::vector<std::string> seen;
  Engine engine = openServer();
  engine.setFrameTrace([&](const FrameTrace& trace) {
    seen.push_back(std::string(trace.incoming ? "in " : "out ") + std::to_string(trace.opcode) +
                   (trace.fin ? " fin" : "") + (trace.masked ? " masked " : " ") +
                   std::to_string(trace.length) + " " + std::to_string(trace.rsv));
  });
  std::string bytes =
      fromClient(1, "abc", false) + fromClient(9, "p") + fromClient(0, "d") + fromClient(1, "x", true, 2);
  engine.feed(bytes);
  for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
    if (event.type == EventType::ping) engine.sendPong(event.payload);
    if (event.type == EventType::message) engine.sendPreparedMessage(PreparedMessage("prepared"));
  }
  EXPECT_EQ(seen, (Lines{"in 1 masked 3 0", "in 9 fin masked 1 0", "out 10 fin 1 0", "in 0 fin masked 1 0",
                         "out 1 fin 8 0", "in 1 fin masked 1 2"}));
  engine.setFrameTrace({});
}

TEST(EngineFrames, TrafficStats) {
  Scenario scenario{.echo = true};
  scenario.steps = {{fromClient(1, "hello") + fromClient(9, "pp") +
                     fromClient(2, std::string(300, 'x'), false) + fromClient(0, "y")}};
  const TrafficStats stats = run(scenario).stats;
  EXPECT_EQ(stats.incomingWebSocketFrames, 4u);
  EXPECT_EQ(stats.incomingWebSocketMessages, 2u);
  EXPECT_EQ(stats.incomingOctetsAppLevel, 306u);
  EXPECT_EQ(stats.incomingOctetsWireLevel, scenario.steps[0].input.size());
  EXPECT_EQ(stats.outgoingWebSocketFrames, 3u);
  EXPECT_EQ(stats.outgoingWebSocketMessages, 2u);
  EXPECT_EQ(stats.outgoingOctetsAppLevel, 306u);
  EXPECT_EQ(stats.outgoingOctetsWireLevel, 7u + 4 + 305);
}

}  // namespace
}  // namespace autobahn::websocket::testing
