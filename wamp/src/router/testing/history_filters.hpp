// What every store of event history must find, as a table.
#pragma once

#include <autobahn/wamp/router/history.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "history.hpp"
#include "named.hpp"

namespace autobahn::wamp::router::testing {

/// Publishes ten events to `com.app.a` and `com.app.b.c` in turn, one a second (the third and the fourth in
/// the same millisecond), and asks for them in all ways that the specification has. `settle` returns when
/// something has come for the client, if it has to wait for that.
class HistoryFilters {
 public:
  using Settle = std::function<void(Client&)>;

  HistoryFilters(std::shared_ptr<HistoryStore> store, Settle settle)
      : settle_(std::move(settle)),
        router_(realmWith(std::move(store))),
        publisher_(router_),
        reader_(router_) {
    ids_.push_back(reader_.subscribe("com.app.", Match::prefix));
    ids_.push_back(reader_.subscribe("com.app.a"));
    ids_.push_back(reader_.subscribe("com.app..c", Match::wildcard));
    for (int i = 0; i < 10; ++i) publish(i);
    reader_.received().clear();
  }

  /// The numbers of the events, or "ERROR" and its URI.
  std::string ask(std::size_t subscription, Dict filters) {
    reader_.call("wamp.subscription.get_events", {ids_.at(subscription)}, {}, std::move(filters));
    settle_(reader_);
    if (std::holds_alternative<message::Error>(reader_.received().front())) {
      return "ERROR " + reader_.expect<message::Error>().error.string();
    }
    std::string numbers;
    for (const int each : numbersOf(reader_.expect<message::Result>().payload.args().at(0).asList())) {
      numbers += std::to_string(each);
    }
    return numbers;
  }

  void check() {
    const struct {
      std::size_t subscription;
      Dict filters;
      const char* expected;
    } table[] = {
        {0, {}, "0123456789"},
        {1, {}, "02468"},
        {2, {}, "13579"},
        {0, {{"reverse", true}}, "9876543210"},
        {0, {{"reverse", false}}, "0123456789"},
        {0, {{"limit", 3}}, "012"},
        {0, {{"limit", 3}, {"reverse", true}}, "987"},
        {0, {{"limit", 100}}, "0123456789"},
        {0, {{"limit", nullptr}, {"topic", nullptr}}, "0123456789"},
        {0, {{"topic", "com.app.b.c"}}, "13579"},
        {0, {{"topic", "com.app.b.c"}, {"limit", 2}, {"reverse", true}}, "97"},
        {0, {{"topic", "com.app.none"}}, ""},
        {1, {{"topic", "com.app.a"}}, "02468"},
        {1, {{"topic", "com.app.b.c"}}, ""},
        {2, {{"topic", "com.app.b.c"}, {"limit", 1}}, "1"},
        {0, {{"from_time", "2020-01-01T00:00:04Z"}}, "456789"},
        {0, {{"after_time", "2020-01-01T00:00:04Z"}}, "56789"},
        {0, {{"before_time", "2020-01-01T00:00:04Z"}}, "0123"},
        {0, {{"until_time", "2020-01-01T00:00:04Z"}}, "01234"},
        {0, {{"from_time", "2020-01-01T02:00:08+02:00"}}, "89"},
        {0, {{"from_time", "2020-01-01T00:00:02.0001Z"}}, "456789"},
        {0, {{"after_time", "2020-01-01T00:00:01.9999Z"}}, "23456789"},
        {0, {{"before_time", "2020-01-01T00:00:02.0001Z"}}, "0123"},
        {0, {{"until_time", "2020-01-01T00:00:01.9999Z"}}, "01"},
        {0, {{"from_time", "2020-01-01T00:00:02Z"}, {"until_time", "2020-01-01T00:00:02Z"}}, "23"},
        {0, {{"after_time", "2020-01-01T00:00:09Z"}}, ""},
        {0, {{"after_time", "2020-01-01T00:00:05Z"}, {"before_time", "2020-01-01T00:00:05Z"}}, ""},
        {0, {{"from_publication", at(4)}}, "456789"},
        {0, {{"after_publication", at(4)}}, "56789"},
        {0, {{"before_publication", at(4)}}, "0123"},
        {0, {{"until_publication", at(4)}}, "01234"},
        {0, {{"after_publication", at(9)}}, ""},
        {0, {{"before_publication", at(0)}}, ""},
        {0, {{"after_publication", at(2)}, {"limit", 2}}, "34"},
        {0, {{"before_publication", at(7)}, {"limit", 2}, {"reverse", true}}, "65"},
        {0, {{"from_publication", at(2)}, {"until_publication", at(2)}}, "2"},
        {0, {{"from_publication", at(6)}, {"until_publication", at(3)}}, ""},
        {1, {{"after_publication", at(3)}}, "468"},  // an event of another topic is a place as well
        {0, {{"after_publication", 1}}, "ERROR wamp.error.invalid_argument"},
        {0,
         {{"after_publication", at(0)},
          {"until_publication", at(8)},
          {"from_time", "2020-01-01T00:00:02Z"},
          {"before_time", "2020-01-01T00:00:08Z"},
          {"topic", "com.app.b.c"},
          {"reverse", true},
          {"limit", 2}},
         "75"},
    };
    for (const auto& each : table) {
      EXPECT_EQ(ask(each.subscription, each.filters), each.expected)
          << each.subscription << " " << Value(each.filters).toString();
    }
  }

 private:
  static RealmOptions realmWith(std::shared_ptr<HistoryStore> store) {
    RealmOptions options = historyRealm();
    options.history.store = std::move(store);
    return options;
  }

  void publish(int number) {
    const auto start = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
    router_->setTime(std::chrono::steady_clock::now(),
                     start + std::chrono::seconds(number == 3 ? 2 : number));
    publisher_.publish(number % 2 == 0 ? "com.app.a" : "com.app.b.c", {number}, {.acknowledge = true});
    settle_(publisher_);
    publications_.push_back(publisher_.expect<message::Published>().publication);
  }
  Id at(std::size_t event) const { return publications_.at(event); }

  Settle settle_;
  RouterScript router_;
  Member publisher_;
  Member reader_;
  std::vector<Id> ids_;
  std::vector<Id> publications_;
};

/// Black and white lists by authid and authrole, and all kinds of payloads and details.
inline void checkReceivers(std::shared_ptr<HistoryStore> store, const HistoryFilters::Settle& settle) {
  RealmOptions options = historyRealm();
  options.history.store = std::move(store);
  options.authenticators = {std::make_shared<Named>()};
  RouterScript router(std::move(options));
  const auto join = [](Client& client, std::string_view authid) {
    client.say(
        message::Hello{.realm = Text("realm1"), .details = {.roles = allRoles(), .authid = Text(authid)}});
    client.expect<message::Welcome>();
  };
  Client publisher(router, "msgpack");
  join(publisher, "publisher");
  using Names = std::vector<Text>;
  std::vector<message::Receivers> lists(5);
  lists[0].excludeAuthid = Names{Text("admin-1")};
  lists[1].excludeAuthrole = Names{Text("admin")};
  lists[2].eligibleAuthid = Names{Text("admin-2"), Text("user-1")};
  lists[3].eligibleAuthrole = Names{Text("user")};
  lists[4].eligibleAuthrole = Names{};
  for (std::size_t i = 0; i < lists.size(); ++i) {
    message::Publish::Options to{.acknowledge = true};
    to.receivers = lists[i];
    publisher.publish("com.app.x", {i}, std::move(to));
    settle(publisher);
    publisher.expect<message::Published>();
  }
  const std::pair<const char*, std::vector<int>> expected[] = {{"admin-1", {}},
                                                               {"admin-2", {0, 2}},
                                                               {"user-1", {0, 1, 2, 3}},
                                                               {"user-2", {0, 1, 3}},
                                                               {"guest", {0, 1}}};
  for (const auto& [authid, numbers] : expected) {
    Client reader(router);
    join(reader, authid);
    reader.call("wamp.subscription.get_events", {reader.subscribe("com.app.x")});
    settle(reader);
    EXPECT_EQ(numbersOf(reader.expect<message::Result>().payload.args().at(0).asList()), numbers) << authid;
  }
}

}  // namespace autobahn::wamp::router::testing
