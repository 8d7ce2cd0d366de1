// The router's own procedures and events.
#include <gmock/gmock.h>

#include <autobahn/wamp/router/static_authorizer.hpp>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Member;
using testing::RouterScript;
using ::testing::UnorderedElementsAre;

// Where everything is allowed, ending others too.
RealmOptions allowingAll() {
  const auto authorizer = std::make_shared<StaticAuthorizer>();
  authorizer->setRole("anonymous",
                      {{"", Match::prefix, Actions::all()}, {"wamp.", Match::prefix, Actions::all()}});
  return {.authorizer = authorizer};
}

// The only argument of the result.
Value ask(Member& client, std::string_view procedure, List args = {}, Dict kwargs = {}) {
  const List result = client.expectResult(client.call(procedure, std::move(args), {}, std::move(kwargs)));
  EXPECT_EQ(result.size(), 1u) << procedure;
  return result.empty() ? Value() : result.front();
}
std::string askError(Member& client, std::string_view procedure, List args = {}, Dict kwargs = {}) {
  return client.expectCallError(client.call(procedure, std::move(args), {}, std::move(kwargs)));
}

TEST(MetaSessions, CountListAndGet) {
  RouterScript router;
  Member one(router);
  Member other(router);
  EXPECT_EQ(ask(one, "wamp.session.count"), 2);
  EXPECT_EQ(ask(one, "wamp.session.count", {Value(List{"anonymous"})}), 2);
  EXPECT_EQ(ask(one, "wamp.session.count", {Value(List{"other"})}), 0);
  EXPECT_THAT(ask(one, "wamp.session.list").asList(), UnorderedElementsAre(one.id(), other.id()));
  const Value details = ask(one, "wamp.session.get", {other.id()});
  EXPECT_EQ(details.get("session"), other.id());
  EXPECT_EQ(details.get("authrole"), "anonymous");
  EXPECT_EQ(details.get("authmethod"), "anonymous");
  EXPECT_EQ(details.get("transport").get("peer"), "test:1");
  EXPECT_EQ(askError(one, "wamp.session.get", {5}), error::kNoSuchSession);
}

TEST(MetaSessions, WrongArgumentsAreNamed) {
  RouterScript router;
  Member client(router);
  const struct {
    const char* procedure;
    List args;
    const char* why;
  } cases[] = {
      {"wamp.session.get", {}, "argument 1"},
      {"wamp.session.get", {"5"}, "argument 1"},
      {"wamp.session.count", {5}, "argument 1"},
      {"wamp.registration.lookup", {"com.a", Dict{{"match", "regex"}}}, "match"},
      {"wamp.session.add_testament", {"no uri", List{}, Dict{}}, "Topic"},
      {"wamp.session.add_testament", {"com.a", 5}, "argument 2"},
  };
  for (const auto& each : cases) {
    client.call(each.procedure, each.args);
    const auto error = client.expect<message::Error>();
    EXPECT_EQ(error.error, error::kInvalidArgument);
    EXPECT_THAT(error.payload.args().at(0).asString(), HasSubstr(each.why)) << each.procedure;
  }
}

TEST(MetaSessions, JoiningAndLeavingAreTold) {
  RouterScript router;
  Member listener(router);
  listener.subscribe("wamp.session.on_join");
  listener.subscribe("wamp.session.on_leave");
  Member client(router);
  const auto joined = listener.expect<message::Event>();
  EXPECT_EQ(joined.payload.args().at(0).get("session"), client.id());
  EXPECT_EQ(joined.payload.args().at(0).get("authrole"), "anonymous");
  const std::string authid = joined.payload.args().at(0).get("authid").asString();
  client.hangUp();
  EXPECT_EQ(listener.expect<message::Event>().payload.args(), (List{client.id(), authid, "anonymous"}));
}

TEST(MetaSessions, KillingEndsOthersWithGoodbye) {
  RouterScript router(allowingAll());
  Member killer(router);
  Member victim(router);
  Member bystander(router);
  bystander.registerProcedure("com.sum");
  const Id pending = victim.call("com.sum");
  EXPECT_EQ(killer.expectResult(killer.call("wamp.session.kill", {victim.id()}, {},
                                            {{"reason", "com.bored"}, {"message", "bye"}})),
            List{});
  const auto goodbye = victim.expect<message::Goodbye>();
  EXPECT_EQ(goodbye.reason, "com.bored");
  EXPECT_EQ(goodbye.details.message, Text("bye"));
  bystander.expect<message::Invocation>();
  bystander.expect<message::Interrupt>();
  victim.cancel(pending);
  victim.say(message::Goodbye{.reason = Text(close::kGoodbyeAndOut)});
  EXPECT_TRUE(victim.isClosed());
  victim.expectNothing();
  EXPECT_EQ(askError(killer, "wamp.session.kill", {killer.id()}), error::kNoSuchSession);
  EXPECT_EQ(askError(killer, "wamp.session.kill", {victim.id()}), error::kNoSuchSession);
  EXPECT_EQ(askError(killer, "wamp.session.kill", {bystander.id()}, {{"reason", "no uri"}}),
            error::kInvalidUri);
  EXPECT_EQ(ask(killer, "wamp.session.count"), 2);
}

TEST(MetaSessions, KillingByRoleAndAll) {
  RouterScript router(allowingAll());
  Member killer(router);
  std::vector<std::unique_ptr<Member>> victims;
  for (int i = 0; i < 3; ++i) victims.push_back(std::make_unique<Member>(router));
  EXPECT_EQ(ask(killer, "wamp.session.kill_by_authrole", {"other"}), 0);
  EXPECT_EQ(ask(killer, "wamp.session.kill_by_authid", {"nobody"}), List{});
  const Value authid = ask(killer, "wamp.session.get", {victims[0]->id()}).get("authid");
  EXPECT_EQ(ask(killer, "wamp.session.kill_by_authid", {authid}), List{victims[0]->id()});
  EXPECT_EQ(ask(killer, "wamp.session.kill_all"), 2);
  for (const auto& each : victims) EXPECT_EQ(each->expect<message::Goodbye>().reason, close::kKilled);
  EXPECT_EQ(ask(killer, "wamp.session.count"), 1);
}

TEST(MetaSessions, KillingNeedsMoreThanAGeneralPermission) {
  RouterScript router;
  Member client(router);
  Member other(router);
  EXPECT_EQ(askError(client, "wamp.session.kill", {other.id()}), error::kNotAuthorized);
  EXPECT_EQ(askError(client, "wamp.session.kill_all"), error::kNotAuthorized);
  other.expectNothing();
}

TEST(MetaSessions, NoPartsForTheRouter) {
  RouterScript router;
  Member client(router);
  const Id call = client.call("wamp.session.count", {}, {.progress = true});
  EXPECT_EQ(client.expectCallError(call), error::kFeatureNotSupported);
  client.continueCall(call, "wamp.session.count", {}, true);
  client.expectNothing();
}

// ---- Registrations

TEST(MetaRegistrations, ShowWhatIsThere) {
  RouterScript router;
  Member callee(router);
  Member client(router);
  const Id exact = callee.registerProcedure("com.sum", {.invoke = Invoke::first});
  const Id prefix = callee.registerProcedure("com.", {.match = Match::prefix});
  EXPECT_EQ(ask(client, "wamp.registration.list"),
            (Dict{{"exact", List{exact}}, {"prefix", List{prefix}}, {"wildcard", List{}}}));
  EXPECT_EQ(ask(client, "wamp.registration.lookup", {"com.sum"}), exact);
  EXPECT_EQ(ask(client, "wamp.registration.lookup", {"com.", Dict{{"match", "prefix"}}}), prefix);
  EXPECT_EQ(ask(client, "wamp.registration.lookup", {"com.x"}), nullptr);
  EXPECT_EQ(ask(client, "wamp.registration.match", {"com.x"}), prefix);
  EXPECT_EQ(ask(client, "wamp.registration.match", {"org.x"}), nullptr);
  const Value details = ask(client, "wamp.registration.get", {exact});
  EXPECT_EQ(details.get("id"), exact);
  EXPECT_EQ(details.get("uri"), "com.sum");
  EXPECT_EQ(details.get("match"), "exact");
  EXPECT_EQ(details.get("invoke"), "first");
  EXPECT_THAT(details.get("created").asString(), ::testing::MatchesRegex("20.*T.*Z"));
  EXPECT_EQ(ask(client, "wamp.registration.list_callees", {exact}), List{callee.id()});
  EXPECT_EQ(ask(client, "wamp.registration.count_callees", {exact}), 1);
  for (const char* each : {"get", "list_callees", "count_callees"}) {
    EXPECT_EQ(askError(client, std::string("wamp.registration.") + each, {77}), error::kNoSuchRegistration);
  }
}

/// A procedure for everything is not one for what the router is asked.
TEST(MetaRegistrations, PatternsDoNotCatchCallsOfTheRouter) {
  RouterScript router;
  Member callee(router);
  Member client(router);
  callee.registerProcedure("", {.match = Match::prefix});
  callee.registerProcedure("wam", {.match = Match::prefix});
  callee.registerProcedure("..", {.match = Match::wildcard});
  EXPECT_EQ(ask(client, "wamp.session.count"), 2);
  EXPECT_EQ(askError(client, "wamp.session.no_such_thing"), error::kNoSuchProcedure);
  callee.expectNothing();
  client.call("wampum");
  EXPECT_EQ(callee.expect<message::Invocation>().details.procedure, Text("wampum"));
}

TEST(MetaRegistrations, ChangesAreTold) {
  RouterScript router;
  Member listener(router);
  listener.subscribe("wamp.registration.", Match::prefix);
  Member one(router);
  Member other(router);
  const message::Register::Options shared{.invoke = Invoke::random};
  const Id id = one.registerProcedure("com.sum", shared);
  other.registerProcedure("com.sum", shared);
  one.unregister(id);
  other.hangUp();
  std::vector<std::string> topics;
  while (!listener.received().empty()) {
    const auto event = listener.expect<message::Event>();
    topics.push_back(event.details.topic->string().substr(sizeof "wamp.registration." - 1));
    const List& args = event.payload.args();
    EXPECT_EQ(topics.back() == "on_create" ? args.at(1).get("id") : args.at(1), id);
  }
  EXPECT_THAT(topics, ElementsAre("on_create", "on_register", "on_register", "on_unregister", "on_unregister",
                                  "on_delete"));
}

TEST(MetaRegistrations, CalleesCanBeRemoved) {
  RouterScript router(allowingAll());
  Member callee(router);
  Member client(router);
  const Id id = callee.registerProcedure("com.sum");
  EXPECT_EQ(askError(client, "wamp.registration.remove_callee", {id, client.id()}),
            error::kNoSuchRegistration);
  client.expectResult(
      client.call("wamp.registration.remove_callee", {id, callee.id()}, {}, {{"reason", "com.why"}}));
  const auto revoked = callee.expect<message::Unregistered>();
  EXPECT_EQ(revoked.request, 0u);
  EXPECT_EQ(revoked.details.registration, id);
  EXPECT_EQ(revoked.details.reason, Text("com.why"));
  EXPECT_EQ(client.expectCallError(client.call("com.sum")), error::kNoSuchProcedure);
}

// ---- Subscriptions

TEST(MetaSubscriptions, ShowWhatIsThere) {
  RouterScript router;
  Member subscriber(router);
  Member client(router);
  const Id exact = subscriber.subscribe("com.topic");
  const Id wildcard = subscriber.subscribe("com.", Match::wildcard);
  EXPECT_EQ(ask(client, "wamp.subscription.list"),
            (Dict{{"exact", List{exact}}, {"prefix", List{}}, {"wildcard", List{wildcard}}}));
  EXPECT_EQ(ask(client, "wamp.subscription.lookup", {"com.", Dict{{"match", "wildcard"}}}), wildcard);
  EXPECT_EQ(ask(client, "wamp.subscription.match", {"com.topic"}), (List{exact, wildcard}));
  EXPECT_EQ(ask(client, "wamp.subscription.match", {"org.topic"}), nullptr);
  EXPECT_EQ(ask(client, "wamp.subscription.get", {wildcard}).get("match"), "wildcard");
  EXPECT_EQ(ask(client, "wamp.subscription.list_subscribers", {exact}), List{subscriber.id()});
  EXPECT_EQ(ask(client, "wamp.subscription.count_subscribers", {exact}), 1);
  EXPECT_EQ(askError(client, "wamp.subscription.get", {77}), error::kNoSuchSubscription);
}

TEST(MetaSubscriptions, ChangesAreToldButNotOfTheRoutersTopics) {
  RouterScript router;
  Member listener(router);
  listener.subscribe("wamp.subscription.", Match::prefix);
  listener.subscribe("wamp.session.on_leave");
  listener.expectNothing();
  Member one(router);
  Member other(router);
  const Id id = one.subscribe("com.topic");
  other.subscribe("com.topic");
  other.subscribe("com.topic");
  one.unsubscribe(id);
  other.hangUp();
  std::vector<std::string> topics;
  while (!listener.received().empty()) {
    const auto event = listener.expect<message::Event>();
    topics.push_back(event.details.topic.value_or(Text("on_leave")).string());
    topics.back() = topics.back().substr(topics.back().rfind('.') + 1);
  }
  EXPECT_THAT(topics, ElementsAre("on_create", "on_subscribe", "on_subscribe", "on_unsubscribe",
                                  "on_unsubscribe", "on_delete", "on_leave"));
}

TEST(MetaSubscriptions, SubscribersCanBeRemoved) {
  RouterScript router(allowingAll());
  Member subscriber(router);
  Member deaf(router, testing::plainRoles());
  Member client(router);
  const Id id = subscriber.subscribe("com.topic");
  deaf.subscribe("com.topic");
  for (Member* each : {&subscriber, &deaf}) {
    client.expectResult(client.call("wamp.subscription.remove_subscriber", {id, each->id()}));
  }
  EXPECT_EQ(subscriber.expect<message::Unsubscribed>().details.subscription, id);
  deaf.expectNothing();  // does not know of revocation
  client.publish("com.topic");
  subscriber.expectNothing();
  deaf.expectNothing();
}

// ---- Testaments

TEST(Testaments, ArePublishedWhenTheSessionIsGone) {
  RouterScript router;
  Member listener(router);
  listener.subscribe("com.last", {});
  Member client(router);
  const auto add = [&](List args, Dict kwargs) {
    args.insert(args.begin(), "com.last");
    EXPECT_EQ(client.expectResult(client.call("wamp.session.add_testament", args, {}, std::move(kwargs))),
              List{});
  };
  add({List{"destroyed"}, Dict{{"k", 1}}}, {});
  add({List{"detached"}, Dict{}}, {{"scope", "detached"}});
  add({List{"for nobody"}, Dict{}}, {{"publish_options", Dict{{"eligible", List{5}}}}});
  add({List{"disclosed"}, Dict{}}, {{"publish_options", Dict{{"disclose_me", true}, {"retain", true}}}});
  listener.expectNothing();
  client.hangUp();
  EXPECT_EQ(listener.expect<message::Event>().payload, Payload({"detached"}));
  EXPECT_EQ(listener.expect<message::Event>().payload, Payload({"destroyed"}, {{"k", 1}}));
  const auto last = listener.expect<message::Event>();
  EXPECT_EQ(last.payload, Payload({"disclosed"}));
  EXPECT_EQ(last.details.publisher.session, client.id());
  listener.expectNothing();
  listener.subscribe("com.last", {.getRetained = true});
  EXPECT_EQ(listener.expect<message::Event>().payload, Payload({"disclosed"}));
}

TEST(Testaments, CanBeFlushedAndAreLimited) {
  RouterScript router({.limits = {.testaments = 2}});
  Member listener(router);
  listener.subscribe("com.last");
  Member client(router);
  const auto add = [&](const char* scope) {
    return client.call("wamp.session.add_testament", {"com.last", List{scope}, Dict{}}, {},
                       {{"scope", scope}});
  };
  for (int i = 0; i < 2; ++i) client.expectResult(add("destroyed"));
  EXPECT_EQ(client.expectCallError(add("destroyed")), error::kLimitExceeded);
  client.expectResult(add("detached"));
  EXPECT_EQ(client.expectCallError(add("elsewhere")), error::kInvalidArgument);
  client.expectResult(client.call("wamp.session.flush_testaments"));
  client.hangUp();
  EXPECT_EQ(listener.expect<message::Event>().payload, Payload({"detached"}));
  listener.expectNothing();
}

TEST(Testaments, CountTowardsTheOctetsThatWait) {
  RouterScript router({.limits = {.waitingOctets = 10'000}});
  Member client(router);
  const auto add = [&client] {
    return client.call("wamp.session.add_testament", {"com.last", List{std::string(4'000, 'x')}, Dict{}});
  };
  for (int round = 0; round < 2; ++round) {  // the second one after a flush, which gives all back
    for (int i = 0; i < 2; ++i) client.expectResult(add());
    EXPECT_EQ(client.expectCallError(add()), error::kLimitExceeded);
    client.expectResult(client.call("wamp.session.flush_testaments"));
  }
}

TEST(Testaments, CountWhereTheyAreRetained) {
  RouterScript router({.maxRetainedSize = 2000});
  for (const auto& [topic, size] : {std::pair("com.small", 100U), std::pair("com.large", 2000U)}) {
    Member client(router);
    client.expectResult(client.call("wamp.session.add_testament",
                                    {topic, List{std::string(size, 'x')}, Dict{}}, {},
                                    {{"publish_options", Dict{{"retain", true}}}}));
    client.hangUp();
  }
  Member listener(router);
  listener.subscribe("com.small", {.getRetained = true});
  listener.expect<message::Event>();
  listener.subscribe("com.large", {.getRetained = true});
  listener.expectNothing();
}

TEST(Testaments, SayNothingForTheRouter) {
  RouterScript router;
  Member client(router);
  EXPECT_EQ(askError(client, "wamp.session.add_testament", {"wamp.session.on_join", List{}, Dict{}}),
            error::kInvalidUri);
}

}  // namespace
}  // namespace autobahn::wamp::router
