// What happens to a call on its way: progress, parts, canceling, time limits, and all that may race.
#include <gmock/gmock.h>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using std::chrono::milliseconds;
using testing::Member;
using testing::RouterScript;
using CallOptions = message::Call::Options;

Roles calleeWith(std::initializer_list<Feature> features) {
  Roles roles;
  roles.add(Role::callee, features);
  return roles;
}

// A caller and a callee with one procedure, and a call on its way.
struct OnItsWay {
  explicit OnItsWay(const CallOptions& options = {}, const Roles& calleeRoles = testing::allRoles(),
                    message::Register::Options registering = {})
      : callee(router, calleeRoles), caller(router) {
    callee.registerProcedure("com.slow", std::move(registering));
    call = caller.call("com.slow", {0}, options);
    details = callee.expect<message::Invocation>();
    invocation = details.request;
  }

  RouterScript router;
  Member callee;
  Member caller;
  message::Invocation details;
  Id call = 0;
  Id invocation = 0;
};

// ---- Progressive results

TEST(DealerCalls, ProgressiveResultsComeInOrderAndEndWithAFinalOne) {
  OnItsWay test({.receiveProgress = true});
  EXPECT_EQ(test.details.details.receiveProgress, true);
  for (int i = 0; i < 3; ++i) test.callee.yieldProgress(test.invocation, {i});
  test.callee.yield(test.invocation, {"end"});
  for (int i = 0; i < 3; ++i) {
    const auto result = test.caller.expect<message::Result>();
    EXPECT_EQ(result.request, test.call);
    EXPECT_EQ(result.details.progress, true);
    EXPECT_EQ(result.payload, Payload({i}));
  }
  EXPECT_EQ(test.caller.expectResult(test.call), List{"end"});
  test.callee.yieldProgress(test.invocation, {"late"});
  test.callee.yield(test.invocation, {"late"});
  test.callee.fail(test.invocation);
  test.caller.expectNothing();
  test.callee.expectNothing();
}

TEST(DealerCalls, ProgressNobodyAskedForIsDropped) {
  OnItsWay test;
  EXPECT_FALSE(test.details.details.receiveProgress);
  test.callee.yieldProgress(test.invocation, {1});
  test.caller.expectNothing();
  test.callee.yield(test.invocation);
  test.caller.expectResult(test.call);
}

TEST(DealerCalls, CalleesThatDoNotAnnounceProgressAreNotAskedForIt) {
  OnItsWay test({.receiveProgress = true}, testing::plainRoles());
  EXPECT_FALSE(test.details.details.receiveProgress);
  // Autobahn|JS announces progress, but not canceling, which the specification would insist on.
  OnItsWay lenient({.receiveProgress = true}, calleeWith({Feature::progressiveCallResults}));
  EXPECT_EQ(lenient.details.details.receiveProgress, true);
}

/// Two callees have invocations of the same number: each can answer its own only.
TEST(DealerCalls, AnswersOfOtherCalleesAreNothing) {
  RouterScript router;
  Member one(router);
  Member other(router);
  Member caller(router);
  one.registerProcedure("com.one");
  other.registerProcedure("com.other");
  const Id first = caller.call("com.one");
  const Id second = caller.call("com.other");
  ASSERT_EQ(one.expect<message::Invocation>().request, other.expect<message::Invocation>().request);
  other.yieldProgress(1, {"forged"});
  caller.expectNothing();
  other.yield(1, {"mine"});
  EXPECT_EQ(caller.expectResult(second), List{"mine"});
  other.yield(1, {"forged"});
  other.fail(1, "com.forged");
  caller.expectNothing();
  one.yield(1, {"right"});
  EXPECT_EQ(caller.expectResult(first), List{"right"});
}

// ---- Progressive invocations

TEST(DealerCalls, PartsOfACallGoToTheSameCallee) {
  RouterScript router;
  Member one(router);
  Member other(router);
  Member caller(router);
  for (Member* each : {&one, &other}) each->registerProcedure("com.up", {.invoke = Invoke::roundrobin});
  const Id call = caller.call("com.up", {0}, {.receiveProgress = true, .progress = true, .discloseMe = true});
  caller.call("com.up", {"another"});
  other.expect<message::Invocation>();
  caller.continueCall(call, "com.up", {1}, false);
  one.yieldProgress(1, {"half"});
  caller.continueCall(call, "com.up", {2}, true);
  for (int i = 0; i < 3; ++i) {
    const auto part = one.expect<message::Invocation>();
    EXPECT_EQ(part.request, 1u);
    EXPECT_EQ(part.payload, Payload({i}));
    EXPECT_EQ(part.details.progress.value_or(false), i < 2);
    // What the first part said holds for all.
    EXPECT_EQ(part.details.caller.session, caller.id());
    EXPECT_EQ(part.details.receiveProgress, true);
  }
  EXPECT_EQ(caller.expect<message::Result>().details.progress, true);
  one.yield(1, {"end"});
  EXPECT_EQ(caller.expectResult(call), List{"end"});
  other.expectNothing();
}

TEST(DealerCalls, PartsThatComeAfterTheAnswerAreIgnored) {
  OnItsWay test({.progress = true});
  test.callee.fail(test.invocation, "com.enough");
  EXPECT_EQ(test.caller.expectCallError(test.call), "com.enough");
  test.caller.continueCall(test.call, "com.slow", {1}, false);
  test.caller.continueCall(test.call, "com.slow", {2}, true);
  test.caller.expectNothing();
  test.callee.expectNothing();
  // The last part has come: that ID is used up.
  test.caller.continueCall(test.call, "com.slow", {3}, true);
  test.caller.expectViolation();
}

TEST(DealerCalls, PartsOfARefusedCallAreIgnored) {
  RouterScript router;
  Member caller(router);
  const Id call = caller.call("com.nothing", {0}, {.progress = true});
  EXPECT_EQ(caller.expectCallError(call), error::kNoSuchProcedure);
  caller.continueCall(call, "com.nothing", {1}, false);
  caller.continueCall(call, "com.nothing", {2}, true);
  caller.expectNothing();
}

TEST(DealerCalls, CalleesThatTakeNoPartsAreNotSentAny) {
  RouterScript router;
  Member plain(router, testing::plainRoles());
  plain.registerProcedure("com.up");
  Member caller(router);
  EXPECT_EQ(caller.expectCallError(caller.call("com.up", {}, {.progress = true})),
            error::kFeatureNotSupported);
  plain.expectNothing();
}

TEST(DealerCalls, PartsNeedToBeAnnounced) {
  RouterScript router;
  Member callee(router);
  callee.registerProcedure("com.up");
  Member caller(router, testing::plainRoles());
  caller.call("com.up", {}, {.progress = true});
  EXPECT_THAT(caller.expectViolation(), ::testing::HasSubstr("CALL.Options.progress"));
  callee.expectNothing();
}

TEST(DealerCalls, PartsOfAnotherProcedureAreAViolation) {
  OnItsWay test({.progress = true});
  test.caller.continueCall(test.call, "com.other", {1}, true);
  test.caller.expectViolation();
  test.callee.expect<message::Interrupt>();
}

TEST(DealerCalls, ACallsIdIsNotUsedAgain) {
  OnItsWay test;
  test.caller.say(message::Call{.request = test.call, .procedure = "com.slow"});
  test.caller.expectViolation();
  test.callee.expect<message::Interrupt>();
}

/// Also where the second call would be refused, or answered by the router itself: the caller could not tell
/// for which of the two the answer is.
TEST(DealerCalls, IdsInUseAreRefusedWhateverTheirOrder) {
  for (const char* procedure :
       {"com.slow", "com.nobody", "wamp.session.count", "wamp.session.kill_all", "no uri"}) {
    RouterScript router({.requestIds = RequestIds::any});
    Member callee(router);
    Member caller(router);
    callee.registerProcedure("com.slow");
    for (const Id id : {Id{500}, Id{3}, Id{77}})
      caller.say(message::Call{.request = id, .procedure = "com.slow"});
    caller.expectNothing();
    caller.session().receive(message::Call{.request = 3, .procedure = Text(procedure)});
    EXPECT_THAT(caller.expectViolation(), ::testing::HasSubstr("in use")) << procedure;
  }
}

TEST(DealerCalls, ABusyCalleeTakesNoParts) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.slow", {.concurrency = 1});
  caller.call("com.slow");
  EXPECT_EQ(caller.expectCallError(caller.call("com.slow", {}, {.progress = true})),
            error::kNoAvailableCallee);
}

// ---- Canceling

TEST(DealerCalls, SkipAnswersAndLeavesTheCalleeAlone) {
  OnItsWay test({.receiveProgress = true});
  test.caller.cancel(test.call, CancelMode::skip);
  EXPECT_EQ(test.caller.expectCallError(test.call), error::kCanceled);
  test.callee.expectNothing();
  test.callee.yieldProgress(test.invocation);
  test.callee.yield(test.invocation);
  test.caller.expectNothing();
}

TEST(DealerCalls, KillnowaitAnswersAndInterrupts) {
  for (const std::optional<CancelMode> mode :
       {std::optional(CancelMode::killnowait), std::optional<CancelMode>()}) {
    OnItsWay test;
    test.caller.cancel(test.call, mode);
    EXPECT_EQ(test.caller.expectCallError(test.call), error::kCanceled);
    const auto interrupt = test.callee.expect<message::Interrupt>();
    EXPECT_EQ(interrupt.request, test.invocation);
    EXPECT_EQ(interrupt.options.mode, CancelMode::killnowait);
    EXPECT_EQ(interrupt.options.reason, Text(error::kCanceled));
    test.callee.fail(test.invocation, error::kCanceled);
    test.caller.expectNothing();
    test.callee.expectNothing();
  }
}

TEST(DealerCalls, KillInterruptsAndWaitsForTheCallee) {
  for (const bool doesSucceed : {false, true}) {
    OnItsWay test({.receiveProgress = true});
    test.caller.cancel(test.call, CancelMode::kill);
    test.caller.expectNothing();
    EXPECT_EQ(test.callee.expect<message::Interrupt>().options.mode, CancelMode::kill);
    test.caller.cancel(test.call, CancelMode::kill);  // once is enough
    test.callee.expectNothing();
    test.callee.yieldProgress(test.invocation, {"half"});  // not after CANCEL
    test.caller.expectNothing();
    if (doesSucceed) {
      test.callee.yield(test.invocation, {"just in time"});
      EXPECT_EQ(test.caller.expectResult(test.call), List{"just in time"});
    } else {
      test.callee.fail(test.invocation, error::kCanceled);
      EXPECT_EQ(test.caller.expectCallError(test.call), error::kCanceled);
    }
    test.caller.expectNothing();
  }
}

TEST(DealerCalls, KillCanBecomeSkip) {
  OnItsWay test;
  test.caller.cancel(test.call, CancelMode::kill);
  test.callee.expect<message::Interrupt>();
  test.caller.cancel(test.call, CancelMode::skip);
  EXPECT_EQ(test.caller.expectCallError(test.call), error::kCanceled);
  test.callee.fail(test.invocation, error::kCanceled);
  test.caller.expectNothing();
}

TEST(DealerCalls, CalleesThatCannotBeInterruptedAreNot) {
  for (const CancelMode mode : {CancelMode::skip, CancelMode::kill, CancelMode::killnowait}) {
    OnItsWay test({}, testing::plainRoles());
    test.caller.cancel(test.call, mode);
    EXPECT_EQ(test.caller.expectCallError(test.call), error::kCanceled);
    test.callee.expectNothing();
    test.callee.yield(test.invocation);
    test.caller.expectNothing();
  }
}

TEST(DealerCalls, CancelingWhatIsAnsweredOrSomebodyElsesDoesNothing) {
  OnItsWay test;
  Member other(test.router);
  other.cancel(test.call);
  other.cancel(kMaxId);
  other.expectNothing();
  test.callee.expectNothing();
  test.callee.yield(test.invocation, {1});
  test.caller.cancel(test.call);
  EXPECT_EQ(test.caller.expectResult(test.call), List{1});
  test.caller.expectNothing();
  test.callee.expectNothing();
}

TEST(DealerCalls, ACalleeThatLeavesWhileBeingKilledAnswersOnce) {
  OnItsWay test;
  test.caller.cancel(test.call, CancelMode::kill);
  test.callee.hangUp();
  EXPECT_EQ(test.caller.expectCallError(test.call), error::kCanceled);
  test.caller.expectNothing();
}

// ---- Time limits

TEST(DealerCalls, CallsTimeOut) {
  OnItsWay test({.timeout = milliseconds(100)});
  EXPECT_FALSE(test.details.details.timeout);
  test.router.pass(milliseconds(99));
  test.caller.expectNothing();
  test.router.pass(milliseconds(1));
  EXPECT_EQ(test.caller.expectCallError(test.call), error::kTimeout);
  const auto interrupt = test.callee.expect<message::Interrupt>();
  EXPECT_EQ(interrupt.options.mode, CancelMode::killnowait);
  EXPECT_EQ(interrupt.options.reason, Text(error::kTimeout));
  test.callee.yield(test.invocation);
  test.caller.expectNothing();
  EXPECT_FALSE(test.router->nextDeadline());
}

/// What is due at once is due once each, in order of time, and nothing of it is left.
TEST(DealerCalls, ALeapOfHours) {
  OnItsWay test({.timeout = milliseconds(100)});
  testing::Client stranger(test.router);  // that never says HELLO
  std::vector<Id> calls;
  for (const int timeout : {3000, 50, 1000}) {
    calls.push_back(test.caller.call("com.slow", {0}, {.timeout = milliseconds(timeout)}));
  }
  const Id patient = test.caller.call("com.slow", {0});
  test.callee.received().clear();
  test.router.leap(std::chrono::hours(10));
  for (const Id each : {calls[1], test.call, calls[2], calls[0]}) {
    EXPECT_EQ(test.caller.expectCallError(each), error::kTimeout);
    test.callee.expect<message::Interrupt>();
  }
  EXPECT_TRUE(stranger.isClosed());
  EXPECT_FALSE(test.router->nextDeadline());
  test.router.leap(std::chrono::hours(10));
  test.caller.expectNothing();
  // Calls made now have their whole time.
  const Id late = test.caller.call("com.slow", {0}, {.timeout = milliseconds(100)});
  test.router.leap(milliseconds(99));
  test.caller.expectNothing();
  test.router.leap(milliseconds(1));
  EXPECT_EQ(test.caller.expectCallError(late), error::kTimeout);
  EXPECT_EQ(test.router->statistics().realms.at(0).pendingCalls, 1U) << "that of " << patient;
}

TEST(DealerCalls, AnAnswerInTimeEndsTheTimeLimit) {
  OnItsWay test({.timeout = milliseconds(100)});
  EXPECT_TRUE(test.router->nextDeadline());
  test.callee.yield(test.invocation);
  test.caller.expectResult(test.call);
  EXPECT_FALSE(test.router->nextDeadline());
  test.router.pass(milliseconds(200));
  test.caller.expectNothing();
  test.callee.expectNothing();
}

TEST(DealerCalls, EachResultStartsTheTimeLimitAnew) {
  OnItsWay test({.timeout = milliseconds(100), .receiveProgress = true});
  for (int i = 0; i < 5; ++i) {
    test.router.pass(milliseconds(80));
    test.callee.yieldProgress(test.invocation);
    test.caller.expect<message::Result>();
  }
  test.router.pass(milliseconds(100));
  EXPECT_EQ(test.caller.expectCallError(test.call), error::kTimeout);
}

TEST(DealerCalls, NoTimeoutAndHugeOnesNeverCome) {
  for (const std::int64_t timeout : {std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    OnItsWay test({.timeout = milliseconds(timeout)});
    EXPECT_FALSE(test.router->nextDeadline());
  }
}

TEST(DealerCalls, TimeoutsAreForwardedToThoseWhoWantThem) {
  OnItsWay test({.timeout = milliseconds(100)}, testing::allRoles(), {.forwardTimeout = true});
  EXPECT_EQ(test.details.details.timeout, milliseconds(100));
  EXPECT_FALSE(test.router->nextDeadline());
  // Who does not announce it does not get it.
  OnItsWay other({.timeout = milliseconds(100)}, testing::plainRoles(), {.forwardTimeout = true});
  EXPECT_FALSE(other.details.details.timeout);
  EXPECT_TRUE(other.router->nextDeadline());
}

TEST(DealerCalls, WaitingCountsAsTime) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.slow", {.concurrency = 1});
  caller.call("com.slow");
  const Id call = caller.call("com.slow", {}, {.timeout = milliseconds(100)});
  router.pass(milliseconds(60));
  callee.yield(1);
  caller.expect<message::Result>();
  router.pass(milliseconds(40));
  EXPECT_EQ(caller.expectCallError(call), error::kTimeout);
}

TEST(DealerCalls, WhoLeavesTakesItsTimeLimitsAlong) {
  OnItsWay test({.timeout = milliseconds(100)});
  test.caller.hangUp();
  EXPECT_FALSE(test.router->nextDeadline());
}

// ---- What cannot be written for its receiver

TEST(DealerCalls, AResultThatCannotBeWrittenBecomesAnError) {
  RouterScript router;
  Member callee(router, testing::allRoles(), "");  // values as they are
  Member caller(router);
  callee.registerProcedure("com.nan");
  const Id call = caller.call("com.nan");
  callee.yield(callee.expect<message::Invocation>().request, {std::numeric_limits<double>::quiet_NaN()});
  EXPECT_EQ(caller.expectCallError(call), error::kInvalidPayload);
  caller.expectNothing();
}

TEST(DealerCalls, AProgressiveResultThatCannotBeWrittenEndsTheCall) {
  RouterScript router;
  Member callee(router, testing::allRoles(), "");
  Member caller(router);
  callee.registerProcedure("com.nan");
  const Id call = caller.call("com.nan", {}, {.receiveProgress = true});
  const Id invocation = callee.expect<message::Invocation>().request;
  callee.yieldProgress(invocation, {std::numeric_limits<double>::infinity()});
  EXPECT_EQ(caller.expectCallError(call), error::kInvalidPayload);
  callee.expect<message::Interrupt>();
  callee.yield(invocation);
  caller.expectNothing();
}

TEST(DealerCalls, AnInvocationThatCannotBeWrittenIsAnsweredForTheCallee) {
  RouterScript router;
  Member callee(router);
  Member caller(router, testing::allRoles(), "");
  callee.registerProcedure("com.nan", {.concurrency = 1});
  const Id call = caller.call("com.nan", {std::numeric_limits<double>::quiet_NaN()});
  EXPECT_EQ(caller.expectCallError(call), error::kInvalidPayload);
  caller.call("com.nan");  // the slot is free
  EXPECT_EQ(callee.expect<message::Invocation>().request, 2u);
}

TEST(DealerCalls, APartThatCannotBeWrittenEndsTheCallOnBothSides) {
  RouterScript router;
  Member callee(router);
  Member caller(router, testing::allRoles(), "");
  callee.registerProcedure("com.parts", {.concurrency = 1});
  const Id call = caller.call("com.parts", {1}, {.progress = true});
  const Id invocation = callee.expect<message::Invocation>().request;
  caller.continueCall(call, "com.parts", {std::numeric_limits<double>::quiet_NaN()}, false);
  EXPECT_EQ(caller.expectCallError(call), error::kInvalidPayload);
  EXPECT_EQ(callee.expect<message::Interrupt>().request, invocation);
  caller.continueCall(call, "com.parts", {2}, true);
  callee.yield(invocation);
  caller.expectNothing();
  caller.call("com.parts");  // the slot is free
  callee.expect<message::Invocation>();
}

TEST(DealerCalls, MoreValuesThanCanBeConvertedAreTheCallersError) {
  RouterScript router;
  Member callee(router);
  Member same(router, testing::allRoles(), "msgpack");
  Member caller(router, testing::allRoles(), "msgpack");
  callee.registerProcedure("com.json");
  same.registerProcedure("com.msgpack");
  const List tooMany(kDefaultMaxValues + 1, Value(1));
  const Id call = caller.call("com.json", tooMany);
  EXPECT_EQ(caller.expectCallError(call), error::kInvalidPayload);
  callee.expectNothing();
  caller.call("com.msgpack", tooMany);
  same.expect<message::Invocation>();
  caller.call("com.json", {1});
  EXPECT_EQ(callee.expect<message::Invocation>().payload.args(), List{1});
}

TEST(DealerCalls, AnEventThatCannotBeWrittenIsLostForThatReceiverAlone) {
  RouterScript router;
  Member json(router);
  Member local(router, testing::allRoles(), "");
  Member publisher(router, testing::allRoles(), "");
  json.subscribe("com.topic");
  local.subscribe("com.topic");
  publisher.publish("com.topic", {std::numeric_limits<double>::quiet_NaN()});
  local.expect<message::Event>();
  json.expectNothing();
  EXPECT_EQ(json.undeliverable(), 1);
  publisher.publish("com.topic", {1});
  json.expect<message::Event>();
}

}  // namespace
}  // namespace autobahn::wamp::router
