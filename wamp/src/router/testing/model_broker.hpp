// Publish and subscribe in the model, with what topics retain and what histories keep.
#pragma once

#include <algorithm>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/router/history.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model_members.hpp"

namespace autobahn::wamp::router::testing {

/// Black and white lists.
struct ModelReceivers {
  std::optional<std::set<Id>> exclude{}, eligible{};
  std::optional<std::set<std::string>> excludeAuthid{}, eligibleAuthid{};
  std::optional<std::set<std::string>> excludeAuthrole{}, eligibleAuthrole{};

  bool namesSessions() const { return exclude || eligible; }
  bool admits(const ModelMember& member) const {
    if (exclude && exclude->contains(member.session)) return false;
    if (excludeAuthid && excludeAuthid->contains(member.authid)) return false;
    if (excludeAuthrole && excludeAuthrole->contains(member.authrole)) return false;
    if (eligible && !eligible->contains(member.session)) return false;
    if (eligibleAuthid && !eligibleAuthid->contains(member.authid)) return false;
    return !eligibleAuthrole || eligibleAuthrole->contains(member.authrole);
  }
};

struct ModelPublication {
  std::string topic;
  std::string payload;  ///< no two have the same
  bool excludesMe = true;
  bool retains = false;
  std::optional<ModelReceivers> receivers{};
  // Found out when it is published:
  Who publisher = 0;
  ModelTags tags{};
  std::chrono::milliseconds time{};
};

struct ModelHistoryRule {
  ModelPattern pattern;
  std::size_t maxEvents = 0;
  std::chrono::milliseconds maxAge{0};  ///< 0: none
};

/// What one get_events wants.
struct ModelQuery {
  std::optional<std::size_t> limit{}, secondArgument{};
  bool isReverse = false;
  std::string topic{};
  std::optional<std::chrono::milliseconds> fromTime{}, afterTime{}, beforeTime{}, untilTime{};
  /// Payloads of the events.
  std::string from{}, after{}, before{}, until{};
};

class ModelBroker {
 public:
  using Milliseconds = std::chrono::milliseconds;
  // The event for everybody, and newer ones that are not.
  static constexpr std::size_t kMaxRetained = 9;
  static constexpr std::size_t kMaxRetainedPerSubscribe = 2;
  static constexpr std::size_t kMaxEventsPerRead = 4;

  explicit ModelBroker(ModelMembers& members) : members_(members) {}

  void keepHistory(const ModelHistoryRule& rule, Id subscription) {
    histories_.push_back({rule, {}});
    subscriptions_.push_back({subscription, rule.pattern, {}, true});
    usedIds_.insert(subscription);
  }

  /// The ERROR that a request is answered with; empty: none.
  std::string_view whyNotSubscribed(Who who, const ModelPattern& pattern) const {
    return members_.mayDo(who, Action::subscribe, pattern) ? std::string_view() : error::kNotAuthorized;
  }
  /// `id`: what the router has answered. Returns what is wrong with that; empty: nothing.
  std::string subscribe(Who who, const ModelPattern& pattern, bool getsRetained, Id id) {
    const auto found = std::ranges::find(subscriptions_, pattern, &Subscription::pattern);
    if (found != subscriptions_.end()) {
      if (found->id != id) return "the subscription has another ID";
      found->members.insert(who);
    } else {
      if (!usedIds_.insert(id).second) return "a subscription ID is used again";
      subscriptions_.push_back({id, pattern, {who}, false});
    }
    if (getsRetained) sendRetained(who, *std::ranges::find(subscriptions_, id, &Subscription::id));
    return {};
  }
  /// False: not subscribed.
  bool unsubscribe(Who who, Id id) {
    const auto found = std::ranges::find(subscriptions_, id, &Subscription::id);
    if (found == subscriptions_.end() || found->members.erase(who) == 0) return false;
    dropUnused();
    return true;
  }
  void leave(Who who) {
    for (Subscription& each : subscriptions_) each.members.erase(who);
    dropUnused();
  }

  /// `request`: of one that wants to know; 0: does not.
  void publish(Who who, ModelPublication event, Id request, Milliseconds now) {
    if (!members_.mayDo(who, Action::publish, {event.topic})) {
      if (request != 0) {
        members_.hear(who, "error " + std::to_string(request) + " " + std::string(error::kNotAuthorized));
      }
      return;
    }
    event.publisher = who;
    event.tags = members_.tagsOf(who, event.topic);
    event.time = now;
    if (request != 0) members_.hear(who, "published " + std::to_string(request));
    keep(event);
    if (event.retains) retain(event);
    for (const Subscription& each : subscriptions_) {
      if (!fits(each.pattern, event.topic)) continue;
      for (const Who member : each.members) {
        if (isFor(event, member)) hearEvent(member, each, event, "");
      }
    }
  }

  /// The answer to get_events: "error URI" or the events' lines.
  std::string events(Who who, Id subscription, const ModelQuery& query, Milliseconds now) const {
    const auto found = std::ranges::find(subscriptions_, subscription, &Subscription::id);
    if (found == subscriptions_.end()) return "error " + std::string(error::kNoSuchSubscription);
    const History* history = historyOf(found->pattern);
    if (history == nullptr) return "error " + std::string(error::kHistoryUnavailable);
    for (const auto& limit : {query.limit, query.secondArgument}) {
      if (limit && *limit == 0) return "error " + std::string(error::kInvalidArgument);
    }
    if (!members_.mayDo(who, Action::subscribe, found->pattern)) {
      return "error " + std::string(error::kNotAuthorized);
    }
    std::vector<ModelPublication> all = history->events;
    if (history->rule.maxAge.count() > 0) {
      std::erase_if(all, [&](const auto& each) { return each.time < now - history->rule.maxAge; });
    }
    for (const std::string& each : {query.from, query.after, query.before, query.until}) {
      if (!each.empty() && !holds(all, each)) return "error " + std::string(error::kInvalidArgument);
    }
    return select(who, *found, std::move(all), query);
  }
  bool hasSubscription(Id id) const {
    return std::ranges::find(subscriptions_, id, &Subscription::id) != subscriptions_.end();
  }

 private:
  struct Subscription {
    Id id = 0;
    ModelPattern pattern;
    std::set<Who> members;
    bool isKept = false;  // it is there for its history
  };
  struct History {
    ModelHistoryRule rule;
    std::vector<ModelPublication> events;
  };

  void dropUnused() {
    std::erase_if(subscriptions_,
                  [](const Subscription& each) { return each.members.empty() && !each.isKept; });
  }
  static std::string topicOf(const ModelPattern& pattern, const std::string& topic) {
    return pattern.match == Match::exact ? "" : topic + " ";
  }
  void hearEvent(Who who, const Subscription& subscription, const ModelPublication& event,
                 const std::string& suffix) {
    members_.hear(who, "event " + std::to_string(subscription.id) + " " +
                           topicOf(subscription.pattern, event.topic) + event.payload + event.tags.text() +
                           suffix);
  }
  bool isFor(const ModelPublication& event, Who who) const {
    if (event.publisher == who && event.excludesMe) return false;
    return !event.receivers || event.receivers->admits(members_.all.at(who));
  }

  // ---- Retained events

  void retain(const ModelPublication& event) {
    std::vector<ModelPublication>& events = retained_[event.topic];
    if (!event.receivers) events.clear();
    if (events.size() == kMaxRetained) {
      events.erase(std::ranges::find_if(events, [](const auto& each) { return each.receivers.has_value(); }));
    }
    events.push_back(event);
  }
  void sendRetained(Who who, const Subscription& subscription) {
    std::size_t sent = 0;
    for (const auto& entry : retained_) {  // in the order of topics
      if (!fits(subscription.pattern, entry.first) || sent == kMaxRetainedPerSubscribe) continue;
      const ModelPublication* latest = nullptr;
      for (const ModelPublication& each : entry.second) {
        if (isFor(each, who)) latest = &each;
      }
      if (latest == nullptr) continue;
      hearEvent(who, subscription, *latest, " retained");
      ++sent;
    }
  }

  // ---- Event history

  void keep(const ModelPublication& event) {
    if (event.receivers && event.receivers->namesSessions()) return;
    for (History& each : histories_) {
      if (!fits(each.rule.pattern, event.topic)) continue;
      each.events.push_back(event);
      if (each.events.size() > each.rule.maxEvents) each.events.erase(each.events.begin());
    }
  }
  const History* historyOf(const ModelPattern& subscription) const {
    const History* best = nullptr;
    for (const History& each : histories_) {
      if (!covers(each.rule.pattern, subscription)) continue;
      if (best == nullptr || precedes(each.rule.pattern, best->rule.pattern)) best = &each;
    }
    return best;
  }
  static std::size_t placeOf(const std::vector<ModelPublication>& all, const std::string& payload) {
    return static_cast<std::size_t>(std::ranges::find(all, payload, &ModelPublication::payload) -
                                    all.begin());
  }
  static bool holds(const std::vector<ModelPublication>& all, const std::string& payload) {
    return placeOf(all, payload) < all.size();
  }
  static bool isWanted(const ModelQuery& query, const std::vector<ModelPublication>& all, std::size_t place) {
    const ModelPublication& event = all[place];
    if (!query.topic.empty() && event.topic != query.topic) return false;
    if (query.fromTime && event.time < *query.fromTime) return false;
    if (query.afterTime && event.time <= *query.afterTime) return false;
    if (query.beforeTime && event.time >= *query.beforeTime) return false;
    if (query.untilTime && event.time > *query.untilTime) return false;
    if (!query.from.empty() && place < placeOf(all, query.from)) return false;
    if (!query.after.empty() && place <= placeOf(all, query.after)) return false;
    if (!query.before.empty() && place >= placeOf(all, query.before)) return false;
    return query.until.empty() || place <= placeOf(all, query.until);
  }
  std::string select(Who who, const Subscription& subscription, std::vector<ModelPublication> all,
                     const ModelQuery& query) const {
    std::vector<std::string> lines;
    for (std::size_t place = 0; place < all.size(); ++place) {
      const ModelPublication& event = all[place];
      if (!fits(subscription.pattern, event.topic) || !isWanted(query, all, place)) continue;
      if (event.receivers && !event.receivers->admits(members_.all.at(who))) continue;
      lines.push_back(std::to_string(event.time.count()) + " " + event.topic + " " + event.payload +
                      event.tags.text());
    }
    if (query.isReverse) std::ranges::reverse(lines);
    std::size_t wanted = std::min(query.limit.value_or(1000), query.secondArgument.value_or(1000));
    const bool isTruncated = lines.size() > kMaxEventsPerRead && wanted > kMaxEventsPerRead;
    wanted = std::min(wanted, kMaxEventsPerRead);
    if (lines.size() > wanted) lines.resize(wanted);
    std::string text;
    for (const std::string& each : lines) text += each + "; ";
    return text + (isTruncated ? "truncated" : "");
  }

  ModelMembers& members_;
  std::vector<Subscription> subscriptions_;
  std::set<Id> usedIds_;
  std::map<std::string, std::vector<ModelPublication>> retained_;
  std::vector<History> histories_;
};

}  // namespace autobahn::wamp::router::testing
