// Verdicts on a whole exchange: what was expected against what came, who closed, and what runCase() makes of
// it.
#include "cases/run.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "cases/testing.hpp"

namespace wstest {
namespace {

using namespace testing;

/// What a peer does before the harness looks, and what is to be said of it.
struct Judged {
  const char* name;
  Peer peer;
  std::vector<Frame> frames;
  CloseExpectation close;
  Behavior behavior;
  CloseBehavior behaviorClose;
};

const std::vector<Judged>& judged() {
  static const CloseExpectation kByMe{};
  static const CloseExpectation kByPeer{.byMe = false, .codes = {1002}, .isClean = false};
  static const CloseExpectation kRefused{.byMe = true, .codes = {1002}, .isClean = false};
  static const CloseExpectation kMayDrop{.mayDrop = true};
  const Frame hello = textFrame("Hello"), silent{.opcode = opcode::close};
  static const std::vector<Judged> kAll = {
      {"echo and answer", Peer::server, {hello, closeFrame(1000)}, kByMe, Behavior::ok, CloseBehavior::ok},
      {"answer without a code", Peer::client, {hello, silent}, kByMe, Behavior::ok, CloseBehavior::ok},
      {"answer with another code",
       Peer::server,
       {hello, closeFrame(1001)},
       kByMe,
       Behavior::ok,
       CloseBehavior::wrongCode},
      {"TCP ends instead of an answer", Peer::server, {hello}, kByMe, Behavior::ok, CloseBehavior::unclean},
      {"TCP may end instead", Peer::server, {hello}, kMayDrop, Behavior::ok, CloseBehavior::ok},
      {"the peer closes before its echo",
       Peer::server,
       {closeFrame(1000)},
       kByMe,
       Behavior::failed,
       CloseBehavior::failed},
      {"another echo", Peer::server, {textFrame("Hallo")}, kByMe, Behavior::failed, CloseBehavior::failed},
      {"two echoes",
       Peer::server,
       {hello, hello, closeFrame(1000)},
       kByMe,
       Behavior::failed,
       CloseBehavior::ok},
      {"failed as it has to be",
       Peer::server,
       {hello, closeFrame(1002)},
       kByPeer,
       Behavior::ok,
       CloseBehavior::ok},
      {"failed by ending TCP", Peer::client, {hello}, kByPeer, Behavior::ok, CloseBehavior::ok},
      {"failed with a wrong code",
       Peer::server,
       {hello, closeFrame(1000)},
       kByPeer,
       Behavior::ok,
       CloseBehavior::wrongCode},
      {"refused", Peer::server, {hello, closeFrame(1002)}, kRefused, Behavior::ok, CloseBehavior::ok},
      {"not refused but answered",
       Peer::server,
       {hello, closeFrame(1000)},
       kRefused,
       Behavior::ok,
       CloseBehavior::wrongCode},
      {"a violation behind the echo",
       Peer::server,
       {hello, {.rsv = 1}},
       kByMe,
       Behavior::failed,
       CloseBehavior::failed},
  };
  return kAll;
}

TEST(Judging, TellsWhatCameFromWhatWasExpected) {
  for (const Judged& row : judged()) {
    SCOPED_TRACE(row.name);
    const auto scene = Scene::open(row.peer);
    for (const Frame& frame : row.frames) scene->says({frame});
    scene->ends();
    Exchange& x = scene->x();
    x.expect(Behavior::ok, {textMessage("Hello")});
    x.expectClose(row.close);
    x.settle();
    EXPECT_EQ(x.verdict().behavior, row.behavior) << x.verdict().result;
    EXPECT_EQ(x.verdict().behaviorClose, row.behaviorClose) << x.verdict().resultClose;
  }
}

/// Cases with large messages wait for minutes, but not for what cannot come any more.
TEST(Judging, WaitsNoLongerOnceTheWrongEventHasCome) {
  Patience patience = patient();
  patience.whole = 5s;
  const auto scene = Scene::open(Peer::server, patience);
  std::jthread peer([&] {
    writeAll(scene->peer(), encodeFrame(textFrame("Hallo"), false, 0));
    readSome(scene->peer(), 1);
    writeAll(scene->peer(), encodeFrame(closeFrame(1000), false, 0));
    scene->ends();
  });
  Exchange& x = scene->x();
  x.expect(Behavior::ok, {textMessage("Hello")});
  x.expectClose({});
  x.settle(patience.whole);
  EXPECT_EQ(x.verdict().behavior, Behavior::failed);
  EXPECT_EQ(x.verdict().behaviorClose, CloseBehavior::ok) << x.verdict().resultClose;
}

TEST(Judging, FailsASilentPeer) {
  for (const bool byMe : {true, false}) {
    const auto scene = Scene::open(Peer::server, impatient());
    scene->x().expect(Behavior::ok, {});
    scene->x().expectClose({.byMe = byMe, .codes = {1002}, .isClean = false});
    scene->x().settle();
    EXPECT_EQ(scene->x().verdict().behaviorClose, CloseBehavior::failed);
    // Who lives on with what had to be refused has failed altogether.
    EXPECT_EQ(scene->x().verdict().behavior, byMe ? Behavior::ok : Behavior::failed);
    EXPECT_TRUE(scene->x().closing().droppedByMe);
  }
}

TEST(Judging, FindsTheServerThatLeavesTcpToTheClient) {
  Patience patience = patient();
  patience.reaction = 30ms;
  const auto scene = Scene::open(Peer::server, patience);
  scene->says({closeFrame(1000)});
  scene->x().expect(Behavior::ok, {});
  scene->x().expectClose({});
  scene->x().settle();
  EXPECT_EQ(scene->x().verdict().behaviorClose, CloseBehavior::failedByClient);
}

/// Where all messages are the same, nothing but their number tells that one comes twice.
TEST(Judging, FinishTellsOfMessagesThatNobodyWaitedFor) {
  for (const bool isTwice : {false, true}) {
    const auto scene = Scene::open(Peer::server);
    scene->says({textFrame("echo"), {.opcode = opcode::pong}});
    if (isTwice) scene->says({textFrame("echo")});
    scene->says({closeFrame(1000)});
    scene->ends();
    EXPECT_EQ(scene->x().receive(kLong), Received::event);
    EXPECT_EQ(scene->x().finish(), !isTwice);
    EXPECT_TRUE(scene->x().closing().wasClean);
  }
}

TEST(Judging, TakesTheFirstOutcomeThatFits) {
  const auto scene = Scene::open(Peer::server);
  scene->says({closeFrame(1002)});
  scene->ends();
  scene->x().expect(Behavior::ok, {textMessage("Hello")});
  scene->x().expect(Behavior::nonStrict, {});
  scene->x().expectClose({.byMe = false, .codes = {1002}, .isClean = false});
  scene->x().settle();
  EXPECT_EQ(scene->x().verdict().behavior, Behavior::nonStrict);
  EXPECT_EQ(scene->x().takeResult().expected, "OK: text message of 5 bytes 'Hello'; NON-STRICT: nothing");
}

Case caseThat(std::function<void(Exchange&)> run, Strictness strictness = Strictness::required) {
  Case made;
  made.id = parseCaseId("6.4.1");
  made.strictness = strictness;
  made.opening = Opening::byCase;
  made.run = std::move(run);
  return made;
}

TEST(RunCase, GivesWhatTheCaseFound) {
  Scene scene(Peer::server);
  const auto result = runCase(caseThat([](Exchange& x) { x.nonStrict("so so"); }), scene.x(), [] {});
  EXPECT_EQ(result.id, "6.4.1");
  EXPECT_EQ(result.verdict.behavior, Behavior::nonStrict);
  EXPECT_EQ(result.verdict.result, "so so");
  EXPECT_GE(result.duration, 0);
  // "2026-11-23T22:41:26.123Z"
  ASSERT_EQ(result.started.size(), 24U);
  EXPECT_EQ(result.started[10], 'T');
  EXPECT_EQ(result.started.back(), 'Z');
}

TEST(RunCase, FailsWhoBreaksTheProtocolWhateverTheCaseSays) {
  for (const Behavior said : {Behavior::ok, Behavior::nonStrict}) {
    const auto scene = Scene::open(Peer::server);
    scene->says({{.rsv = 1}});
    scene->ends();
    const Case testCase = caseThat([said](Exchange& x) {
      EXPECT_EQ(x.receive(kLong), Received::ended);
      said == Behavior::ok ? x.pass("fine") : x.nonStrict("so so");
    });
    const auto result = runCase(testCase, scene->x(), [] {});
    EXPECT_EQ(result.verdict.behavior, Behavior::failed);
    EXPECT_EQ(result.verdict.result, "the peer set reserved bits: RSV=1 on opcode 1 (RFC 6455, 5.2)");
  }
}

TEST(RunCase, FailsWithoutAConnectionOrAVerdict) {
  Scene scene(Peer::server);
  const auto refused = runCase(caseThat([](Exchange& x) { x.pass("never run"); }), scene.x(),
                               [] { throw ConnectError("nobody there"); });
  EXPECT_EQ(refused.verdict.behavior, Behavior::failed);
  EXPECT_EQ(refused.verdict.result, "nobody there");
  EXPECT_EQ(refused.verdict.behaviorClose, CloseBehavior::failed);
  Scene other(Peer::server);
  const auto silent = runCase(caseThat([](Exchange&) {}), other.x(), [] {});
  EXPECT_EQ(silent.verdict.behavior, Behavior::failed);
  EXPECT_EQ(silent.verdict.result, "the case came to no verdict");
}

TEST(RunCase, InformationalCasesInformUnlessUnimplemented) {
  const auto behaviorOf = [](std::function<void(Exchange&)> run) {
    Scene scene(Peer::server);
    const auto result = runCase(caseThat(std::move(run), Strictness::informational), scene.x(), [] {});
    return result.verdict.behavior;
  };
  EXPECT_EQ(behaviorOf([](Exchange& x) { x.fail("anything"); }), Behavior::informational);
  EXPECT_EQ(behaviorOf([](Exchange& x) { x.unimplemented("nothing"); }), Behavior::unimplemented);
}

TEST(RunCase, LetsCtrlCThrough) {
  Scene scene(Peer::server);
  const Case pressed = caseThat([](Exchange&) { throw Interrupted{}; });
  EXPECT_THROW(runCase(pressed, scene.x(), [] {}), Interrupted);
}

}  // namespace
}  // namespace wstest
