// What may be switched off.
#include <gmock/gmock.h>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Client;
using ::testing::HasSubstr;
using testing::Member;
using testing::RouterScript;

RealmOptions without(bool ExperimentalFeatures::*feature) {
  RealmOptions options;
  options.experimental.*feature = false;
  return options;
}

Roles welcomedWith(RealmOptions options) {
  RouterScript router(std::move(options));
  Client client(router);
  client.hello();
  return client.expect<message::Welcome>().details.roles;
}

TEST(Experimental, WhatIsOffIsNotAnnounced) {
  const struct {
    bool ExperimentalFeatures::*flag;
    Role role;
    Feature feature;
  } table[] = {
      {&ExperimentalFeatures::callReroute, Role::dealer, Feature::callReroute},
      {&ExperimentalFeatures::shardedRegistration, Role::dealer, Feature::shardedRegistration},
      {&ExperimentalFeatures::shardedSubscription, Role::broker, Feature::shardedSubscription},
      {&ExperimentalFeatures::payloadPassthru, Role::broker, Feature::payloadPassthruMode},
      {&ExperimentalFeatures::payloadPassthru, Role::dealer, Feature::payloadPassthruMode},
  };
  const Roles all = welcomedWith({});
  for (const auto& each : table) {
    EXPECT_TRUE(all.has(each.role, each.feature)) << featureName(each.feature);
    const Roles fewer = welcomedWith(without(each.flag));
    EXPECT_FALSE(fewer.has(each.role, each.feature)) << featureName(each.feature);
    EXPECT_TRUE(fewer.has(each.role, Feature::sessionMetaApi));
  }
}

TEST(Experimental, WithoutCallRerouteTheCalleesErrorIsTheCallers) {
  RouterScript router(without(&ExperimentalFeatures::callReroute));
  Member caller(router);
  Member one(router);
  Member two(router);
  one.registerProcedure("com.p", {.invoke = Invoke::first});
  two.registerProcedure("com.p", {.invoke = Invoke::first});
  const Id call = caller.call("com.p");
  one.fail(one.expect<message::Invocation>().request, error::kUnavailable);
  EXPECT_EQ(caller.expectCallError(call), error::kUnavailable);
  two.expectNothing();
}

TEST(Experimental, WithoutShardedRegistrationItsOptionsAreIgnored) {
  RouterScript router(without(&ExperimentalFeatures::shardedRegistration));
  Member caller(router);
  Member one(router);
  Member two(router);
  one.registerProcedure("com.p", {.invoke = Invoke::roundrobin});
  two.registerProcedure("com.p", {.invoke = Invoke::roundrobin});
  for (int i = 0; i < 2; ++i) {
    caller.call("com.p", {}, {.runmode = Text("all"), .rkey = Text("key")});
  }
  one.expect<message::Invocation>();
  two.expect<message::Invocation>();
  caller.expectNothing();
}

TEST(Experimental, WithoutShardedSubscriptionItsOptionsAreIgnored) {
  RealmOptions options = without(&ExperimentalFeatures::shardedSubscription);
  options.maxUriSize = 20;
  RouterScript router(std::move(options));
  Member publisher(router);
  Member one(router);
  Member two(router);
  one.subscribe("com.topic", {.nkey = Text("node1")});
  two.subscribe("com.topic", {.nkey = Text(std::string(100, 'x'))});
  publisher.publish("com.topic", {}, {.rkey = Text("key")});
  one.expect<message::Event>();
  two.expect<message::Event>();
}

TEST(Experimental, WithoutPayloadPassthruItIsAViolation) {
  RouterScript router(without(&ExperimentalFeatures::payloadPassthru));
  Member other(router);
  const Id registration = other.registerProcedure("com.p");
  other.subscribe("com.topic");
  const char* messages[] = {
      R"([16,1,{"ppt_scheme":"x_mine"},"com.topic",["packed"]])",
      R"([48,1,{"ppt_scheme":"x_mine"},"com.p",["packed"]])",
      R"([70,1,{"ppt_scheme":"x_mine"},["packed"]])",
      R"([8,68,1,{"ppt_scheme":"x_mine"},"com.error",["packed"]])",
  };
  for (const char* each : messages) {
    Member member(router);
    member.sayJson(each);
    EXPECT_THAT(member.expectViolation(), HasSubstr("ppt_scheme")) << each;
    other.expectNothing();
  }
  // Autobahn's own is another feature.
  Member member(router);
  member.sayJson(R"([16,1,{"enc_algo":"x_mine"},"com.topic",["packed"]])");
  EXPECT_TRUE(other.expect<message::Event>().details.passthru->encAlgo);
  EXPECT_NE(registration, 0U);
}

}  // namespace
}  // namespace autobahn::wamp::router
