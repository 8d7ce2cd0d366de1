// What tests of event history share.
#pragma once

#include <autobahn/wamp/router/history.hpp>
#include <string>
#include <utility>
#include <vector>

#include "script.hpp"

namespace autobahn::wamp::router::testing {

/// A realm that keeps all events below `com.app.`.
inline RealmOptions historyRealm() {
  RealmOptions options;
  options.history.rules = {{.uri = "com.app.", .match = Match::prefix}};
  return options;
}

/// What get_events gives.
inline List eventsOf(Client& reader, List args, Dict filters = {}) {
  const Id call = reader.call("wamp.subscription.get_events", std::move(args), {}, std::move(filters));
  List result = reader.expectResult(call);
  return result.empty() ? List{} : result.front().asList();
}

/// The first argument of each event.
inline std::vector<int> numbersOf(const List& events) {
  std::vector<int> numbers;
  for (const Value& each : events) numbers.push_back(static_cast<int>(each.get("args").get(0).asInt64()));
  return numbers;
}

}  // namespace autobahn::wamp::router::testing
