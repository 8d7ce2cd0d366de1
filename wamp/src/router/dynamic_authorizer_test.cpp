// Procedures that authorize, in Crossbar.io's form, and roles with an authorizer each.
#include <gmock/gmock.h>

#include <autobahn/wamp/router/dynamic_authorizer.hpp>
#include <autobahn/wamp/router/static_authorizer.hpp>

#include "decision_cache.hpp"
#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::RouterScript;

constexpr const char* kProcedure = "com.app.authorize";

// The role of a client is the authid that it says.
class ByName : public Authenticator {
 public:
  bool handles(std::string_view method) const override { return method == "anonymous"; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override {
    return makeAnonymousAuthenticator(request.authid.value_or("user"))->begin(request);
  }
};

// A realm where the role "backend" may do everything and a procedure decides on the role "user".
class DynamicAuthorization : public ::testing::Test {
 protected:
  explicit DynamicAuthorization(CacheScope scope = CacheScope::session)
      : caller_(std::make_shared<RouterCaller>()),
        dynamic_(std::make_shared<DynamicAuthorizer>(
            caller_,
            DynamicAuthorizerOptions{
                .procedure = kProcedure, .cacheScope = scope, .cacheTime = 10s, .maxCached = 5})),
        router_({.authenticators = {std::make_shared<ByName>()}, .authorizer = roles()},
                {.caller = caller_}) {
    join(backend_, "backend");
    user_ = join(client_, "user");
    registration_ = backend_.registerProcedure(kProcedure);
    backend_.registerProcedure("com.add");
  }

  static Id join(Client& client, const char* role) {
    message::Hello hello{.realm = Text("realm1"), .details = {.roles = testing::allRoles()}};
    hello.details.authid = Text(role);
    client.say(std::move(hello));
    return client.expect<message::Welcome>().session;
  }
  message::Invocation asked() {
    auto question = backend_.expect<message::Invocation>();
    EXPECT_EQ(question.registration, registration_);
    return question;
  }
  void answer(Value value) { backend_.yield(asked().request, {std::move(value)}); }
  // A call that is decided on, one way or the other.
  void expectCallGoesThrough(Client& client, const char* procedure = "com.add") {
    const Id call = client.call(procedure);
    reply(client, call);
  }
  void reply(Client& client, Id call) {
    backend_.yield(backend_.expect<message::Invocation>().request, {3});
    EXPECT_EQ(client.expectResult(call), List{3});
  }

  std::shared_ptr<RouterCaller> caller_;
  std::shared_ptr<DynamicAuthorizer> dynamic_;
  RouterScript router_;
  Client backend_{router_};
  Client client_{router_};
  Id user_ = 0;
  Id registration_ = 0;

 private:
  std::shared_ptr<Authorizer> roles() const {
    auto fixed = std::make_shared<StaticAuthorizer>();
    fixed->setRole("backend", {{"", Match::prefix, Actions::all()}});
    auto made = std::make_shared<RoleAuthorizer>(fixed);
    made->setRole("user", dynamic_);
    return made;
  }
};
class DynamicAuthorizationByRole : public DynamicAuthorization {
 protected:
  DynamicAuthorizationByRole() : DynamicAuthorization(CacheScope::role) {}
};

TEST_F(DynamicAuthorization, TheProcedureIsToldWhoWantsToDoWhat) {
  client_.askSubscribe("com..topic", {.match = Match::wildcard});
  const auto question = asked();
  const List& args = question.payload.args();
  ASSERT_EQ(args.size(), 4u);
  EXPECT_EQ(args[0].get("session"), Value(user_));
  EXPECT_EQ(args[0].get("authrole"), Value("user"));
  EXPECT_EQ(args[0].get("authmethod"), Value("anonymous"));
  EXPECT_EQ(args[0].get("authextra"), Value(Dict{}));
  EXPECT_EQ(args[0].get("transport").get("peer"), Value("test:1"));
  EXPECT_EQ(args[1], Value("com..topic"));
  EXPECT_EQ(args[2], Value("subscribe"));
  EXPECT_EQ(args[3], Value(Dict{{"match", "wildcard"}}));
  backend_.yield(question.request, {true});
  client_.expect<message::Subscribed>();

  client_.askRegister("com.p");
  const auto registering = asked();
  EXPECT_EQ(registering.payload.args().at(2), Value("register"));
  EXPECT_EQ(registering.payload.args().at(3), Value(Dict{{"match", "exact"}}));
  backend_.yield(registering.request, {false});
  EXPECT_EQ(client_.expect<message::Error>().error, error::kNotAuthorized);

  const Id call = client_.call("com.add");
  const auto calling = asked();
  EXPECT_EQ(calling.payload.args().at(2), Value("call"));
  EXPECT_EQ(calling.payload.args().at(3), Value(Dict{}));
  backend_.yield(calling.request, {Dict{{"allow", true}, {"disclose", true}}});
  const auto invocation = backend_.expect<message::Invocation>();
  EXPECT_EQ(invocation.details.caller.session, user_);
  backend_.yield(invocation.request, {3});
  EXPECT_EQ(client_.expectResult(call), List{3});
}

TEST_F(DynamicAuthorization, WhatIsNoDecisionFails) {
  const List answers[] = {{},
                          {nullptr},
                          {"true"},
                          {1},
                          {true, true},
                          {Dict{}},
                          {Dict{{"allow", 1}}},
                          {Dict{{"allow", nullptr}}},
                          {Dict{{"allow", true}, {"disclose", "yes"}}},
                          {Dict{{"allow", true}, {"cache", 7}}}};
  for (const List& each : answers) {
    const Id call = client_.call("com.add");
    backend_.yield(asked().request, each);
    EXPECT_EQ(client_.expectCallError(call), error::kAuthorizationFailed);
  }
  EXPECT_EQ(dynamic_->cachedCount(), 0u);
  const Id call = client_.call("com.add");
  backend_.fail(asked().request);
  EXPECT_EQ(client_.expectCallError(call), error::kAuthorizationFailed);
}

TEST_F(DynamicAuthorization, WithoutAnAnswerNothingIsAllowed) {
  const Id late = client_.call("com.add");
  asked();
  router_.pass(5s);
  EXPECT_EQ(client_.expectCallError(late), error::kAuthorizationFailed);
  backend_.expect<message::Interrupt>();
  backend_.unregister(registration_);
  const Id missing = client_.call("com.add");
  EXPECT_EQ(client_.expectCallError(missing), error::kAuthorizationFailed);
}

// crossbar#1463: what there is is not revealed.
TEST_F(DynamicAuthorization, WhetherAProcedureIsThereIsNotToldBeforehand) {
  const Id call = client_.call("com.nothing");
  answer(false);
  EXPECT_EQ(client_.expectCallError(call), error::kNotAuthorized);
}

TEST_F(DynamicAuthorization, MessagesKeepTheirOrder) {
  const Id first = client_.call("com.add");
  const Id second = client_.call("com.other");
  const auto question = asked();
  backend_.expectNothing();
  backend_.yield(question.request, {true});
  reply(client_, first);
  answer(false);
  EXPECT_EQ(client_.expectCallError(second), error::kNotAuthorized);
}

// ---- What is kept

TEST_F(DynamicAuthorization, DecisionsAreKeptWhereTheAnswerAllowsIt) {
  const Id call = client_.call("com.add");
  answer(Dict{{"allow", true}});
  reply(client_, call);
  const Id again = client_.call("com.add");
  answer(Dict{{"allow", true}, {"cache", true}});
  reply(client_, again);
  expectCallGoesThrough(client_);  // nobody is asked

  // Nothing else is decided by it.
  client_.askRegister("com.add");
  answer(false);
  client_.expect<message::Error>();
  Client other(router_);
  join(other, "user");
  const Id others = other.call("com.add");
  answer(false);
  EXPECT_EQ(other.expectCallError(others), error::kNotAuthorized);

  router_.pass(9999ms);
  expectCallGoesThrough(client_);
  router_.pass(1ms);
  const Id late = client_.call("com.add");
  answer(false);
  EXPECT_EQ(client_.expectCallError(late), error::kNotAuthorized);
}

TEST_F(DynamicAuthorization, RefusalsAreKeptAsWell) {
  const Id call = client_.call("com.add");
  answer(Dict{{"allow", false}, {"cache", true}});
  EXPECT_EQ(client_.expectCallError(call), error::kNotAuthorized);
  const Id again = client_.call("com.add");
  EXPECT_EQ(client_.expectCallError(again), error::kNotAuthorized);
}

TEST_F(DynamicAuthorization, PurgingForgetsAlsoWhatIsOnItsWay) {
  const Id call = client_.call("com.add");
  answer(Dict{{"allow", true}, {"cache", true}});
  reply(client_, call);
  EXPECT_EQ(dynamic_->cachedCount(), 1u);
  dynamic_->purge();
  const Id again = client_.call("com.add");
  const auto question = asked();
  dynamic_->purge();
  backend_.yield(question.request, {Dict{{"allow", true}, {"cache", true}}});
  reply(client_, again);
  EXPECT_EQ(dynamic_->cachedCount(), 0u);
}

TEST_F(DynamicAuthorization, NoMoreAreKeptThanAllowed) {
  for (int i = 0; i < 50; ++i) {
    const Id call = client_.call("com.p" + std::to_string(i));
    answer(Dict{{"allow", false}, {"cache", true}});
    client_.expectCallError(call);
  }
  EXPECT_EQ(dynamic_->cachedCount(), 5u);
}

TEST_F(DynamicAuthorizationByRole, DecisionsHoldForTheWholeRole) {
  const Id call = client_.call("com.add");
  answer(Dict{{"allow", true}, {"cache", true}});
  reply(client_, call);
  Client other(router_);
  join(other, "user");
  expectCallGoesThrough(other);
}

TEST_F(DynamicAuthorization, RolesWithoutAnAuthorizerMayDoNothing) {
  Client stranger(router_);
  join(stranger, "stranger");
  const Id call = stranger.call("com.add");
  EXPECT_EQ(stranger.expectCallError(call), error::kNotAuthorized);
  RoleAuthorizer nobody;
  EXPECT_FALSE(nobody.decide({SessionInfo{}, Action::call, "com.add"})->allow);
}

TEST(DecisionCache, ForgetsWhatWasUsedLongestAgo) {
  DecisionCache cache(2);
  const TimePoint now{};
  cache.insert("a", {}, now + 1s);
  cache.insert("b", {}, now + 1s);
  EXPECT_NE(cache.find("a", now), nullptr);
  cache.insert("c", {}, now + 1s);
  EXPECT_EQ(cache.find("b", now), nullptr);
  EXPECT_NE(cache.find("a", now), nullptr);
  cache.insert("a", {.allow = true}, now + 2s);
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_TRUE(cache.find("a", now + 1s)->allow);
  EXPECT_EQ(cache.find("c", now + 1s), nullptr);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(DynamicAuthorizerOptions, AreChecked) {
  const auto make = [](DynamicAuthorizerOptions options) {
    const DynamicAuthorizer made(std::make_shared<RouterCaller>(), std::move(options));
  };
  make({.procedure = "com.p"});
  EXPECT_THROW(make({}), std::invalid_argument);
  EXPECT_THROW(make({.procedure = "com.p", .realm = "a b"}), std::invalid_argument);
  EXPECT_THROW(make({.procedure = "com.p", .timeout = 0ms}), std::invalid_argument);
}

TEST_F(DynamicAuthorization, AnAnswerMayGiveATrustlevel) {
  const Id call = client_.call("com.add");
  answer(Dict{{"allow", true}, {"trustlevel", 7}, {"meta", Dict{{"of", "Crossbar.io"}}}});
  const auto invocation = backend_.expect<message::Invocation>();
  EXPECT_EQ(invocation.details.trustlevel, 7U);
  backend_.yield(invocation.request, {3});
  EXPECT_EQ(client_.expectResult(call), List{3});

  backend_.subscribe("com.topic");
  client_.publish("com.topic");
  answer(Dict{{"allow", true}, {"trustlevel", 0}});
  EXPECT_EQ(backend_.expect<message::Event>().details.trustlevel, 0U);
}

TEST_F(DynamicAuthorization, AnAnswerMayForbidDisclosing) {
  const Id call = client_.call("com.add", {}, {.discloseMe = true});
  answer(Dict{{"allow", true}, {"mayDisclose", false}});
  EXPECT_EQ(client_.expectCallError(call), error::kOptionDisallowedDiscloseMe);
  // Kept with what it says.
  for (int i = 0; i < 2; ++i) {
    const Id again = client_.call("com.add", {}, {.discloseMe = true});
    if (i == 0) answer(Dict{{"allow", true}, {"mayDisclose", true}, {"trustlevel", 2}, {"cache", true}});
    const auto invocation = backend_.expect<message::Invocation>();
    EXPECT_EQ(invocation.details.caller.session, user_);
    EXPECT_EQ(invocation.details.trustlevel, 2U);
    backend_.yield(invocation.request, {3});
    EXPECT_EQ(client_.expectResult(again), List{3});
  }
}

TEST_F(DynamicAuthorization, WhatIsOfAnotherTypeDecidesNothing) {
  const Value answers[] = {Dict{{"allow", 1}},
                           Dict{{"allow", nullptr}},
                           Dict{{"allow", true}, {"disclose", "yes"}},
                           Dict{{"allow", true}, {"mayDisclose", 0}},
                           Dict{{"allow", true}, {"trustlevel", -1}},
                           Dict{{"allow", true}, {"trustlevel", "high"}},
                           Dict{{"allow", true}, {"cache", 1}}};
  for (const Value& each : answers) {
    const Id call = client_.call("com.add");
    answer(each);
    EXPECT_EQ(client_.expectCallError(call), error::kAuthorizationFailed) << each.toString();
  }
  const Id call = client_.call("com.add");
  answer(Dict{{"allow", true}, {"disclose", nullptr}, {"trustlevel", nullptr}, {"mayDisclose", nullptr}});
  reply(client_, call);
}

}  // namespace
}  // namespace autobahn::wamp::router
