// Which callee gets a call when there is more to it than a policy: re-routing, routing keys, and waiting.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Member;
using testing::RouterScript;
using CallOptions = message::Call::Options;
using RegisterOptions = message::Register::Options;

constexpr const char* kProcedure = "com.shared";

// Callees of one procedure, and a caller.
struct Shared {
  explicit Shared(RegisterOptions options, std::size_t count = 3, RealmOptions realm = {})
      : router(std::move(realm)), caller(router) {
    for (std::size_t i = 0; i < count; ++i) join(options);
  }
  void join(const RegisterOptions& options, const Roles& roles = testing::allRoles()) {
    callees.push_back(std::make_unique<Member>(router, roles));
    registration = callees.back()->registerProcedure(kProcedure, options);
  }
  // Who has an invocation: 'a', 'b', …, each once.
  std::string whoIsAsked() const {
    std::string names;
    for (std::size_t i = 0; i < callees.size(); ++i) {
      if (!callees[i]->received().empty()) names += static_cast<char>('a' + i);
    }
    return names;
  }
  // Whoever is asked says that it is unavailable, until nobody is; who it was, in order.
  std::string refuseAll() {
    std::string names;
    for (std::string now = whoIsAsked(); !now.empty() && names.size() < 20; now = whoIsAsked()) {
      names += now;
      Member& callee = at(now[0]);
      callee.fail(callee.expect<message::Invocation>().request, error::kUnavailable);
    }
    return names;
  }
  Member& at(char name) { return *callees[static_cast<std::size_t>(name - 'a')]; }
  Id call(const CallOptions& options = {}) { return caller.call(kProcedure, {1}, options); }
  Id callKey(std::string_view key) { return call({.rkey = Text(key)}); }

  RouterScript router;
  Member caller;
  std::vector<std::unique_ptr<Member>> callees;
  Id registration = 0;
};

// ---- Re-routing

TEST(Rerouting, GoesOnByThePolicyAndAsksEachOnce) {
  const struct {
    Invoke invoke;
    const char* order;
  } cases[] = {{Invoke::first, "abc"}, {Invoke::last, "cba"}, {Invoke::roundrobin, "abc"}};
  for (const auto& each : cases) {
    Shared shared({.invoke = each.invoke});
    const Id call = shared.call();
    EXPECT_EQ(shared.refuseAll(), each.order);
    EXPECT_EQ(shared.caller.expectCallError(call), error::kNoAvailableCallee);
    shared.caller.expectNothing();
  }
}

TEST(Rerouting, RandomReachesAllAndEachOnce) {
  std::map<std::string, int> orders;
  Shared shared({.invoke = Invoke::random});
  for (int i = 0; i < 200; ++i) {
    const Id call = shared.call();
    std::string order = shared.refuseAll();
    ++orders[order];
    std::ranges::sort(order);
    ASSERT_EQ(order, "abc");
    EXPECT_EQ(shared.caller.expectCallError(call), error::kNoAvailableCallee);
  }
  EXPECT_EQ(orders.size(), 6u);
}

TEST(Rerouting, TheNextOneGetsTheSameCall) {
  Shared shared({.invoke = Invoke::first, .discloseCaller = true});
  const Id call = shared.caller.call(kProcedure, {1, "two"}, {.receiveProgress = true}, {{"key", 3}});
  const auto first = shared.at('a').expect<message::Invocation>();
  shared.at('a').fail(first.request, error::kUnavailable);
  const auto second = shared.at('b').expect<message::Invocation>();
  EXPECT_EQ(second.payload, Payload({1, "two"}, {{"key", 3}}));
  EXPECT_EQ(second.details, first.details);
  EXPECT_EQ(second.registration, first.registration);
  shared.at('a').yield(first.request, {"late"});  // is not asked any more
  shared.caller.expectNothing();
  shared.at('b').yield(second.request, {"b"});
  EXPECT_EQ(shared.caller.expectResult(call), List{"b"});
}

TEST(Rerouting, IsForThoseWhoAnnounceIt) {
  Shared shared({.invoke = Invoke::first}, 0);
  shared.join({.invoke = Invoke::first}, testing::plainRoles());
  shared.join({.invoke = Invoke::first});
  const Id call = shared.call();
  shared.at('a').fail(shared.at('a').expect<message::Invocation>().request, error::kUnavailable);
  EXPECT_EQ(shared.caller.expectCallError(call), error::kUnavailable);
  EXPECT_EQ(shared.whoIsAsked(), "");
}

TEST(Rerouting, ASingleOneHasNobodyBesideIt) {
  Shared shared({}, 1);
  const Id call = shared.call();
  EXPECT_EQ(shared.refuseAll(), "a");
  EXPECT_EQ(shared.caller.expectCallError(call), error::kNoAvailableCallee);
}

TEST(Rerouting, OtherErrorsAreAnswers) {
  Shared shared({.invoke = Invoke::first});
  const Id call = shared.call();
  shared.at('a').fail(shared.at('a').expect<message::Invocation>().request, "wamp.error.unavailable.not");
  EXPECT_EQ(shared.caller.expectCallError(call), "wamp.error.unavailable.not");
}

TEST(Rerouting, WhoHasAnsweredInPartGoesOn) {
  Shared shared({.invoke = Invoke::first});
  const Id call = shared.call({.receiveProgress = true});
  const Id invocation = shared.at('a').expect<message::Invocation>().request;
  shared.at('a').yieldProgress(invocation, {1});
  shared.at('a').fail(invocation, error::kUnavailable);
  EXPECT_EQ(shared.caller.expect<message::Result>().details.progress, true);
  EXPECT_EQ(shared.caller.expectCallError(call), error::kNoAvailableCallee);
  EXPECT_EQ(shared.whoIsAsked(), "");
}

TEST(Rerouting, ArgumentsInPartsGoOnUntilTheSecondIsSent) {
  for (const bool isContinued : {false, true}) {
    Shared shared({.invoke = Invoke::first});
    const Id call = shared.call({.progress = true});
    const Id first = shared.at('a').expect<message::Invocation>().request;
    if (isContinued) {
      shared.caller.continueCall(call, kProcedure, {2}, false);
      shared.at('a').expect<message::Invocation>();
    }
    shared.at('a').fail(first, error::kUnavailable);
    if (isContinued) {
      EXPECT_EQ(shared.caller.expectCallError(call), error::kNoAvailableCallee);
      continue;
    }
    const auto second = shared.at('b').expect<message::Invocation>();
    EXPECT_EQ(second.details.progress, true);
    shared.caller.continueCall(call, kProcedure, {2}, true);
    EXPECT_EQ(shared.at('b').expect<message::Invocation>().payload, Payload({2}));
    shared.at('b').yield(second.request);
    shared.caller.expectResult(call);
  }
}

TEST(Rerouting, WaitsForTheBusyAheadOfOthers) {
  Shared shared({.invoke = Invoke::first, .concurrency = 1}, 2);
  const Id first = shared.call();
  const Id second = shared.call();
  const Id third = shared.call();  // waits
  const Id ofA = shared.at('a').expect<message::Invocation>().request;
  const Id ofB = shared.at('b').expect<message::Invocation>().request;
  shared.at('a').fail(ofA, error::kUnavailable);
  // The slot of the one that was unavailable is free, for the other that waits.
  const Id thirdOfA = shared.at('a').expect<message::Invocation>().request;
  shared.at('b').expectNothing();
  shared.at('a').yield(thirdOfA, {"third"});
  EXPECT_EQ(shared.caller.expectResult(third), List{"third"});
  EXPECT_EQ(shared.whoIsAsked(), "");
  shared.at('b').yield(ofB);
  shared.caller.expectResult(second);
  shared.at('b').yield(shared.at('b').expect<message::Invocation>().request, {"first"});
  EXPECT_EQ(shared.caller.expectResult(first), List{"first"});
}

TEST(Rerouting, WhatWaitsForAnotherEndsWithIt) {
  Shared shared({.invoke = Invoke::first, .concurrency = 1}, 2);
  const Id rerouted = shared.call();
  const Id other = shared.call();
  shared.at('a').fail(shared.at('a').expect<message::Invocation>().request, error::kUnavailable);
  shared.at('b').hangUp();
  EXPECT_EQ(shared.caller.expectCallError(rerouted), error::kNoAvailableCallee);
  EXPECT_EQ(shared.caller.expectCallError(other), error::kCanceled);
}

TEST(Rerouting, ANewCalleeTakesWhatWaits) {
  Shared shared({.invoke = Invoke::first, .concurrency = 1}, 2);
  const Id rerouted = shared.call();
  shared.call();
  shared.at('a').fail(shared.at('a').expect<message::Invocation>().request, error::kUnavailable);
  shared.join({.invoke = Invoke::first});
  shared.at('c').yield(shared.at('c').expect<message::Invocation>().request, {"c"});
  EXPECT_EQ(shared.caller.expectResult(rerouted), List{"c"});
}

TEST(Rerouting, TheProcedureMayBeGone) {
  Shared shared({.invoke = Invoke::first}, 1);
  const Id call = shared.call();
  const Id invocation = shared.at('a').expect<message::Invocation>().request;
  shared.at('a').unregister(shared.registration);
  shared.at('a').fail(invocation, error::kUnavailable);
  EXPECT_EQ(shared.caller.expectCallError(call), error::kNoAvailableCallee);
}

TEST(Rerouting, ACanceledCallStays) {
  Shared shared({.invoke = Invoke::first});
  const Id call = shared.call();
  const Id invocation = shared.at('a').expect<message::Invocation>().request;
  shared.caller.cancel(call, CancelMode::kill);
  shared.at('a').expect<message::Interrupt>();
  shared.at('a').fail(invocation, error::kUnavailable);
  EXPECT_EQ(shared.caller.expectCallError(call), error::kUnavailable);
  EXPECT_EQ(shared.whoIsAsked(), "");
}

TEST(Rerouting, TimeGoesOn) {
  Shared shared({.invoke = Invoke::first});
  const Id call = shared.call({.timeout = std::chrono::milliseconds(100)});
  shared.router.pass(std::chrono::milliseconds(60));
  shared.at('a').fail(shared.at('a').expect<message::Invocation>().request, error::kUnavailable);
  shared.router.pass(std::chrono::milliseconds(60));
  EXPECT_EQ(shared.caller.expectCallError(call), error::kTimeout);
}

TEST(Rerouting, CallersMayLeaveMeanwhile) {
  Shared shared({.invoke = Invoke::first, .concurrency = 1}, 2);
  shared.call();
  shared.call();
  const Id ofA = shared.at('a').expect<message::Invocation>().request;
  shared.at('a').fail(ofA, error::kUnavailable);
  shared.caller.hangUp();
  Member& busy = shared.at('b');
  const Id ofB = busy.expect<message::Invocation>().request;
  EXPECT_EQ(busy.expect<message::Interrupt>().request, ofB);
  busy.expectNothing();
  Member next(shared.router);
  const Id call = next.call(kProcedure);
  EXPECT_EQ(shared.refuseAll(), "ab");
  EXPECT_EQ(next.expectCallError(call), error::kNoAvailableCallee);
}

TEST(Rerouting, WhatIsKeptCountsForItsCaller) {
  RealmOptions realm;
  realm.limits.waitingOctets = 4000;
  Shared shared({.invoke = Invoke::first}, 2, realm);
  const std::string large(3000, 'x');
  const Id first = shared.caller.call(kProcedure, {large});
  const Id second = shared.caller.call(kProcedure, {large});  // is sent, but not kept
  const Id ofFirst = shared.at('a').expect<message::Invocation>().request;
  const Id ofSecond = shared.at('a').expect<message::Invocation>().request;
  shared.at('a').fail(ofSecond, error::kUnavailable);
  EXPECT_EQ(shared.caller.expectCallError(second), error::kNoAvailableCallee);
  shared.at('a').fail(ofFirst, error::kUnavailable);
  shared.at('b').yield(shared.at('b').expect<message::Invocation>().request);
  shared.caller.expectResult(first);
  // All of it is given back.
  const Id third = shared.caller.call(kProcedure, {large});
  EXPECT_EQ(shared.refuseAll(), "ab");
  EXPECT_EQ(shared.caller.expectCallError(third), error::kNoAvailableCallee);
}

// ---- Routing keys

TEST(Sharding, AKeyStaysWithItsCallee) {
  for (const Invoke invoke : {Invoke::roundrobin, Invoke::random, Invoke::first, Invoke::last}) {
    Shared shared({.invoke = invoke});
    std::map<std::string, std::string> where;
    std::set<std::string> used;
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 60; ++i) {
        const std::string key = "key" + std::to_string(i);
        const Id call = shared.callKey(key);
        const std::string who = shared.whoIsAsked();
        ASSERT_EQ(who.size(), 1u);
        used.insert(who);
        EXPECT_EQ(where.emplace(key, who).first->second, who);
        shared.at(who[0]).yield(shared.at(who[0]).expect<message::Invocation>().request);
        shared.caller.expectResult(call);
      }
    }
    EXPECT_EQ(used, (std::set<std::string>{"a", "b", "c"}));
  }
}

TEST(Sharding, WhoComesOrGoesMovesItsOwnShare) {
  Shared shared({.invoke = Invoke::roundrobin}, 4);
  const auto whereAll = [&] {
    std::map<int, char> where;
    for (int i = 0; i < 200; ++i) {
      const Id call = shared.callKey(std::to_string(i));
      where[i] = shared.whoIsAsked().at(0);
      Member& callee = shared.at(where[i]);
      callee.yield(callee.expect<message::Invocation>().request);
      shared.caller.expectResult(call);
    }
    return where;
  };
  const auto before = whereAll();
  shared.at('b').unregister(shared.registration);
  const auto without = whereAll();
  shared.join({.invoke = Invoke::roundrobin});
  const auto after = whereAll();
  int moved = 0;
  for (int i = 0; i < 200; ++i) {
    if (before.at(i) != 'b') {
      EXPECT_EQ(without.at(i), before.at(i)) << i;
    }
    if (after.at(i) == without.at(i)) continue;
    EXPECT_EQ(after.at(i), 'e') << i;
    ++moved;
  }
  EXPECT_GT(moved, 10);
  EXPECT_LT(moved, 120);
}

TEST(Sharding, WaitsForItsCalleeAndHoldsUpNobodyElse) {
  Shared shared({.invoke = Invoke::roundrobin, .concurrency = 1}, 2);
  const Id first = shared.callKey("k");
  const std::string who = shared.whoIsAsked();
  Member& callee = shared.at(who[0]);
  Member& other = shared.at(who == "a" ? 'b' : 'a');
  const Id second = shared.callKey("k");
  EXPECT_EQ(shared.whoIsAsked(), who);  // waits, though the other is free
  const Id unsharded = shared.call();
  other.yield(other.expect<message::Invocation>().request);
  shared.caller.expectResult(unsharded);
  other.expectNothing();
  callee.yield(callee.expect<message::Invocation>().request);
  shared.caller.expectResult(first);
  callee.yield(callee.expect<message::Invocation>().request);
  shared.caller.expectResult(second);
}

TEST(Sharding, GoesElsewhereWhenItsCalleeLeaves) {
  Shared shared({.invoke = Invoke::roundrobin, .concurrency = 1}, 2);
  const Id first = shared.callKey("k");
  const std::string who = shared.whoIsAsked();
  const Id second = shared.callKey("k");
  shared.at(who[0]).hangUp();
  EXPECT_EQ(shared.caller.expectCallError(first), error::kCanceled);
  Member& other = shared.at(who == "a" ? 'b' : 'a');
  other.yield(other.expect<message::Invocation>().request);
  shared.caller.expectResult(second);
}

TEST(Sharding, ReroutingGoesOnByTheKey) {
  Shared shared({.invoke = Invoke::roundrobin});
  std::string order;
  for (int i = 0; i < 3; ++i) {
    const Id call = shared.callKey("k");
    const std::string now = shared.refuseAll();
    EXPECT_EQ(now.size(), 3u);
    if (i == 0) order = now;
    EXPECT_EQ(now, order);
    EXPECT_EQ(shared.caller.expectCallError(call), error::kNoAvailableCallee);
  }
}

TEST(Sharding, TakingAllAwayAsksNobody) {
  Shared shared({.invoke = Invoke::roundrobin, .concurrency = 1}, 2);
  const Id first = shared.callKey("k");
  Member& callee = shared.at(shared.whoIsAsked()[0]);
  const Id invocation = callee.expect<message::Invocation>().request;
  const Id second = shared.callKey("k");
  Member next(shared.router);
  next.registerProcedure(kProcedure, {.forceReregister = true});
  for (const auto& each : shared.callees) {
    each->expect<message::Unregistered>();
    each->expectNothing();
  }
  EXPECT_EQ(shared.caller.expectCallError(second), error::kNoSuchProcedure);
  callee.yield(invocation);
  shared.caller.expectResult(first);
}

TEST(Sharding, OptionsAreChecked) {
  const struct {
    std::optional<Text> runmode;
    std::optional<Text> rkey;
    std::string_view error;
    const char* why;
  } cases[] = {
      {Text("partition"), Text("k"), "", ""},
      {{}, Text("k"), "", ""},
      {Text("partition"), Text(""), "", ""},
      {Text("partition"), {}, error::kInvalidArgument, "rkey"},
      {Text("all"), {}, error::kOptionNotAllowed, "\"all\""},
      {Text("all"), Text("k"), error::kOptionNotAllowed, "\"all\""},
      {Text("some"), Text("k"), error::kOptionNotAllowed, "\"some\""},
  };
  for (const auto& each : cases) {
    Shared shared({}, 1);
    const Id call = shared.call({.runmode = each.runmode, .rkey = each.rkey});
    if (each.error.empty()) {
      shared.at('a').yield(shared.at('a').expect<message::Invocation>().request);
      shared.caller.expectResult(call);
      continue;
    }
    const auto error = shared.caller.expect<message::Error>();
    EXPECT_EQ(error.error, each.error);
    EXPECT_THAT(error.payload.args().at(0).asString(), HasSubstr(each.why));
    EXPECT_EQ(shared.whoIsAsked(), "");
  }
}

}  // namespace
}  // namespace autobahn::wamp::router
