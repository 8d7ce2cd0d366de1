// What peers must not do, and that nobody else is hurt when they do (attacks.md, "WAMP").
#include <gmock/gmock.h>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Client;
using ::testing::HasSubstr;
using testing::Member;
using testing::RouterScript;

// Two who work together, whatever a third one does.
class Bystanders {
 public:
  explicit Bystanders(RouterScript& router) : callee_(router), caller_(router) {
    callee_.registerProcedure("com.good");
    callee_.subscribe("com.good.topic");
    pending_ = caller_.call("com.good", {"pending"});
    invocation_ = callee_.expect<message::Invocation>().request;
  }
  void expectUndisturbed() {
    callee_.expectNothing();
    caller_.expectNothing();
    const Id call = caller_.call("com.good", {"new"});
    callee_.yield(callee_.expect<message::Invocation>().request, {"done"});
    EXPECT_EQ(caller_.expectResult(call), List{"done"});
    callee_.yield(invocation_, {"at last"});
    EXPECT_EQ(caller_.expectResult(pending_), List{"at last"});
    caller_.publish("com.good.topic");
    callee_.expect<message::Event>();
  }
  Id registration() const { return 1; }

 private:
  Member callee_;
  Member caller_;
  Id pending_ = 0;
  Id invocation_ = 0;
};

// From a client that has not joined.
TEST(RouterViolations, BeforeJoining) {
  const char* cases[] = {
      R"([48, 1, {}, "com.good"])",                   // CALL
      R"([16, 1, {}, "com.good.topic"])",             // PUBLISH
      R"([32, 1, {}, "com.good.topic"])",             // SUBSCRIBE
      R"([34, 1, 1])",                                // UNSUBSCRIBE
      R"([64, 1, {}, "com.mine"])",                   // REGISTER
      R"([66, 1, 1])",                                // UNREGISTER
      R"([70, 1, {}])",                               // YIELD
      R"([49, 1, {}])",                               // CANCEL
      R"([8, 68, 1, {}, "com.error"])",               // ERROR
      R"([6, {}, "wamp.close.normal"])",              // GOODBYE
      R"([5, "signature", {}])",                      // AUTHENTICATE without CHALLENGE
      R"([2, 5, {"roles": {"broker": {}}}])",         // WELCOME
      R"([4, "ticket", {}])",                         // CHALLENGE
      R"([50, 1, {}])",                               // RESULT
      R"([1, "realm1", {}])",                         // HELLO without roles
      R"([1, "realm1", {"roles": {"broker": {}}}])",  // HELLO of a router
      R"([1, "no uri", {"roles": {"caller": {}}}])",  //
      R"([99, 1])",                                   // unknown code
      R"([])",                                        //
      R"({"a": 1})",                                  //
      "[48, 1, {}",                                   // cut off
  };
  for (const char* each : cases) {
    SCOPED_TRACE(each);
    RouterScript router;
    Bystanders others(router);
    Client client(router);
    client.sayJson(each);
    client.expectViolation();
    client.sayJson(R"([1, "realm1", {"roles": {"caller": {}}}])");  // too late
    client.expectNothing();
    others.expectUndisturbed();
  }
}

// From a client that has joined.
TEST(RouterViolations, AfterJoining) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([1, "realm1", {"roles": {"caller": {}}}])", "HELLO"},
      {R"([2, 5, {"roles": {"broker": {}}}])", "WELCOME"},
      {R"([4, "ticket", {}])", "CHALLENGE"},
      {R"([5, "signature", {}])", "AUTHENTICATE"},
      {R"([17, 1, 1])", "PUBLISHED"},
      {R"([33, 1, 1])", "SUBSCRIBED"},
      {R"([35, 1])", "UNSUBSCRIBED"},
      {R"([36, 1, 1, {}])", "EVENT"},
      {R"([50, 1, {}])", "RESULT"},
      {R"([65, 1, 1])", "REGISTERED"},
      {R"([67, 1])", "UNREGISTERED"},
      {R"([68, 1, 1, {}])", "INVOCATION"},
      {R"([69, 1, {}])", "INTERRUPT"},
      {R"([8, 48, 1, {}, "com.error"])", "ERROR.Request.Type"},
      {R"([8, 68, 1, {}, "com.error"])", "ERROR.Request"},
      {R"([70, 1, {}])", "YIELD.Request"},  // of the bystander, who has such an invocation
      {R"([70, 77, {}])", "YIELD.Request"},
      {R"([70, 1, {"progress": true}])", "YIELD.Request"},
      {R"([48, 0, {}, "com.good"])", "CALL.Request"},
      {R"([48, 9007199254740993, {}, "com.good"])", "CALL.Request"},
      {R"([48, -1, {}, "com.good"])", "CALL.Request"},
      {R"([48, "1", {}, "com.good"])", "CALL.Request"},
      {R"([48, 1, [], "com.good"])", "CALL.Options"},
      {R"([48, 1, {}])", "CALL"},
      {R"([48, 1, {}, "com..good"])", "CALL.Procedure"},
      {R"([48, 1, {"timeout": -1}, "com.good"])", "CALL.Options.timeout"},
      {R"([48, 1, {}, "com.good", {}])", "CALL.Arguments"},
      {R"([48, 1, {}, "com.good", [], []])", "CALL.Arguments"},
      {R"([32, 1, {"match": "regex"}, "com.good"])", "SUBSCRIBE.Options.match"},
      {R"([32, 1, {}, ""])", "SUBSCRIBE.Topic"},
      {R"([64, 1, {"invoke": "all"}, "com.mine"])", "REGISTER.Options.invoke"},
      {R"([64, 1, {"concurrency": 0}, "com.mine"])", "REGISTER.Options.concurrency"},
      {R"([3141, 1])", "3141"},
      {R"([48.5])", ""},
      {R"(nonsense)", ""},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.first);
    RouterScript router;
    Bystanders others(router);
    Member client(router);
    client.sayJson(each.first);
    EXPECT_THAT(client.expectViolation(), HasSubstr(each.second));
    EXPECT_EQ(router->sessionCount("realm1"), 2u);
    others.expectUndisturbed();
  }
}

TEST(RouterViolations, RequestIdsOutOfSequence) {
  const struct {
    RequestIds rule;
    std::vector<Id> ids;
    bool isGood;
  } cases[] = {
      {RequestIds::sequential, {1, 2, 3}, true},    {RequestIds::sequential, {1, 3}, false},
      {RequestIds::sequential, {2}, false},         {RequestIds::sequential, {1, 1}, false},
      {RequestIds::increasing, {1, 2, 7}, true},    {RequestIds::increasing, {1, 1}, false},
      {RequestIds::increasing, {5, 4}, false},      {RequestIds::increasing, {kMaxId, 1, 2}, true},
      {RequestIds::increasing, {kMaxId, 2}, false}, {RequestIds::any, {5, 4, 5, kMaxId, 1}, true},
  };
  for (const auto& each : cases) {
    for (int kind = 0; kind < 6; ++kind) {
      RouterScript router({.requestIds = each.rule});
      Member client(router);
      for (const Id id : each.ids) {
        const Message messages[] = {message::Subscribe{.request = id, .topic = "com.t"},
                                    message::Unsubscribe{.request = id, .subscription = 1},
                                    message::Publish{.request = id, .topic = "com.t"},
                                    message::Register{.request = id, .procedure = "com.p"},
                                    message::Unregister{.request = id, .registration = 1},
                                    message::Call{.request = id, .procedure = "com.p2"}};
        client.say(messages[kind]);
      }
      EXPECT_EQ(client.isClosed(), !each.isGood) << kind << " " << ::testing::PrintToString(each.ids);
      client.received().clear();
    }
  }
}

// What is left of a session that is aborted: nothing, and at once.
TEST(RouterViolations, ReleaseEverythingTheSessionHeld) {
  RouterScript router;
  Member other(router);
  Member bad(router);
  bad.registerProcedure("com.bad");
  other.registerProcedure("com.other");
  bad.subscribe("com.topic");
  const Id pending = other.call("com.bad");
  bad.expect<message::Invocation>();
  bad.call("com.other");
  other.expect<message::Invocation>();
  bad.sayJson("[70, 99, {}]");
  bad.expectViolation();
  other.expect<message::Interrupt>();
  EXPECT_EQ(other.expectCallError(pending), error::kCanceled);
  EXPECT_EQ(other.expectCallError(other.call("com.bad")), error::kNoSuchProcedure);
  other.publish("com.topic");
  EXPECT_EQ(other.expectResult(other.call("wamp.session.count")), List{1});
  bad.sayJson(R"([48, 50, {}, "com.other"])");
  bad.expectNothing();
  other.expectNothing();
}

// A session that leaves with thousands of calls on their way, and with many of others'.
TEST(RouterViolations, LeavingWithThousandsOfCalls) {
  RouterScript router;
  Member callee(router, testing::plainRoles());
  Member caller(router);
  callee.registerProcedure("com.slow");
  callee.registerProcedure("com.busy", {.concurrency = 1});
  for (int i = 0; i < 1000; ++i) {
    caller.call("com.slow", {}, {.timeout = std::chrono::milliseconds(1000 + i)});
    caller.call("com.busy");
  }
  callee.received().clear();
  caller.received().clear();
  caller.hangUp();
  EXPECT_FALSE(router->nextDeadline());
  Member second(router);
  for (int i = 0; i < 1000; ++i) second.call("com.slow");
  callee.hangUp();
  EXPECT_EQ(second.received().size(), 1000u);
}

// Everything may happen while the router is sending.
TEST(RouterViolations, ClosingFromWithinASend) {
  RouterScript router;
  Member publisher(router);
  Member one(router);
  Member other(router);
  Member callee(router);
  one.subscribe("com.topic");
  other.subscribe("com.topic");
  callee.registerProcedure("com.sum");
  const Id pending = one.call("com.sum");
  // The first to get the event says nonsense, hangs up, and takes the other one with it.
  one.onReceive = [&] {
    one.sayJson("nonsense");
    one.hangUp();
    other.hangUp();
  };
  publisher.publish("com.topic");
  EXPECT_EQ(one.received().size(), 1u);
  EXPECT_LE(other.received().size(), 1u);
  EXPECT_EQ(router->sessionCount("realm1"), 2u);
  callee.expect<message::Invocation>();
  EXPECT_EQ(callee.expect<message::Interrupt>().request, pending == 0 ? 0 : 1u);
}

// A session is killed, and its transport closes, while it is being told.
TEST(RouterViolations, ClosingWhileBeingTold) {
  RouterScript router;
  auto client = std::make_unique<Member>(router);
  Member other(router);
  client->onReceive = [&] {
    client->hangUp();
    client->call("com.more");
  };
  other.onReceive = [&] { other.hangUp(); };
  router->close(close::kSystemShutdown);
  client.reset();
  EXPECT_EQ(router->transportCount(), 0u);
  EXPECT_FALSE(router->nextDeadline());
  router.pass(std::chrono::seconds(20));
}

TEST(RouterViolations, AnsweringFromWithinASend) {
  RouterScript router;
  Member caller(router);
  Member callee(router);
  callee.registerProcedure("com.echo");
  callee.onReceive = [&] {
    while (!callee.received().empty()) callee.yield(callee.expect<message::Invocation>().request);
  };
  int calls = 0;
  caller.onReceive = [&] {
    if (++calls < 1000) caller.call("com.echo");  // no recursion, however long it goes on
  };
  caller.call("com.echo");
  EXPECT_EQ(caller.received().size(), 1000u);
}

// ---- Time limits of the handshake

TEST(RouterViolations, WhoDoesNotJoinInTimeIsSentAway) {
  RouterScript router;
  Client silent(router);
  Member joined(router);
  router.pass(std::chrono::seconds(9));
  silent.expectNothing();
  router.pass(std::chrono::seconds(1));
  silent.expect<message::Abort>();
  EXPECT_TRUE(silent.isClosed());
  EXPECT_FALSE(joined.isClosed());
  EXPECT_FALSE(router->nextDeadline());
}

TEST(RouterViolations, WhoDoesNotAnswerGoodbyeIsClosedAllTheSame) {
  RouterScript router;
  Member polite(router);
  Member rude(router);
  router->close(close::kSystemShutdown, "maintenance");
  for (Member* each : {&polite, &rude}) {
    const auto goodbye = each->expect<message::Goodbye>();
    EXPECT_EQ(goodbye.reason, close::kSystemShutdown);
    EXPECT_EQ(goodbye.details.message, Text("maintenance"));
  }
  EXPECT_EQ(router->sessionCount("realm1"), 0u);
  rude.call("com.more");  // was on its way
  rude.expectNothing();
  polite.say(message::Goodbye{.reason = Text(close::kGoodbyeAndOut)});
  EXPECT_TRUE(polite.isClosed());
  EXPECT_FALSE(rude.isClosed());
  router.pass(std::chrono::seconds(2));
  EXPECT_TRUE(rude.isClosed());
  Client late(router);
  late.hello();
  EXPECT_EQ(late.expect<message::Abort>().reason, close::kSystemShutdown);
}

TEST(RouterViolations, AbortOfTheClientEndsTheSession) {
  RouterScript router;
  Member client(router);
  client.say(message::Abort{.reason = Text(close::kNormal)});
  EXPECT_TRUE(client.isClosed());
  client.expectNothing();
  EXPECT_EQ(router->sessionCount("realm1"), 0u);
}

TEST(RouterViolations, TheRouterMayGoFirst) {
  auto router = std::make_unique<RouterScript>();
  Member client(*router);
  router.reset();
  client.call("com.more");
  client.sayJson("nonsense");
  client.expectNothing();
}

// ---- What cannot be written

// A client whose transport takes small messages only (RawSocket, 512 octets).
class SmallClient : public Client {
 public:
  using Client::Client;
  void send(RoutedMessage& message) override {
    if (!std::holds_alternative<message::Welcome>(message.message())) return Client::send(message);
    session().undeliverable(message.message(), error::kPayloadSizeExceeded, "too large");
  }
};

TEST(RouterViolations, WhoCannotBeWelcomedIsSentAway) {
  RouterScript router;
  SmallClient client(router);
  client.hello();
  EXPECT_EQ(client.expect<message::Abort>().reason, error::kPayloadSizeExceeded);
  EXPECT_TRUE(client.isClosed());
  EXPECT_EQ(router->sessionCount("realm1"), 0u);
}

}  // namespace
}  // namespace autobahn::wamp::router
