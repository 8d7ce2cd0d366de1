// What a realm does, written for clarity: lists are searched from end to end, and messages are lines of text.
// The test beside the router does the same things to both and compares what every client hears.
#pragma once

#include <algorithm>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/message.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace autobahn::wamp::router::testing {

/// A client in the model: its number.
using Who = int;

class Model {
 public:
  using Milliseconds = std::chrono::milliseconds;
  static constexpr std::size_t kMaxWaiting = 3;

  struct Options {
    bool wantsProgress = false;
    Milliseconds timeout{};
  };

  /// What each client has to hear since the last look, in any order.
  std::map<Who, std::multiset<std::string>> heard;

  void join(Who who, bool canBeInterrupted) { members_[who] = {canBeInterrupted}; }
  bool isMember(Who who) const { return members_.contains(who); }

  // ---- Publish and subscribe

  /// `id`: what the router has answered. Returns what is wrong with that; empty: nothing.
  std::string subscribe(Who who, const std::string& topic, Match match, Id id) {
    for (Subscription& each : subscriptions_) {
      if ((each.topic == topic && each.match == match) != (each.id == id)) return "wrong subscription ID";
      if (each.id != id) continue;
      each.members.insert(who);
      return {};
    }
    if (!usedSubscriptions_.insert(id).second) return "a subscription ID is used again";
    subscriptions_.push_back({id, topic, match, {who}});
    return {};
  }
  /// False: not subscribed.
  bool unsubscribe(Who who, Id id) {
    const auto found = std::ranges::find(subscriptions_, id, &Subscription::id);
    if (found == subscriptions_.end() || found->members.erase(who) == 0) return false;
    if (found->members.empty()) subscriptions_.erase(found);
    return true;
  }
  void publish(Who who, const std::string& topic, bool excludesMe, const std::string& payload) {
    for (const Subscription& each : subscriptions_) {
      if (!fits(each.topic, each.match, topic)) continue;
      for (const Who member : each.members) {
        if (member == who && excludesMe) continue;
        heard[member].insert("event " + std::to_string(each.id) + " " +
                             (each.match == Match::exact ? "" : topic + " ") + payload);
      }
    }
  }

  // ---- Registering

  /// The ERROR that it is answered with; empty: registered.
  std::string_view whyNotRegistered(Who who, const std::string& uri, Match match, Invoke invoke) const {
    for (const Registration& each : registrations_) {
      if (each.uri != uri || each.match != match) continue;
      if (each.invoke == Invoke::single || each.has(who)) return error::kProcedureAlreadyExists;
      if (each.invoke != invoke) return error::kProcedureExistsWithDifferentInvocationPolicy;
    }
    return {};
  }
  void registerProcedure(Who who, const std::string& uri, Match match, Invoke invoke, std::size_t limit,
                         Id id) {
    auto found = std::ranges::find(registrations_, id, &Registration::id);
    if (found == registrations_.end())
      found = registrations_.insert(found, {id, uri, match, invoke, {}, 0, {}});
    found->callees.push_back({who, limit, {}});
    invokeWaiting(*found);
  }
  /// False: not registered.
  bool unregister(Who who, Id id) {
    const auto found = std::ranges::find(registrations_, id, &Registration::id);
    if (found == registrations_.end() || !found->has(who)) return false;
    const auto callee = std::ranges::find(found->callees, who, &Callee::who);
    if (static_cast<std::ptrdiff_t>(found->next) > callee - found->callees.begin()) --found->next;
    found->callees.erase(callee);
    if (!found->callees.empty()) return true;
    for (const CallKey& each : found->waiting) end(each, error::kNoSuchProcedure);
    registrations_.erase(found);
    return true;
  }

  // ---- Calling

  void call(Who who, Id request, const std::string& uri, const std::string& payload, Options options) {
    Registration* best = nullptr;
    for (Registration& each : registrations_) {
      if (fits(each.uri, each.match, uri) && (best == nullptr || precedes(each, *best))) best = &each;
    }
    const CallKey key{who, request};
    if (best == nullptr) return hear(who, request, "error", error::kNoSuchProcedure);
    if (best->waiting.size() >= kMaxWaiting) return hear(who, request, "error", error::kNoAvailableCallee);
    Call& made = calls_[key] = {.procedure = uri, .payload = payload, .options = options};
    touch(made);
    if (Callee* callee = best->waiting.empty() ? pick(*best) : nullptr) {
      invoke(key, *best, *callee);
    } else {
      best->waiting.push_back(key);
    }
  }
  void cancel(Who who, Id request, CancelMode mode) {
    const auto found = calls_.find({who, request});
    if (found == calls_.end()) return;
    Call& call = found->second;
    const bool canInterrupt = call.callee && members_.at(*call.callee).canBeInterrupted;
    if (mode == CancelMode::kill && canInterrupt) {
      if (!call.isKilled) interrupt(call, "kill");
      call.isKilled = true;
    } else {
      endAtOnce(found->first, mode != CancelMode::skip, error::kCanceled);
    }
  }
  /// `answer`: "progress", "result" or "error".
  void answer(Who callee, Id invocation, const std::string& kind, const std::string& payload) {
    const auto found = std::ranges::find_if(calls_, [&](const auto& entry) {
      return entry.second.callee == callee && entry.second.invocation == invocation;
    });
    const bool isThere = found != calls_.end();
    if (kind == "progress") {
      if (!isThere || !found->second.options.wantsProgress || found->second.isKilled) return;
      touch(found->second);
      return hear(found->first.who, found->first.request, kind, payload);
    }
    if (isThere) {
      hear(found->first.who, found->first.request, kind, payload);
      calls_.erase(found);
    }
    freeSlot(callee, invocation);
  }

  // ---- Time and leaving

  void pass(Milliseconds duration) {
    const Milliseconds until = now_ + duration;
    for (;;) {
      const auto first = std::ranges::min_element(calls_, {}, [](const auto& entry) {
        return std::pair(entry.second.deadline.value_or(Milliseconds::max()), entry.second.touched);
      });
      if (first == calls_.end() || first->second.deadline.value_or(Milliseconds::max()) > until) break;
      now_ = std::max(now_, *first->second.deadline);
      endAtOnce(first->first, true, error::kTimeout);
    }
    now_ = until;
  }
  void leave(Who who) {
    std::vector<CallKey> own;
    for (const auto& entry : calls_) {
      if (entry.first.who == who) own.push_back(entry.first);
    }
    for (const CallKey& each : own) {
      if (!calls_.at(each).callee) forget(each);
    }
    std::vector<Id> registered;
    for (const Registration& each : registrations_) {
      if (each.has(who)) registered.push_back(each.id);
    }
    for (const Id each : registered) unregister(who, each);
    for (const CallKey& each : own) {
      if (!calls_.contains(each)) continue;
      const Call call = calls_.at(each);
      calls_.erase(each);
      if (call.callee == who || !members_.at(*call.callee).canBeInterrupted) continue;
      interrupt(call, "killnowait");
      freeSlot(*call.callee, call.invocation);
    }
    for (auto at = calls_.begin(); at != calls_.end();) {
      const auto each = at++;
      if (each->second.callee == who) end(each->first, error::kCanceled);
    }
    std::erase_if(subscriptions_, [who](Subscription& each) {
      each.members.erase(who);
      return each.members.empty();
    });
    members_.erase(who);
    heard.erase(who);
  }

 private:
  struct Member {
    bool canBeInterrupted = false;
    Id lastInvocation = 0;
  };
  struct Subscription {
    Id id = 0;
    std::string topic;
    Match match = Match::exact;
    std::set<Who> members;
  };
  struct CallKey {
    Who who = 0;
    Id request = 0;
    auto operator<=>(const CallKey&) const = default;
  };
  struct Call {
    std::string procedure;
    std::string payload;
    Options options;
    std::optional<Who> callee{};
    Id invocation = 0;
    bool isKilled = false;
    std::optional<Milliseconds> deadline{};
    int touched = 0;
  };
  struct Callee {
    Who who = 0;
    std::size_t limit = 0;  // 0: none
    std::set<Id> running;
  };
  struct Registration {
    Id id = 0;
    std::string uri;
    Match match = Match::exact;
    Invoke invoke = Invoke::single;
    std::vector<Callee> callees;
    std::size_t next = 0;
    std::deque<CallKey> waiting;
    bool has(Who who) const { return std::ranges::find(callees, who, &Callee::who) != callees.end(); }
  };

  static std::vector<std::string> componentsOf(const std::string& uri) {
    std::vector<std::string> parts(1);
    for (const char c : uri) {
      if (c == '.') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  }
  static bool fits(const std::string& pattern, Match match, const std::string& uri) {
    if (match == Match::exact) return pattern == uri;
    if (match == Match::prefix) return uri.starts_with(pattern);
    return std::ranges::equal(
        componentsOf(pattern), componentsOf(uri),
        [](const auto& wanted, const auto& is) { return wanted.empty() || wanted == is; });
  }
  // Of two patterns that fit the same URI.
  static bool precedes(const Registration& one, const Registration& other) {
    if (one.match != other.match) return one.match < other.match;
    if (one.match == Match::prefix) return one.uri.size() > other.uri.size();
    const auto ones = componentsOf(one.uri);
    const auto others = componentsOf(other.uri);
    for (std::size_t i = 0; i < ones.size(); ++i) {
      if (ones[i].empty() != others[i].empty()) return others[i].empty();
    }
    return false;
  }

  void hear(Who who, Id request, const std::string& kind, std::string_view what) {
    heard[who].insert(kind + " " + std::to_string(request) + " " + std::string(what));
  }
  void touch(Call& call) {
    call.touched = ++lastTouched_;
    if (call.options.timeout.count() > 0) call.deadline = now_ + call.options.timeout;
  }
  Callee* pick(Registration& registration) const {
    std::vector<Callee>& callees = registration.callees;
    const std::size_t count = callees.size();
    std::size_t from = registration.invoke == Invoke::roundrobin ? registration.next : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = registration.invoke == Invoke::last ? count - 1 - i : (from + i) % count;
      if (callees[at].limit != 0 && callees[at].running.size() >= callees[at].limit) continue;
      if (registration.invoke == Invoke::roundrobin) registration.next = at + 1;
      return &callees[at];
    }
    return nullptr;
  }
  void invoke(const CallKey& key, Registration& registration, Callee& callee) {
    Call& call = calls_.at(key);
    call.callee = callee.who;
    call.invocation = ++members_.at(callee.who).lastInvocation;
    if (callee.limit != 0) callee.running.insert(call.invocation);
    heard[callee.who].insert("invocation " + std::to_string(call.invocation) + " " +
                             std::to_string(registration.id) + " " +
                             (registration.match == Match::exact ? "" : call.procedure + " ") + call.payload);
  }
  void invokeWaiting(Registration& registration) {
    while (!registration.waiting.empty()) {
      Callee* callee = pick(registration);
      if (callee == nullptr) return;
      const CallKey key = registration.waiting.front();
      registration.waiting.pop_front();
      invoke(key, registration, *callee);
    }
  }
  void freeSlot(Who who, Id invocation) {
    for (Registration& registration : registrations_) {
      for (Callee& callee : registration.callees) {
        if (callee.who == who && callee.running.erase(invocation) > 0) return invokeWaiting(registration);
      }
    }
  }
  void interrupt(const Call& call, const std::string& mode) {
    heard[*call.callee].insert("interrupt " + std::to_string(call.invocation) + " " + mode);
  }
  void forget(const CallKey& key) {
    for (Registration& each : registrations_) std::erase(each.waiting, key);
    calls_.erase(key);
  }
  void end(CallKey key, std::string_view uri) {
    hear(key.who, key.request, "error", uri);
    calls_.erase(key);
  }
  void endAtOnce(CallKey key, bool doesInterrupt, std::string_view uri) {
    const Call call = calls_.at(key);
    const bool isInterrupted = doesInterrupt && call.callee && members_.at(*call.callee).canBeInterrupted;
    if (isInterrupted) interrupt(call, "killnowait");
    hear(key.who, key.request, "error", uri);
    forget(key);
    if (isInterrupted) freeSlot(*call.callee, call.invocation);
  }

  std::map<Who, Member> members_;
  std::vector<Subscription> subscriptions_;
  std::set<Id> usedSubscriptions_;
  std::vector<Registration> registrations_;
  std::map<CallKey, Call> calls_;
  Milliseconds now_{};
  int lastTouched_ = 0;
};

}  // namespace autobahn::wamp::router::testing
