// Sessions that outlive their transports.
#include <gmock/gmock.h>

#include <autobahn/wamp/router/static_authorizer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "random_index.hpp"
#include "testing/named.hpp"
#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::Member;
using testing::Named;
using testing::RouterScript;

RealmOptions resuming(ResumptionOptions limits = {}) {
  RealmOptions options;
  options.experimental.sessionResumption = true;
  options.resumption = limits;
  options.authenticators = {std::make_shared<Named>()};
  return options;
}

/// What a client has to know to come back.
struct Ticket {
  Id session = 0;
  std::string token;
};

/// A client that would like to come back.
class Resumable : public Client {
 public:
  explicit Resumable(RouterScript& router, std::string_view authid = "user-1",
                     std::string_view serializer = "json")
      : Client(router, serializer), authid_(authid) {}

  /// HELLO, and the WELCOME to it.
  message::Welcome begin(const Ticket& ticket = {}) {
    message::Hello hello{.realm = Text("realm1"), .details = {.roles = testing::allRoles()}};
    if (!authid_.empty()) hello.details.authid = Text(authid_);
    hello.details.resumable = true;
    if (ticket.session != 0) {
      hello.details.resumeSession = ticket.session;
      hello.details.resumeToken = Text(ticket.token);
    }
    say(std::move(hello));
    return expect<message::Welcome>();
  }
  Ticket joined() { return ticketOf(begin()); }
  static Ticket ticketOf(const message::Welcome& welcome) {
    return {welcome.session, welcome.details.resumeToken.value_or(Text()).string()};
  }

 private:
  std::string authid_;
};

std::vector<int> numbers(Client& client) {
  std::vector<int> heard;
  while (!client.received().empty()) {
    heard.push_back(static_cast<int>(client.expect<message::Event>().payload.args().at(0).asInt64()));
  }
  return heard;
}

std::size_t suspendedIn(RouterScript& router) { return router->statistics().realms.at(0).suspended; }

TEST(Resumption, IsNotThereByDefault) {
  RouterScript router;
  Resumable client(router);
  const auto welcome = client.begin();
  EXPECT_FALSE(welcome.details.resumable);
  EXPECT_FALSE(welcome.details.resumeToken);
  client.hangUp();
  EXPECT_EQ(router->sessionCount("realm1"), 0U);
  Resumable again(router);
  const auto second = again.begin({welcome.session, "token"});
  EXPECT_EQ(second.details.resumed, false);
  EXPECT_NE(second.session, welcome.session);
}

TEST(Resumption, IsOfferedToThoseWhoAsk) {
  RouterScript router(resuming());
  Member plain(router);
  Client asking(router);
  asking.hello();
  const auto without = asking.expect<message::Welcome>();
  EXPECT_FALSE(without.details.resumable);
  EXPECT_FALSE(without.details.resumeToken);
  Resumable client(router);
  const auto welcome = client.begin();
  EXPECT_EQ(welcome.details.resumable, true);
  EXPECT_FALSE(welcome.details.resumed);
  EXPECT_EQ(welcome.details.resumeToken->size(), 24U);  // 128 bits in Base64
  asking.hangUp();
  EXPECT_EQ(router->sessionCount("realm1"), 2U);
}

TEST(Resumption, WhatHasComeMeanwhileComesInOrder) {
  RouterScript router(resuming());
  Member other(router);
  Resumable client(router);
  const Ticket ticket = client.joined();
  const Id subscription = client.subscribe("com.topic");
  client.registerProcedure("com.p");
  other.publish("com.topic", {0});
  EXPECT_EQ(numbers(client), std::vector{0});
  client.hangUp();
  EXPECT_EQ(suspendedIn(router), 1U);
  EXPECT_EQ(router->sessionCount("realm1"), 2U);
  other.publish("com.topic", {1});
  const Id call = other.call("com.p", {2});
  other.publish("com.topic", {3});
  other.expectNothing();

  Resumable back(router);
  const auto welcome = back.begin(ticket);
  EXPECT_EQ(welcome.session, ticket.session);
  EXPECT_EQ(welcome.details.resumed, true);
  EXPECT_EQ(welcome.details.resumable, true);
  EXPECT_EQ(welcome.details.authid, Text("user-1"));
  EXPECT_NE(welcome.details.resumeToken, Text(ticket.token));
  const auto first = back.expect<message::Event>();
  EXPECT_EQ(first.subscription, subscription);
  EXPECT_EQ(first.payload.args(), List{1});
  const auto invocation = back.expect<message::Invocation>();
  EXPECT_EQ(back.expect<message::Event>().payload.args(), List{3});
  back.yield(invocation.request, {5});
  EXPECT_EQ(other.expectResult(call), List{5});
  other.publish("com.topic", {4});
  EXPECT_EQ(numbers(back), std::vector{4});
  EXPECT_EQ(suspendedIn(router), 0U);
  // It is one session all the time: no event of the router says otherwise.
  router.pass(2min);
  EXPECT_EQ(router->sessionCount("realm1"), 2U);
}

TEST(Resumption, MayBeDoneAgainWithTheNewTokenOnly) {
  RouterScript router(resuming());
  Resumable client(router);
  const Ticket first = client.joined();
  client.hangUp();
  Resumable second(router);
  const Ticket next = Resumable::ticketOf(second.begin(first));
  second.hangUp();
  Resumable thief(router);
  EXPECT_EQ(thief.begin(first).details.resumed, false);
  thief.hangUp();
  Resumable third(router);
  const auto welcome = third.begin(next);
  EXPECT_EQ(welcome.details.resumed, true);
  EXPECT_EQ(welcome.session, first.session);
}

TEST(Resumption, RequestsMayHaveBeenLost) {
  for (const RequestIds rule : {RequestIds::sequential, RequestIds::increasing}) {
    RealmOptions options = resuming();
    options.requestIds = rule;
    RouterScript router(std::move(options));
    Resumable client(router);
    const Ticket ticket = client.joined();
    client.subscribe("com.topic");
    client.hangUp();
    Resumable back(router);
    back.begin(ticket);
    back.sayJson(R"([32,5,{},"com.other"])");
    back.expect<message::Subscribed>();
    back.sayJson(R"([32,6,{},"com.other"])");
    back.expect<message::Subscribed>();
    back.sayJson(R"([32,5,{},"com.other"])");
    EXPECT_THAT(back.expectViolation(), ::testing::HasSubstr("out of sequence"));
  }
}

TEST(Resumption, OnlyTheSamePrincipalMayGoOn) {
  RouterScript router(resuming());
  const struct {
    const char* owner;
    const char* other;
    bool isGood;
  } table[] = {{"user-1", "user-1", true},
               {"user-1", "user-2", false},  // of the same role
               {"user-1", "admin-1", false}};
  for (const auto& each : table) {
    Resumable owner(router, each.owner);
    const Ticket ticket = owner.joined();
    owner.hangUp();
    Resumable other(router, each.other);
    const auto welcome = other.begin(ticket);
    EXPECT_EQ(welcome.details.resumed, each.isGood) << each.other;
    EXPECT_EQ(welcome.session == ticket.session, each.isGood);
    EXPECT_EQ(welcome.details.authid, Text(each.other));
    if (each.isGood) continue;
    // The owner still can.
    Resumable back(router, each.owner);
    EXPECT_EQ(back.begin(ticket).details.resumed, true);
  }
}

TEST(Resumption, NotInAnotherRealm) {
  RouterScript router(resuming());
  RealmOptions other = resuming();
  other.name = "realm2";
  router->addRealm(std::move(other));
  Resumable client(router);
  const Ticket ticket = client.joined();
  client.hangUp();
  Client elsewhere(router);
  message::Hello hello{.realm = Text("realm2"), .details = {.roles = testing::allRoles()}};
  hello.details.authid = Text("user-1");
  hello.details.resumeSession = ticket.session;
  hello.details.resumeToken = Text(ticket.token);
  elsewhere.say(std::move(hello));
  EXPECT_EQ(elsewhere.expect<message::Welcome>().details.resumed, false);
  EXPECT_EQ(suspendedIn(router), 1U);
}

TEST(Resumption, AnonymousSessionsKeepTheirName) {
  RealmOptions options = resuming();
  options.authenticators.clear();
  RouterScript router(std::move(options));
  Resumable client(router, "");
  const auto before = client.begin();
  client.hangUp();
  Resumable back(router, "");
  const auto after = back.begin(Resumable::ticketOf(before));
  EXPECT_EQ(after.details.resumed, true);
  EXPECT_EQ(after.details.authid, before.details.authid);
}

TEST(Resumption, WrongTokensAreGuessesAndTellNothing) {
  RouterOptions options;
  options.authenticationLimits.failuresPerPeer = {.burst = 3, .interval = 10s};
  RouterScript router(resuming(), std::move(options));
  Resumable client(router);
  const Ticket ticket = client.joined();
  const auto guess = [&](Id session) {
    Resumable thief(router);
    thief.peer.address = "192.0.2.1";
    message::Hello hello{.realm = Text("realm1"), .details = {.roles = testing::allRoles()}};
    hello.details.authid = Text("user-1");
    hello.details.resumeSession = session;
    hello.details.resumeToken = Text("AAAAAAAAAAAAAAAAAAAAAA==");
    thief.say(std::move(hello));
    Message answer = thief.received().front();
    thief.received().clear();
    return answer;
  };
  // Sessions that are not there cost nothing: it may have ended in good faith.
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(std::holds_alternative<message::Welcome>(guess(ticket.session == 1 ? 2 : 1)));
  }
  for (int i = 0; i < 3; ++i) {
    const Message answer = guess(ticket.session);
    ASSERT_TRUE(std::holds_alternative<message::Welcome>(answer));
    EXPECT_EQ(std::get<message::Welcome>(answer).details.resumed, false);
  }
  const Message answer = guess(ticket.session);
  ASSERT_TRUE(std::holds_alternative<message::Abort>(answer));
  EXPECT_EQ(std::get<message::Abort>(answer).reason, error::kTooManyAttempts);
  client.publish("com.topic", {}, {.acknowledge = true});
  client.expect<message::Published>();  // undisturbed
}

TEST(Resumption, ATransportThatStillLooksAliveIsEnded) {
  RouterScript router(resuming());
  Member other(router);
  Resumable client(router);
  const Ticket ticket = client.joined();
  client.subscribe("com.topic");
  Resumable back(router);
  const auto welcome = back.begin(ticket);
  EXPECT_EQ(welcome.session, ticket.session);
  EXPECT_EQ(client.expect<message::Abort>().reason, close::kResumedElsewhere);
  EXPECT_TRUE(client.isClosed());
  // What the old one says, and its end, are of no interest.
  client.publish("com.topic");
  client.hangUp();
  EXPECT_EQ(suspendedIn(router), 0U);
  other.publish("com.topic", {1});
  EXPECT_EQ(numbers(back), std::vector{1});
}

TEST(Resumption, EndsAfterItsTime) {
  RouterScript router(resuming({.timeout = 5s}));
  Member other(router);
  other.subscribe("wamp.session.on_leave");
  other.subscribe("com.gone");
  Resumable client(router);
  const Ticket ticket = client.joined();
  client.registerProcedure("com.p");
  client.expectResult(client.call("wamp.session.add_testament", {"com.gone", List{"destroyed"}, Dict{}}));
  client.expectResult(client.call("wamp.session.add_testament", {"com.gone", List{"detached"}, Dict{}}, {},
                                  {{"scope", "detached"}}));
  client.hangUp();
  EXPECT_EQ(other.expect<message::Event>().payload.args(), List{"detached"});
  other.expectNothing();
  const Id call = other.call("com.p");
  const Id count = other.call("wamp.session.count");
  EXPECT_EQ(other.expectResult(count), List{2});
  router.pass(4999ms);
  other.expectNothing();
  EXPECT_TRUE(router->nextDeadline());
  router.pass(1ms);
  EXPECT_EQ(other.expectCallError(call), error::kCanceled);
  EXPECT_EQ(other.expect<message::Event>().payload.args(), List{"destroyed"});
  EXPECT_EQ(other.expect<message::Event>().payload.args().at(0), Value(ticket.session));
  EXPECT_EQ(router->sessionCount("realm1"), 1U);
  EXPECT_FALSE(router->nextDeadline());
  Resumable late(router);
  const auto welcome = late.begin(ticket);
  EXPECT_EQ(welcome.details.resumed, false);
  EXPECT_EQ(welcome.details.resumable, true);
}

TEST(Resumption, CallsUnderWayAreCanceledAndAnswersWait) {
  RouterScript router(resuming());
  Member other(router);
  other.registerProcedure("com.slow");
  Resumable client(router);
  const Ticket ticket = client.joined();
  client.registerProcedure("com.p", {.concurrency = 1});
  const Id running = other.call("com.p", {1});
  const Id next = other.call("com.p", {2});
  const auto lost = client.expect<message::Invocation>();
  const Id asked = client.call("com.slow");
  const auto slow = other.expect<message::Invocation>();
  client.hangUp();
  // Nobody knows what has become of it.
  EXPECT_EQ(other.expectCallError(running), error::kCanceled);
  other.yield(slow.request, {7});
  Resumable back(router);
  back.begin(ticket);
  const auto second = back.expect<message::Invocation>();
  EXPECT_EQ(second.payload.args(), List{2});
  EXPECT_EQ(back.expectResult(asked), List{7});
  back.yield(lost.request, {0});  // too late, and no violation
  back.yield(second.request, {8});
  EXPECT_EQ(other.expectResult(next), List{8});
}

TEST(Resumption, CallsPreferCalleesThatAreThere) {
  for (const Invoke invoke : {Invoke::first, Invoke::last, Invoke::roundrobin, Invoke::random}) {
    RouterScript router(resuming());
    Member caller(router);
    Resumable client(router);
    const Ticket ticket = client.joined();
    Member other(router);
    client.registerProcedure("com.p", {.invoke = invoke});
    other.registerProcedure("com.p", {.invoke = invoke, .concurrency = 3});
    client.hangUp();
    for (int i = 0; i < 4; ++i) caller.call("com.p", {i});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(other.expect<message::Invocation>().payload.args(), List{i});
    other.expectNothing();
    Resumable back(router);
    back.begin(ticket);
    EXPECT_EQ(back.expect<message::Invocation>().payload.args(), List{3});
  }
}

TEST(Resumption, GoodbyeAndAbortEndTheSession) {
  RouterScript router(resuming());
  Resumable polite(router);
  polite.joined();
  polite.say(message::Goodbye{.reason = Text(close::kNormal)});
  polite.hangUp();
  Resumable rude(router);
  rude.joined();
  rude.say(message::Abort{.reason = Text("com.why")});
  rude.hangUp();
  Resumable wrong(router);
  wrong.joined();
  wrong.sayJson(R"([70,99,{}])");
  wrong.expectViolation();
  wrong.hangUp();
  EXPECT_EQ(router->sessionCount("realm1"), 0U);
}

TEST(Resumption, TooManyMessagesEndTheSession) {
  const ResumptionOptions limits[] = {{.maxMessages = 3}, {.maxOctets = 9000}, {.maxTotalOctets = 9000}};
  for (const ResumptionOptions& each : limits) {
    RouterScript router(resuming(each));
    Member other(router);
    other.subscribe("wamp.session.on_leave");
    Resumable client(router);
    const Ticket ticket = client.joined();
    client.subscribe("com.topic");
    client.hangUp();
    const std::string text(each.maxMessages == 3 ? 10 : 2000, 'x');
    for (int i = 0; i < 3; ++i) other.publish("com.topic", {i, text});
    EXPECT_EQ(suspendedIn(router), 1U);
    other.expectNothing();
    for (int i = 0; i < 3; ++i) other.publish("com.topic", {i, text});
    EXPECT_EQ(other.expect<message::Event>().payload.args().at(0), Value(ticket.session));
    EXPECT_EQ(suspendedIn(router), 0U);
    EXPECT_EQ(router->statistics().realms.at(0).limitsReached, 1U);
    Resumable back(router);
    EXPECT_EQ(back.begin(ticket).details.resumed, false);
    back.expectNothing();
  }
}

TEST(Resumption, TooManySessionsEndAtOnce) {
  RouterScript router(resuming({.maxSessions = 3, .maxSessionsPerAuthid = 2}));
  const auto lose = [&](std::string_view authid) {
    Resumable client(router, authid);
    return client.joined();  // and hangs up
  };
  const Ticket first = lose("user-1");
  lose("user-1");
  lose("user-1");
  EXPECT_EQ(suspendedIn(router), 2U);
  lose("user-2");
  lose("user-2");
  lose("admin-1");
  EXPECT_EQ(suspendedIn(router), 3U);
  EXPECT_EQ(router->sessionCount("realm1"), 3U);
  Resumable back(router);
  EXPECT_EQ(back.begin(first).details.resumed, true);
  EXPECT_EQ(suspendedIn(router), 2U);
  lose("admin-1");  // there is a place again
  EXPECT_EQ(suspendedIn(router), 3U);
}

TEST(Resumption, TheMetaApiEndsThemToo) {
  RealmOptions options = resuming();
  auto rules = std::make_shared<StaticAuthorizer>();
  rules->setRole("admin", {{"", Match::prefix, Actions::all()}, {"wamp.", Match::prefix, Actions::all()}});
  options.authorizer = rules;
  RouterScript router(std::move(options));
  Resumable admin(router, "admin-1");
  admin.joined();
  Resumable client(router);
  const Ticket ticket = client.joined();
  client.hangUp();
  const Id get = admin.call("wamp.session.get", {ticket.session});
  EXPECT_EQ(admin.expectResult(get).at(0).get("authid"), Value("user-1"));
  admin.expectResult(admin.call("wamp.session.kill", {ticket.session}));
  EXPECT_EQ(suspendedIn(router), 0U);
  Resumable back(router);
  EXPECT_EQ(back.begin(ticket).details.resumed, false);
}

TEST(Resumption, SessionsWithoutTransportGoWithRealmAndRouter) {
  RouterScript router(resuming());
  {
    Resumable client(router);
    client.joined();
  }
  EXPECT_EQ(suspendedIn(router), 1U);
  router->removeRealm("realm1");
  EXPECT_FALSE(router->nextDeadline());
  router->addRealm([] {
    RealmOptions again = resuming();
    again.name = "realm1";
    return again;
  }());
  {
    Resumable client(router);
    client.joined();
  }
  EXPECT_EQ(suspendedIn(router), 1U);
  router->close(close::kSystemShutdown);
  EXPECT_EQ(suspendedIn(router), 0U);
}

TEST(Resumption, OverAnotherSerializerAndWithOtherFeatures) {
  RouterScript router(resuming());
  Client publisher(router, "");  // of this process
  publisher.join();
  Resumable client(router, "user-1", "msgpack");
  const Ticket ticket = client.joined();
  client.subscribe("com.topic");
  client.hangUp();
  publisher.publish("com.topic", {1});
  Ticket now = ticket;
  for (const char* serializer : {"cbor", "", "json"}) {
    Resumable back(router, "user-1", serializer);
    now = Resumable::ticketOf(back.begin(now));
    EXPECT_EQ(numbers(back), std::vector{1}) << serializer;
    back.hangUp();
    publisher.publish("com.topic", {1});
  }
}

TEST(Resumption, NoEventIsLostOrDoubledHoweverClientsComeAndGo) {
  RouterScript router(resuming({.timeout = 1h}));
  Member publisher(router);
  struct Place {
    std::unique_ptr<Resumable> client;
    Ticket ticket;
    int heard = 0;
  };
  std::vector<Place> places(8);
  for (Place& each : places) {
    each.client = std::make_unique<Resumable>(router);
    each.ticket = each.client->joined();
    each.client->subscribe("com.topic");
  }
  const auto hearAll = [](Place& place) {
    for (const int number : numbers(*place.client)) ASSERT_EQ(number, ++place.heard);
  };
  int published = 0;
  for (int step = 0; step < 3000; ++step) {
    Place& place = places[randomIndex(places.size())];
    switch (randomIndex(4)) {
      case 0:
        if (place.client) hearAll(place);
        place.client.reset();
        break;
      case 1: {  // also while the old one is there
        if (place.client) hearAll(place);
        auto next = std::make_unique<Resumable>(router);
        const auto welcome = next->begin(place.ticket);
        ASSERT_EQ(welcome.session, place.ticket.session);
        place.ticket = Resumable::ticketOf(welcome);
        place.client = std::move(next);
        break;
      }
      default:
        publisher.publish("com.topic", {++published});
    }
    std::size_t away = 0;
    for (const Place& each : places) away += each.client ? 0 : 1;
    ASSERT_EQ(suspendedIn(router), away);
  }
  for (Place& each : places) {
    if (!each.client) {
      each.client = std::make_unique<Resumable>(router);
      each.client->begin(each.ticket);
    }
    hearAll(each);
    EXPECT_EQ(each.heard, published);
  }
  EXPECT_EQ(router->sessionCount("realm1"), places.size() + 1);
}

}  // namespace
}  // namespace autobahn::wamp::router
