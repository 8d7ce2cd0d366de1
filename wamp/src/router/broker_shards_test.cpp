// Events that subscribers share (advanced profile, sharded subscription).
#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using ::testing::HasSubstr;
using testing::Member;
using testing::RouterScript;

// Numbers of the events that have come.
std::vector<int> numbers(testing::Client& client) {
  std::vector<int> heard;
  while (!client.received().empty()) {
    heard.push_back(static_cast<int>(client.expect<message::Event>().payload.args().at(0).asInt64()));
  }
  return heard;
}

void publishUnderKeys(Member& publisher, int count) {
  for (int i = 0; i < count; ++i) {
    publisher.publish("com.topic", {i}, {.rkey = Text("key" + std::to_string(i))});
  }
}

std::vector<int> upTo(int count) {
  std::vector<int> all;
  for (int i = 0; i < count; ++i) all.push_back(i);
  return all;
}

TEST(ShardedSubscription, AKeyGoesToOneNodeAndToThoseAtNone) {
  RouterScript router;
  Member publisher(router);
  Member one(router);
  Member two(router);
  Member twin(router);
  Member all(router);
  one.subscribe("com.topic", {.nkey = Text("node1")});
  all.subscribe("com.topic");
  two.subscribe("com.topic", {.nkey = Text("node2")});
  twin.subscribe("com.topic", {.nkey = Text("node2")});
  publishUnderKeys(publisher, 50);
  const std::vector<int> first = numbers(one);
  const std::vector<int> second = numbers(two);
  EXPECT_FALSE(first.empty());
  EXPECT_FALSE(second.empty());
  EXPECT_EQ(numbers(twin), second);  // of the same node
  EXPECT_EQ(numbers(all), upTo(50));
  std::vector<int> together;
  std::ranges::merge(first, second, std::back_inserter(together));
  EXPECT_EQ(together, upTo(50));
  // The same keys again, the same nodes.
  publishUnderKeys(publisher, 50);
  EXPECT_EQ(numbers(one), first);
  EXPECT_EQ(numbers(two), second);
  EXPECT_EQ(numbers(twin), second);
  EXPECT_EQ(numbers(all), upTo(50));
  // Without a key: everybody.
  publisher.publish("com.topic", {1});
  for (Member* each : {&one, &two, &twin, &all}) EXPECT_EQ(numbers(*each), std::vector{1});
}

TEST(ShardedSubscription, ANodeThatGoesLeavesItsKeysToTheOthers) {
  RouterScript router;
  Member publisher(router);
  Member one(router);
  Member two(router);
  Member again(router);
  one.subscribe("com.topic", {.nkey = Text("node1")});
  two.subscribe("com.topic", {.nkey = Text("node2")});
  publishUnderKeys(publisher, 50);
  const std::vector<int> first = numbers(one);
  const std::vector<int> second = numbers(two);
  two.hangUp();
  publishUnderKeys(publisher, 50);
  EXPECT_EQ(numbers(one), upTo(50));
  // It comes back, and has its own again.
  again.subscribe("com.topic", {.nkey = Text("node2")});
  publishUnderKeys(publisher, 50);
  EXPECT_EQ(numbers(one), first);
  EXPECT_EQ(numbers(again), second);
}

TEST(ShardedSubscription, TheLastSubscribeSaysWhichNode) {
  RouterScript router;
  Member publisher(router);
  Member one(router);
  Member two(router);
  const Id subscription = one.subscribe("com.topic", {.nkey = Text("node1")});
  two.subscribe("com.topic", {.nkey = Text("node2")});
  EXPECT_EQ(one.subscribe("com.topic"), subscription);
  publishUnderKeys(publisher, 20);
  EXPECT_EQ(numbers(one), upTo(20));
  EXPECT_EQ(numbers(two), upTo(20));  // the only node
  one.subscribe("com.topic", {.nkey = Text("node2")});
  publishUnderKeys(publisher, 20);
  EXPECT_EQ(numbers(one), upTo(20));
  EXPECT_EQ(numbers(two), upTo(20));
  one.subscribe("com.topic", {.nkey = Text("")});  // a key like any other
  publishUnderKeys(publisher, 20);
  EXPECT_EQ(numbers(one).size() + numbers(two).size(), 20U);
}

TEST(ShardedSubscription, EachSubscriptionHasNodesOfItsOwn) {
  RouterScript router;
  Member publisher(router);
  Member exact(router);
  Member pattern(router);
  Member other(router);
  exact.subscribe("com.topic", {.nkey = Text("node1")});
  pattern.subscribe("com.", {.match = Match::prefix, .nkey = Text("node2")});
  other.subscribe("com.", {.match = Match::prefix, .nkey = Text("node3")});
  publishUnderKeys(publisher, 30);
  EXPECT_EQ(numbers(exact), upTo(30));
  EXPECT_EQ(numbers(pattern).size() + numbers(other).size(), 30U);
}

TEST(ShardedSubscription, WhoMayNotHaveAnEventDoesNotLeaveItToAnotherNode) {
  RouterScript router;
  Member publisher(router);
  Member other(router);
  publisher.subscribe("com.topic", {.nkey = Text("node1")});
  other.subscribe("com.topic", {.nkey = Text("node2")});
  publishUnderKeys(publisher, 40);
  const std::vector<int> others = numbers(other);
  EXPECT_TRUE(numbers(publisher).empty());
  Member third(router);
  publishUnderKeys(third, 40);
  EXPECT_EQ(numbers(other), others);
  EXPECT_EQ(numbers(publisher).size(), 40U - others.size());
}

TEST(ShardedSubscription, TestamentsHaveKeysToo) {
  RouterScript router;
  Member one(router);
  Member two(router);
  one.subscribe("com.topic", {.nkey = Text("node1")});
  two.subscribe("com.topic", {.nkey = Text("node2")});
  for (int i = 0; i < 20; ++i) {
    Member gone(router);
    const Dict options{{"rkey", "key" + std::to_string(i)}};
    gone.expectResult(gone.call("wamp.session.add_testament", {"com.topic", List{i}, Dict{}}, {},
                                {{"publish_options", options}}));
  }
  EXPECT_EQ(numbers(one).size() + numbers(two).size(), 20U);
}

TEST(ShardedSubscription, RetainedEventsComeWhole) {
  RouterScript router;
  Member publisher(router);
  publisher.publish("com.topic", {7}, {.retain = true, .rkey = Text("key")});
  for (const char* nkey : {"node1", "node2", "node3"}) {
    Member late(router);
    late.subscribe("com.topic", {.getRetained = true, .nkey = Text(nkey)});
    EXPECT_EQ(numbers(late), std::vector{7});
  }
}

TEST(ShardedSubscription, TheKeyOfANodeHasALimit) {
  RouterScript router({.maxUriSize = 20});
  Member member(router);
  const Id request = member.askSubscribe("com.topic", {.nkey = Text(std::string(21, 'x'))});
  EXPECT_EQ(member.expectError(message::Subscribe::kCode, request), error::kInvalidArgument);
  member.subscribe("com.topic", {.nkey = Text(std::string(20, 'x'))});
}

TEST(ShardedSubscription, IsAnnouncedUnderBothNames) {
  RouterScript router;
  testing::Client client(router);
  client.sayJson(R"([1,"realm1",{"roles":{"subscriber":{"features":{"shareded_subscriptions":true}}}}])");
  const auto welcome = client.expect<message::Welcome>();
  EXPECT_TRUE(welcome.details.roles.has(Role::broker, Feature::shardedSubscription));
  const std::string json = testing::toJson(welcome);
  EXPECT_THAT(json, HasSubstr("\"sharded_subscription\":true"));
  EXPECT_THAT(json, HasSubstr("\"shareded_subscriptions\":true"));
}

}  // namespace
}  // namespace autobahn::wamp::router
