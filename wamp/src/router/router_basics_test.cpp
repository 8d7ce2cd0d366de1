// The basic profile, from HELLO to GOODBYE.
#include <gmock/gmock.h>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Client;
using testing::Member;
using testing::RouterScript;

TEST(RouterBasics, CallsReachTheCalleeAndResultsTheCaller) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  const Id registration = callee.registerProcedure("com.sum");
  const Id call = caller.call("com.sum", {1, 2}, {}, {{"scale", 10}});
  const auto invocation = callee.expect<message::Invocation>();
  EXPECT_EQ(invocation.registration, registration);
  EXPECT_EQ(invocation.request, 1u);
  EXPECT_EQ(invocation.payload, Payload({1, 2}, {{"scale", 10}}));
  EXPECT_EQ(invocation.details, message::Invocation::Details());
  callee.yield(invocation.request, {30});
  EXPECT_EQ(caller.expectResult(call), List{30});
  caller.expectNothing();
  callee.expectNothing();
}

TEST(RouterBasics, ErrorsOfTheCalleeReachTheCaller) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.sum");
  const Id call = caller.call("com.sum");
  callee.fail(callee.expect<message::Invocation>().request, "com.overflow", {"too large"});
  const auto error = caller.expect<message::Error>();
  EXPECT_EQ(error.requestType, message::Call::kCode);
  EXPECT_EQ(error.request, call);
  EXPECT_EQ(error.error, "com.overflow");
  EXPECT_EQ(error.payload, Payload({"too large"}));
}

TEST(RouterBasics, EventsReachSubscribersButNotThePublisher) {
  RouterScript router;
  Member publisher(router);
  Member one(router);
  Member other(router);
  const Id subscription = one.subscribe("com.topic");
  EXPECT_EQ(other.subscribe("com.topic"), subscription);
  EXPECT_EQ(publisher.subscribe("com.topic"), subscription);
  publisher.publish("com.topic", {"hello"});
  const auto event = one.expect<message::Event>();
  EXPECT_EQ(event.subscription, subscription);
  EXPECT_EQ(event.payload, Payload({"hello"}));
  EXPECT_EQ(event.details, message::Event::Details());
  EXPECT_EQ(other.expect<message::Event>(), event);
  publisher.expectNothing();
}

TEST(RouterBasics, WelcomeSaysWhoAndWhat) {
  RouterScript router;
  Client client(router);
  client.hello();
  const auto welcome = client.expect<message::Welcome>();
  EXPECT_GE(welcome.session, 1u);
  EXPECT_LE(welcome.session, kMaxId);
  EXPECT_TRUE(welcome.details.roles.has(Role::broker));
  EXPECT_TRUE(welcome.details.roles.has(Role::dealer, Feature::callCanceling));
  EXPECT_EQ(welcome.details.realm, Text("realm1"));
  EXPECT_EQ(welcome.details.authrole, Text("anonymous"));
  EXPECT_EQ(welcome.details.authmethod, Text("anonymous"));
  EXPECT_TRUE(welcome.details.authid);
}

TEST(RouterBasics, GoodbyeIsAnsweredAndAnotherSessionMayFollow) {
  RouterScript router;
  Member client(router);
  const Id first = client.id();
  client.subscribe("com.topic");
  client.say(message::Goodbye{.reason = Text(close::kNormal)});
  EXPECT_EQ(client.expect<message::Goodbye>().reason, close::kGoodbyeAndOut);
  EXPECT_EQ(router->sessionCount("realm1"), 0u);
  EXPECT_NE(client.join(), first);
  EXPECT_EQ(router->sessionCount("realm1"), 1u);
  Member other(router);
  other.publish("com.topic");  // of the first session's subscription nothing is left
  client.expectNothing();
}

TEST(RouterBasics, UnknownRealmsAreRefused) {
  RouterScript router;
  Client client(router);
  client.hello(testing::allRoles(), "elsewhere");
  EXPECT_EQ(client.expect<message::Abort>().reason, error::kNoSuchRealm);
  EXPECT_TRUE(client.isClosed());
}

}  // namespace
}  // namespace autobahn::wamp::router
