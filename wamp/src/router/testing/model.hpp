// What a realm does, written for clarity: lists are searched from end to end, and messages are lines of text.
// The test beside the router does the same things to both and compares what every client hears.
#pragma once

#include <algorithm>
#include <chrono>

#include "model_broker.hpp"
#include "model_dealer.hpp"
#include "model_members.hpp"

namespace autobahn::wamp::router::testing {

struct Model {
  using Milliseconds = std::chrono::milliseconds;

  ModelMembers members{};
  ModelBroker broker{members};
  ModelDealer dealer{members};
  Milliseconds now{};

  void pass(Milliseconds duration) {
    const Milliseconds until = now + duration;
    while (const auto late = dealer.endFirstLate(until)) now = std::max(now, *late);
    now = until;
  }
  void leave(Who who) {
    dealer.leave(who);
    broker.leave(who);
    members.all.erase(who);
    members.heard.erase(who);
  }
};

}  // namespace autobahn::wamp::router::testing
