// From HELLO to WELCOME or ABORT, with each method, and what attackers try (attacks.md, "WAMP").
#include <gmock/gmock.h>

#include <autobahn/util/crypto.hpp>
#include <autobahn/wamp/auth/cryptosign.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>
#include <functional>
#include <limits>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Client;
using testing::RouterScript;

message::Hello hello(std::vector<Text> methods, std::optional<Text> authid, Dict authextra = {}) {
  message::Hello made{
      .realm = Text("realm1"),
      .details = {.roles = testing::allRoles(), .authmethods = std::move(methods), .authid = authid}};
  if (!authextra.empty()) made.details.authextra = std::move(authextra);
  return made;
}

std::shared_ptr<TicketAuthenticator> tickets() {
  auto made = std::make_shared<TicketAuthenticator>();
  made->setUser("joe", Secret::copyOf("secret!!!"), "user");
  return made;
}

// Cheap, so that tests are quick.
constexpr WampCraParameters kCra{.iterations = 10};
constexpr ScramParameters kScram{.kdf = ScramKdf::pbkdf2, .iterations = 4096};

std::shared_ptr<WampCraAuthenticator> craUsers() {
  auto made = std::make_shared<WampCraAuthenticator>(kCra);
  made->setUser("joe", makeWampCraCredential("secret!!!", kCra), "user");
  return made;
}

std::shared_ptr<ScramAuthenticator> scramUsers() {
  auto made = std::make_shared<ScramAuthenticator>(kScram);
  made->setUser("joe", makeScramCredential("secret!!!", kScram), "user");
  return made;
}

void expectDenied(Client& client) {
  const auto abort = client.expect<message::Abort>();
  EXPECT_EQ(abort.reason, error::kAuthenticationFailed);
  EXPECT_EQ(abort.details.message, Text("the proof is wrong"));
  EXPECT_TRUE(client.isClosed());
  client.expectNothing();
}

void expectWelcome(Client& client, std::string_view method) {
  const auto welcome = client.expect<message::Welcome>();
  EXPECT_EQ(welcome.details.authid, Text("joe"));
  EXPECT_EQ(welcome.details.authrole, Text("user"));
  EXPECT_EQ(welcome.details.authmethod, Text(method));
  EXPECT_EQ(welcome.details.authprovider, Text("static"));
}

// ---- Which method

TEST(RouterAuthentication, TheFirstMethodOfTheClientsThatIsConfiguredIsTaken) {
  RouterScript router({.authenticators = {craUsers(), tickets()}});
  const struct {
    std::vector<Text> offered;
    const char* taken;
  } cases[] = {
      {{"ticket", "wampcra"}, "ticket"}, {{"wampcra", "ticket"}, "wampcra"}, {{"scram", "ticket"}, "ticket"}};
  for (const auto& each : cases) {
    Client client(router);
    client.say(hello(each.offered, Text("joe")));
    EXPECT_EQ(client.expect<message::Challenge>().method, each.taken);
  }
}

TEST(RouterAuthentication, MethodsThatAreNotConfiguredDoNotLetIn) {
  RouterScript router({.authenticators = {tickets()}});
  for (const std::vector<Text>& offered : {std::vector<Text>{}, {"anonymous"}, {"wampcra", "cryptosign"}}) {
    Client client(router);
    client.say(hello(offered, Text("joe")));
    EXPECT_EQ(client.expect<message::Abort>().reason, error::kNoMatchingAuthMethod);
    EXPECT_TRUE(client.isClosed());
  }
}

TEST(RouterAuthentication, AnonymousSessionsDoNotChooseTheirName) {
  RouterScript router;
  Client client(router);
  client.say(hello({"anonymous"}, Text("admin")));
  EXPECT_NE(client.expect<message::Welcome>().details.authid, Text("admin"));
}

// ---- Ticket

TEST(RouterAuthentication, Tickets) {
  RouterScript router({.authenticators = {tickets()}});
  const struct {
    const char* authid;
    const char* ticket;
    bool isGood;
  } cases[] = {{"joe", "secret!!!", true},  {"joe", "secret!!", false},  {"joe", "", false},
               {"joe", "SECRET!!!", false}, {"moe", "secret!!!", false}, {"moe", "", false}};
  for (const auto& each : cases) {
    SCOPED_TRACE(std::string(each.authid) + " " + each.ticket);
    Client client(router);
    client.say(hello({"ticket"}, Text(each.authid)));
    const auto challenge = client.expect<message::Challenge>();
    EXPECT_EQ(challenge.method, "ticket");
    EXPECT_EQ(challenge.extra, Dict());
    client.say(message::Authenticate{.signature = Text(each.ticket)});
    each.isGood ? expectWelcome(client, "ticket") : expectDenied(client);
  }
  Client client(router);
  client.say(hello({"ticket"}, {}));
  EXPECT_EQ(client.expect<message::Abort>().reason, error::kAuthenticationFailed);
}

TEST(RouterAuthentication, UsersComeAndGo) {
  const auto users = tickets();
  RouterScript router({.authenticators = {users}});
  Client early(router);
  early.say(hello({"ticket"}, Text("joe")));
  EXPECT_TRUE(users->removeUser("joe"));
  EXPECT_FALSE(users->removeUser("joe"));
  Client late(router);
  late.say(hello({"ticket"}, Text("joe")));
  for (Client* each : {&early, &late}) {
    each->expect<message::Challenge>();
    each->say(message::Authenticate{.signature = "secret!!!"});
  }
  expectWelcome(early, "ticket");
  expectDenied(late);
}

// ---- WAMP-CRA

WampCraChallenge craChallenge(Client& client) {
  const auto challenge = client.expect<message::Challenge>();
  EXPECT_EQ(challenge.method, "wampcra");
  WampCraChallenge read{.challenge = challenge.extra.at("challenge").asString()};
  if (challenge.extra.contains("salt")) {
    read.salt = challenge.extra.at("salt").asString();
    read.iterations = challenge.extra.at("iterations").asInt64();
    read.keylen = challenge.extra.at("keylen").asInt64();
  }
  return read;
}

TEST(RouterAuthentication, WampCraWithAndWithoutSalt) {
  for (const bool isSalted : {true, false}) {
    const WampCraParameters parameters{.isSalted = isSalted, .iterations = 10};
    auto users = std::make_shared<WampCraAuthenticator>(parameters);
    users->setUser("joe", makeWampCraCredential("secret!!!", parameters), "user");
    RouterScript router({.authenticators = {users}});
    for (const bool isGood : {true, false}) {
      Client client(router);
      client.say(hello({"wampcra"}, Text("joe")));
      const WampCraChallenge challenge = craChallenge(client);
      EXPECT_EQ(challenge.salt.has_value(), isSalted);
      const std::string signature = signWampCra(challenge, isGood ? "secret!!!" : "wrong");
      client.say(message::Authenticate{.signature = Text(signature)});
      isGood ? expectWelcome(client, "wampcra") : expectDenied(client);
    }
  }
}

TEST(RouterAuthentication, AChallengeServesOneSessionOnce) {
  RouterScript router({.authenticators = {craUsers()}});
  Client first(router);
  Client second(router);
  for (Client* each : {&first, &second}) each->say(hello({"wampcra"}, Text("joe")));
  const WampCraChallenge challenge = craChallenge(first);
  EXPECT_NE(challenge.challenge, craChallenge(second).challenge);
  const message::Authenticate proof{.signature = Text(signWampCra(challenge, "secret!!!"))};
  second.say(proof);  // another session's
  expectDenied(second);
  first.say(proof);
  expectWelcome(first, "wampcra");
  first.say(proof);  // again
  first.expectViolation();
}

// Unknown users get the same as known ones, each time.
TEST(RouterAuthentication, UnknownUsersLookLikeOthers) {
  RouterScript router({.authenticators = {craUsers(), scramUsers()}});
  const Dict extra{{"nonce", util::base64Encode(std::string(16, 'n'))}};
  const auto keys = [&](const char* method, const char* authid, Dict& challenge) {
    Client client(router);
    client.say(hello({method}, Text(authid), extra));
    challenge = client.expect<message::Challenge>().extra;
    std::vector<std::string> names;
    for (const auto& entry : challenge) names.push_back(entry.first);
    client.say(message::Authenticate{.signature = "bm90IGl0"});
    expectDenied(client);
    return names;
  };
  for (const char* method : {"wampcra", "wamp-scram", "scram"}) {
    Dict known, unknown, again, other;
    EXPECT_EQ(keys(method, "joe", known), keys(method, "moe", unknown));
    keys(method, "moe", again);
    keys(method, "poe", other);
    EXPECT_EQ(unknown.at("salt"), again.at("salt")) << method;
    EXPECT_NE(unknown.at("salt"), other.at("salt")) << method;
    EXPECT_EQ(unknown.at("salt").asString().size(), known.at("salt").asString().size()) << method;
    EXPECT_EQ(unknown.at("iterations"), known.at("iterations")) << method;
  }
}

// ---- SCRAM

TEST(RouterAuthentication, ScramInBothDialects) {
  RouterScript router({.authenticators = {scramUsers()}});
  for (const char* method : {"wamp-scram", "scram"}) {
    for (const bool isGood : {true, false}) {
      SCOPED_TRACE(method);
      ScramClient user("joe", Secret::copyOf(isGood ? "secret!!!" : "wrong"));
      Client client(router);
      client.say(hello({method}, Text("joe"), {{"nonce", user.hello().nonce}}));
      const auto challenge = client.expect<message::Challenge>();
      EXPECT_EQ(challenge.method, method);
      const Dict& extra = challenge.extra;
      const ScramAuthenticate answer = user.respond(method, {.nonce = extra.at("nonce").asString(),
                                                             .salt = extra.at("salt").asString(),
                                                             .kdf = extra.at("kdf").asString(),
                                                             .iterations = extra.at("iterations").asInt64()});
      message::Authenticate proof{.signature = Text(answer.signature)};
      if (answer.nonce) proof.extra.emplace("nonce", *answer.nonce);
      client.say(proof);
      if (!isGood) {
        expectDenied(client);
        continue;
      }
      const auto welcome = client.expect<message::Welcome>();
      EXPECT_EQ(welcome.details.authid, Text("joe"));
      EXPECT_EQ(welcome.details.authmethod, Text(method));
      EXPECT_TRUE(user.verifyServer(welcome.details.authextra->at("verifier").asString()));
      EXPECT_TRUE(user.verifyServer(welcome.details.authextra->at("scram_server_signature").asString()));
    }
  }
}

TEST(RouterAuthentication, ScramNeedsANonceAndABindingThatIsThere) {
  RouterScript router({.authenticators = {scramUsers()}});
  for (const Dict& extra :
       {Dict{}, Dict{{"nonce", 5}},
        Dict{{"nonce", util::base64Encode(std::string(16, 'n'))}, {"channel_binding", "tls-unique"}}}) {
    Client client(router);
    client.say(hello({"wamp-scram"}, Text("joe"), extra));
    EXPECT_EQ(client.expect<message::Abort>().reason, error::kAuthenticationFailed);
  }
}

// ---- Cryptosign

struct SignCase {
  const CryptosignKey& key;
  std::optional<Text> authid;
  bool isGood;
};

TEST(RouterAuthentication, Cryptosign) {
  const CryptosignKey key = CryptosignKey::generate();
  const CryptosignKey another = CryptosignKey::generate();
  const CryptosignKey unknown = CryptosignKey::generate();
  auto users = std::make_shared<CryptosignAuthenticator>();
  users->setUser("joe", {key.publicKey()}, "user");
  users->setUser("moe", {another.publicKey()}, "user");
  EXPECT_THROW(users->setUser("poe", {key.publicKey()}, "user"), InvalidState);
  RouterScript router({.authenticators = {users}});
  const SignCase cases[] = {{key, Text("joe"), true},  {key, {}, true},
                            {key, Text("moe"), false}, {another, Text("joe"), false},
                            {unknown, {}, false},      {unknown, Text("joe"), false}};
  for (const SignCase& each : cases) {
    Client client(router);
    client.say(hello({"cryptosign"}, each.authid, {{"pubkey", each.key.publicKey()}}));
    const auto challenge = client.expect<message::Challenge>();
    const std::string signature =
        each.key.signChallenge({.challenge = challenge.extra.at("challenge").asString()});
    client.say(message::Authenticate{.signature = Text(signature)});
    each.isGood ? expectWelcome(client, "cryptosign") : expectDenied(client);
  }
  // The right key's owner, but the signature is another's.
  Client client(router);
  client.say(hello({"cryptosign"}, Text("joe"), {{"pubkey", key.publicKey()}}));
  const auto challenge = client.expect<message::Challenge>();
  client.say(message::Authenticate{
      .signature = Text(another.signChallenge({.challenge = challenge.extra.at("challenge").asString()}))});
  expectDenied(client);
  for (const char* nonsense : {"", "00", "zz"}) {
    Client odd(router);
    odd.say(hello({"cryptosign"}, Text("joe"), {{"pubkey", nonsense}}));
    EXPECT_EQ(odd.expect<message::Abort>().reason, error::kAuthenticationFailed);
  }
}

TEST(RouterAuthentication, CryptosignIsBoundToTheChannel) {
  const CryptosignKey key = CryptosignKey::generate();
  auto users = std::make_shared<CryptosignAuthenticator>();
  users->setUser("joe", {key.publicKey()}, "user");
  RouterScript router({.authenticators = {users}});
  const ChannelBinding here{"tls-exporter", std::string(32, 'h')};
  const ChannelBinding elsewhere{"tls-exporter", std::string(32, 'e')};
  for (const bool isHere : {true, false}) {
    Client client(router);
    client.peer.channels = {here};
    client.say(hello({"cryptosign"}, Text("joe"),
                     {{"pubkey", key.publicKey()}, {"channel_binding", "tls-exporter"}}));
    const Dict extra = client.expect<message::Challenge>().extra;
    const CryptosignChallenge challenge{extra.at("challenge").asString(),
                                        extra.at("channel_binding").asString()};
    // A signature made for a connection to somebody in between is worth nothing here.
    client.say(
        message::Authenticate{.signature = Text(key.signChallenge(challenge, isHere ? here : elsewhere))});
    isHere ? expectWelcome(client, "cryptosign") : expectDenied(client);
  }
}

// ---- Authenticators that take their time, or fail

class SlowAuthenticator : public Authenticator {
 public:
  bool handles(std::string_view) const override { return true; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest given) override {
    class Exchange : public Authentication {
     public:
      explicit Exchange(SlowAuthenticator& owner) : owner_(owner) {}
      ~Exchange() override { ++owner_.ended; }
      void start(Answer answer) override { owner_.answers.push_back(std::move(answer)); }
      void authenticate(const message::Authenticate& proof, Answer answer) override {
        if (proof.signature == "throw") throw std::runtime_error("out of order");
        owner_.answers.push_back(std::move(answer));
      }

     private:
      SlowAuthenticator& owner_;
    };
    request = std::move(given);
    return std::make_unique<Exchange>(*this);
  }

  AuthenticationRequest request;
  std::vector<Authentication::Answer> answers;
  int ended = 0;
};

TEST(RouterAuthentication, AnswersMayTakeTime) {
  const auto slow = std::make_shared<SlowAuthenticator>();
  RouterScript router({.authenticators = {slow}});
  Client client(router);
  client.say(hello({"own"}, Text("joe"), {{"k", 1}}));
  client.expectNothing();
  EXPECT_EQ(slow->request.method, "own");
  EXPECT_EQ(slow->request.authid, "joe");
  EXPECT_EQ(slow->request.authextra, (Dict{{"k", 1}}));
  EXPECT_EQ(slow->request.peer.peer, "test:1");
  slow->answers[0](AuthChallenge{.extra = {{"what", 5}}});
  const auto challenge = client.expect<message::Challenge>();
  EXPECT_EQ(challenge.method, "own");
  EXPECT_EQ(challenge.extra, (Dict{{"what", 5}}));
  client.say(message::Authenticate{.signature = "x"});
  client.expectNothing();
  slow->answers[1](
      AuthAccept{.authid = "joe", .authrole = "user", .authprovider = "mine", .authextra = {{"e", 1}}});
  const auto welcome = client.expect<message::Welcome>();
  EXPECT_EQ(welcome.session, slow->request.session);
  EXPECT_EQ(welcome.details.authprovider, Text("mine"));
  EXPECT_EQ(*welcome.details.authextra, (Dict{{"e", 1}}));
  for (const auto& each : slow->answers) each(AuthDeny{});  // once was enough
  client.expectNothing();
  EXPECT_EQ(slow->ended, 1);
}

TEST(RouterAuthentication, NothingButPatienceIsAcceptedMeanwhile) {
  for (const char* each :
       {R"([5, "x", {}])", R"([48, 1, {}, "com.x"])", R"([1, "realm1", {"roles": {"caller": {}}}])",
        R"([6, {}, "wamp.close.normal"])"}) {
    const auto slow = std::make_shared<SlowAuthenticator>();
    RouterScript router({.authenticators = {slow}});
    Client client(router);
    client.say(hello({"own"}, {}));
    client.sayJson(each);
    client.expectViolation();
    EXPECT_EQ(slow->ended, 1);
    slow->answers[0](AuthAccept{.authid = "joe", .authrole = "user"});
    EXPECT_EQ(router->sessionCount("realm1"), 0u);
  }
}

TEST(RouterAuthentication, WhoIsGoneOrTooLateDoesNotJoin) {
  const auto slow = std::make_shared<SlowAuthenticator>();
  RouterScript router({.authenticators = {slow}});
  Client gone(router);
  Client late(router);
  Client aborting(router);
  for (Client* each : {&gone, &late, &aborting}) each->say(hello({"own"}, {}));
  gone.hangUp();
  aborting.say(message::Abort{.reason = Text(error::kCannotAuthenticate)});
  EXPECT_TRUE(aborting.isClosed());
  router.pass(std::chrono::seconds(10));
  late.expect<message::Abort>();
  for (const auto& each : slow->answers) each(AuthAccept{.authid = "joe", .authrole = "user"});
  EXPECT_EQ(router->sessionCount("realm1"), 0u);
  EXPECT_EQ(slow->ended, 3);
}

TEST(RouterAuthentication, AnAuthenticatorThatFailsLetsNobodyIn) {
  const auto slow = std::make_shared<SlowAuthenticator>();
  RouterScript router({.authenticators = {slow}});
  Client client(router);
  client.say(hello({"own"}, {}));
  slow->answers[0](AuthChallenge{});
  client.expect<message::Challenge>();
  client.say(message::Authenticate{.signature = "throw"});
  EXPECT_EQ(client.expect<message::Abort>().reason, error::kAuthenticationFailed);
}

class Broken : public Authenticator {
 public:
  bool handles(std::string_view method) const override {
    if (method == "handles") throw 5;
    return true;
  }
  std::unique_ptr<Authentication> begin(AuthenticationRequest) override { throw 5; }
};

TEST(RouterAuthentication, WhateverTheApplicationThrowsNobodyGetsIn) {
  RouterScript router({.authenticators = {std::make_shared<Broken>()}},
                      {.makeRealm = [](std::string_view name) -> std::optional<RealmOptions> {
                        if (name == "com.broken") throw std::runtime_error("out of order");
                        return std::nullopt;
                      }});
  for (const auto& [method, realm] :
       {std::pair("handles", "realm1"), std::pair("begin", "realm1"), std::pair("any", "com.broken")}) {
    Client client(router);
    message::Hello asking = hello({Text(method)}, {});
    asking.realm = Text(realm);
    client.say(asking);
    EXPECT_EQ(client.expect<message::Abort>().reason, error::kAuthenticationFailed) << method;
    EXPECT_TRUE(client.isClosed());
  }
}

TEST(RouterAuthentication, AChallengeThatCannotBeWrittenIsTheEnd) {
  const auto slow = std::make_shared<SlowAuthenticator>();
  RouterScript router({.authenticators = {slow}});
  Client client(router);  // JSON has no NaN
  client.say(hello({"own"}, Text("joe")));
  slow->answers.at(0)(AuthChallenge{.extra = {{"x", std::numeric_limits<double>::quiet_NaN()}}});
  EXPECT_EQ(client.expect<message::Abort>().reason, error::kInvalidPayload);
  EXPECT_TRUE(client.isClosed());
}

TEST(RouterAuthentication, AbortEndsALeavingSessionToo) {
  RouterScript router;
  Client client(router);
  client.join();
  router->close(close::kSystemShutdown);
  client.expect<message::Goodbye>();
  EXPECT_FALSE(client.isClosed());
  client.say(message::Abort{.reason = Text(close::kNormal)});
  EXPECT_TRUE(client.isClosed());
}

// ---- Realms

TEST(Realms, AreApart) {
  RouterScript router;
  router->addRealm({.name = "realm2"});
  Client one(router);
  Client other(router);
  one.join(testing::allRoles(), "realm1");
  other.join(testing::allRoles(), "realm2");
  one.registerProcedure("com.sum");
  one.subscribe("", Match::prefix);
  EXPECT_EQ(other.expectCallError(other.call("com.sum")), error::kNoSuchProcedure);
  other.publish("com.topic");
  EXPECT_EQ(other.expectResult(other.call("wamp.session.list")).at(0), List{other.id()});
  one.expectNothing();
}

TEST(Realms, CanBeMadeByRule) {
  RouterOptions options;
  options.maxRealms = 2;
  options.defaultRealm = "realm1";
  options.makeRealm = [](std::string_view name) -> std::optional<RealmOptions> {
    if (!name.starts_with("team.")) return std::nullopt;
    return RealmOptions{};
  };
  RouterScript router({}, options);
  Client first(router);
  first.join(testing::allRoles(), "team.one");
  EXPECT_TRUE(router->hasRealm("team.one"));
  for (const char* refused : {"elsewhere", "team.two"}) {  // no rule; too many
    Client client(router);
    client.hello(testing::allRoles(), refused);
    EXPECT_EQ(client.expect<message::Abort>().reason, error::kNoSuchRealm) << refused;
  }
  Client undecided(router);
  undecided.say(message::Hello{.details = {.roles = testing::allRoles()}});
  EXPECT_EQ(undecided.expect<message::Welcome>().details.realm, Text("realm1"));
}

TEST(Realms, HaveProperNames) {
  RouterScript router;
  EXPECT_THROW(router->addRealm({.name = "realm1"}), InvalidState);
  EXPECT_THROW(router->addRealm({.name = "no uri"}), InvalidState);
  EXPECT_THROW(router->addRealm({}), InvalidState);
}

}  // namespace
}  // namespace autobahn::wamp::router
