// The router against a simple model of it: the same random things are done to both, and every client must
// hear the same.
#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "testing/model.hpp"
#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using std::chrono::milliseconds;
using testing::Member;
using testing::Model;
using testing::RouterScript;
using testing::Who;

// A message as the model writes it.
std::string lineOf(const Message& message) {
  const auto payload = [](const Payload& each) {
    return each.args().empty() ? std::string() : each.args().front().asString();
  };
  if (const auto* event = std::get_if<message::Event>(&message)) {
    return "event " + std::to_string(event->subscription) + " " +
           (event->details.topic ? event->details.topic->string() + " " : "") + payload(event->payload);
  }
  if (const auto* invocation = std::get_if<message::Invocation>(&message)) {
    return "invocation " + std::to_string(invocation->request) + " " +
           std::to_string(invocation->registration) + " " +
           (invocation->details.procedure ? invocation->details.procedure->string() + " " : "") +
           payload(invocation->payload);
  }
  if (const auto* interrupt = std::get_if<message::Interrupt>(&message)) {
    return "interrupt " + std::to_string(interrupt->request) +
           (interrupt->options.mode == CancelMode::kill ? " kill" : " killnowait");
  }
  if (const auto* result = std::get_if<message::Result>(&message)) {
    return (result->details.progress.value_or(false) ? "progress " : "result ") +
           std::to_string(result->request) + " " + payload(result->payload);
  }
  if (const auto* error = std::get_if<message::Error>(&message)) {
    return "error " + std::to_string(error->request) + " " + error->error.string();
  }
  return testing::toJson(message);
}

class Comparison {
 public:
  explicit Comparison(unsigned seed)
      : random_(seed),
        router_({.requestIds = RequestIds::sequential, .maxWaitingCalls = Model::kMaxWaiting}) {}

  void step() {
    if (clients_.size() < 3) return join();
    const int chance = pick(100);
    if (chance < 4) return clients_.size() < 12 ? join() : leave();
    if (chance < 6) return leave();
    if (chance < 14) return subscribe();
    if (chance < 18) return unsubscribe();
    if (chance < 30) return publish();
    if (chance < 40) return registerProcedure();
    if (chance < 43) return unregister();
    if (chance < 65) return call();
    if (chance < 71) return cancel();
    if (chance < 94) return answer();
    const milliseconds duration(pick(40));
    router_.pass(duration);
    model_.pass(duration);
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
      ASSERT_EQ(heard, model_.heard[entry.first]) << "client " << entry.first;
    }
    model_.heard.clear();
  }

  void leaveAll() {
    while (!clients_.empty()) {
      leave();
      compare();
    }
    for (const auto& each : answers_) EXPECT_LE(each.second, 1) << "answers to one call";
    EXPECT_FALSE(router_->nextDeadline());
    EXPECT_EQ(router_->transportCount(), 0u);
    Member last(router_);
    const Dict nothing{{"exact", List{}}, {"prefix", List{}}, {"wildcard", List{}}};
    EXPECT_EQ(last.expectResult(last.call("wamp.registration.list")).at(0), nothing);
    EXPECT_EQ(last.expectResult(last.call("wamp.subscription.list")).at(0), nothing);
    EXPECT_EQ(last.expectResult(last.call("wamp.session.count")), List{1});
  }
  int answered() const { return static_cast<int>(answers_.size()); }

 private:
  struct Pattern {
    std::string uri;
    Match match;
  };

  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  template <class T>
  const T& pickFrom(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))];
  }
  Who pickWho() { return std::next(clients_.begin(), pick(static_cast<int>(clients_.size())))->first; }
  std::string pickUri() { return pickFrom<std::string>({"a.b", "a.c", "a.b.c", "ab.c", "b.b"}); }
  Pattern pickPattern() {
    return pickFrom<Pattern>({{"a.b", Match::exact},
                              {"a.c", Match::exact},
                              {"ab.c", Match::exact},
                              {"a", Match::prefix},
                              {"a.", Match::prefix},
                              {"", Match::prefix},
                              {".b", Match::wildcard},
                              {"a.", Match::wildcard}});
  }
  std::string nextPayload() { return "p" + std::to_string(++lastPayload_); }

  // A final answer is counted; an invocation can be answered later.
  void note(Who who, const Message& message) {
    const auto* result = std::get_if<message::Result>(&message);
    const auto* error = std::get_if<message::Error>(&message);
    if (result != nullptr && !result->details.progress.value_or(false)) ++answers_[{who, result->request}];
    if (error != nullptr && error->requestType == message::Call::kCode) ++answers_[{who, error->request}];
    if (const auto* each = std::get_if<message::Invocation>(&message)) {
      invocations_.push_back({who, each->request});
    }
  }

  void join() {
    const Who who = ++lastWho_;
    const bool canBeInterrupted = who % 4 != 0;
    Roles roles = testing::allRoles();
    if (!canBeInterrupted) roles = testing::plainRoles();
    clients_[who] = std::make_unique<Member>(router_, roles);
    model_.join(who, canBeInterrupted);
  }
  void leave() {
    const Who who = pickWho();
    Member& client = *clients_[who];
    const int how = pick(3);
    if (how == 0) client.sayJson("nonsense");
    if (how == 1) client.say(message::Goodbye{.reason = Text(close::kNormal)});
    client.hangUp();
    clients_.erase(who);
    model_.leave(who);
    std::erase_if(invocations_, [who](const auto& each) { return each.first == who; });
    std::erase_if(calls_, [who](const auto& each) { return each.first == who; });
    std::erase_if(subscriptions_, [who](const auto& each) { return each.first == who; });
    std::erase_if(registrations_, [who](const auto& each) { return each.first == who; });
  }
  void subscribe() {
    const Who who = pickWho();
    const Pattern pattern = pickPattern();
    const Id id = clients_[who]->subscribe(pattern.uri, pattern.match);
    EXPECT_EQ(model_.subscribe(who, pattern.uri, pattern.match, id), "");
    subscriptions_.emplace_back(who, id);
  }
  void unsubscribe() {
    if (subscriptions_.empty()) return;
    // Sometimes somebody else's, or twice.
    const Id id = pickFrom(subscriptions_).second;
    const Who who = pick(3) == 0 ? pickWho() : ownerOf(subscriptions_, id);
    if (model_.unsubscribe(who, id)) return clients_[who]->unsubscribe(id);
    const Id request = clients_[who]->askUnsubscribe(id);
    EXPECT_EQ(clients_[who]->expectError(message::Unsubscribe::kCode, request), error::kNoSuchSubscription);
  }
  void publish() {
    const Who who = pickWho();
    const std::string topic = pickUri();
    const bool excludesMe = pick(2) == 0;
    const std::string payload = nextPayload();
    clients_[who]->publish(topic, {payload}, {.excludeMe = excludesMe});
    model_.publish(who, topic, excludesMe, payload);
  }
  void registerProcedure() {
    const Who who = pickWho();
    const Pattern pattern = pickPattern();
    const Invoke invoke = pickFrom<Invoke>({Invoke::single, Invoke::roundrobin, Invoke::first, Invoke::last});
    const std::size_t limit = static_cast<std::size_t>(pick(3));
    message::Register::Options options{.match = pattern.match, .invoke = invoke};
    if (limit > 0) options.concurrency = limit;
    const std::string_view refusal = model_.whyNotRegistered(who, pattern.uri, pattern.match, invoke);
    const Id request = clients_[who]->askRegister(pattern.uri, options);
    if (!refusal.empty()) {
      EXPECT_EQ(clients_[who]->expectError(message::Register::kCode, request), refusal);
      return;
    }
    const Id id = clients_[who]->expect<message::Registered>().registration;
    model_.registerProcedure(who, pattern.uri, pattern.match, invoke, limit, id);
    registrations_.emplace_back(who, id);
  }
  void unregister() {
    if (registrations_.empty()) return;
    const Id id = pickFrom(registrations_).second;
    const Who who = pick(3) == 0 ? pickWho() : ownerOf(registrations_, id);
    if (model_.unregister(who, id)) {
      const Id request = clients_[who]->askUnregister(id);
      EXPECT_EQ(clients_[who]->expect<message::Unregistered>().request, request);
      return;
    }
    const Id request = clients_[who]->askUnregister(id);
    EXPECT_EQ(clients_[who]->expectError(message::Unregister::kCode, request), error::kNoSuchRegistration);
  }
  void call() {
    const Who who = pickWho();
    const std::string uri = pickUri();
    const std::string payload = nextPayload();
    Model::Options options{.wantsProgress = pick(2) == 0};
    message::Call::Options asked;
    if (options.wantsProgress) asked.receiveProgress = true;
    if (pick(3) == 0) asked.timeout = options.timeout = milliseconds(1 + pick(60));
    const Id request = clients_[who]->call(uri, {payload}, asked);
    model_.call(who, request, uri, payload, options);
    calls_.emplace_back(who, request);
  }
  void cancel() {
    if (calls_.empty()) return;
    const auto call = pickFrom(calls_);
    const CancelMode mode =
        pickFrom<CancelMode>({CancelMode::skip, CancelMode::kill, CancelMode::killnowait});
    clients_[call.first]->cancel(call.second, mode);
    model_.cancel(call.first, call.second, mode);
  }
  void answer() {
    if (invocations_.empty()) return;
    const auto [who, invocation] = pickFrom(invocations_);
    const std::string payload = nextPayload();
    const int kind = pick(4);
    if (kind == 0) {
      clients_[who]->yieldProgress(invocation, {payload});
      model_.answer(who, invocation, "progress", payload);
    } else if (kind == 1) {
      clients_[who]->fail(invocation, "com.error");
      model_.answer(who, invocation, "error", "com.error");
    } else {
      clients_[who]->yield(invocation, {payload});
      model_.answer(who, invocation, "result", payload);
    }
    // Most are not answered again; some are, by callees that do not care.
    if (kind != 0 && pick(8) != 0) std::erase(invocations_, std::pair(who, invocation));
  }
  static Who ownerOf(const std::vector<std::pair<Who, Id>>& all, Id id) {
    return std::ranges::find(all, id, &std::pair<Who, Id>::second)->first;
  }

  std::mt19937 random_;
  RouterScript router_;
  Model model_;
  std::map<Who, std::unique_ptr<Member>> clients_;
  std::vector<std::pair<Who, Id>> subscriptions_;
  std::vector<std::pair<Who, Id>> registrations_;
  std::vector<std::pair<Who, Id>> calls_;
  std::vector<std::pair<Who, Id>> invocations_;
  std::map<std::pair<Who, Id>, int> answers_;
  Who lastWho_ = 0;
  int lastPayload_ = 0;
};

TEST(RouterModel, RouterAndModelAgree) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Comparison comparison(seed);
    for (int step = 0; step < 500; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      comparison.step();
      comparison.compare();
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(comparison.answered(), 50);
    comparison.leaveAll();
  }
}

}  // namespace
}  // namespace autobahn::wamp::router
