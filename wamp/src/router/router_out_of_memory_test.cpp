// What the router's core does when memory runs out, at every allocation in turn. The contract: std::bad_alloc
// comes out of the call that brought the input, whose transport then ends, as it does for any exception of
// its callback; what was to be sent for that input is not sent. Whom a message could not be given to is
// closed. Everybody else goes on: their calls are answered, and nothing of who is gone is left.
#include <autobahn/util/log.hpp>
#include <autobahn/wamp/router/static_authorizer.hpp>

#include "testing/script.hpp"
#include "util/src/testing/failing_new.hpp"

namespace autobahn::wamp::router::testing {
namespace {

using util::testing::failEachAllocation;
using util::testing::PlentyOfMemory;
using util::testing::Shortage;
using util::testing::ShortMemory;

/// A client whose own doings need no memory that could be short.
class Outsider : public Client {
 public:
  explicit Outsider(RouterScript& router) : Client(router, "") {}

  void send(RoutedMessage& message) override {
    const PlentyOfMemory memory;
    Client::send(message);
  }
  /// To the router, which meets the shortage.
  void give(const Message& message) {
    Message copy;
    {
      const PlentyOfMemory memory;
      copy = message;
    }
    session().receive(std::move(copy));
  }
  /// The last message, when it is a T.
  template <class T>
  std::optional<T> last() {
    const PlentyOfMemory memory;
    std::optional<T> found;
    if (!received().empty() && std::holds_alternative<T>(received().back())) {
      found = std::get<T>(received().back());
    }
    return found;
  }
  /// RESULT or ERROR.
  std::size_t answersTo(Id call) {
    std::size_t answers = 0;
    for (const Message& each : received()) {
      const auto* result = std::get_if<message::Result>(&each);
      const auto* error = std::get_if<message::Error>(&each);
      if (result != nullptr && result->request == call) ++answers;
      if (error != nullptr && error->requestType == message::Call::kCode && error->request == call) ++answers;
    }
    return answers;
  }
};

Message hello() { return message::Hello{.realm = Text("realm1"), .details = {.roles = allRoles()}}; }
Message subscribe(Id request, std::string_view topic, Match match) {
  return message::Subscribe{.request = request, .options = {.match = match}, .topic = Text(topic)};
}
Message publish(Id request, std::string_view topic) {
  return message::Publish{.request = request,
                          .options = {.acknowledge = true, .excludeMe = false, .retain = true},
                          .topic = Text(topic),
                          .payload = Payload(List{"a text that is longer than a string has room for"})};
}
Message call(Id request, std::string_view procedure, bool isInParts = false) {
  message::Call made{.request = request, .procedure = Text(procedure), .payload = Payload(List{1, "two"})};
  made.options.timeout = std::chrono::minutes(1);
  if (isInParts) made.options.progress = true;
  return made;
}
Message registration(Id request, std::string_view procedure, std::optional<Invoke> invoke = {}) {
  return message::Register{.request = request, .options = {.invoke = invoke}, .procedure = Text(procedure)};
}

/// In a realm with a history and rules for who may do what.
RealmOptions realmWithEverything() {
  RealmOptions realm;
  realm.history.rules = {{.uri = "com.", .match = Match::prefix}};
  auto rules = std::make_shared<StaticAuthorizer>();
  rules->setRole("anonymous", {{.uri = "com.", .match = Match::prefix, .allow = Actions::all()},
                               {.uri = "wamp.", .match = Match::prefix, .allow = Actions::all()}});
  realm.authorizer = std::move(rules);
  return realm;
}

/// Two sessions, and what they do while memory is short.
class Attempt {
 public:
  /// `listens`: the other one hears of everything that the router tells of itself.
  Attempt(RealmOptions realm, bool listens) : listens_(listens), router_(std::move(realm)) {}

  bool run(std::size_t at, Shortage shortage) {
    other_.join();
    other_.registerProcedure("com.other");
    other_.subscribe("com.topic");
    if (listens_) other_.subscribe("wamp.", Match::prefix);
    bool failed = false;
    {
      const ShortMemory memory(at, shortage);
      try {
        live();
        acting_ = nullptr;
      } catch (const std::bad_alloc&) {
      }
      failed = memory.hasFailed();
    }
    // Which is what a transport does after an exception, or when it was told to close.
    for (Outsider* each : {&one_, &other_}) {
      if (each == acting_ || each->isClosed()) each->hangUp();
    }
    if (acting_ != &other_) {
      EXPECT_FALSE(other_.isClosed()) << "it has done nothing";
      check(other_, callsOfOther_);
    } else if (acting_ != &one_ && !hasLeft_) {
      EXPECT_FALSE(one_.isClosed()) << "it has done nothing";
      check(one_, callsOfOne_);
    }
    return failed;
  }

 private:
  void give(Outsider& from, const Message& message) {
    acting_ = &from;
    from.give(message);
  }
  void give(Outsider& from, const Message& call, std::vector<Id>& calls) {
    give(from, call);
    calls.push_back(std::get<message::Call>(call).request);
  }

  void live() {
    Outsider& one = one_;
    give(one, hello_);
    for (const Message& each : openings_) give(one, each);
    // A call there, and a call back.
    give(one, callOfOne_, callsOfOne_);
    answer(other_);
    give(other_, callOfOther_, callsOfOther_);
    answer(one);
    give(one, callInParts_, callsOfOne_);
    give(one, lastPart_);
    answer(other_);
    for (const Message& each : endings_) give(one, each);
    // What nobody answers.
    give(one, canceledCall_, callsOfOne_);
    give(one, cancel_);
    give(one, lastCallOfOne_, callsOfOne_);
    give(other_, lastCallOfOther_, callsOfOther_);
    hasLeft_ = true;
    give(one, goodbye_);
  }
  void answer(Outsider& callee) {
    const auto invocation = callee.last<message::Invocation>();
    if (!invocation) return;
    Message yield;
    {
      const PlentyOfMemory memory;
      yield = message::Yield{.request = invocation->request, .payload = Payload(List{"an answer"})};
    }
    give(callee, yield);
  }

  /// Everything works for who is left, and all its calls are answered: those that nobody answers when their
  /// time is over.
  void check(Outsider& survivor, const std::vector<Id>& calls) {
    Outsider third(router_);
    third.join();
    third.registerProcedure("com.third");
    survivor.give(call(1'000, "com.third"));
    const auto invocation = third.last<message::Invocation>();
    ASSERT_TRUE(invocation.has_value());
    third.yield(invocation->request, {3});
    EXPECT_EQ(survivor.answersTo(1'000), 1U);
    third.publish("com.topic", {}, {.excludeMe = false});
    if (&survivor == &other_) {
      EXPECT_TRUE(survivor.last<message::Event>().has_value());
    }
    router_.pass(std::chrono::hours(1));
    for (const Id each : calls) EXPECT_EQ(survivor.answersTo(each), 1U) << "call " << each;
    const RouterStatistics statistics = router_->statistics();
    const RealmStatistics& realm = statistics.realms.at(0);
    EXPECT_EQ(realm.sessions, 2U);
    EXPECT_EQ(realm.pendingCalls, 0U);
    if (&survivor == &other_) {
      EXPECT_EQ(realm.subscriptions, subscriptionsBefore_ + (listens_ ? 2U : 1U));
      EXPECT_EQ(realm.registrations, 2U);
    }
  }

  const Message hello_ = hello();
  const std::vector<Message> openings_ = {subscribe(1, "com.topic", Match::exact),
                                          subscribe(2, "com.", Match::prefix),
                                          subscribe(3, "com..here", Match::wildcard),
                                          subscribe(4, "com.of.nobody.else", Match::exact),
                                          publish(5, "com.topic"),
                                          registration(6, "com.one"),
                                          registration(7, "com.shared", Invoke::roundrobin)};
  const Message callOfOne_ = call(8, "com.other");
  const Message callOfOther_ = call(10, "com.one");
  const Message callInParts_ = call(9, "com.other", true);
  const Message lastPart_ = call(9, "com.other");
  const std::vector<Message> endings_ = {
      message::Call{.request = 10, .procedure = Text("wamp.session.list")},
      message::Call{.request = 11,
                    .procedure = Text("wamp.session.add_testament"),
                    .payload = Payload(List{"com.topic", List{"a last word"}, Dict{}})},
      message::Call{
          .request = 12, .procedure = Text("wamp.subscription.get_events"), .payload = Payload(List{1})},
      message::Unsubscribe{.request = 13, .subscription = 1}, call(14, "com.nobody")};
  const Message canceledCall_ = call(15, "com.other");
  const Message cancel_ = message::Cancel{.request = 15, .options = {.mode = CancelMode::kill}};
  const Message lastCallOfOne_ = call(16, "com.other");
  const Message lastCallOfOther_ = call(11, "com.one");
  const Message goodbye_ = message::Goodbye{.reason = Text("wamp.close.normal")};

  const bool listens_;
  RouterScript router_;
  const std::size_t subscriptionsBefore_ =
      router_->statistics().realms.at(0).subscriptions;  ///< the history's
  Outsider other_{router_};
  Outsider one_{router_};
  Outsider* acting_ = nullptr;  ///< whose input is under way
  bool hasLeft_ = false;
  std::vector<Id> callsOfOne_ = reserved();
  std::vector<Id> callsOfOther_ = reserved();

  static std::vector<Id> reserved() {
    std::vector<Id> ids;
    ids.reserve(16);
    return ids;
  }
};

TEST(RouterOutOfMemory, TheOthersGoOn) {
  util::setSink([](const util::LogRecord&) {});
  for (const bool listens : {false, true}) {
    failEachAllocation("a session's life", [&](std::size_t at, Shortage shortage) {
      return Attempt({}, listens).run(at, shortage);
    });
  }
}
TEST(RouterOutOfMemory, TheOthersGoOnInARealmWithEverything) {
  util::setSink([](const util::LogRecord&) {});
  failEachAllocation("a session's life", [&](std::size_t at, Shortage shortage) {
    return Attempt(realmWithEverything(), true).run(at, shortage);
  });
}

/// One that is not there in the end is not remembered.
TEST(RouterOutOfMemory, Attaching) {
  class Nobody final : public RouterTransport {
   public:
    void send(RoutedMessage&) override { ADD_FAILURE() << "sent to a transport that was not attached"; }
    void close() override {}
    PeerDetails peerDetails() const override { return {}; }
  };
  failEachAllocation("attaching", [](std::size_t at, Shortage shortage) {
    RouterScript router;
    std::shared_ptr<RouterSession> session;
    bool failed = false;
    {
      Nobody transport;
      {
        const ShortMemory memory(at, shortage);
        try {
          session = router->attach(transport);
        } catch (const std::bad_alloc&) {
          failed = true;
        }
      }
      if (session) session->transportClosed();
    }
    router.pass(std::chrono::hours(1));
    router->close(close::kSystemShutdown);
    return failed;
  });
}

}  // namespace
}  // namespace autobahn::wamp::router::testing
