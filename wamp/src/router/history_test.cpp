// Event history in memory, and what holds for every store.
#include <gmock/gmock.h>

#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "testing/history.hpp"
#include "testing/history_filters.hpp"
#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Client;
using testing::Member;
using testing::RouterScript;

using testing::eventsOf;
using testing::historyRealm;
using testing::numbersOf;

TEST(EventHistory, IsAnnouncedOnlyWhereItIs) {
  RouterScript with(historyRealm());
  Client one(with);
  one.hello();
  EXPECT_TRUE(one.expect<message::Welcome>().details.roles.has(Role::broker, Feature::eventHistory));
  RouterScript without;
  Client other(without);
  other.hello();
  EXPECT_FALSE(other.expect<message::Welcome>().details.roles.has(Role::broker, Feature::eventHistory));
  const Id call = other.call("wamp.subscription.get_events", {1});
  EXPECT_EQ(other.expectCallError(call), error::kHistoryUnavailable);
}

TEST(EventHistory, TellsWhatTheSpecificationShows) {
  RouterScript router(historyRealm());
  Member publisher(router);
  Member reader(router);
  publisher.publish("com.app.news", {1, "two"}, {.acknowledge = true, .discloseMe = true});
  const Id publication = publisher.expect<message::Published>().publication;
  const Id exact = reader.subscribe("com.app.news");
  const Id call = reader.call("wamp.subscription.get_events", {exact});
  const Dict expected{{"timestamp", "2019-12-20T00:00:00.000Z"},
                      {"subscription", exact},
                      {"publication", publication},
                      {"topic", "com.app.news"},
                      {"details", Dict{{"publisher", publisher.id()},
                                       {"publisher_authid", publisher.session().info()->authid},
                                       {"publisher_authrole", "anonymous"}}},
                      {"args", List{1, "two"}}};
  EXPECT_EQ(reader.expectResult(call), (List{Value(List{expected})}));
  // By a pattern, the topic stands in the details, as in EVENT.
  const Id prefix = reader.subscribe("com.app.n", Match::prefix);
  const List events = eventsOf(reader, {prefix});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].get("details").get("topic"), Value("com.app.news"));
  EXPECT_EQ(events[0].get("subscription"), Value(prefix));
}

TEST(EventHistory, RulesCanBeLookedUpWithoutSubscribers) {
  RouterScript router(historyRealm());
  Member reader(router);
  const Id lookup = reader.call("wamp.subscription.lookup", {"com.app.", Dict{{"match", "prefix"}}});
  const Value id = reader.expectResult(lookup).at(0);
  ASSERT_TRUE(id.isInteger());
  Member publisher(router);
  publisher.publish("com.app.x", {7});
  EXPECT_EQ(numbersOf(eventsOf(reader, {id})), (std::vector<int>{7}));
  // It outlives its subscribers.
  EXPECT_EQ(Value(publisher.subscribe("com.app.", Match::prefix)), id);
  publisher.unsubscribe(id.asUint64());
  EXPECT_EQ(numbersOf(eventsOf(reader, {id})), (std::vector<int>{7}));
}

TEST(EventHistory, IsOnlyForSubscriptionsThatARuleCovers) {
  RouterScript router(historyRealm());
  Member reader(router);
  const struct {
    const char* uri;
    Match match;
    bool isThere;
  } table[] = {{"com.app.x", Match::exact, true},    {"com.app.", Match::prefix, true},
               {"com.app.x.y", Match::prefix, true}, {"com.app..y", Match::wildcard, true},
               {"com.", Match::prefix, false},       {"org.x", Match::exact, false},
               {"com..x", Match::wildcard, false},   {"wamp.session.on_join", Match::exact, false}};
  for (const auto& each : table) {
    const Id subscription = reader.subscribe(each.uri, each.match);
    const Id call = reader.call("wamp.subscription.get_events", {subscription});
    if (each.isThere) {
      EXPECT_EQ(reader.expectResult(call), List{Value(List{})}) << each.uri;
    } else {
      EXPECT_EQ(reader.expectCallError(call), error::kHistoryUnavailable) << each.uri;
    }
  }
}

TEST(EventHistory, RefusesWhatItDoesNotUnderstand) {
  RouterScript router(historyRealm());
  Member reader(router);
  const Id subscription = reader.subscribe("com.app.x");
  const struct {
    List args;
    Dict kwargs;
    std::string_view error;
  } table[] = {
      {{}, {}, error::kInvalidArgument},
      {{"x"}, {}, error::kInvalidArgument},
      {{subscription, 1, 1}, {}, error::kInvalidArgument},
      {{subscription + 1}, {}, error::kNoSuchSubscription},
      {{subscription, 0}, {}, error::kInvalidArgument},
      {{subscription}, {{"limit", 0}}, error::kInvalidArgument},
      {{subscription}, {{"limit", -1}}, error::kInvalidArgument},
      {{subscription}, {{"limit", 1.5}}, error::kInvalidArgument},
      {{subscription}, {{"reverse", 1}}, error::kInvalidArgument},
      {{subscription}, {{"topic", "a b"}}, error::kInvalidArgument},
      {{subscription}, {{"topic", 1}}, error::kInvalidArgument},
      {{subscription}, {{"from_time", "yesterday"}}, error::kInvalidArgument},
      {{subscription}, {{"until_time", 1}}, error::kInvalidArgument},
      {{subscription}, {{"after_publication", 0}}, error::kInvalidArgument},
      {{subscription}, {{"before_publication", "1"}}, error::kInvalidArgument},
      {{subscription}, {{"until_publication", 17}}, error::kInvalidArgument},
      {{subscription}, {{"form_time", "2020-01-01T00:00:00Z"}}, error::kInvalidArgument},
  };
  for (const auto& each : table) {
    const Id call = reader.call("wamp.subscription.get_events", each.args, {}, each.kwargs);
    EXPECT_EQ(reader.expectCallError(call), each.error)
        << Value(each.args).toString() << Value(each.kwargs).toString();
  }
}

TEST(EventHistory, FindsWhatIsAskedFor) {
  testing::HistoryFilters(nullptr, [](Client&) {}).check();
}

TEST(EventHistory, HonoursTheReceiversOfEachEvent) {
  testing::checkReceivers(nullptr, [](Client&) {});
}

TEST(EventHistory, AsksWhetherTheCallerMaySubscribe) {
  class NobodySubscribes : public Authorizer {
   public:
    std::optional<Permission> decide(const AuthorizationRequest& request) override {
      if (request.action == Action::call && request.uri == "com.later") return std::nullopt;
      return Permission{.allow = request.action != Action::subscribe};
    }
  };
  RealmOptions realm = historyRealm();
  realm.authorizer = std::make_shared<NobodySubscribes>();
  RouterScript router(std::move(realm));
  Member reader(router);
  const Id lookup = reader.call("wamp.subscription.lookup", {"com.app.", Dict{{"match", "prefix"}}});
  const Id call = reader.call("wamp.subscription.get_events", {reader.expectResult(lookup).at(0)});
  EXPECT_EQ(reader.expectCallError(call), error::kNotAuthorized);
}

TEST(EventHistory, LeavesOutWhatWasPublishedForSessions) {
  RouterScript router(historyRealm());
  Member publisher(router);
  Member reader(router);
  const Id subscription = reader.subscribe("com.app.x");
  message::Publish::Options toOne;
  toOne.receivers.make().eligible = std::vector<Id>{reader.id()};
  message::Publish::Options notToOne;
  notToOne.receivers.make().exclude = std::vector<Id>{1};
  publisher.publish("com.app.x", {1}, toOne);
  publisher.publish("com.app.x", {2}, notToOne);
  publisher.publish("com.app.x", {3});
  for (int i = 0; i < 3; ++i) reader.expect<message::Event>();
  EXPECT_EQ(numbersOf(eventsOf(reader, {subscription})), (std::vector<int>{3}));
}

TEST(EventHistory, TestamentsAreEventsToo) {
  RouterScript router(historyRealm());
  Member reader(router);
  const Id subscription = reader.subscribe("com.app.x");
  {
    Member gone(router);
    const Id call = gone.call("wamp.session.add_testament", {"com.app.x", List{5}, Dict{}});
    gone.expectResult(call);
  }
  reader.expect<message::Event>();
  const List events = eventsOf(reader, {subscription});
  EXPECT_EQ(numbersOf(events), (std::vector<int>{5}));
  EXPECT_GT(events.at(0).get("publication").asUint64(), 0U);
}

TEST(EventHistory, KeepsARealmThatWasMadeOnDemand) {
  RouterOptions options;
  options.makeRealm = [](std::string_view) { return std::optional(historyRealm()); };
  RouterScript router({}, std::move(options));
  for (const bool publishes : {false, true}) {
    {
      Client gone(router);
      gone.join(testing::allRoles(), "realm2");
      if (publishes) gone.publish("com.app.x", {1});
    }
    EXPECT_EQ(router->hasRealm("realm2"), publishes);
  }
  Client reader(router);
  reader.join(testing::allRoles(), "realm2");
  EXPECT_EQ(numbersOf(eventsOf(reader, {reader.subscribe("com.app.x")})), (std::vector<int>{1}));
}

TEST(EventHistory, RefusesRulesThatAreNone) {
  const std::vector<HistoryRule> table[] = {{{.uri = "a..b"}},
                                            {{.uri = ""}},
                                            {{.uri = "a"}, {.uri = "a"}},
                                            {{.uri = "a b", .match = Match::prefix}}};
  for (const auto& rules : table) {
    Router router;
    RealmOptions options{.name = "realm1"};
    options.history.rules = rules;
    EXPECT_THROW(router.addRealm(options), InvalidState);
  }
  Router router;
  RealmOptions options{.name = "realm1"};
  options.history.rules = {
      {.uri = "", .match = Match::prefix}, {.uri = "a"}, {.uri = "a", .match = Match::prefix}};
  router.addRealm(options);
}

TEST(EventHistory, IsBoundedByEventsAndOctets) {
  for (const bool byOctets : {false, true}) {
    RealmOptions options;
    options.history.rules = {
        {.uri = "com.x", .maxEvents = byOctets ? 1000U : 3U, .maxOctets = byOctets ? 40'000U : 1U << 20U}};
    RouterScript router(std::move(options));
    Member publisher(router);
    const Id subscription = publisher.subscribe("com.x");
    for (int i = 0; i < 100; ++i) publisher.publish("com.x", {i, byOctets ? std::string(10'000, 'x') : ""});
    const std::vector<int> numbers = numbersOf(eventsOf(publisher, {subscription}));
    EXPECT_EQ(numbers, (std::vector<int>{97, 98, 99}));
  }
}

TEST(EventHistory, ForgetsWhatIsTooOld) {
  // The script's wall clock stands still: what is told here is that now is within the age.
  RealmOptions options;
  options.history.rules = {{.uri = "com.x", .maxAge = std::chrono::seconds(1)}};
  RouterScript router(std::move(options));
  Member publisher(router);
  const Id subscription = publisher.subscribe("com.x");
  const auto start = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
  for (int i = 0; i < 4; ++i) {
    router->setTime(std::chrono::steady_clock::now(), start + std::chrono::milliseconds(400 * i));
    publisher.publish("com.x", {i});
  }
  EXPECT_EQ(numbersOf(eventsOf(publisher, {subscription})), (std::vector<int>{1, 2, 3}));
  router->setTime(std::chrono::steady_clock::now(), start + std::chrono::milliseconds(2100));
  EXPECT_EQ(numbersOf(eventsOf(publisher, {subscription})), (std::vector<int>{3}));
}

// Also before it is thrown away, which the next event does: what lies between has gone as well.
TEST(EventHistory, WhatIsTooOldIsNoPlace) {
  RealmOptions options;
  options.history.rules = {{.uri = "com.x", .maxAge = std::chrono::seconds(1)}};
  RouterScript router(std::move(options));
  Member publisher(router);
  const Id subscription = publisher.subscribe("com.x");
  std::vector<Id> publications;
  for (int i = 0; i < 3; ++i) {
    publisher.publish("com.x", {i}, {.acknowledge = true});
    publications.push_back(publisher.expect<message::Published>().publication);
    router.pass(std::chrono::milliseconds(400));
  }
  const auto after = [&](std::size_t event) {
    return publisher.call("wamp.subscription.get_events", {subscription}, {},
                          {{"after_publication", publications.at(event)}});
  };
  EXPECT_EQ(publisher.expectCallError(after(0)), error::kInvalidArgument);
  EXPECT_EQ(numbersOf(publisher.expectResult(after(1)).at(0).asList()), (std::vector<int>{2}));
}

TEST(EventHistory, SaysWhenItsOwnLimitHasCut) {
  RealmOptions options = historyRealm();
  options.history.maxEventsPerRead = 2;
  RouterScript router(std::move(options));
  Member publisher(router);
  const Id subscription = publisher.subscribe("com.app.x");
  for (int i = 0; i < 3; ++i) publisher.publish("com.app.x", {i});
  const auto isCut = [&](Dict filters) {
    publisher.call("wamp.subscription.get_events", {subscription}, {}, std::move(filters));
    return publisher.expect<message::Result>().payload.kwargs().contains("truncated");
  };
  EXPECT_TRUE(isCut({}));
  EXPECT_TRUE(isCut({{"limit", 5}}));
  EXPECT_FALSE(isCut({{"limit", 2}}));
  EXPECT_FALSE(isCut({{"limit", 1}}));
}

TEST(EventHistory, TheSmallerOfTwoLimitsHolds) {
  RealmOptions options = historyRealm();
  options.history.maxEventsPerRead = 3;
  RouterScript router(std::move(options));
  Member publisher(router);
  const Id subscription = publisher.subscribe("com.app.x");
  for (int i = 0; i < 5; ++i) publisher.publish("com.app.x", {i});
  const auto ask = [&](int second, int limit) {
    publisher.call("wamp.subscription.get_events", {subscription, second}, {}, {{"limit", limit}});
    const auto result = publisher.expect<message::Result>();
    const std::string cut = result.payload.kwargs().contains("truncated") ? " truncated" : "";
    return std::to_string(result.payload.args().at(0).asList().size()) + cut;
  };
  EXPECT_EQ(ask(1, 2), "1");
  EXPECT_EQ(ask(2, 1), "1");
  EXPECT_EQ(ask(2, 9), "2");
  EXPECT_EQ(ask(9, 2), "2");
  EXPECT_EQ(ask(9, 9), "3 truncated");
}

TEST(EventHistory, NarrowRulesAreAskedFirst) {
  RealmOptions options;
  options.history.rules = {{.uri = "com.", .match = Match::prefix}, {.uri = "com.hot", .maxEvents = 1}};
  RouterScript router(std::move(options));
  Member publisher(router);
  for (int i = 0; i < 3; ++i) publisher.publish("com.hot", {i});
  const Id hot = publisher.subscribe("com.hot");
  const Id all = publisher.subscribe("com.", Match::prefix);
  EXPECT_EQ(numbersOf(eventsOf(publisher, {hot})), (std::vector<int>{2}));
  EXPECT_EQ(numbersOf(eventsOf(publisher, {all})), (std::vector<int>{0, 1, 2}));
}

}  // namespace
}  // namespace autobahn::wamp::router
