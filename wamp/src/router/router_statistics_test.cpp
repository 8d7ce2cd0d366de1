// The router's figures.
#include <gtest/gtest.h>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Member;
using testing::RouterScript;

RealmStatistics read(RouterScript& router) { return router->statistics().realms.at(0); }

template <class T>
MessageStatistics count(const RealmStatistics& realm) {
  return realm.messages[Message(T{}).index()];
}

std::uint64_t ended(const CallStatistics& calls) {
  return calls.results + calls.errors + calls.canceled + calls.timedOut + calls.failed + calls.abandoned;
}

TEST(RouterStatistics, CountsWhatIsThere) {
  RouterScript router;
  EXPECT_EQ(router->statistics().transports, 0u);
  EXPECT_EQ(read(router).realm, "realm1");
  Member one(router);
  {
    Member other(router);
    one.registerProcedure("com.slow", {.concurrency = 1});
    one.subscribe("com.topic");
    one.subscribe("com.", Match::prefix);
    other.publish("com.kept", {1}, {.retain = true});
    other.call("com.slow");
    other.call("com.slow");
    const RealmStatistics now = read(router);
    EXPECT_EQ(now.sessions, 2u);
    EXPECT_EQ(now.registrations, 1u);
    EXPECT_EQ(now.subscriptions, 2u);
    EXPECT_EQ(now.retainedTopics, 1u);
    EXPECT_EQ(now.pendingCalls, 2u);
    EXPECT_EQ(now.waitingCalls, 1u);
    EXPECT_EQ(router->statistics().transports, 2u);
    one.received().clear();
  }
  const RealmStatistics now = read(router);
  EXPECT_EQ(now.sessions, 1u);
  EXPECT_EQ(now.joined, 2u);
  EXPECT_EQ(now.pendingCalls, 0u);
  EXPECT_EQ(now.waitingCalls, 0u);
  EXPECT_EQ(now.calls.abandoned, 2u);
}

TEST(RouterStatistics, CountsMessagesByKindAndReceiver) {
  RouterScript router;
  Member publisher(router);
  Member one(router);
  Member other(router);
  for (Member* each : {&one, &other}) each->subscribe("com.topic");
  for (int i = 0; i < 5; ++i) publisher.publish("com.topic");
  const RealmStatistics now = read(router);
  EXPECT_EQ(count<message::Publish>(now).received, 5u);
  EXPECT_EQ(count<message::Event>(now).sent, 10u);
  EXPECT_EQ(now.eventsDelivered(), 10u);
  EXPECT_EQ(count<message::Subscribe>(now).received, 2u);
  EXPECT_EQ(count<message::Subscribed>(now).sent, 2u);
  EXPECT_EQ(count<message::Welcome>(now).sent, 3u);
  EXPECT_EQ(count<message::Event>(now).received, 0u);
  one.received().clear();
  other.received().clear();
}

TEST(RouterStatistics, EveryCallHasOneOutcome) {
  RealmOptions realm;
  realm.limits.pendingCalls = 10;
  RouterScript router(realm);
  Member callee(router);
  auto caller = std::make_unique<Member>(router);
  callee.registerProcedure("com.it");
  const auto begin = [&](message::Call::Options options = {}) {
    caller->call("com.it", {}, std::move(options));
    return callee.expect<message::Invocation>().request;
  };
  callee.yield(begin());
  callee.yieldProgress(begin({.receiveProgress = true}));
  callee.yield(2);
  callee.fail(begin());
  begin();
  caller->cancel(4, CancelMode::killnowait);
  callee.expect<message::Interrupt>();
  begin({.timeout = std::chrono::milliseconds(5)});
  router.pass(std::chrono::milliseconds(10));
  callee.expect<message::Interrupt>();
  caller->call("com.nothing");
  callee.fail(begin(), error::kUnavailable);
  begin();
  CallStatistics now = read(router).calls;
  EXPECT_EQ(now.results, 2u);
  EXPECT_EQ(now.errors, 1u);
  EXPECT_EQ(now.canceled, 1u);
  EXPECT_EQ(now.timedOut, 1u);
  EXPECT_EQ(now.failed, 1u);  // nobody else to ask
  EXPECT_EQ(now.refused, 1u);
  EXPECT_EQ(now.rerouted, 0u);
  EXPECT_EQ(read(router).pendingCalls, 1u);
  EXPECT_EQ(ended(now) + 1, 7u);
  for (int i = 0; i < 20; ++i) caller->call("com.it");
  EXPECT_EQ(read(router).calls.refused, 12u);
  EXPECT_EQ(read(router).limitsReached, 11u);
  EXPECT_EQ(read(router).pendingCalls, 10u);
  caller.reset();
  EXPECT_EQ(read(router).calls.abandoned, 10u);
  EXPECT_EQ(ended(read(router).calls), 16u);
  callee.received().clear();
}

TEST(RouterStatistics, CountsReroutedCalls) {
  RouterScript router;
  Member one(router);
  Member other(router);
  Member caller(router);
  for (Member* each : {&one, &other}) each->registerProcedure("com.it", {.invoke = Invoke::first});
  caller.call("com.it");
  one.fail(one.expect<message::Invocation>().request, error::kUnavailable);
  other.yield(other.expect<message::Invocation>().request);
  EXPECT_EQ(read(router).calls.rerouted, 1u);
  EXPECT_EQ(read(router).calls.results, 1u);
  EXPECT_EQ(ended(read(router).calls), 1u);
}

}  // namespace
}  // namespace autobahn::wamp::router
