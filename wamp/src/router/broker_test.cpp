// Publish and subscribe, feature by feature.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "broker.hpp"
#include "testing/named.hpp"
#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Member;
using testing::Named;
using testing::RouterScript;
using PublishOptions = message::Publish::Options;

PublishOptions to(message::Receivers receivers) {
  PublishOptions options;
  options.receivers = std::move(receivers);
  return options;
}

class NamedMember : public testing::Client {
 public:
  NamedMember(RouterScript& router, std::string_view authid) : Client(router) {
    say(message::Hello{.realm = Text("realm1"),
                       .details = {.roles = testing::allRoles(), .authid = Text(authid)}});
    welcome_ = expect<message::Welcome>();
  }
  Id id() const { return welcome_.session; }

 private:
  message::Welcome welcome_;
};

TEST(Broker, PublicationsAreAcknowledgedWhenAskedFor) {
  RouterScript router;
  Member publisher(router);
  Member subscriber(router);
  subscriber.subscribe("com.topic");
  const Id request = publisher.publish("com.topic", {}, {.acknowledge = true});
  const auto published = publisher.expect<message::Published>();
  EXPECT_EQ(published.request, request);
  EXPECT_EQ(subscriber.expect<message::Event>().publication, published.publication);
  publisher.publish("com.topic", {}, {.acknowledge = false});
  publisher.expectNothing();
  // Without subscribers as well.
  publisher.publish("com.nobody", {}, {.acknowledge = true});
  EXPECT_NE(publisher.expect<message::Published>().publication, published.publication);
}

TEST(Broker, ThePublisherIsExcludedUnlessItSaysOtherwise) {
  RouterScript router;
  Member publisher(router);
  publisher.subscribe("com.topic");
  publisher.publish("com.topic", {}, {.excludeMe = true});
  publisher.expectNothing();
  publisher.publish("com.topic", {}, {.excludeMe = false});
  publisher.expect<message::Event>();
}

TEST(Broker, SubscribingTwiceIsOneSubscription) {
  RouterScript router;
  Member publisher(router);
  Member subscriber(router);
  const Id subscription = subscriber.subscribe("com.topic");
  EXPECT_EQ(subscriber.subscribe("com.topic"), subscription);
  publisher.publish("com.topic");
  subscriber.expect<message::Event>();
  subscriber.expectNothing();
  subscriber.unsubscribe(subscription);
  publisher.publish("com.topic");
  subscriber.expectNothing();
}

TEST(Broker, UnsubscribingNeedsASubscriptionOfOnesOwn) {
  RouterScript router;
  Member one(router);
  Member other(router);
  const Id subscription = one.subscribe("com.topic");
  for (const Id wrong : {subscription, subscription + 1, kMaxId}) {
    const Id request = other.askUnsubscribe(wrong);
    EXPECT_EQ(other.expectError(message::Unsubscribe::kCode, request), error::kNoSuchSubscription);
  }
  other.publish("com.topic");
  one.expect<message::Event>();  // untouched
}

TEST(Broker, PatternsGetTheTopicAndTheSamePublication) {
  RouterScript router;
  Member publisher(router);
  Member exact(router);
  Member prefix(router);
  Member wildcard(router);
  const Id ids[] = {exact.subscribe("com.app.user.17"), prefix.subscribe("com.ap", Match::prefix),
                    wildcard.subscribe("com..user.", Match::wildcard)};
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_NE(ids[1], ids[2]);
  publisher.publish("com.app.user.17");
  const auto one = exact.expect<message::Event>();
  const auto two = prefix.expect<message::Event>();
  const auto three = wildcard.expect<message::Event>();
  EXPECT_THAT((std::vector{one.subscription, two.subscription, three.subscription}),
              ElementsAre(ids[0], ids[1], ids[2]));
  EXPECT_FALSE(one.details.topic);
  EXPECT_EQ(two.details.topic, Text("com.app.user.17"));
  EXPECT_EQ(three.details.topic, Text("com.app.user.17"));
  EXPECT_EQ(one.publication, two.publication);
  EXPECT_EQ(one.publication, three.publication);
  publisher.publish("com.apple");  // by string, not by component
  prefix.expect<message::Event>();
  for (Member* each : {&exact, &wildcard}) each->expectNothing();
}

TEST(Broker, OneSessionGetsAnEventPerSubscriptionThatMatches) {
  RouterScript router;
  Member publisher(router);
  Member subscriber(router);
  const Id all = subscriber.subscribe("", Match::prefix);
  const Id one = subscriber.subscribe("com.topic");
  publisher.publish("com.topic");
  EXPECT_EQ(subscriber.expect<message::Event>().subscription, one);
  EXPECT_EQ(subscriber.expect<message::Event>().subscription, all);
}

TEST(Broker, BlackAndWhiteListsBySessionAuthidAndAuthrole) {
  RouterScript router({.authenticators = {std::make_shared<Named>()}});
  NamedMember publisher(router, "root");
  std::vector<std::unique_ptr<NamedMember>> members;
  for (const char* name : {"cook-a", "cook-b", "guest-c"}) {
    members.push_back(std::make_unique<NamedMember>(router, name));
    members.back()->subscribe("com.topic");
  }
  const auto id = [&](std::size_t i) { return members[i]->id(); };
  const auto texts = [](std::initializer_list<const char*> names) {
    return std::vector<Text>(names.begin(), names.end());
  };
  using Ids = std::vector<Id>;
  const struct {
    message::Receivers receivers;
    const char* expected;
  } cases[] = {
      {{}, "abc"},
      {{.exclude = Ids{id(0)}}, "bc"},
      {{.exclude = Ids{id(2), 77, id(0)}}, "b"},
      {{.excludeAuthid = texts({"guest-c", "x"})}, "ab"},
      {{.excludeAuthrole = texts({"cook"})}, "c"},
      {{.eligible = Ids{id(1), 5}}, "b"},
      {{.eligible = Ids{}}, ""},
      {{.eligibleAuthid = texts({"cook-a", "guest-c"})}, "ac"},
      {{.eligibleAuthrole = texts({"cook"})}, "ab"},
      {{.exclude = Ids{id(0)}, .eligibleAuthrole = texts({"cook"})}, "b"},
      {{.eligible = Ids{id(0), id(2)}, .eligibleAuthrole = texts({"cook"})}, "a"},
      {{.excludeAuthrole = texts({"guest"}), .eligible = Ids{id(2)}}, ""},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.expected);
    publisher.publish("com.topic", {}, to(each.receivers));
    std::string got;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!members[i]->received().empty()) got += "abc"[i];
      members[i]->received().clear();
    }
    EXPECT_EQ(got, each.expected);
  }
}

TEST(Broker, ThePublisherIsDisclosedWhenItWants) {
  RouterScript router;
  Member publisher(router);
  Member subscriber(router);
  subscriber.subscribe("com.topic");
  publisher.publish("com.topic", {}, {.discloseMe = true});
  const auto event = subscriber.expect<message::Event>();
  EXPECT_EQ(event.details.publisher.session, publisher.id());
  EXPECT_EQ(event.details.publisher.authrole, Text("anonymous"));
  EXPECT_TRUE(event.details.publisher.authid);
  publisher.publish("com.topic");
  EXPECT_EQ(subscriber.expect<message::Event>().details.publisher, message::Identity());
}

TEST(Broker, DisclosingCanBeForbidden) {
  RouterScript router({.allowDiscloseMe = false});
  Member publisher(router);
  Member subscriber(router);
  subscriber.subscribe("com.topic");
  const Id request = publisher.publish("com.topic", {}, {.acknowledge = true, .discloseMe = true});
  EXPECT_EQ(publisher.expectError(message::Publish::kCode, request), error::kOptionDisallowedDiscloseMe);
  subscriber.expectNothing();
}

// What a client says of the way a message has come would be believed by others.
TEST(Broker, PassesOnWhatIsTheApplicationsAndNothingElse) {
  RouterScript router;
  Member publisher(router);
  Member subscriber(router);
  subscriber.subscribe("com.topic");
  publisher.sayJson(R"([16, 1, {"ppt_scheme": "x_mine", "ppt_serializer": "cbor", "transaction_hash": "h",
      "x_custom": 5, "publisher": 17, "trustlevel": 9, "topic": "com.other", "retained": true,
      "forward_for": [{"session": 5, "authid": "boss", "authrole": "admin"}]}, "com.topic", ["packed"]])");
  const auto event = subscriber.expect<message::Event>();
  message::Event::Details expected;
  message::Passthru passthru;
  passthru.pptScheme = Text("x_mine");
  passthru.pptSerializer = Text("cbor");
  expected.passthru = passthru;
  expected.transactionHash = Text("h");
  expected.custom = Dict{{"x_custom", 5}};
  EXPECT_EQ(event.details, expected);
}

// ---- Retained events

TEST(Broker, RetainedEventsComeToThoseWhoAsk) {
  RouterScript router;
  Member publisher(router);
  publisher.publish("com.topic", {1}, {.retain = true});
  publisher.publish("com.topic", {2}, {.acknowledge = true, .retain = true});
  const Id publication = publisher.expect<message::Published>().publication;
  publisher.publish("com.topic", {3});  // not to be retained

  Member subscriber(router);
  subscriber.subscribe("com.topic");
  subscriber.expectNothing();
  const Id subscription = subscriber.subscribe("com.topic", {.getRetained = true});
  const auto event = subscriber.expect<message::Event>();
  EXPECT_EQ(event.subscription, subscription);
  EXPECT_EQ(event.publication, publication);
  EXPECT_EQ(event.payload, Payload({2}));
  EXPECT_EQ(event.details.retained, true);
  subscriber.expectNothing();
  subscriber.subscribe("com.other", {.getRetained = true});
  subscriber.expectNothing();
}

TEST(Broker, PatternsGetTheRetainedEventOfEachTopic) {
  RouterScript router;
  Member publisher(router);
  for (const char* topic : {"com.b.x", "com.a.x", "com.a.y", "org.a.x", "com.a"}) {
    publisher.publish(topic, {topic}, {.retain = true});
  }
  const auto topics = [&](const char* pattern, Match match) {
    Member subscriber(router);
    subscriber.subscribe(pattern, {.match = match, .getRetained = true});
    std::vector<std::string> got;
    while (!subscriber.received().empty()) {
      const auto event = subscriber.expect<message::Event>();
      EXPECT_EQ(event.payload.args(), List{event.details.topic->view()});
      got.push_back(event.details.topic->string());
    }
    return got;
  };
  EXPECT_THAT(topics("com.a", Match::prefix), ElementsAre("com.a", "com.a.x", "com.a.y"));
  EXPECT_THAT(topics("com..x", Match::wildcard), ElementsAre("com.a.x", "com.b.x"));
  EXPECT_THAT(topics(".a.", Match::wildcard), ElementsAre("com.a.x", "com.a.y", "org.a.x"));
  EXPECT_THAT(topics("com.", Match::wildcard), ElementsAre("com.a"));
}

// Advanced profile, event retention: the most recent one that the subscriber would have received.
TEST(Broker, RetainedEventsKeepTheirLists) {
  RouterScript router;
  Member publisher(router);
  Member subscriber(router);
  publisher.publish("com.topic", {"all"}, {.retain = true});
  PublishOptions few = to({.eligible = std::vector<Id>{subscriber.id()}});
  few.retain = true;
  publisher.publish("com.topic", {"few"}, few);
  Member other(router);
  other.subscribe("com.topic", {.getRetained = true});
  EXPECT_EQ(other.expect<message::Event>().payload, Payload({"all"}));
  subscriber.subscribe("com.topic", {.getRetained = true});
  EXPECT_EQ(subscriber.expect<message::Event>().payload, Payload({"few"}));
  // It excluded itself from both.
  publisher.subscribe("com.topic", {.getRetained = true});
  publisher.expectNothing();
  publisher.publish("com.topic", {"new"}, {.excludeMe = false, .retain = true});
  EXPECT_EQ(publisher.expect<message::Event>().payload, Payload({"new"}));
  Member late(router);
  late.subscribe("com.topic", {.getRetained = true});
  EXPECT_EQ(late.expect<message::Event>().payload, Payload({"new"}));
}

TEST(Broker, RetainedEventsAreBounded) {
  RouterScript router({.maxRetainedTopics = 2, .maxRetainedSize = 4000});
  Member publisher(router);
  const auto kept = [&](const char* topic) {
    Member subscriber(router);
    subscriber.subscribe(topic, {.getRetained = true});
    const bool isThere = !subscriber.received().empty();
    subscriber.received().clear();
    return isThere;
  };
  const auto retain = [&](const char* topic, std::size_t size) {
    publisher.publish(topic, {std::string(size, 'x')}, {.retain = true});
  };
  for (const char* topic : {"com.a", "com.b", "com.c"}) retain(topic, 10);
  EXPECT_TRUE(kept("com.a"));
  EXPECT_TRUE(kept("com.b"));
  EXPECT_FALSE(kept("com.c"));
  retain("com.a", 1800);
  EXPECT_TRUE(kept("com.a"));
  retain("com.b", 1200);  // too much: an old event would be worse than none
  EXPECT_FALSE(kept("com.b"));
  retain("com.a", 10);
  retain("com.b", 1200);
  EXPECT_TRUE(kept("com.b"));
}

TEST(Broker, AllThatARetainedEventKeepsCounts) {
  constexpr std::size_t kMost = 10'000;
  const std::string large(2 * kMost, 'x');
  const std::string names =
      R"([")" + std::string(kMost / 2, 'x') + R"(",")" + std::string(kMost / 2, 'y') + R"("])";
  struct Case {
    std::string options;
    std::string args;
    bool isKept;
  };
  const Case cases[] = {
      {"", R"("small")", true},
      {R"(,"ignored":")" + large + '"', R"("small")", true},  // which is not kept
      {R"(,"rkey":")" + large + '"', "1", true},
      {"", '"' + large + '"', false},
      {R"(,"x_own":")" + large + '"', "", false},
      {R"(,"transaction_hash":")" + large + '"', "", false},
      {R"(,"ppt_keyid":")" + large + '"', "", false},
      {R"(,"exclude_authid":)" + names, "", false},
      {R"(,"exclude_authrole":)" + names, "", false},
  };
  for (const Case& each : cases) {
    RouterScript router({.maxRetainedSize = kMost});
    Member publisher(router);
    publisher.sayJson(R"([16,1,{"retain":true)" + each.options + R"(},"com.topic",[)" + each.args + "]]");
    Member subscriber(router, testing::allRoles(), "");
    subscriber.subscribe("com.topic", {.getRetained = true});
    const bool isKept = !subscriber.received().empty();
    EXPECT_EQ(isKept, each.isKept) << each.options.substr(0, 30) << each.args.substr(0, 30);
    if (!isKept) continue;
    const auto event = subscriber.expect<message::Event>();
    EXPECT_LT(event.payload.buffer().view().size(), 100u) << "the rest of the message stays";
    EXPECT_TRUE(event.payload.buffer().isUnique()) << "what receivers make of it stays";
  }
}

TEST(Broker, RetainedEventsWithoutContentCountToo) {
  RouterScript router({.maxRetainedSize = 10 * 1024});
  Member publisher(router);
  for (int i = 0; i < 100; ++i) publisher.publish("com.topic" + std::to_string(i), {}, {.retain = true});
  Member subscriber(router);
  subscriber.subscribe("com.", {.match = Match::prefix, .getRetained = true});
  EXPECT_GT(subscriber.received().size(), 5u);
  EXPECT_LT(subscriber.received().size(), 10u);
  subscriber.received().clear();
}

TEST(Broker, APatternGetsSoManyRetainedEventsAtMost) {
  RouterScript router({.maxRetainedPerSubscribe = 3});
  Member publisher(router);
  for (int i = 0; i < 5; ++i) publisher.publish("com.topic" + std::to_string(i), {i}, {.retain = true});
  Member subscriber(router);
  for (int round = 0; round < 2; ++round) {
    const Id subscription = subscriber.subscribe("", {.match = Match::prefix, .getRetained = true});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(subscriber.expect<message::Event>().payload, Payload({i}));
    subscriber.unsubscribe(subscription);
  }
  subscriber.expectNothing();
}

TEST(Broker, RevokingFromAllTellsEachTheSameAndNothingElse) {
  const RealmOptions options;
  const Clock clock;
  Outbox out;
  Broker broker(options, clock, out);
  Session first({.session = 1, .roles = testing::allRoles()});
  Session second({.session = 2, .roles = testing::allRoles()});
  Session watcher({.session = 3, .roles = testing::allRoles()});
  for (Session* each : {&first, &second}) broker.subscribe(*each, {.request = 1, .topic = Text("com.topic")});
  broker.subscribe(watcher, {.request = 1, .options = {.match = Match::prefix}, .topic = Text("wamp.")});
  const Id subscription = first.subscriptions.begin()->first;
  out.clear();
  EXPECT_TRUE(broker.revoke(subscription, nullptr, "com.gone"));
  std::multiset<Id> told;
  for (const Outbox::Item& item : out.items()) {
    const bool isForAll = std::holds_alternative<message::Unsubscribed>(item.message);
    for (const Session* each : out.receivers(item)) {
      EXPECT_EQ(isForAll, each != &watcher) << wamp::testing::toJson(item.message);
      if (isForAll) told.insert(each->id());
    }
  }
  EXPECT_EQ(told, (std::multiset<Id>{1, 2}));
}

// ---- Limits and reserved URIs

TEST(Broker, SubscriptionsPerSessionAreLimited) {
  RouterScript router({.limits = {.subscriptions = 2}});
  Member subscriber(router);
  Member other(router);
  subscriber.subscribe("com.a");
  const Id second = subscriber.subscribe("com.b");
  const Id request = subscriber.askSubscribe("com.c");
  const auto error = subscriber.expect<message::Error>();
  EXPECT_EQ(error.request, request);
  EXPECT_EQ(error.error, error::kLimitExceeded);
  EXPECT_THAT(error.payload.args().at(0).asString(), HasSubstr("2 subscriptions"));
  other.subscribe("com.c");
  subscriber.unsubscribe(second);
  subscriber.subscribe("com.c");
}

TEST(Broker, WildcardsAreLimitedInDepth) {
  RouterScript router;
  Member client(router);
  std::string pattern;
  for (int i = 1; i < 32; ++i) pattern += i % 2 == 0 ? "." : "a.";
  client.subscribe(pattern, {.match = Match::wildcard});
  client.registerProcedure(pattern, {.match = Match::wildcard});
  pattern += '.';
  const Id request = client.askSubscribe(pattern, {.match = Match::wildcard});
  EXPECT_EQ(client.expectError(message::Subscribe::kCode, request), error::kInvalidUri);
  EXPECT_EQ(
      client.expectError(message::Register::kCode, client.askRegister(pattern, {.match = Match::wildcard})),
      error::kInvalidUri);
}

TEST(Broker, UrisAreLimited) {
  RouterScript router({.maxUriSize = 20});
  Member client(router);
  const std::string tooLong(21, 'x');
  EXPECT_EQ(client.expectError(message::Subscribe::kCode, client.askSubscribe(tooLong)), error::kInvalidUri);
  EXPECT_EQ(client.expectError(message::Register::kCode, client.askRegister(tooLong)), error::kInvalidUri);
  EXPECT_EQ(client.expectError(message::Publish::kCode, client.publish(tooLong, {}, {.acknowledge = true})),
            error::kInvalidUri);
  EXPECT_EQ(client.expectCallError(client.call(tooLong)), error::kNoSuchProcedure);
}

TEST(Broker, NobodyPublishesForTheRouter) {
  RouterScript router;
  Member client(router);
  Member listener(router);
  listener.subscribe("wamp.session.on_join");
  const Id request = client.publish("wamp.session.on_join", {}, {.acknowledge = true});
  EXPECT_EQ(client.expectError(message::Publish::kCode, request), error::kInvalidUri);
  client.publish("wamp.session.on_join");
  client.expectNothing();
  listener.expectNothing();
}

// crossbar#944
TEST(Broker, PatternsDoNotSeeTheRoutersEventsUnlessTheySaySo) {
  RouterScript router;
  Member curious(router);
  for (const char* each : {"", "w", "wam"}) curious.subscribe(each, Match::prefix);
  for (const char* each : {"..", ".session.on_join"}) curious.subscribe(each, Match::wildcard);
  Member entitled(router);
  entitled.subscribe("wamp.session.", Match::prefix);
  entitled.subscribe("wamp..on_join", Match::wildcard);
  Member other(router);
  curious.expectNothing();
  EXPECT_EQ(entitled.expect<message::Event>().details.topic, Text("wamp.session.on_join"));
  entitled.expect<message::Event>();
  entitled.expectNothing();
}

// ---- Leaving

TEST(Broker, WhoLeavesGetsNothingAndLeavesNothing) {
  RouterScript router;
  Member publisher(router);
  auto leaving = std::make_unique<Member>(router);
  Member staying(router);
  leaving->subscribe("com.topic");
  leaving->subscribe("com.", Match::prefix);
  staying.subscribe("com.topic");
  leaving->hangUp();
  publisher.publish("com.topic");
  leaving->expectNothing();
  staying.expect<message::Event>();
  const Id call = publisher.call("wamp.subscription.list");
  EXPECT_EQ(publisher.expectResult(call).at(0).get("exact").asList().size(), 1u);
  EXPECT_EQ(router->transportCount(), 2u);
}

TEST(Broker, SubscriptionsAreFoundWhateverTheOrderOfLeaving) {
  RouterScript router;
  Member publisher(router);
  std::vector<std::unique_ptr<Member>> members;
  for (int i = 0; i < 5; ++i) {
    members.push_back(std::make_unique<Member>(router));
    members.back()->subscribe("com.a");
    members.back()->subscribe("com.b");
  }
  for (const std::size_t leaves : {2u, 0u, 2u}) {  // from the middle, the front, the back
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(leaves));
    for (const char* topic : {"com.a", "com.b"}) publisher.publish(topic);
    for (const auto& each : members) {
      each->expect<message::Event>();
      each->expect<message::Event>();
      each->expectNothing();
    }
  }
}

}  // namespace
}  // namespace autobahn::wamp::router
