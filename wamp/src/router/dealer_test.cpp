// Remote procedure calls: registering, shared registrations, patterns, limits, leaving.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "dealer.hpp"
#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Member;
using testing::RouterScript;
using RegisterOptions = message::Register::Options;

TEST(Dealer, CallsOfWhatIsNotRegisteredFail) {
  RouterScript router;
  Member caller(router);
  EXPECT_EQ(caller.expectCallError(caller.call("com.nothing")), error::kNoSuchProcedure);
}

TEST(Dealer, AProcedureBelongsToOneUnlessItIsShared) {
  RouterScript router;
  Member one(router);
  Member other(router);
  one.registerProcedure("com.single");
  one.registerProcedure("com.shared", {.invoke = Invoke::roundrobin});
  const struct {
    Member& who;
    const char* procedure;
    std::optional<Invoke> invoke;
    std::string_view error;
  } cases[] = {
      {other, "com.single", {}, error::kProcedureAlreadyExists},
      {one, "com.single", {}, error::kProcedureAlreadyExists},
      {other, "com.single", Invoke::roundrobin, error::kProcedureAlreadyExists},
      {other, "com.shared", {}, error::kProcedureExistsWithDifferentInvocationPolicy},
      {other, "com.shared", Invoke::random, error::kProcedureExistsWithDifferentInvocationPolicy},
      {one, "com.shared", Invoke::roundrobin, error::kProcedureAlreadyExists},
  };
  for (const auto& each : cases) {
    const Id request = each.who.askRegister(each.procedure, {.invoke = each.invoke});
    EXPECT_EQ(each.who.expectError(message::Register::kCode, request), each.error) << each.procedure;
  }
  // The same URI as a pattern is another procedure.
  other.registerProcedure("com.single", {.match = Match::prefix});
}

TEST(Dealer, UnregisteringNeedsARegistrationOfOnesOwn) {
  RouterScript router;
  Member one(router);
  Member other(router);
  const Id registration = one.registerProcedure("com.sum");
  for (const Id wrong : {registration, registration + 1}) {
    const Id request = other.askUnregister(wrong);
    EXPECT_EQ(other.expectError(message::Unregister::kCode, request), error::kNoSuchRegistration);
  }
  one.unregister(registration);
  const Id request = one.askUnregister(registration);
  EXPECT_EQ(one.expectError(message::Unregister::kCode, request), error::kNoSuchRegistration);
  EXPECT_EQ(other.expectCallError(other.call("com.sum")), error::kNoSuchProcedure);
  EXPECT_NE(other.registerProcedure("com.sum"), registration);
}

TEST(Dealer, CallsInFlightSurviveUnregistering) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  const Id registration = callee.registerProcedure("com.sum");
  const Id call = caller.call("com.sum");
  const Id invocation = callee.expect<message::Invocation>().request;
  callee.unregister(registration);
  callee.yield(invocation, {1});
  EXPECT_EQ(caller.expectResult(call), List{1});
}

TEST(Dealer, PatternsCompeteByPrecedenceAndLearnTheProcedure) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  std::map<Id, std::string> names;
  names[callee.registerProcedure("com.app.get")] = "exact";
  names[callee.registerProcedure("com.app.", {.match = Match::prefix})] = "long";
  names[callee.registerProcedure("com.", {.match = Match::prefix})] = "short";
  names[callee.registerProcedure(".app.put", {.match = Match::wildcard})] = "wildcard";
  names[callee.registerProcedure("org..put", {.match = Match::wildcard})] = "better wildcard";
  const std::pair<const char*, const char*> cases[] = {
      {"com.app.get", "exact"},
      {"com.app.put", "long"},
      {"com.ap", "short"},
      {"net.app.put", "wildcard"},
      {"org.app.put", "better wildcard"},
  };
  for (const auto& each : cases) {
    caller.call(each.first);
    const auto invocation = callee.expect<message::Invocation>();
    EXPECT_EQ(names[invocation.registration], each.second) << each.first;
    if (names[invocation.registration] == "exact") {
      EXPECT_FALSE(invocation.details.procedure);
    } else {
      EXPECT_EQ(invocation.details.procedure, Text(each.first));
    }
  }
}

// ---- Shared registration

std::string whoIsCalled(Member& caller, const std::vector<std::unique_ptr<Member>>& callees, int calls) {
  std::string called;
  for (int i = 0; i < calls; ++i) {
    const Id call = caller.call("com.shared");
    for (std::size_t k = 0; k < callees.size(); ++k) {
      if (callees[k]->received().empty()) continue;
      called += static_cast<char>('a' + k);
      callees[k]->yield(callees[k]->expect<message::Invocation>().request);
    }
    caller.expectResult(call);
  }
  return called;
}

std::vector<std::unique_ptr<Member>> sharers(RouterScript& router, Invoke invoke) {
  std::vector<std::unique_ptr<Member>> made;
  for (int i = 0; i < 3; ++i) {
    made.push_back(std::make_unique<Member>(router));
    made.back()->registerProcedure("com.shared", {.invoke = invoke});
  }
  return made;
}

TEST(Dealer, SharedRegistrationsPickByTheirPolicy) {
  const std::pair<Invoke, const char*> cases[] = {
      {Invoke::roundrobin, "abcabca"}, {Invoke::first, "aaaaaaa"}, {Invoke::last, "ccccccc"}};
  for (const auto& each : cases) {
    RouterScript router;
    Member caller(router);
    EXPECT_EQ(whoIsCalled(caller, sharers(router, each.first), 7), each.second);
  }
}

TEST(Dealer, RandomReachesAll) {
  RouterScript router;
  Member caller(router);
  const std::string called = whoIsCalled(caller, sharers(router, Invoke::random), 100);
  EXPECT_EQ(called.size(), 100u);
  EXPECT_EQ((std::set<char>(called.begin(), called.end())), (std::set<char>{'a', 'b', 'c'}));
}

TEST(Dealer, RoundRobinGoesOnWhenOneLeaves) {
  RouterScript router;
  Member caller(router);
  auto callees = sharers(router, Invoke::roundrobin);
  EXPECT_EQ(whoIsCalled(caller, callees, 1), "a");
  callees.erase(callees.begin());
  EXPECT_EQ(whoIsCalled(caller, callees, 3), "aba");  // who were b and c
  callees.pop_back();
  EXPECT_EQ(whoIsCalled(caller, callees, 2), "aa");
}

// ---- Concurrency

TEST(Dealer, BusyCalleesAreSparedAndCallsWait) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.slow", {.concurrency = 2});
  const Id calls[] = {caller.call("com.slow", {0}), caller.call("com.slow", {1}),
                      caller.call("com.slow", {2}), caller.call("com.slow", {3})};
  const Id first = callee.expect<message::Invocation>().request;
  const Id second = callee.expect<message::Invocation>().request;
  callee.expectNothing();
  callee.yieldProgress(second);  // not yet free
  callee.expectNothing();
  callee.yield(second, {"b"});
  EXPECT_EQ(caller.expectResult(calls[1]), List{"b"});
  const auto third = callee.expect<message::Invocation>();
  EXPECT_EQ(third.payload, Payload({2}));
  callee.expectNothing();
  callee.fail(first);
  EXPECT_EQ(caller.expectCallError(calls[0]), "com.error");
  EXPECT_EQ(callee.expect<message::Invocation>().payload, Payload({3}));
  callee.yield(third.request);
  callee.yield(third.request);  // again: frees nothing
  callee.expectNothing();
}

TEST(Dealer, AnotherCalleeMayBeFree) {
  RouterScript router;
  Member one(router);
  Member other(router);
  Member caller(router);
  for (Member* each : {&one, &other}) {
    each->registerProcedure("com.slow", {.invoke = Invoke::first, .concurrency = 1});
  }
  for (int i = 0; i < 3; ++i) caller.call("com.slow", {i});
  const Id running = one.expect<message::Invocation>().request;
  EXPECT_EQ(other.expect<message::Invocation>().payload, Payload({1}));
  one.yield(running);
  EXPECT_EQ(one.expect<message::Invocation>().payload, Payload({2}));
  // A new callee takes what waits.
  caller.call("com.slow", {3});
  Member third(router);
  third.registerProcedure("com.slow", {.invoke = Invoke::first, .concurrency = 1});
  EXPECT_EQ(third.expect<message::Invocation>().payload, Payload({3}));
}

TEST(Dealer, TheQueueIsBounded) {
  RouterScript router({.maxWaitingCalls = 2});
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.slow", {.concurrency = 1});
  for (int i = 0; i < 3; ++i) caller.call("com.slow");
  EXPECT_EQ(caller.expectCallError(caller.call("com.slow")), error::kNoAvailableCallee);
  callee.expect<message::Invocation>();
  callee.expectNothing();
}

TEST(Dealer, TheQueueIsBoundedInOctets) {
  RouterScript router({.limits = {.waitingOctets = 10'000}});
  Member callee(router);
  Member caller(router);
  Member other(router);
  callee.registerProcedure("com.slow", {.concurrency = 1});
  const List large{std::string(6'000, 'x')};
  caller.call("com.slow", large);
  const Id running = callee.expect<message::Invocation>().request;
  const Id waiting = caller.call("com.slow", large);
  EXPECT_EQ(caller.expectCallError(caller.call("com.slow", large)), error::kLimitExceeded);
  other.call("com.slow", large);  // each caller has a limit of its own
  callee.yield(running);
  caller.expect<message::Result>();
  callee.expect<message::Invocation>();  // and `waiting` does not wait any more
  const Id next = caller.call("com.slow", large);
  caller.expectNothing();
  caller.cancel(next);
  EXPECT_EQ(caller.expectCallError(next), error::kCanceled);
  caller.call("com.slow", large);
  caller.expectNothing();
  caller.cancel(waiting);
  EXPECT_EQ(caller.expectCallError(waiting), error::kCanceled);
}

TEST(Dealer, OptionsOfCallsInPartsCount) {
  RouterScript router({.limits = {.waitingOctets = 10'000}});
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.parts");
  const auto begin = [&](std::string_view option) {
    const Id request = caller.nextRequest();
    caller.sayJson("[48," + std::to_string(request) + R"(,{"progress":true,)" + std::string(option) + "\"" +
                   std::string(6'000, 'x') + R"("},"com.parts"])");
    return request;
  };
  for (int i = 0; i < 5; ++i) begin(R"("ignored":)");  // not kept
  for (int i = 0; i < 2; ++i) begin(R"("transaction_hash":)");
  caller.expectNothing();
  EXPECT_EQ(caller.expectCallError(begin(R"("ignored":)")), error::kLimitExceeded);
  for (Id call = 1; call <= 7; ++call) caller.continueCall(call, "com.parts", {}, true);
  begin(R"("ignored":)");
  caller.expectNothing();
}

TEST(Dealer, SlotsGoWithTheRegistration) {
  const RealmOptions options;
  const Clock clock;
  Outbox out;
  Broker broker(options, clock, out);
  Deadlines<Call> deadlines;
  Dealer dealer(options, clock, out, broker, deadlines);
  Session callee({.session = 1, .roles = testing::allRoles()});
  Session caller({.session = 2, .roles = testing::allRoles()});
  for (Id request = 1; request <= 5; ++request) {
    dealer.registerProcedure(
        callee, {.request = request, .options = {.concurrency = 1}, .procedure = Text("com.slow")});
    EXPECT_FALSE(dealer.call(caller, {.request = request, .procedure = Text("com.slow")}, {}));
    dealer.cancel(caller, {.request = request, .options = {.mode = CancelMode::skip}});
    EXPECT_EQ(callee.slots.size(), 1u);
    dealer.unregister(callee, {.request = request, .registration = callee.registrations.begin()->first});
    EXPECT_EQ(callee.slots.size(), 0u);
    EXPECT_FALSE(dealer.yield(callee, {.request = request})) << "an answer that comes late is no violation";
  }
}

TEST(Dealer, WaitingCallsEndWithTheRegistrationTheirCallerOrCancel) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  auto leaving = std::make_unique<Member>(router);
  const Id registration = callee.registerProcedure("com.slow", {.concurrency = 1});
  const Id running = caller.call("com.slow", {"running"});
  leaving->call("com.slow", {"leaving"});
  const Id canceled = caller.call("com.slow", {"canceled"});
  const Id timedOut = caller.call("com.slow", {"timeout"}, {.timeout = std::chrono::milliseconds(50)});
  const Id waiting = caller.call("com.slow", {"waiting"});
  leaving->hangUp();
  caller.cancel(canceled, CancelMode::kill);  // nobody to interrupt: at once
  EXPECT_EQ(caller.expectCallError(canceled), error::kCanceled);
  router.pass(std::chrono::milliseconds(50));
  EXPECT_EQ(caller.expectCallError(timedOut), error::kTimeout);
  const Id invocation = callee.expect<message::Invocation>().request;
  callee.unregister(registration);
  EXPECT_EQ(caller.expectCallError(waiting), error::kNoSuchProcedure);
  callee.yield(invocation);
  caller.expectResult(running);
  callee.expectNothing();
}

// A call that was skipped still keeps its callee busy; one that was interrupted does not count.
TEST(Dealer, CanceledCallsKeepTheirSlotUntilTheCalleeIsFree) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.slow", {.concurrency = 1});
  const Id skipped = caller.call("com.slow", {"skipped"});
  caller.call("com.slow", {"second"});
  const Id first = callee.expect<message::Invocation>().request;
  caller.cancel(skipped, CancelMode::skip);
  EXPECT_EQ(caller.expectCallError(skipped), error::kCanceled);
  callee.expectNothing();
  callee.yield(first);
  const Id second = callee.expect<message::Invocation>().request;
  caller.expectNothing();
  const Id third = caller.call("com.slow", {"third"});
  caller.cancel(second == 2 ? third - 1 : 0, CancelMode::killnowait);
  callee.expect<message::Interrupt>();
  EXPECT_EQ(callee.expect<message::Invocation>().payload, Payload({"third"}));
}

TEST(Dealer, ANewStayOfACalleeHasItsOwnSlots) {
  RouterScript router;
  Member callee(router);
  Member other(router);
  Member caller(router);
  const RegisterOptions options{.invoke = Invoke::first, .concurrency = 1};
  const Id registration = callee.registerProcedure("com.slow", options);
  other.registerProcedure("com.slow", options);
  caller.call("com.slow");
  const Id old = callee.expect<message::Invocation>().request;
  callee.unregister(registration);
  callee.registerProcedure("com.slow", options);
  caller.call("com.slow", {"to other"});
  other.expect<message::Invocation>();
  caller.call("com.slow", {"to callee"});
  callee.expect<message::Invocation>();
  callee.yield(old);  // of the earlier stay: frees nothing now
  caller.call("com.slow", {"waits"});
  callee.expectNothing();
  other.expectNothing();
}

// ---- Options

TEST(Dealer, CallersAreDisclosedWhenTheyOrTheCalleeWant) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.plain");
  callee.registerProcedure("com.curious", {.discloseCaller = true});
  const auto callerOf = [&](const char* procedure, bool discloses) {
    message::Call::Options options;
    if (discloses) options.discloseMe = true;
    caller.call(procedure, {}, options);
    return callee.expect<message::Invocation>().details.caller;
  };
  EXPECT_EQ(callerOf("com.plain", false), message::Identity());
  EXPECT_EQ(callerOf("com.plain", true).session, caller.id());
  const message::Identity identity = callerOf("com.curious", false);
  EXPECT_EQ(identity.session, caller.id());
  EXPECT_EQ(identity.authrole, Text("anonymous"));
  EXPECT_TRUE(identity.authid);
}

TEST(Dealer, DisclosingCanBeForbidden) {
  RouterScript router({.allowDiscloseMe = false});
  Member callee(router);
  callee.registerProcedure("com.plain");
  Member caller(router);
  EXPECT_EQ(caller.expectCallError(caller.call("com.plain", {}, {.discloseMe = true})),
            error::kOptionDisallowedDiscloseMe);
}

// Who calls for whom is for routers to say.
TEST(Dealer, PassesOnWhatIsTheApplicationsAndNothingElse) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.sum");
  caller.sayJson(R"([48, 1, {"ppt_scheme": "x_mine", "x_custom": 5, "caller": 17, "caller_authid": "boss",
      "caller_authrole": "admin", "trustlevel": 9, "procedure": "com.other", "transaction_hash": "h",
      "forward_for": [{"session": 5, "authid": "boss", "authrole": "admin"}]}, "com.sum", ["packed"]])");
  const auto invocation = callee.expect<message::Invocation>();
  message::Passthru passthru;
  passthru.pptScheme = Text("x_mine");
  message::Invocation::Details expected;
  expected.passthru = passthru;
  expected.transactionHash = Text("h");
  expected.custom = Dict{{"x_custom", 5}};
  EXPECT_EQ(invocation.details, expected);
  callee.sayJson(R"([70, 1, {"ppt_scheme": "x_mine", "x_custom": 6, "callee": 17, "callee_authid": "boss"},
      ["packed"]])");
  const auto result = caller.expect<message::Result>();
  message::Result::Details expectedResult;
  expectedResult.passthru = passthru;
  expectedResult.custom = Dict{{"x_custom", 6}};
  EXPECT_EQ(result.details, expectedResult);
}

TEST(Dealer, ForcedRegistrationTakesTheProcedureAway) {
  RouterScript router;
  Member old(router);
  Member deaf(router, testing::plainRoles());
  Member taker(router);
  Member caller(router);
  const RegisterOptions shared{.invoke = Invoke::roundrobin};
  const Id registration = old.registerProcedure("com.sum", shared);
  EXPECT_EQ(deaf.registerProcedure("com.sum", shared), registration);
  const Id inFlight = caller.call("com.sum");
  const Id invocation = old.expect<message::Invocation>().request;
  const Id taken = taker.registerProcedure("com.sum", {.forceReregister = true});
  EXPECT_NE(taken, registration);
  const auto revoked = old.expect<message::Unregistered>();
  EXPECT_EQ(revoked.request, 0u);
  EXPECT_EQ(revoked.details.registration, registration);
  EXPECT_TRUE(revoked.details.reason);
  deaf.expectNothing();  // does not know of revocation
  old.yield(invocation, {1});
  EXPECT_EQ(caller.expectResult(inFlight), List{1});
  caller.call("com.sum");
  EXPECT_EQ(taker.expect<message::Invocation>().registration, taken);
  // Where nothing is it is an ordinary registration.
  taker.registerProcedure("com.new", {.forceReregister = true});
}

TEST(Dealer, RegistrationsAndPendingCallsAreLimited) {
  RouterScript router({.limits = {.registrations = 1, .pendingCalls = 2}});
  Member callee(router);
  Member caller(router);
  const Id registration = callee.registerProcedure("com.a");
  EXPECT_EQ(callee.expectError(message::Register::kCode, callee.askRegister("com.b")), error::kLimitExceeded);
  const Id first = caller.call("com.a");
  caller.call("com.a");
  EXPECT_EQ(caller.expectCallError(caller.call("com.a")), error::kLimitExceeded);
  callee.yield(callee.expect<message::Invocation>().request);
  caller.expectResult(first);
  caller.call("com.a");
  caller.expectNothing();
  callee.expect<message::Invocation>();
  callee.expect<message::Invocation>();
  callee.unregister(registration);
  callee.registerProcedure("com.b");
}

TEST(Dealer, NobodyRegistersForTheRouter) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  for (const char* each : {"wamp", "wamp.session.count", "wamp.error.mine"}) {
    EXPECT_EQ(callee.expectError(message::Register::kCode, callee.askRegister(each)), error::kInvalidUri);
  }
  for (const Match match : {Match::prefix, Match::wildcard}) {
    callee.registerProcedure(match == Match::prefix ? "" : "..", {.match = match});
  }
  // Procedures of the router's are not for them.
  EXPECT_EQ(caller.expectResult(caller.call("wamp.session.count")), List{2});
  EXPECT_EQ(caller.expectCallError(caller.call("wamp.session.nothing")), error::kNoSuchProcedure);
  callee.expectNothing();
}

// ---- Leaving

TEST(Dealer, CallersLearnAtOnceThatTheCalleeHasLeft) {
  RouterScript router;
  auto callee = std::make_unique<Member>(router);
  Member caller(router);
  callee->registerProcedure("com.sum");
  const Id first = caller.call("com.sum");
  const Id second = caller.call("com.sum");
  callee->hangUp();
  std::set<Id> answered;
  for (int i = 0; i < 2; ++i) {
    const auto error = caller.expect<message::Error>();
    EXPECT_EQ(error.error, error::kCanceled);
    answered.insert(error.request);
  }
  EXPECT_EQ(answered, (std::set<Id>{first, second}));
  EXPECT_EQ(caller.expectCallError(caller.call("com.sum")), error::kNoSuchProcedure);
}

TEST(Dealer, CalleesAreInterruptedWhenTheCallerLeaves) {
  RouterScript router;
  Member able(router);
  Member plain(router, testing::plainRoles());
  auto caller = std::make_unique<Member>(router);
  able.registerProcedure("com.able");
  plain.registerProcedure("com.plain");
  caller->call("com.able");
  caller->call("com.plain");
  const Id first = able.expect<message::Invocation>().request;
  const Id second = plain.expect<message::Invocation>().request;
  caller->hangUp();
  const auto interrupt = able.expect<message::Interrupt>();
  EXPECT_EQ(interrupt.request, first);
  EXPECT_EQ(interrupt.options.mode, CancelMode::killnowait);
  // Whatever they answer, nobody gets it, and nobody minds.
  able.fail(first);
  plain.yieldProgress(second);
  plain.yield(second);
  able.expectNothing();
  plain.expectNothing();
}

TEST(Dealer, OneWhoCallsItselfCanLeave) {
  RouterScript router;
  Member other(router);
  auto both = std::make_unique<Member>(router);
  both->registerProcedure("com.own", {.concurrency = 1});
  both->call("com.own");
  both->call("com.own");
  const Id foreign = other.call("com.own");
  both->hangUp();
  EXPECT_EQ(other.expectCallError(foreign), error::kNoSuchProcedure);
  other.expectNothing();
}

}  // namespace
}  // namespace autobahn::wamp::router
