// Realms that come and go, and what is due in any of them.
#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using std::chrono::milliseconds;
using testing::Client;
using ::testing::ElementsAre;
using testing::Member;
using testing::RouterScript;

std::vector<std::string> names(RouterScript& router) {
  std::vector<std::string> made;
  for (const RealmStatistics& each : router->statistics().realms) made.push_back(each.realm);
  return made;
}

RouterOptions byRule(std::size_t maxRealms = 1000) {
  RouterOptions options;
  options.maxRealms = maxRealms;
  options.makeRealm = [](std::string_view name) -> std::optional<RealmOptions> {
    if (!name.starts_with("made.")) return std::nullopt;
    return RealmOptions{};
  };
  return options;
}

// Lets in whom the test says, when it says so.
class Doorkeeper final : public Authenticator {
 public:
  struct Waiting final : Authentication {
    explicit Waiting(Doorkeeper& keeper) : keeper_(keeper) {}
    void start(Answer answer) override { keeper_.answers.push_back(std::move(answer)); }
    void authenticate(const message::Authenticate&, Answer) override {}
    Doorkeeper& keeper_;
  };
  bool handles(std::string_view) const override { return true; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest) override {
    return std::make_unique<Waiting>(*this);
  }
  void letIn() {
    for (const auto& each : std::exchange(answers, {})) each(AuthAccept{.authid = "x", .authrole = "y"});
  }
  std::vector<Authentication::Answer> answers;
};

// ---- Removing

TEST(RemovedRealms, TheirSessionsAreSentAwayAndTheNameIsFree) {
  RouterScript router;
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.it");
  caller.call("com.it", {}, {.timeout = milliseconds(100)});
  callee.received().clear();
  router->removeRealm("realm1", "com.reason", "why");
  EXPECT_FALSE(router->hasRealm("realm1"));
  for (Member* each : {&callee, &caller}) {
    while (each->received().size() > 1) each->received().pop_front();  // how the call has ended
    const auto goodbye = each->expect<message::Goodbye>();
    EXPECT_EQ(goodbye.reason, "com.reason");
    EXPECT_EQ(goodbye.details.message, Text("why"));
    each->say(message::Goodbye{.reason = Text::constant(close::kGoodbyeAndOut)});
    EXPECT_TRUE(each->isClosed());
  }
  EXPECT_FALSE(router->nextDeadline());
  router->removeRealm("realm1");  // none there
  router->addRealm({.name = "realm1"});
  Member next(router);
  EXPECT_EQ(next.expectCallError(next.call("com.it")), error::kNoSuchProcedure);
}

TEST(RemovedRealms, NobodyJoinsThem) {
  RouterScript router;
  router->removeRealm("realm1");
  Client late(router);
  late.hello();
  EXPECT_EQ(late.expect<message::Abort>().reason, error::kNoSuchRealm);
}

TEST(RemovedRealms, WhoIsAboutToJoinIsSentAway) {
  for (const bool isThereAgain : {false, true}) {
    const auto keeper = std::make_shared<Doorkeeper>();
    RouterScript router({.authenticators = {keeper}});
    Client late(router);
    late.hello();
    router->removeRealm("realm1");
    if (isThereAgain) router->addRealm({.name = "realm1"});
    keeper->letIn();
    late.expect<message::Welcome>();
    EXPECT_EQ(late.expect<message::Goodbye>().reason, close::kCloseRealm);
    EXPECT_EQ(router->sessionCount("realm1"), 0u);
  }
}

TEST(RemovedRealms, CanBeRemovedFromWithin) {
  RouterScript router;
  Member one(router);
  one.onReceive = [&] { router->removeRealm("realm1"); };
  one.subscribe("com.topic");
  one.expect<message::Goodbye>();
  EXPECT_FALSE(router->hasRealm("realm1"));
  one.onReceive = nullptr;
}

// ---- Made by rule

TEST(RealmsByRule, GoWithTheirLastSession) {
  RouterScript router({}, byRule());
  {
    Client one(router);
    Client other(router);
    one.join(testing::allRoles(), "made.one");
    other.join(testing::allRoles(), "made.one");
    EXPECT_THAT(names(router), ElementsAre("made.one", "realm1"));
    one.hangUp();
    EXPECT_TRUE(router->hasRealm("made.one"));
    other.say(message::Goodbye{.reason = Text::constant(close::kCloseRealm)});
    other.expect<message::Goodbye>();
    EXPECT_FALSE(router->hasRealm("made.one"));
    other.join(testing::allRoles(), "made.one");
    EXPECT_TRUE(router->hasRealm("made.one"));
  }
  EXPECT_THAT(names(router), ElementsAre("realm1"));
}

TEST(RealmsByRule, OthersStay) {
  RouterScript router({}, byRule());
  Member(router).subscribe("com.topic");
  router->addRealm({.name = "made.configured"});
  Client one(router);
  one.join(testing::allRoles(), "made.configured");
  one.hangUp();
  EXPECT_THAT(names(router), ElementsAre("made.configured", "realm1"));
}

TEST(RealmsByRule, StayWithWhatIsRetained) {
  RouterScript router({}, byRule());
  Client one(router);
  one.join(testing::allRoles(), "made.one");
  one.publish("com.topic", {1}, {.retain = true});
  one.hangUp();
  EXPECT_TRUE(router->hasRealm("made.one"));
  Client other(router);
  other.join(testing::allRoles(), "made.one");
  other.subscribe("com.topic", {.getRetained = true});
  EXPECT_EQ(other.expect<message::Event>().payload, Payload({1}));
}

TEST(RealmsByRule, StayWithTheirHistory) {
  RouterOptions options;
  options.makeRealm = [](std::string_view) {
    RealmOptions realm;
    realm.history.rules.push_back({.uri = "com.topic"});
    return realm;
  };
  RouterScript router({}, options);
  for (const bool hasPublished : {false, true}) {
    Client one(router);
    one.join(testing::allRoles(), "made.one");
    if (hasPublished) one.publish("com.topic", {1});
    one.hangUp();
    EXPECT_EQ(router->hasRealm("made.one"), hasPublished);
  }
}

TEST(RealmsByRule, ComeBackWithWhoWasAboutToJoin) {
  const auto keeper = std::make_shared<Doorkeeper>();
  RouterOptions options;
  options.makeRealm = [&](std::string_view) { return RealmOptions{.authenticators = {keeper}}; };
  for (const bool isRemoved : {false, true}) {
    RouterScript router({}, options);
    Client first(router);
    first.hello(testing::allRoles(), "made.one");
    keeper->letIn();
    first.expect<message::Welcome>();
    Client late(router);
    late.hello(testing::allRoles(), "made.one");
    if (isRemoved) {
      router->removeRealm("made.one");
      first.expect<message::Goodbye>();
    }
    first.hangUp();
    EXPECT_FALSE(router->hasRealm("made.one"));
    keeper->letIn();
    late.expect<message::Welcome>();
    if (isRemoved) {
      late.expect<message::Goodbye>();
    } else {
      late.subscribe("com.topic");
    }
    EXPECT_EQ(router->hasRealm("made.one"), !isRemoved);
    late.hangUp();
    EXPECT_FALSE(router->hasRealm("made.one"));
  }
}

TEST(RealmsByRule, WhoDoesNotGetInTakesNoPlace) {
  RouterOptions options = byRule(3);
  const auto keeper = std::make_shared<Doorkeeper>();
  options.makeRealm = [&](std::string_view) { return RealmOptions{.authenticators = {keeper}}; };
  RouterScript router({}, options);
  for (int i = 0; i < 10; ++i) {
    Client one(router);
    one.hello(testing::allRoles(), "made." + std::to_string(i));
    one.expectNothing();
  }
  // Those of whom one does not know yet keep theirs.
  Client one(router);
  one.hello(testing::allRoles(), "made.a");
  Client two(router);
  two.hello(testing::allRoles(), "made.b");
  Client three(router);
  three.hello(testing::allRoles(), "made.c");
  EXPECT_EQ(three.expect<message::Abort>().reason, error::kNoSuchRealm);
  keeper->letIn();
  one.expect<message::Welcome>();
  two.expect<message::Welcome>();
}

// ---- Deadlines

TEST(Deadlines, AreOneOrderForAllRealms) {
  RouterScript router;
  std::vector<std::unique_ptr<Client>> clients;
  const std::vector<int> times{50, 10, 40, 20, 30};
  std::string order;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string realm = "realm." + std::to_string(i);
    router->addRealm({.name = realm});
    clients.push_back(std::make_unique<Client>(router));
    Client& client = *clients.back();
    client.join(testing::allRoles(), realm);
    client.registerProcedure("com.slow");
    client.call("com.slow", {}, {.timeout = milliseconds(times[i])});
    client.expect<message::Invocation>();
    client.onReceive = [&order, i] { order += static_cast<char>('0' + i); };
  }
  for (int passed = 0; passed < 60; passed += 10) router.pass(milliseconds(10));
  EXPECT_EQ(order, "1133442200");  // INTERRUPT and ERROR of each
  EXPECT_FALSE(router->nextDeadline());
  for (auto& each : clients) {
    each->onReceive = nullptr;
    each->received().clear();
  }
}

}  // namespace
}  // namespace autobahn::wamp::router
