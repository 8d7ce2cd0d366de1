// Remote procedure calls in the model.
#pragma once

#include <algorithm>
#include <autobahn/wamp/error_uri.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model_members.hpp"

namespace autobahn::wamp::router::testing {

class ModelDealer {
 public:
  using Milliseconds = std::chrono::milliseconds;
  static constexpr std::size_t kMaxWaiting = 2;

  struct Options {
    bool wantsProgress = false;
    Milliseconds timeout{};
    std::string rkey{};     ///< empty: none
    std::string runmode{};  ///< empty: none
  };

  /// What the model cannot know: whom the router has just chosen by chance or by a hash, by the call's
  /// payload. It must be one that the model would have allowed.
  std::map<std::string, Who> invoked;

  explicit ModelDealer(ModelMembers& members) : members_(members) {}

  // ---- Registering

  /// The ERROR that it is answered with; empty: registered.
  std::string_view whyNotRegistered(Who who, const ModelPattern& pattern, Invoke invoke) const {
    if (!members_.mayDo(who, Action::registerProcedure, pattern)) return error::kNotAuthorized;
    for (const Registration& each : registrations_) {
      if (each.pattern != pattern) continue;
      if (each.invoke == Invoke::single || each.has(who)) return error::kProcedureAlreadyExists;
      if (each.invoke != invoke) return error::kProcedureExistsWithDifferentInvocationPolicy;
    }
    return {};
  }
  std::optional<Invoke> policyOf(const ModelPattern& pattern) const {
    const auto found = std::ranges::find(registrations_, pattern, &Registration::pattern);
    return found == registrations_.end() ? std::nullopt : std::optional(found->invoke);
  }
  void registerProcedure(Who who, const ModelPattern& pattern, Invoke invoke, std::size_t limit, Id id) {
    auto found = std::ranges::find(registrations_, id, &Registration::id);
    if (found == registrations_.end()) found = registrations_.insert(found, {id, pattern, invoke, {}, 0, {}});
    found->callees.push_back({who, ++lastStay_, limit, {}});
    routeWaiting(*found);
  }
  /// False: not registered.
  bool unregister(Who who, Id id) {
    const auto found = std::ranges::find(registrations_, id, &Registration::id);
    if (found == registrations_.end() || !found->has(who)) return false;
    const auto callee = std::ranges::find(found->callees, who, &Callee::who);
    if (static_cast<std::ptrdiff_t>(found->next) > callee - found->callees.begin()) --found->next;
    found->callees.erase(callee);
    if (!found->callees.empty()) {
      routeWaiting(*found);
      return true;
    }
    for (const CallKey& each : found->waiting) end(each, error::kNoSuchProcedure);
    registrations_.erase(found);
    return true;
  }

  // ---- Calling

  void call(Who who, Id request, const std::string& uri, const std::string& payload, const Options& options,
            Milliseconds now) {
    const std::string_view refusal = whyNotCalled(who, uri, options);
    if (!refusal.empty()) return hear(who, request, "error", refusal);
    Registration& registration = *registrationFor(uri);
    const CallKey key{who, request};
    Call made{.procedure = uri, .payload = payload, .options = options, .tags = members_.tagsOf(who, uri)};
    Callee* const callee = pick(registration, made);
    if (callee == nullptr && registration.waiting.size() >= kMaxWaiting) {
      return hear(who, request, "error", error::kNoAvailableCallee);
    }
    calls_[key] = made;
    touch(calls_[key], now);
    if (callee != nullptr) {
      invoke(key, registration, *callee);
    } else {
      registration.waiting.push_back(key);
    }
  }
  bool isWaiting(Who who, Id request) const {
    const auto found = calls_.find({who, request});
    return found != calls_.end() && !found->second.callee;
  }
  void cancel(Who who, Id request, CancelMode mode) {
    const auto found = calls_.find({who, request});
    if (found == calls_.end()) return;
    Call& call = found->second;
    const bool canInterrupt = call.callee && members_.all.at(*call.callee).canBeInterrupted;
    if (mode == CancelMode::kill && canInterrupt) {
      if (!call.isKilled) interrupt(call, "kill");
      call.isKilled = true;
    } else {
      endAtOnce(found->first, mode != CancelMode::skip, error::kCanceled);
    }
  }
  void progress(Who callee, Id invocation, const std::string& payload, Milliseconds now) {
    const auto found = callOf(callee, invocation);
    if (found == calls_.end() || !found->second.options.wantsProgress || found->second.isKilled) return;
    found->second.hasProgress = true;
    touch(found->second, now);
    hear(found->first.who, found->first.request, "progress", payload);
  }
  /// `kind`: "result", or "error" with the URI as payload.
  void answer(Who callee, Id invocation, const std::string& kind, const std::string& payload) {
    const auto found = callOf(callee, invocation);
    if (found != calls_.end()) {
      const CallKey key = found->first;
      const bool isUnavailable = kind == "error" && payload == error::kUnavailable &&
                                 members_.all.at(callee).canReroute && !found->second.isKilled;
      if (isUnavailable) {
        reroute(key);
      } else {
        hear(key.who, key.request, kind, payload);
        calls_.erase(key);
      }
    }
    freeSlot(callee, invocation);
  }

  // ---- Time and leaving

  /// The call that times out first, if one does until then; ends it and tells when that was.
  std::optional<Milliseconds> endFirstLate(Milliseconds until) {
    const auto first = std::ranges::min_element(calls_, {}, [](const auto& entry) {
      return std::pair(entry.second.deadline.value_or(Milliseconds::max()), entry.second.touched);
    });
    if (first == calls_.end() || first->second.deadline.value_or(Milliseconds::max()) > until) return {};
    const Milliseconds when = *first->second.deadline;
    endAtOnce(first->first, true, error::kTimeout);
    return when;
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
      if (call.callee == who || !members_.all.at(*call.callee).canBeInterrupted) continue;
      interrupt(call, "killnowait");
      freeSlot(*call.callee, call.invocation);
    }
    for (auto at = calls_.begin(); at != calls_.end();) {
      const auto each = at++;
      if (each->second.callee == who) end(each->first, error::kCanceled);
    }
  }

 private:
  struct CallKey {
    Who who = 0;
    Id request = 0;
    auto operator<=>(const CallKey&) const = default;
  };
  struct Call {
    std::string procedure{};
    std::string payload{};
    Options options{};
    ModelTags tags{};
    std::optional<Who> callee{};
    Id invocation = 0;
    Id registration = 0;
    bool isKilled = false;
    bool hasProgress = false;
    std::set<int> unavailable{};  ///< stays of those who have said so
    std::optional<Milliseconds> deadline{};
    int touched = 0;
  };
  struct Callee {
    Who who = 0;
    int stay = 0;           // another one each time that it registers
    std::size_t limit = 0;  // 0: none
    std::set<Id> running;
    bool isBusy() const { return limit != 0 && running.size() >= limit; }
  };
  struct Registration {
    Id id = 0;
    ModelPattern pattern;
    Invoke invoke = Invoke::single;
    std::vector<Callee> callees;
    std::size_t next = 0;
    std::deque<CallKey> waiting;
    bool has(Who who) const { return std::ranges::find(callees, who, &Callee::who) != callees.end(); }
  };
  using Calls = std::map<CallKey, Call>;

  void hear(Who who, Id request, const std::string& kind, std::string_view what) {
    members_.hear(who, kind + " " + std::to_string(request) + " " + std::string(what));
  }
  Registration* registrationFor(const std::string& uri) {
    Registration* best = nullptr;
    for (Registration& each : registrations_) {
      if (!fits(each.pattern, uri)) continue;
      if (best == nullptr || precedes(each.pattern, best->pattern)) best = &each;
    }
    return best;
  }
  std::string_view whyNotCalled(Who who, const std::string& uri, const Options& options) {
    if (!members_.mayDo(who, Action::call, {uri})) return error::kNotAuthorized;
    if (registrationFor(uri) == nullptr) return error::kNoSuchProcedure;
    if (options.runmode.empty()) return {};
    if (options.runmode != "partition") return error::kOptionNotAllowed;
    return options.rkey.empty() ? error::kInvalidArgument : std::string_view();
  }
  void touch(Call& call, Milliseconds now) {
    call.touched = ++lastTouched_;
    if (call.options.timeout.count() > 0) call.deadline = now + call.options.timeout;
  }

  // ---- Who gets a call

  // Those who have not said that they are unavailable, in the order of their coming.
  static std::vector<Callee*> candidatesOf(Registration& registration, const Call& call) {
    std::vector<Callee*> found;
    for (Callee& each : registration.callees) {
      if (!call.unavailable.contains(each.stay)) found.push_back(&each);
    }
    return found;
  }
  // nullptr: it has to wait.
  Callee* pick(Registration& registration, const Call& call) {
    const std::vector<Callee*> candidates = candidatesOf(registration, call);
    if (!call.options.rkey.empty()) return pickByKey(candidates, call);
    std::vector<Callee*> free;
    for (Callee* each : candidates) {
      if (!each->isBusy()) free.push_back(each);
    }
    if (free.empty()) return nullptr;
    if (registration.invoke == Invoke::random) return chosen(free, call);
    if (registration.invoke == Invoke::last) return free.back();
    if (registration.invoke != Invoke::roundrobin) return free.front();
    // The first at or after the one whose turn it is.
    const auto placeOf = [&](const Callee* each) {
      return static_cast<std::size_t>(each - registration.callees.data());
    };
    Callee* turn = free.front();
    for (Callee* each : free) {
      if (placeOf(each) < registration.next || placeOf(turn) >= registration.next) continue;
      turn = each;
    }
    registration.next = placeOf(turn) + 1;
    return turn;
  }
  // The one that the router has chosen, if that was one of them; otherwise any, which shows.
  Callee* chosen(const std::vector<Callee*>& candidates, const Call& call) const {
    const auto found = invoked.find(call.payload);
    for (Callee* each : candidates) {
      if (found != invoked.end() && each->who == found->second) return each;
    }
    return candidates.front();
  }
  // All that is promised: of two callees a key has one that it prefers, whoever else is there.
  Callee* pickByKey(const std::vector<Callee*>& candidates, const Call& call) {
    std::vector<Callee*> allowed;
    for (Callee* each : candidates) {
      const bool isBeaten = std::ranges::any_of(candidates, [&](const Callee* other) {
        return preferred_.contains({call.options.rkey, other->stay, each->stay});
      });
      if (!isBeaten) allowed.push_back(each);
    }
    const bool mayWait = std::ranges::any_of(allowed, [](const Callee* each) { return each->isBusy(); });
    if (allowed.empty() || (mayWait && !invoked.contains(call.payload))) return nullptr;
    Callee* const callee = chosen(allowed, call);
    for (const Callee* each : candidates) {
      if (each != callee) preferred_.insert({call.options.rkey, callee->stay, each->stay});
    }
    return callee->isBusy() ? nullptr : callee;
  }

  // ---- On its way

  void invoke(const CallKey& key, Registration& registration, Callee& callee) {
    Call& call = calls_.at(key);
    call.callee = callee.who;
    call.registration = registration.id;
    call.invocation = ++members_.all.at(callee.who).lastInvocation;
    if (callee.limit != 0) callee.running.insert(call.invocation);
    const bool isPattern = registration.pattern.match != Match::exact;
    members_.hear(callee.who, "invocation " + std::to_string(call.invocation) + " " +
                                  std::to_string(registration.id) + " " +
                                  (isPattern ? call.procedure + " " : "") + call.payload + call.tags.text());
  }
  // Each of those that wait, in order: somebody may have become free, come or gone.
  void routeWaiting(Registration& registration) {
    for (const CallKey& key : std::deque<CallKey>(registration.waiting)) {
      const Call& call = calls_.at(key);
      if (candidatesOf(registration, call).empty()) {
        std::erase(registration.waiting, key);
        end(key, error::kNoAvailableCallee);
      } else if (Callee* callee = pick(registration, call)) {
        std::erase(registration.waiting, key);
        invoke(key, registration, *callee);
      }
    }
  }
  // Its callee has said that it is unavailable: on to the next one.
  void reroute(const CallKey& key) {
    Call& call = calls_.at(key);
    const auto found = std::ranges::find(registrations_, call.registration, &Registration::id);
    const bool mayMove =
        found != registrations_.end() && found->invoke != Invoke::single && !call.hasProgress;
    if (!mayMove) return end(key, error::kNoAvailableCallee);
    for (const Callee& each : found->callees) {
      if (each.who == call.callee) call.unavailable.insert(each.stay);
    }
    call.callee.reset();
    if (candidatesOf(*found, call).empty()) return end(key, error::kNoAvailableCallee);
    if (Callee* callee = pick(*found, call)) return invoke(key, *found, *callee);
    if (found->waiting.size() >= kMaxWaiting) return end(key, error::kNoAvailableCallee);
    found->waiting.push_front(key);  // it was there before the others
  }
  Calls::iterator callOf(Who callee, Id invocation) {
    return std::ranges::find_if(calls_, [&](const auto& entry) {
      return entry.second.callee == callee && entry.second.invocation == invocation;
    });
  }
  void freeSlot(Who who, Id invocation) {
    for (Registration& registration : registrations_) {
      for (Callee& callee : registration.callees) {
        if (callee.who == who && callee.running.erase(invocation) > 0) return routeWaiting(registration);
      }
    }
  }

  // ---- Ending

  void interrupt(const Call& call, const std::string& mode) {
    members_.hear(*call.callee, "interrupt " + std::to_string(call.invocation) + " " + mode);
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
    const bool isInterrupted = doesInterrupt && call.callee && members_.all.at(*call.callee).canBeInterrupted;
    if (isInterrupted) interrupt(call, "killnowait");
    hear(key.who, key.request, "error", uri);
    forget(key);
    if (isInterrupted) freeSlot(*call.callee, call.invocation);
  }

  struct Preference {
    std::string rkey;
    int winner = 0;
    int loser = 0;
    auto operator<=>(const Preference&) const = default;
  };

  ModelMembers& members_;
  std::vector<Registration> registrations_;
  Calls calls_;
  std::set<Preference> preferred_;
  int lastStay_ = 0;
  int lastTouched_ = 0;
};

}  // namespace autobahn::wamp::router::testing
