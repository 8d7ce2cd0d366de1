// Procedures that authenticate, in Crossbar.io's form.
#include <gmock/gmock.h>

#include <autobahn/util/crypto.hpp>
#include <autobahn/wamp/auth/cryptosign.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router/dynamic_authenticator.hpp>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::RouterScript;

constexpr const char* kProcedure = "com.app.authenticate";
constexpr WampCraParameters kCra{.isSalted = false, .iterations = 10};
constexpr ScramParameters kScram{.kdf = ScramKdf::pbkdf2, .iterations = 4096};

// A router with a realm for users, and one where the application says who they are.
class DynamicAuthenticator : public ::testing::Test {
 protected:
  explicit DynamicAuthenticator() : caller_(std::make_shared<RouterCaller>()), router_(realm(), options()) {
    router_->addRealm({.name = "users"});
    application_.join(testing::allRoles(), "users");
    registration_ = application_.registerProcedure(kProcedure);
  }

  static message::Hello hello(std::string_view method, std::optional<Text> authid, Dict authextra = {}) {
    message::Hello made{
        .realm = Text("realm1"),
        .details = {.roles = testing::allRoles(), .authmethods = {{Text(method)}}, .authid = authid}};
    if (!authextra.empty()) made.details.authextra = std::move(authextra);
    return made;
  }
  // What the application is asked, and what it answers.
  message::Invocation asked() { return application_.expect<message::Invocation>(); }
  void answer(const message::Invocation& question, Value value) {
    application_.yield(question.request, {std::move(value)});
  }
  void denies() { application_.fail(asked().request, "com.app.no_such_user", {"no such user"}); }

  std::shared_ptr<RouterCaller> caller_;
  RouterScript router_;
  Client application_{router_};
  Id registration_ = 0;

 private:
  RealmOptions realm() const {
    RealmOptions options;
    for (const char* method : {"ticket", "wampcra", "scram", "cryptosign", "anonymous", "tls", "cookie"}) {
      options.authenticators.push_back(makeDynamicAuthenticator(
          caller_, method, {.procedure = kProcedure, .realm = "users", .wampCra = kCra, .scram = kScram}));
    }
    return options;
  }
  RouterOptions options() const { return {.caller = caller_}; }
};

void expectWelcome(Client& client, std::string_view authid = "joe", std::string_view authrole = "user") {
  const auto welcome = client.expect<message::Welcome>();
  EXPECT_EQ(welcome.details.authid, Text(authid));
  EXPECT_EQ(welcome.details.authrole, Text(authrole));
  EXPECT_EQ(welcome.details.authprovider, Text("dynamic"));
}

void expectDenied(Client& client, std::string_view message = "the proof is wrong") {
  const auto abort = client.expect<message::Abort>();
  EXPECT_EQ(abort.reason, error::kAuthenticationFailed);
  EXPECT_EQ(abort.details.message, Text(message));
  EXPECT_TRUE(client.isClosed());
}

constexpr const char* kUnavailable = "the router cannot find out who you are";

TEST_F(DynamicAuthenticator, TicketsAreHandedToTheProcedure) {
  Client client(router_);
  client.say(hello("ticket", "joe", {{"device", 7}}));
  client.expect<message::Challenge>();
  application_.expectNothing();
  client.say(message::Authenticate{.signature = "secret!!!"});
  client.expectNothing();
  const auto question = asked();
  EXPECT_EQ(question.registration, registration_);
  const List& args = question.payload.args();
  ASSERT_EQ(args.size(), 3u);
  EXPECT_EQ(args[0], Value("realm1"));
  EXPECT_EQ(args[1], Value("joe"));
  EXPECT_EQ(args[2].get("ticket"), Value("secret!!!"));
  EXPECT_EQ(args[2].get("authmethod"), Value("ticket"));
  EXPECT_EQ(args[2].get("authextra"), Value(Dict{{"device", 7}}));
  EXPECT_EQ(args[2].get("transport").get("peer"), Value("test:1"));
  answer(question, "user");
  const auto welcome = client.expect<message::Welcome>();
  EXPECT_EQ(args[2].get("session"), Value(welcome.session));
  EXPECT_EQ(welcome.details.authid, Text("joe"));
  EXPECT_EQ(welcome.details.authrole, Text("user"));
}

TEST_F(DynamicAuthenticator, AnswersMayRenameAndWelcome) {
  Client client(router_);
  client.say(hello("ticket", "joe"));
  client.expect<message::Challenge>();
  client.say(message::Authenticate{.signature = "x"});
  answer(asked(), Dict{{"role", "admin"},
                       {"authid", "joe@example.com"},
                       {"realm", "realm1"},
                       {"extra", Dict{{"plan", "gold"}}}});
  const auto welcome = client.expect<message::Welcome>();
  EXPECT_EQ(welcome.details.authid, Text("joe@example.com"));
  EXPECT_EQ(welcome.details.authrole, Text("admin"));
  ASSERT_TRUE(welcome.details.authextra);
  EXPECT_EQ(*welcome.details.authextra, (Dict{{"plan", "gold"}}));
}

TEST_F(DynamicAuthenticator, AnswersThatMakeNoSenseLetNobodyIn) {
  const Value answers[] = {nullptr,
                           7,
                           true,
                           "",
                           List{"user"},
                           Dict{},
                           Dict{{"role", 7}},
                           Dict{{"role", nullptr}},
                           Dict{{"role", ""}},
                           Dict{{"role", "user"}, {"authid", 7}},
                           Dict{{"role", "user"}, {"authid", ""}},
                           Dict{{"role", "user"}, {"realm", "users"}},
                           Dict{{"role", "user"}, {"extra", "text"}}};
  for (const Value& each : answers) {
    SCOPED_TRACE(testing::toJson(message::Yield{.payload = Payload(List{each})}));
    Client client(router_);
    client.say(hello("ticket", "joe"));
    client.expect<message::Challenge>();
    client.say(message::Authenticate{.signature = "secret!!!"});
    answer(asked(), each);
    expectDenied(client);
  }
  Client client(router_);
  client.say(hello("ticket", "joe"));
  client.expect<message::Challenge>();
  client.say(message::Authenticate{.signature = "secret!!!"});
  application_.yield(asked().request, {"user", "user"});
  expectDenied(client);
}

// ---- WAMP-CRA

std::string sign(const message::Challenge& challenge, std::string_view secret) {
  const auto number = [&](const char* name) { return challenge.extra.at(name).asInt64(); };
  WampCraChallenge made{.challenge = challenge.extra.at("challenge").asString()};
  if (challenge.extra.contains("salt")) {
    made.salt = challenge.extra.at("salt").asString();
    made.iterations = number("iterations");
    made.keylen = number("keylen");
  }
  return signWampCra(made, secret);
}

TEST_F(DynamicAuthenticator, WampCra) {
  const WampCraCredential salted = makeWampCraCredential("secret!!!", {.iterations = 10});
  const Value answers[] = {
      Dict{{"role", "user"}, {"secret", "secret!!!"}},
      Dict{{"role", "user"}, {"secret", salted.key.view()}, {"salt", *salted.salt}, {"iterations", 10}}};
  for (const Value& each : answers) {
    for (const char* password : {"secret!!!", "secret"}) {
      Client client(router_);
      client.say(hello("wampcra", "joe"));
      client.expectNothing();
      answer(asked(), each);
      const auto challenge = client.expect<message::Challenge>();
      EXPECT_THAT(challenge.extra.at("challenge").asString(), ::testing::HasSubstr("dynamic"));
      client.say(message::Authenticate{.signature = Text(sign(challenge, password))});
      std::string_view(password) == "secret!!!" ? expectWelcome(client) : expectDenied(client);
    }
  }
}

// attacks.md: authid probing.
TEST_F(DynamicAuthenticator, UnknownUsersLookLikeOthers) {
  const auto shape = [](const message::Challenge& challenge) {
    std::string names = challenge.method.string();
    for (const auto& entry : challenge.extra) names += " " + entry.first;
    return names;
  };
  Client known(router_);
  known.say(hello("wampcra", "joe"));
  answer(asked(), Dict{{"role", "user"}, {"secret", "secret!!!"}});
  Client unknown(router_);
  unknown.say(hello("wampcra", "moe"));
  denies();
  Client senseless(router_);
  senseless.say(hello("wampcra", "zoe"));
  answer(asked(), Dict{{"role", "user"}, {"secret", 7}});
  const std::string wanted = shape(known.expect<message::Challenge>());
  for (Client* each : {&unknown, &senseless}) {
    const auto challenge = each->expect<message::Challenge>();
    EXPECT_EQ(shape(challenge), wanted);
    each->say(message::Authenticate{.signature = Text(sign(challenge, "secret!!!"))});
    expectDenied(*each);
  }
}

// ---- SCRAM

TEST_F(DynamicAuthenticator, Scram) {
  const ScramCredential credential = makeScramCredential("secret!!!", kScram);
  const Dict known{{"role", "user"},
                   {"extra", Dict{{"plan", "gold"}}},
                   {"kdf", "pbkdf2"},
                   {"iterations", 4096},
                   {"memory", nullptr},
                   {"salt", util::hexEncode(credential.salt)},
                   {"stored-key", util::hexEncode(credential.storedKey.view())},
                   {"server-key", util::hexEncode(credential.serverKey.view())}};
  for (const char* method : {"scram", "wamp-scram"}) {
    for (const bool isKnown : {true, false}) {
      ScramClient scram("joe", Secret::copyOf("secret!!!"));
      Client client(router_);
      client.say(hello(method, "joe", {{"nonce", scram.hello().nonce}}));
      isKnown ? answer(asked(), known) : denies();
      const auto challenge = client.expect<message::Challenge>();
      EXPECT_EQ(challenge.extra.size(), 4u);
      const auto proof = scram.respond(method, {.nonce = challenge.extra.at("nonce").asString(),
                                                .salt = challenge.extra.at("salt").asString(),
                                                .kdf = challenge.extra.at("kdf").asString(),
                                                .iterations = challenge.extra.at("iterations").asInt64()});
      message::Authenticate said{.signature = Text(proof.signature)};
      if (proof.nonce) said.extra.emplace("nonce", *proof.nonce);
      client.say(std::move(said));
      if (!isKnown) {
        expectDenied(client);
        continue;
      }
      const auto welcome = client.expect<message::Welcome>();
      ASSERT_TRUE(welcome.details.authextra);
      EXPECT_TRUE(scram.verifyServer(welcome.details.authextra->at("verifier").asString()));
      EXPECT_EQ(welcome.details.authextra->at("plan"), Value("gold"));
    }
  }
}

// ---- Cryptosign

TEST_F(DynamicAuthenticator, Cryptosign) {
  const CryptosignKey mine = CryptosignKey::generate();
  const CryptosignKey other = CryptosignKey::generate();
  const struct {
    Value pubkey;
    bool isGood;
  } cases[] = {{mine.publicKey(), true},
               {List{other.publicKey(), mine.publicKey()}, true},
               {other.publicKey(), false},
               {List{}, false},
               {"xyz", false},
               {7, false},
               {nullptr, false}};
  for (const auto& each : cases) {
    Client client(router_);
    client.say(hello("cryptosign", {}, {{"pubkey", mine.publicKey()}}));
    const auto question = asked();
    EXPECT_TRUE(question.payload.args().at(1).isNull());
    answer(question, Dict{{"role", "user"}, {"authid", "joe"}, {"pubkey", each.pubkey}});
    const auto challenge = client.expect<message::Challenge>();
    client.say(message::Authenticate{
        .signature = Text(mine.signChallenge({.challenge = challenge.extra.at("challenge").asString()}))});
    each.isGood ? expectWelcome(client) : expectDenied(client);
  }
  // A role is not enough: whose key it is must be said.
  Client client(router_);
  client.say(hello("cryptosign", "joe", {{"pubkey", mine.publicKey()}}));
  answer(asked(), "user");
  const auto challenge = client.expect<message::Challenge>();
  client.say(message::Authenticate{
      .signature = Text(mine.signChallenge({.challenge = challenge.extra.at("challenge").asString()}))});
  expectDenied(client);
}

// ---- What needs no proof

TEST_F(DynamicAuthenticator, AnonymousSessionsGetTheirNameFromTheProcedureOrByChance) {
  Client named(router_), unnamed(router_), refused(router_);
  for (Client* each : {&named, &unnamed, &refused}) each->say(hello("anonymous", "admin"));
  answer(asked(), Dict{{"role", "guest"}, {"authid", "guest7"}});
  answer(asked(), "guest");
  denies();
  expectWelcome(named, "guest7", "guest");
  EXPECT_NE(unnamed.expect<message::Welcome>().details.authid, Text("admin"));
  expectDenied(refused);
}

TEST_F(DynamicAuthenticator, CertificatesAndCookiesGoToTheProcedure) {
  Client tls(router_), cookie(router_), nothing(router_);
  tls.peer.more = {{"peer_cert", Dict{{"common_name", "joe"}}}};
  cookie.peer.cookie = "abc";
  tls.say(hello("tls", {}));
  auto question = asked();
  EXPECT_EQ(question.payload.args().at(2).get("transport").get("peer_cert").get("common_name"), Value("joe"));
  EXPECT_EQ(question.payload.args().at(2).find("cookie"), nullptr);
  answer(question, Dict{{"role", "user"}, {"authid", "joe"}});
  expectWelcome(tls);
  cookie.say(hello("cookie", {}));
  question = asked();
  EXPECT_EQ(question.payload.args().at(2).get("cookie"), Value("abc"));
  answer(question, "user");  // whose cookie?
  expectDenied(cookie);
  for (const char* method : {"tls", "cookie"}) {
    Client client(router_);
    client.say(hello(method, {}));
    EXPECT_EQ(client.expect<message::Abort>().reason, error::kNoMatchingAuthMethod);
  }
  application_.expectNothing();
}

// ---- When the procedure does not answer

TEST_F(DynamicAuthenticator, WithoutAnAnswerNobodyGetsIn) {
  Client late(router_), left(router_), missing(router_);
  late.say(hello("wampcra", "joe"));
  const auto question = asked();
  router_.pass(4999ms);
  late.expectNothing();
  router_.pass(1ms);
  expectDenied(late, kUnavailable);
  application_.expect<message::Interrupt>();
  answer(question, "user");  // which is too late
  left.say(hello("wampcra", "joe"));
  application_.hangUp();
  expectDenied(left, kUnavailable);
  missing.say(hello("wampcra", "joe"));
  expectDenied(missing, kUnavailable);
}

TEST_F(DynamicAuthenticator, ACalleeThatWantsToHandleTimeoutsIsNotBelieved) {
  application_.unregister(registration_);
  application_.registerProcedure(kProcedure, {.forwardTimeout = true});
  Client client(router_);
  client.say(hello("wampcra", "joe"));
  router_.pass(5s);
  expectDenied(client, kUnavailable);
}

TEST_F(DynamicAuthenticator, WhoIsGoneIsForgotten) {
  Client client(router_);
  client.say(hello("wampcra", "joe"));
  const auto question = asked();
  client.hangUp();
  answer(question, Dict{{"role", "user"}, {"secret", "secret!!!"}});
  client.expectNothing();
}

TEST_F(DynamicAuthenticator, TheCallerIsNoSessionOfTheRealm) {
  Client client(router_);
  client.say(hello("anonymous", {}));
  EXPECT_EQ(router_->sessionCount("users"), 1u);
  answer(asked(), "guest");
  const Id call = application_.call("wamp.session.list");
  EXPECT_EQ(application_.expectResult(call), (List{Value(List{application_.id()})}));
}

TEST(RouterCaller, ServesOneRouter) {
  const auto caller = std::make_shared<RouterCaller>();
  {
    Router router({.caller = caller});
    EXPECT_THROW(Router({.caller = caller}), InvalidState);
  }
  Router router({.caller = caller});
}

TEST(RouterCaller, WhatItCallsWithoutARealmFails) {
  const auto caller = std::make_shared<RouterCaller>();
  std::string error;
  caller->call("realm1", "com.p", {}, 1s, [&](RouterCaller::Answer) { FAIL(); });
  RouterScript router({}, {.caller = caller});
  caller->call("realm2", "com.p", {}, 1s, [&](RouterCaller::Answer answer) { error = answer.error; });
  EXPECT_EQ(error, error::kNoSuchRealm);
}

TEST(RouterCaller, HoldsNoRealmsThatNobodyNeeds) {
  RouterOptions options;
  options.maxRealms = 50;
  options.caller = std::make_shared<RouterCaller>();
  options.makeRealm = [](std::string_view) { return RealmOptions(); };
  RouterScript router({}, options);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::string> errors;
    options.caller->call("made.r" + std::to_string(i), kProcedure, {}, std::chrono::seconds(1),
                         [&errors](const RouterCaller::Answer& answer) { errors.push_back(answer.error); });
    EXPECT_THAT(errors, ::testing::ElementsAre(error::kNoSuchProcedure)) << i;
  }
}

TEST(DynamicAuthenticatorOptions, AreChecked) {
  const auto make = [](std::string_view method, DynamicAuthenticatorOptions options) {
    std::ignore = makeDynamicAuthenticator(std::make_shared<RouterCaller>(), method, std::move(options));
  };
  make("ticket", {.procedure = "com.p"});
  EXPECT_THROW(make("tickets", {.procedure = "com.p"}), std::invalid_argument);
  EXPECT_THROW(make("ticket", {.procedure = ""}), std::invalid_argument);
  EXPECT_THROW(make("ticket", {.procedure = "com.p", .realm = "a b"}), std::invalid_argument);
  EXPECT_THROW(make("ticket", {.procedure = "com.p", .timeout = 0ms}), std::invalid_argument);
}

}  // namespace
}  // namespace autobahn::wamp::router
