// What the harness makes of a peer's frames: events, answers, and violations with their exact words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "cases/testing.hpp"

namespace wstest {
namespace {

using namespace testing;
using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr DeflateParameters kPlainDeflate{};

struct Violation {
  Peer peer;
  bool isDeflating;
  std::vector<Frame> frames;
  int code;
  std::string text;
};

Frame fragment(std::string payload) { return {.payload = std::move(payload), .fin = false}; }
Frame continuation(std::string payload) {
  return {.opcode = opcode::continuation, .payload = std::move(payload)};
}

const std::vector<Violation>& violations() {
  constexpr auto kServer = Peer::server;
  constexpr auto kClient = Peer::client;
  static const std::vector<Violation> kAll = {
      {kServer, false, {{.isMasked = true}}, 1002, "the server masked a frame (RFC 6455, 5.1)"},
      {kClient, false, {{.isMasked = false}}, 1002, "the client did not mask a frame (RFC 6455, 5.1)"},
      {kServer, false, {{.opcode = 3}}, 1002, "the peer used the reserved opcode 3 (RFC 6455, 5.2)"},
      {kClient, false, {{.opcode = 7}}, 1002, "the peer used the reserved opcode 7 (RFC 6455, 5.2)"},
      {kServer, false, {{.opcode = 11}}, 1002, "the peer used the reserved opcode 11 (RFC 6455, 5.2)"},
      {kServer, true, {{.opcode = 15}}, 1002, "the peer used the reserved opcode 15 (RFC 6455, 5.2)"},
      {kServer, false, {{.rsv = 4}}, 1002, "the peer set reserved bits: RSV=4 on opcode 1 (RFC 6455, 5.2)"},
      {kClient, false, {{.rsv = 2}}, 1002, "the peer set reserved bits: RSV=2 on opcode 1 (RFC 6455, 5.2)"},
      {kClient, true, {{.rsv = 5}}, 1002, "the peer set reserved bits: RSV=5 on opcode 1 (RFC 6455, 5.2)"},
      {kServer,
       true,
       {{.opcode = opcode::ping, .rsv = 4}},
       1002,
       "the peer set reserved bits: RSV=4 on opcode 9 (RFC 6455, 5.2)"},
      {kServer,
       true,
       {{.fin = false, .rsv = 4}, {.opcode = opcode::continuation, .rsv = 4}},
       1002,
       "the peer set reserved bits: RSV=4 on opcode 0 (RFC 6455, 5.2)"},
      {kServer,
       false,
       {{.lengthForm = LengthForm::sixteenBits}},
       1002,
       "the peer did not write the length in the shortest form (RFC 6455, 5.2)"},
      {kServer, false, {continuation("x")}, 1002, "the peer continued no message (RFC 6455, 5.4)"},
      {kServer,
       false,
       {fragment("a"), continuation("b"), continuation("c")},
       1002,
       "the peer continued no message (RFC 6455, 5.4)"},
      {kClient,
       false,
       {fragment("a"), textFrame("b")},
       1002,
       "the peer began a message within another (RFC 6455, 5.4)"},
      {kServer, false, {textFrame("a\xFF")}, 1007, "the peer sent text that is not UTF-8 (RFC 6455, 8.1)"},
      {kServer, false, {fragment("\xC0")}, 1007, "the peer sent text that is not UTF-8 (RFC 6455, 8.1)"},
      {kServer,
       false,
       {fragment("\xE2\x82"), continuation("A")},
       1007,
       "the peer sent text that is not UTF-8 (RFC 6455, 8.1)"},
      {kServer,
       false,
       {textFrame("\xE2\x82")},
       1007,
       "the peer's text ends within a character (RFC 6455, 8.1)"},
      {kServer,
       true,
       {{.payload = "\x06", .rsv = 4}},
       1007,
       "the peer's compressed message: invalid block type"},
      {kClient,
       true,
       {{.payload = Deflater(15, true).compress("a\xFF"), .rsv = 4}},
       1007,
       "the peer's compressed text is not UTF-8"},
      {kClient,
       true,
       {{.payload = Deflater(15, true).compress("\xE2\x82"), .rsv = 4}},
       1007,
       "the peer's compressed text is not UTF-8"},
      {kServer,
       false,
       {{.opcode = opcode::ping, .fin = false}},
       1002,
       "the peer fragmented a control frame (RFC 6455, 5.5)"},
      {kServer,
       false,
       {{.opcode = opcode::pong, .payload = std::string(126, 'p')}},
       1002,
       "the peer sent a control frame of 126 bytes (RFC 6455, 5.5)"},
      {kServer,
       false,
       {{.opcode = opcode::close, .payload = "x"}},
       1002,
       "the peer's Close has a body of one byte (RFC 6455, 5.5.1)"},
      {kServer,
       false,
       {closeFrame(1000, "\xFF")},
       1002,
       "the reason in the peer's Close is not UTF-8 (RFC 6455, 5.5.1)"},
      {kServer,
       false,
       {{.declaredLength = (std::uint64_t{256} << 20) + 1}},
       1009,
       "the peer announced a frame of 268435457 bytes"},
      {kClient,
       false,
       {{.declaredLength = std::uint64_t{1} << 63}},
       1009,
       "the peer announced a frame of 9223372036854775808 bytes"},
  };
  return kAll;
}

void expectViolation(const Violation& row) {
  const auto scene =
      Scene::open(row.peer, patient(), row.isDeflating ? std::optional(kPlainDeflate) : std::nullopt);
  for (const Frame& frame : row.frames) scene->says({frame});
  scene->ends();
  Exchange& x = scene->x();
  Received received = Received::event;
  while (received == Received::event) received = x.receive(kLong);
  EXPECT_EQ(x.violation(), row.text);
  EXPECT_TRUE(x.isOver()) << row.text;
  x.pass("the case is content");
  const CaseResult result = x.takeResult();
  EXPECT_EQ(result.verdict.behavior, Behavior::failed) << row.text;
  EXPECT_EQ(result.verdict.behaviorClose, CloseBehavior::failed) << row.text;
  EXPECT_EQ(result.verdict.result, row.text);
  EXPECT_TRUE(result.closing.failedByMe) << row.text;
  EXPECT_EQ(result.closing.wasNotCleanReason, row.text);
  EXPECT_EQ(result.closing.localCloseCode, row.code) << row.text;
  const auto heard = scene->heardFrames();
  ASSERT_FALSE(heard.empty()) << row.text;
  EXPECT_EQ(heard.back().opcode, opcode::close) << row.text;
  EXPECT_EQ(heard.back().payload, closeBody(row.code)) << row.text;
}

TEST(ExchangeReceiving, EveryViolationFailsTheCaseInItsWords) {
  for (const Violation& row : violations()) expectViolation(row);
}

TEST(ExchangeReceiving, CloseCodesAreThoseOfTheRfc) {
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    expectViolation({Peer::server,
                     false,
                     {closeFrame(code)},
                     1002,
                     "the peer's Close has the code " + std::to_string(code) + " (RFC 6455, 7.4)"});
  }
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    const auto scene = Scene::open(Peer::server);
    scene->says({closeFrame(code, "why")});
    scene->ends();
    EXPECT_EQ(scene->x().receive(kLong), Received::close) << code;
    EXPECT_EQ(scene->x().violation(), "");
    EXPECT_EQ(scene->x().closing().remoteCloseCode, code);
    EXPECT_EQ(scene->x().closing().remoteCloseReason, "why");
    const auto heard = scene->heardFrames();
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].payload, closeBody(code)) << "a Close is answered with its code";
  }
}

TEST(ExchangeReceiving, WhatIsRightBecomesEventsInOrder) {
  for (const Peer peer : {Peer::server, Peer::client}) {
    const auto scene = Scene::open(peer, patient(), kPlainDeflate);
    Deflater deflater(15, true);
    scene->says({fragment("\xE2"),
                 {.opcode = opcode::ping, .payload = "p"},
                 {.opcode = opcode::continuation, .payload = "\x82", .fin = false},
                 {.opcode = opcode::pong, .payload = std::string(125, 'q')},
                 continuation("\xAC"),
                 {.opcode = opcode::binary, .payload = "\xFF"},
                 {.opcode = opcode::binary},
                 {.payload = deflater.compress("compressed"), .rsv = 4},
                 {.payload = deflater.compress("compressed"), .rsv = 4},
                 textFrame(std::string(70000, 'x'))});
    scene->ends();
    Exchange& x = scene->x();
    for (int i = 0; i < 7; ++i) ASSERT_EQ(x.receive(kLong), Received::event) << x.violation();
    EXPECT_EQ(x.receive(kLong), Received::ended);
    EXPECT_EQ(x.violation(), "");
    EXPECT_EQ(x.ended(), Io::end);
    EXPECT_THAT(x.events(), ElementsAre(pongWith(std::string(125, 'q')), textMessage("\xE2\x82\xAC"),
                                        binaryMessage("\xFF"), binaryMessage(""), textMessage("compressed"),
                                        textMessage("compressed"), textMessage(std::string(70000, 'x'))));
    const auto heard = scene->heardFrames();
    ASSERT_EQ(heard.size(), 1U) << "the Ping's answer and nothing else";
    EXPECT_EQ(heard[0].opcode, opcode::pong);
    EXPECT_EQ(heard[0].payload, "p");
    EXPECT_EQ(heard[0].maskKey.has_value(), peer == Peer::server);
  }
}

TEST(ExchangeReceiving, FramesMayComeByteByByte) {
  const auto scene = Scene::open(Peer::client);
  std::jthread peer([&] {
    const std::string bytes =
        encodeFrame(fragment("Hel"), true, 7) + encodeFrame(continuation("lo"), true, 9);
    for (const char byte : bytes) scene->says(std::string_view(&byte, 1));
  });
  EXPECT_EQ(scene->x().receive(kLong), Received::event);
  EXPECT_EQ(scene->x().last(), textMessage("Hello"));
}

TEST(ExchangeReceiving, WhatCameBehindTheRequestCounts) {
  Scene scene(Peer::client, patient(), "GET / HTTP/1.1\r\n\r\n", encodeFrame(textFrame("early"), true, 5));
  scene.x().setOpen();
  EXPECT_EQ(scene.x().receive(kLong), Received::event);
  EXPECT_EQ(scene.x().last(), textMessage("early"));
}

TEST(ExchangeReceiving, WhatCameBeforeAnEndIsDelivered) {
  const auto scene = Scene::open(Peer::server);
  scene->says({textFrame("one"), textFrame("two"), closeFrame(1000)});
  scene->ends();
  // Sending fails or not: what lies there is read first.
  scene->x().sendMessage("anything");
  EXPECT_EQ(scene->x().receive(kLong), Received::event);
  EXPECT_EQ(scene->x().receive(kLong), Received::event);
  EXPECT_EQ(scene->x().receive(kLong), Received::close);
  EXPECT_EQ(scene->x().receive(kLong), Received::ended);
  EXPECT_THAT(scene->x().events(), ElementsAre(textMessage("one"), textMessage("two")));
}

TEST(ExchangeReceiving, WhatCameBeforeAResetIsDelivered) {
  const auto scene = Scene::open(Peer::server);
  scene->says({textFrame("one"), closeFrame(1011)});
  scene->peer().reset();
  for (int i = 0; i < 3; ++i) scene->x().sendMessage("anything");
  EXPECT_EQ(scene->x().receive(kLong), Received::event);
  EXPECT_EQ(scene->x().receive(kLong), Received::close);
  EXPECT_EQ(scene->x().closing().remoteCloseCode, 1011);
  EXPECT_EQ(scene->x().receive(kLong), Received::ended);
}

TEST(ExchangeReceiving, NothingCountsBehindAClose) {
  const auto scene = Scene::open(Peer::client);
  scene->says({closeFrame(1000), textFrame("late"), {.opcode = opcode::ping}, {.rsv = 7}});
  scene->ends();
  EXPECT_EQ(scene->x().receive(kLong), Received::close);
  EXPECT_EQ(scene->x().receive(kLong), Received::ended);
  EXPECT_THAT(scene->x().events(), IsEmpty());
  EXPECT_EQ(scene->x().violation(), "");
  EXPECT_EQ(scene->heardFrames().size(), 1U);
}

TEST(ExchangeReceiving, PingsAreLeftToTheCaseWhenItWants) {
  const auto scene = Scene::open(Peer::server);
  scene->x().answerPings(false);
  scene->says({{.opcode = opcode::ping, .payload = "p"}});
  EXPECT_EQ(scene->x().receive(kLong), Received::event);
  EXPECT_EQ(scene->x().last(), (Event{Event::Kind::ping, "p", false}));
  EXPECT_THAT(scene->heardFrames(), IsEmpty());
}

/// RFC 6455, 5.5.2: at any time. Many libraries send them every 20 seconds, and large cases take longer.
TEST(ExchangeReceiving, KeepAlivesOfThePeerAreNoEvents) {
  const auto scene = Scene::open(Peer::server);
  const Frame ping{.opcode = opcode::ping, .payload = "still there?"};
  scene->says({ping, textFrame("echo"), ping, closeFrame(1000)});
  scene->ends();
  Exchange& x = scene->x();
  x.expect(Behavior::ok, {textMessage("echo")});
  x.expectClose({});
  x.settle();
  EXPECT_EQ(x.verdict().behavior, Behavior::ok) << x.verdict().result;
  EXPECT_EQ(x.verdict().behaviorClose, CloseBehavior::ok) << x.verdict().resultClose;
}

TEST(ExchangeReceiving, PingsBehindOurCloseAreNotAnswered) {
  const auto scene = Scene::open(Peer::server);
  scene->x().sendClose(1000);
  scene->says({{.opcode = opcode::ping, .payload = "p"}, closeFrame(1000)});
  EXPECT_EQ(scene->x().receive(kLong), Received::close);
  EXPECT_EQ(scene->heardFrames().size(), 1U);
}

TEST(ExchangeReceiving, OnlyTheLastEventIsKeptWhenTold) {
  const auto scene = Scene::open(Peer::server);
  scene->x().keepEvents(false);
  scene->says({textFrame("one"), textFrame("two")});
  EXPECT_EQ(scene->x().receive(kLong), Received::event);
  EXPECT_EQ(scene->x().receive(kLong), Received::event);
  EXPECT_THAT(scene->x().events(), ElementsAre(textMessage("two")));
}

TEST(ExchangeReceiving, FramesAndBytesCanBeLookedAtUnjudged) {
  Scene scene(Peer::server);
  scene.says("raw");
  EXPECT_EQ(scene.x().receiveBytes(kLong), "raw");
  scene.says({{.opcode = 5, .payload = "odd", .rsv = 7, .isMasked = true}});
  const auto frame = scene.x().receiveFrame(kLong);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, 5);
  EXPECT_EQ(frame->payload, "odd");
  EXPECT_EQ(scene.x().violation(), "");
  scene.ends();
  EXPECT_FALSE(scene.x().receiveFrame(kLong));
  EXPECT_EQ(scene.x().receiveBytes(kLong), "");
  EXPECT_TRUE(scene.x().hasEnded());
}

TEST(ExchangeReceiving, ASilentPeerIsNotWaitedForLongerThanTold) {
  const auto scene = Scene::open(Peer::server);
  EXPECT_EQ(scene->x().receive(2ms), Received::timedOut);
  EXPECT_FALSE(scene->x().receiveFrame(2ms));
  EXPECT_EQ(scene->x().receiveBytes(2ms), "");
  scene->x().pause(2ms);
  EXPECT_FALSE(scene->x().isOver());
  scene->says({textFrame("half")});
  EXPECT_EQ(scene->x().receive(kLong), Received::event);
}

TEST(ExchangeReceiving, TheSwitchInterrupts) {
  const auto scene = Scene::open(Peer::server);
  std::jthread presser([&] { scene->stop().press(); });
  EXPECT_THROW(scene->x().receive(kLong), Interrupted);
  EXPECT_THROW(scene->x().receiveHead(kLong), Interrupted);
  EXPECT_THROW(scene->x().receiveBytes(kLong), Interrupted);
  EXPECT_THROW(scene->x().settle(), Interrupted);
}

/// A peer that sends this frame for ever.
class Flood {
 public:
  Flood(Stream& stream, const Frame& frame) {
    for (int i = 0; i < 1000; ++i) bytes_ += encodeFrame(frame, false, 0);
    thread_ = std::jthread([&] { run(stream); });
  }
  ~Flood() { stop_.press(); }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

 private:
  void run(Stream& stream) {
    for (std::size_t sent = 0; !stop_.isPressed(); sent %= bytes_.size()) {
      const IoResult result = stream.write(std::string_view(bytes_).substr(sent));
      sent += result.size;
      if (result.io == Io::reset) return;
      if (result.io == Io::later) stream.wait(true, soon(), stop_);
    }
  }

  StopSwitch stop_;
  std::string bytes_;
  std::jthread thread_;
};

TEST(ExchangeReceiving, AFloodIsNoReasonToWaitForEver) {
  const Frame pong{.opcode = opcode::pong};
  Patience patience = impatient();
  patience.whole = 500ms;
  {
    const auto scene = Scene::open(Peer::server, patience);
    const Flood flood(scene->peer(), pong);
    scene->x().finish();
    EXPECT_EQ(scene->x().closing().wasNotCleanReason, "the peer did not answer our Close in time");
  }
  {
    const auto scene = Scene::open(Peer::server, patience);
    const Flood flood(scene->peer(), pong);
    scene->x().expect(Behavior::ok, {});
    scene->x().settle();
    EXPECT_EQ(scene->x().verdict().behavior, Behavior::failed);
  }
  {
    const auto scene = Scene::open(Peer::server, patience);
    scene->says({closeFrame(1000)});
    const Flood flood(scene->peer(), pong);
    scene->x().finish();
    EXPECT_TRUE(scene->x().closing().droppedByMe);
  }
  {
    const auto scene = Scene::open(Peer::server, patience);
    scene->says({{.rsv = 7}});
    const Flood flood(scene->peer(), pong);
    EXPECT_EQ(scene->x().receive(kLong), Received::ended);
  }
  {
    const auto scene = Scene::open(Peer::server, patience);
    scene->says({fragment("begun")});
    const Flood flood(scene->peer(), {.opcode = opcode::continuation, .fin = false});
    EXPECT_EQ(scene->x().receive(kLong), Received::timedOut);
  }
  {
    const auto scene = Scene::open(Peer::server, patience);
    scene->x().sendClose(1000);
    const Flood flood(scene->peer(), {.opcode = opcode::ping});
    EXPECT_EQ(scene->x().receive(patience.reaction), Received::timedOut);
  }
  {
    const auto scene = Scene::open(Peer::server, patience);
    const Flood flood(scene->peer(), pong);
    EXPECT_FALSE(scene->x().sendBytes(std::string(std::size_t{64} << 20, 'x')));
  }
}

}  // namespace
}  // namespace wstest
