// The router and the model of it, to both of which the same is done.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model.hpp"
#include "model_lines.hpp"
#include "model_realm.hpp"
#include "script.hpp"

namespace autobahn::wamp::router::testing {

/// What is done is drawn from a number for each step, so that a script is a list of numbers, of which any
/// part is a script too.
class Comparison {
 public:
  /// `script`: where it writes what it does, one line for each step. It outlives the object.
  explicit Comparison(std::vector<std::string>& script) : script_(script), router_(modelRealm()) {
    Client& first = *(clients_[join()]);
    std::size_t rule = 0;
    for (const ModelHistoryRule& each : modelHistory()) {
      const Dict options{{"match", kMatchNames[static_cast<std::size_t>(each.pattern.match)]}};
      const List found =
          first.expectResult(first.call("wamp.subscription.lookup", {each.pattern.uri, options}));
      historyIds_.push_back(found.at(0).asUint64());
      model_.broker.keepHistory(each, historyIds_.at(rule++));
    }
    model_.members.permissions.rules = modelRules();
  }

  void step(unsigned number) {
    random_.seed(number);
    act();
    for (const auto& entry : clients_) entry.second->onReceive = nullptr;
    bury();
    compare();
  }
  void leaveAll() {
    while (!clients_.empty()) {
      leave();
      compare();
    }
    for (const auto& each : answers_) EXPECT_LE(each.second, 1) << "answers to one call";
    EXPECT_FALSE(router_->nextDeadline());
    EXPECT_EQ(router_->transportCount(), 0U);
    counts_["rerouted"] = static_cast<int>(router_->statistics().realms.at(0).calls.rerouted);
    Client last(router_);
    sayHello(last, "admin-1", testing::allRoles());
    last.expect<message::Welcome>();
    const Dict nothing{{"exact", List{}}, {"prefix", List{}}, {"wildcard", List{}}};
    EXPECT_EQ(last.expectResult(last.call("wamp.registration.list")).at(0), nothing);
    const List kept = last.expectResult(last.call("wamp.subscription.list"));
    std::multiset<Id> left;
    for (const auto& entry : kept.at(0).asDict()) {
      for (const Value& each : entry.second.asList()) left.insert(each.asUint64());
    }
    EXPECT_EQ(left, std::multiset<Id>(historyIds_.begin(), historyIds_.end()));
    EXPECT_EQ(last.expectResult(last.call("wamp.session.count")), List{1});
  }
  /// How often things have come about, so that a test can tell that it tests them.
  const std::map<std::string, int>& counts() const { return counts_; }

 private:
  static constexpr const char* kMatchNames[] = {"exact", "prefix", "wildcard"};

  void act() {
    if (clients_.size() < 3) return void(join());
    const int chance = pick(100);
    if (chance < 4) return clients_.size() < 12 ? void(join()) : leave();
    if (chance < 6) return leave();
    if (chance < 13) return subscribe();
    if (chance < 16) return unsubscribe();
    if (chance < 28) return publish();
    if (chance < 34) return askHistory();
    if (chance < 45) return registerProcedure();
    if (chance < 48) return unregister();
    if (chance < 68) return call();
    if (chance < 73) return cancel();
    if (chance < 96) return answer();
    const milliseconds duration(pick(40));
    write("passes", duration.count(), "ms");
    router_.pass(duration);
    seen().pass(duration);
  }

  // Every client has heard what the model says, and no call was answered twice.
  void compare() {
    for (const auto& entry : clients_) {
      std::multiset<std::string> heard;
      for (const Message& each : entry.second->received()) {
        heard.insert(lineOf(each));
        note(entry.first, each);
      }
      entry.second->received().clear();
      EXPECT_EQ(heard, model_.members.heard[entry.first]) << "client " << entry.first;
    }
    model_.members.heard.clear();
  }

  // ---- Choices

  using milliseconds = std::chrono::milliseconds;

  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool isOneIn(int count) { return pick(count) == 0; }
  template <class T>
  const T& pickFrom(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))];
  }
  Who pickWho() { return std::next(clients_.begin(), pick(static_cast<int>(clients_.size())))->first; }
  // One is in great demand, so that there are queues.
  std::string pickUri() {
    return pickFrom<std::string>({"a.b", "a.b", "a.b", "a.c", "a.b.c", "ab.c", "b.b"});
  }
  ModelPattern pickPattern() { return isOneIn(4) ? modelPatterns().front() : pickFrom(modelPatterns()); }
  std::string nextPayload() { return "p" + std::to_string(++lastPayload_); }

  template <class... Words>
  void write(const Words&... words) {
    std::ostringstream line;
    ((line << words << ' '), ...);
    script_.push_back(line.str());
  }

  // ---- The model, and what it must be told

  // The model, which knows what the router has just chosen.
  Model& seen() {
    model_.dealer.invoked.clear();
    for (const auto& entry : clients_) {
      for (const Message& each : entry.second->received()) {
        const auto* invocation = std::get_if<message::Invocation>(&each);
        if (invocation != nullptr) model_.dealer.invoked[firstArgument(invocation->payload)] = entry.first;
      }
    }
    return model_;
  }
  // All EVENTs of a publication have its ID.
  void notePublication(const std::string& payload, Id id) {
    EXPECT_EQ(publications_.try_emplace(payload, id).first->second, id) << "publication of " << payload;
  }
  // A final answer is counted; an invocation can be answered later.
  void note(Who who, const Message& message) {
    const auto* result = std::get_if<message::Result>(&message);
    const auto* error = std::get_if<message::Error>(&message);
    if (result != nullptr && !result->details.progress.value_or(false)) {
      ++answers_[{who, result->request}];
      ++counts_["result"];
    }
    if (error != nullptr && error->requestType == message::Call::kCode) {
      ++answers_[{who, error->request}];
      ++counts_[error->error.string()];
    }
    if (const auto* each = std::get_if<message::Invocation>(&message)) {
      invocations_.push_back({who, each->request});
    }
    if (const auto* each = std::get_if<message::Event>(&message)) {
      notePublication(firstArgument(each->payload), each->publication);
      ++counts_[each->details.retained.value_or(false) ? "retained" : "event"];
    }
  }
  // One client may die of the next message that it hears, in the middle of what is done.
  void armSomebody(Who except = 0) {
    const Who who = pickWho();
    if (!isOneIn(6) || who == except) return;
    script_.back() += ", of which " + std::to_string(who) + " dies";
    clients_[who]->onReceive = [this, who] {
      clients_[who]->hangUp();
      died_.push_back(who);
      ++counts_["death"];
    };
  }
  void bury() {
    for (const Who each : died_) seen().leave(each);
    for (const Who each : died_) forget(each);
    died_.clear();
  }
  void forget(Who who) {
    clients_.erase(who);
    std::erase_if(invocations_, [who](const auto& each) { return each.first == who; });
    std::erase_if(calls_, [who](const auto& each) { return each.first == who; });
    std::erase_if(subscriptions_, [who](const auto& each) { return each.first == who; });
    std::erase_if(registrations_, [who](const auto& each) { return each.first == who; });
  }

  // ---- Coming and going

  static void sayHello(Client& client, std::string_view authid, const Roles& roles) {
    client.say(message::Hello{.realm = Text("realm1"), .details = {.roles = roles, .authid = Text(authid)}});
  }
  Who join() {
    const Who who = ++lastWho_;
    ModelMember member;
    // The first one does what the others may not do.
    member.authid = who == 1 ? "admin-1"
                             : pickFrom<std::string>({"user-1", "user-1", "user-2", "user-3", "admin-1",
                                                      "guest-1", "visitor-1"});
    member.authrole = member.authid.substr(0, member.authid.find('-'));
    member.canBeInterrupted = who != 1 && pick(4) != 0;
    member.canReroute = who != 1 && pick(3) != 0;
    Roles roles = testing::plainRoles();
    if (member.canBeInterrupted) roles.add(Role::callee, Feature::callCanceling);
    if (member.canReroute) roles.add(Role::callee, Feature::callReroute);
    write(who, "joins as", member.authid, member.canBeInterrupted ? "(canceling)" : "",
          member.canReroute ? "(re-routing)" : "");
    Client& client = *(clients_[who] = std::make_unique<Client>(router_));
    sayHello(client, member.authid, roles);
    member.session = client.expect<message::Welcome>().session;
    model_.members.all[who] = member;
    return who;
  }
  void leave() {
    const Who who = pickWho();
    Client& client = *clients_[who];
    const int how = pick(4);
    write(who, "leaves", how);
    if (how == 0) client.sayJson("nonsense");
    if (how == 1) client.say(message::Goodbye{.reason = Text(close::kNormal)});
    if (how == 2) client.say(message::Abort{.reason = Text("com.enough")});
    client.hangUp();
    client.received().clear();
    seen().leave(who);
    forget(who);
  }

  // ---- Publish and subscribe

  void subscribe() {
    const Who who = pickWho();
    const ModelPattern pattern = pickPattern();
    message::Subscribe::Options options{.match = pattern.match};
    if (isOneIn(2)) options.getRetained = true;
    write(who, "subscribes", pattern.uri, kMatchNames[static_cast<std::size_t>(pattern.match)],
          options.getRetained ? "retained" : "");
    const std::string_view refusal = model_.broker.whyNotSubscribed(who, pattern);
    const Id request = clients_[who]->askSubscribe(pattern.uri, options);
    if (!refusal.empty()) {
      EXPECT_EQ(clients_[who]->expectError(message::Subscribe::kCode, request), refusal);
      ++counts_["not subscribed"];
      return;
    }
    const Id id = clients_[who]->expect<message::Subscribed>().subscription;
    EXPECT_EQ(model_.broker.subscribe(who, pattern, options.getRetained.has_value(), id), "");
    subscriptions_.emplace_back(who, id);
  }
  void unsubscribe() {
    if (subscriptions_.empty()) return;
    // Sometimes somebody else's, or twice.
    const Id id = pickFrom(subscriptions_).second;
    const Who who = isOneIn(3) ? pickWho() : ownerOf(subscriptions_, id);
    write(who, "unsubscribes", id);
    if (model_.broker.unsubscribe(who, id)) return clients_[who]->unsubscribe(id);
    const Id request = clients_[who]->askUnsubscribe(id);
    EXPECT_EQ(clients_[who]->expectError(message::Unsubscribe::kCode, request), error::kNoSuchSubscription);
  }
  ModelReceivers pickReceivers() {
    const auto sessions = [this] {
      std::set<Id> some;
      while (isOneIn(2)) some.insert(model_.members.all.at(pickWho()).session);
      return some;
    };
    const auto names = [this](const std::vector<std::string>& all) {
      std::set<std::string> some;
      while (some.empty() || isOneIn(2)) some.insert(pickFrom(all));
      return some;
    };
    ModelReceivers made;
    const std::vector<std::string> authids{"user-1", "user-2", "admin-1", "guest-1", "nobody"};
    const std::vector<std::string> roles{"user", "admin", "visitor", "nobody"};
    do {
      const int kind = pick(8);
      if (kind == 0) made.exclude = sessions();
      if (kind == 1) made.eligible = sessions();
      if (kind == 2 || kind == 6) made.excludeAuthid = names(authids);
      if (kind == 3) made.eligibleAuthid = names(authids);
      if (kind == 4 || kind == 7) made.excludeAuthrole = names(roles);
      if (kind == 5) made.eligibleAuthrole = names(roles);
    } while (isOneIn(3));
    return made;
  }
  void publish() {
    const Who who = pickWho();
    ModelPublication event{.topic = pickUri(), .payload = nextPayload()};
    event.excludesMe = isOneIn(2);
    event.retains = isOneIn(3);
    if (isOneIn(3)) event.receivers = pickReceivers();
    const bool wantsToKnow = pick(3) != 0;
    write(who, "publishes", event.topic, event.payload, event.excludesMe ? "" : "to itself too",
          event.retains ? "retained" : "", event.receivers ? textOf(*event.receivers) : "",
          wantsToKnow ? "acknowledged" : "");
    armSomebody();
    Client& client = *clients_[who];
    const Id request = client.publish(event.topic, {event.payload}, optionsOf(event, wantsToKnow));
    for (const Message& each : client.received()) {
      const auto* published = std::get_if<message::Published>(&each);
      if (published != nullptr) notePublication(event.payload, published->publication);
    }
    published_.push_back(event.payload);
    seen().broker.publish(who, event, wantsToKnow ? request : 0, model_.now);
  }
  void askHistory() {
    const Who who = pickWho();
    Id id = isOneIn(20) ? 99'999 : pickFrom(historyIds_);
    if (!subscriptions_.empty() && isOneIn(2)) id = pickFrom(subscriptions_).second;
    ModelQuery query;
    Dict filters;
    const int count = pick(4);
    for (int i = 0; i < count; ++i) addFilter(query, filters);
    List args{id};
    if (isOneIn(8)) args.emplace_back(*(query.secondArgument = static_cast<std::size_t>(1 + pick(6))));
    write(who, "asks for events of", id, Value(filters).toString(),
          args.size() > 1 ? args.at(1).toString() : "");
    clients_[who]->call("wamp.subscription.get_events", args, {}, std::move(filters));
    const std::string expected = model_.members.mayDo(who, Action::call, {"wamp.subscription.get_events"})
                                     ? model_.broker.events(who, id, query, model_.now)
                                     : "error wamp.error.not_authorized";
    auto& received = clients_[who]->received();
    if (received.empty()) return ADD_FAILURE() << "no answer to get_events";
    EXPECT_EQ(linesOfHistory(received.front(), id, publications_), expected);
    received.pop_front();
    ++counts_["history " + (expected.starts_with("error") ? expected
                            : expected.empty()            ? "nothing"
                                                          : "events")];
    if (expected.ends_with("truncated")) ++counts_["history truncated"];
  }
  void addFilter(ModelQuery& query, Dict& filters) {
    const int kind = pick(12);
    const auto time = [&](const char* name, auto& wanted) {
      wanted = milliseconds(pick(static_cast<int>(model_.now.count()) + 20));
      filters[name] = timeText(*wanted);
    };
    const auto place = [&](const char* name, std::string& wanted) {
      if (published_.empty()) return;
      const int last = static_cast<int>(published_.size());
      const std::string payload = published_[static_cast<std::size_t>(last - 1 - pick(std::min(last, 12)))];
      const auto known = publications_.find(payload);
      if (known == publications_.end()) return;
      wanted = payload;
      filters[name] = known->second;
    };
    if (kind <= 1) filters["limit"] = *(query.limit = static_cast<std::size_t>(isOneIn(9) ? 0 : 1 + pick(6)));
    if (kind == 2) filters["reverse"] = query.isReverse = pick(4) != 0;
    if (kind == 3) filters["topic"] = query.topic = pickUri();
    if (kind == 4) time("from_time", query.fromTime);
    if (kind == 5) time("after_time", query.afterTime);
    if (kind == 6) time("before_time", query.beforeTime);
    if (kind == 7) time("until_time", query.untilTime);
    if (kind == 8) place("from_publication", query.from);
    if (kind == 9) place("after_publication", query.after);
    if (kind == 10) place("before_publication", query.before);
    if (kind == 11) place("until_publication", query.until);
  }

  // ---- Calls

  void registerProcedure() {
    const Who who = pickWho();
    const ModelPattern pattern = pickPattern();
    const std::vector<Invoke> policies{Invoke::single, Invoke::roundrobin, Invoke::roundrobin,
                                       Invoke::random, Invoke::first,      Invoke::last};
    // Mostly that of those who are there, so that some share one.
    Invoke invoke = pickFrom(policies);
    if (const auto theirs = model_.dealer.policyOf(pattern); theirs && !isOneIn(4)) invoke = *theirs;
    const std::size_t limit = static_cast<std::size_t>(pick(3));
    message::Register::Options options{.match = pattern.match, .invoke = invoke};
    if (limit > 0) options.concurrency = limit;
    write(who, "registers", pattern.uri, kMatchNames[static_cast<std::size_t>(pattern.match)], "policy",
          static_cast<int>(invoke), "limit", limit);
    const std::string_view refusal = model_.dealer.whyNotRegistered(who, pattern, invoke);
    const Id request = clients_[who]->askRegister(pattern.uri, options);
    if (!refusal.empty()) {
      EXPECT_EQ(clients_[who]->expectError(message::Register::kCode, request), refusal);
      return;
    }
    const Id id = clients_[who]->expect<message::Registered>().registration;
    seen().dealer.registerProcedure(who, pattern, invoke, limit, id);
    registrations_.emplace_back(who, id);
  }
  void unregister() {
    if (registrations_.empty()) return;
    const Id id = pickFrom(registrations_).second;
    const Who who = isOneIn(3) ? pickWho() : ownerOf(registrations_, id);
    write(who, "unregisters", id);
    const Id request = clients_[who]->askUnregister(id);
    if (seen().dealer.unregister(who, id)) {
      EXPECT_EQ(clients_[who]->expect<message::Unregistered>().request, request);
    } else {
      EXPECT_EQ(clients_[who]->expectError(message::Unregister::kCode, request), error::kNoSuchRegistration);
    }
  }
  void call() {
    const Who who = pickWho();
    const std::string uri = pickUri();
    const std::string payload = nextPayload();
    ModelDealer::Options options{.wantsProgress = isOneIn(2)};
    message::Call::Options asked;
    if (options.wantsProgress) asked.receiveProgress = true;
    if (isOneIn(3)) asked.timeout = options.timeout = milliseconds(1 + pick(60));
    if (isOneIn(3)) options.rkey = "k" + std::to_string(pick(4));
    if (isOneIn(6)) options.runmode = isOneIn(6) ? "all" : "partition";
    if (!options.rkey.empty()) asked.rkey = Text(options.rkey);
    if (!options.runmode.empty()) asked.runmode = Text(options.runmode);
    write(who, "calls", uri, payload, options.wantsProgress ? "progress" : "", "timeout",
          options.timeout.count(), options.rkey, options.runmode);
    armSomebody();
    const Id request = clients_[who]->call(uri, {payload}, asked);
    seen().dealer.call(who, request, uri, payload, options, model_.now);
    calls_.emplace_back(who, request);
    if (options.rkey.empty()) return;
    if (model_.dealer.invoked.contains(payload)) ++counts_["routed by key"];
    if (model_.dealer.isWaiting(who, request)) ++counts_["waits for its key"];
  }
  void cancel() {
    if (calls_.empty()) return;
    const auto call = pickFrom(calls_);
    const CancelMode mode =
        pickFrom<CancelMode>({CancelMode::skip, CancelMode::kill, CancelMode::killnowait});
    write(call.first, "cancels", call.second, "mode", static_cast<int>(mode));
    clients_[call.first]->cancel(call.second, mode);
    seen().dealer.cancel(call.first, call.second, mode);
  }
  void answer() {
    if (invocations_.empty()) return;
    const auto [who, invocation] = pickFrom(invocations_);
    const std::string payload = nextPayload();
    const int kind = pick(6);
    const bool isProgress = kind == 0;
    const std::string uri = kind == 1 ? "com.error" : kind <= 3 ? std::string(error::kUnavailable) : "";
    write(who, "answers", invocation, isProgress ? "progress" : uri, payload);
    armSomebody(who);
    if (isProgress) {
      clients_[who]->yieldProgress(invocation, {payload});
      seen().dealer.progress(who, invocation, payload, model_.now);
    } else if (!uri.empty()) {
      clients_[who]->fail(invocation, uri);
      seen().dealer.answer(who, invocation, "error", uri);
    } else {
      clients_[who]->yield(invocation, {payload});
      seen().dealer.answer(who, invocation, "result", payload);
    }
    // Most are not answered again; some are, by callees that do not care.
    if (!isProgress && pick(8) != 0) std::erase(invocations_, std::pair(who, invocation));
  }
  static Who ownerOf(const std::vector<std::pair<Who, Id>>& all, Id id) {
    return std::ranges::find(all, id, &std::pair<Who, Id>::second)->first;
  }

  std::vector<std::string>& script_;
  std::minstd_rand random_;
  RouterScript router_;
  Model model_;
  std::map<Who, std::unique_ptr<Client>> clients_;
  std::vector<Who> died_;
  std::vector<Id> historyIds_;
  std::vector<std::pair<Who, Id>> subscriptions_;
  std::vector<std::pair<Who, Id>> registrations_;
  std::vector<std::pair<Who, Id>> calls_;
  std::vector<std::pair<Who, Id>> invocations_;
  std::vector<std::string> published_;
  std::map<std::string, Id> publications_;
  std::map<std::pair<Who, Id>, int> answers_;
  std::map<std::string, int> counts_;
  Who lastWho_ = 0;
  int lastPayload_ = 0;
};

}  // namespace autobahn::wamp::router::testing
