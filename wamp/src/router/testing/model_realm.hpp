// The realm of the router that is compared with its model, told to both.
#pragma once

#include <autobahn/wamp/router/options.hpp>
#include <autobahn/wamp/router/static_authorizer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model.hpp"
#include "named.hpp"

namespace autobahn::wamp::router::testing {

/// What is subscribed and registered.
inline const std::vector<ModelPattern>& modelPatterns() {
  static const std::vector<ModelPattern> all{
      {"a.b", Match::exact},   {"a.c", Match::exact},   {"ab.c", Match::exact},
      {"a", Match::prefix},    {"a.", Match::prefix},   {"", Match::prefix},
      {".b", Match::wildcard}, {".c", Match::wildcard}, {"a.", Match::wildcard}};
  return all;
}

inline std::vector<ModelRule> modelRules() {
  const std::set<Action> all{Action::call, Action::registerProcedure, Action::subscribe, Action::publish};
  const std::set<Action> asGuest{Action::call, Action::subscribe, Action::publish};
  return {
      {"user", {"", Match::prefix}, all},
      {"admin", {"", Match::prefix}, all, true, 7},
      {"admin", {"a.", Match::prefix}, all, true},
      {"admin", {"a.c", Match::exact}, all, false, 3},
      {"guest", {"", Match::prefix}, asGuest},
      {"guest", {"a.c", Match::exact}, {Action::subscribe}},
      {"guest", {"b.", Match::prefix}, {}},
      {"visitor", {"wamp.subscription.", Match::prefix}, {Action::call}},
      {"visitor", {"a.b", Match::exact}, {Action::call, Action::subscribe}},
      {"visitor", {"ab", Match::prefix}, {Action::publish, Action::subscribe}},
      {"visitor", {".c", Match::wildcard}, all, false, 1},
      {"visitor", {"..c", Match::wildcard}, {Action::call}},
  };
}

inline std::vector<ModelHistoryRule> modelHistory() {
  return {{{".b", Match::wildcard}, 5, {}},
          {{"a.", Match::prefix}, 6, {}},
          {{"a.b", Match::exact}, 20, std::chrono::milliseconds(100)}};
}

inline RealmOptions modelRealm() {
  RealmOptions realm;
  realm.requestIds = RequestIds::sequential;
  realm.maxWaitingCalls = ModelDealer::kMaxWaiting;
  realm.maxRetainedPerSubscribe = ModelBroker::kMaxRetainedPerSubscribe;
  realm.history.maxEventsPerRead = ModelBroker::kMaxEventsPerRead;
  for (const ModelHistoryRule& each : modelHistory()) {
    HistoryRule& rule = realm.history.rules.emplace_back();
    rule.uri = each.pattern.uri;
    rule.match = each.pattern.match;
    rule.maxEvents = each.maxEvents;
    rule.maxAge = each.maxAge;
  }
  realm.authenticators = {std::make_shared<Named>()};
  std::map<std::string, std::vector<RoleRule>> roles;
  for (const ModelRule& each : modelRules()) {
    RoleRule& rule = roles[each.role].emplace_back();
    rule.uri = each.pattern.uri;
    rule.match = each.pattern.match;
    for (const Action action : each.allow) rule.allow.add(action);
    if (each.discloses) rule.disclose = Actions::all();
    rule.trustlevel = each.trustlevel;
  }
  const auto authorizer = std::make_shared<StaticAuthorizer>();
  for (const auto& [role, rules] : roles) authorizer->setRole(role, rules);
  realm.authorizer = authorizer;
  return realm;
}

inline message::Publish::Options optionsOf(const ModelPublication& event, bool isAcknowledged) {
  message::Publish::Options options{.excludeMe = event.excludesMe};
  if (isAcknowledged) options.acknowledge = true;
  if (event.retains) options.retain = true;
  if (!event.receivers) return options;
  message::Receivers& lists = options.receivers.make();
  const auto ids = [](const auto& from, auto& to) {
    if (from) to.emplace(from->begin(), from->end());
  };
  ids(event.receivers->exclude, lists.exclude);
  ids(event.receivers->eligible, lists.eligible);
  ids(event.receivers->excludeAuthid, lists.excludeAuthid);
  ids(event.receivers->eligibleAuthid, lists.eligibleAuthid);
  ids(event.receivers->excludeAuthrole, lists.excludeAuthrole);
  ids(event.receivers->eligibleAuthrole, lists.eligibleAuthrole);
  return options;
}

/// For scripts that are shown.
inline std::string textOf(const ModelReceivers& receivers) {
  std::string text;
  const auto add = [&text](const char* name, const auto& list) {
    if (!list) return;
    text += std::string(" ") + name + ":";
    for (const auto& each : *list) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(each)>, Id>) {
        text += " " + std::to_string(each);
      } else {
        text += " " + each;
      }
    }
  };
  add("exclude", receivers.exclude);
  add("eligible", receivers.eligible);
  add("exclude_authid", receivers.excludeAuthid);
  add("eligible_authid", receivers.eligibleAuthid);
  add("exclude_authrole", receivers.excludeAuthrole);
  add("eligible_authrole", receivers.eligibleAuthrole);
  return text;
}

}  // namespace autobahn::wamp::router::testing
