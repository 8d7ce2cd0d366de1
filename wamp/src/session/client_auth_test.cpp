// Authentication, client side, against the verifying half of each method.
#include <autobahn/wamp/client_auth.hpp>

#include <gmock/gmock.h>

#include <autobahn/wamp/auth/ticket.hpp>

#include "../testing/session_peers.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::makeWelcome;
using testing::ScriptedTest;
using testing::TestSession;

class ClientAuthTest : public ScriptedTest {
 protected:
  /// Connects a session with these methods; the router has HELLO then.
  void begin(std::vector<std::shared_ptr<ClientAuthenticator>> authenticators) {
    session = std::make_shared<TestSession>(TestSession::Body(),
                                            ComponentConfig{"realm1", {}, std::move(authenticators)});
    connectLocally({io.get_executor(), session}, {io.get_executor(), router});
    run();
  }
  const message::Hello::Details& hello() const { return router->last<message::Hello>().details; }
  const std::string& extra(const std::string& key) const { return hello().authextra->at(key).asString(); }
  void challenge(const std::string& method, Dict extra = {}) {
    message::Challenge challenge;
    challenge.method = method;
    challenge.extra = std::move(extra);
    const std::size_t before = router->received.size();
    router->send(challenge);
    // Derivations take another thread.
    io.restart();
    while (router->received.size() == before && io.run_one() > 0) {
    }
    run();
  }
  void welcome(const std::string& method, Dict authextra = {}) {
    auto message = makeWelcome();
    message.details.authmethod = Text(method);
    if (!authextra.empty()) message.details.authextra = std::move(authextra);
    routerSends(message);
  }
  std::string signature() const { return router->last<message::Authenticate>().signature.string(); }
};

TEST_F(ClientAuthTest, OffersAllMethodsAndAnswersTheOneChosen) {
  begin({std::make_shared<AuthWampCra>("joe", "secret"), std::make_shared<AuthTicket>("jane", "the ticket"),
         std::make_shared<AuthAnonymous>()});
  EXPECT_THAT(*hello().authmethods, ElementsAre("wampcra", "ticket", "anonymous"));
  EXPECT_EQ(*hello().authid, "joe");
  challenge("ticket");
  EXPECT_TRUE(verifyTicket("the ticket", signature()));
  welcome("ticket");
  EXPECT_TRUE(session->isAttached());
}

TEST_F(ClientAuthTest, WampCraPlainAndSalted) {
  for (const bool isSalted : {false, true}) {
    begin({std::make_shared<AuthWampCra>("joe", "secret")});
    const WampCraCredential credential =
        makeWampCraCredential("secret", {.isSalted = isSalted, .iterations = 1000});
    const WampCraChallenge asked = createWampCraChallenge({1001, "joe", "user"}, credential);
    Dict more{{"challenge", asked.challenge}};
    if (asked.salt) {
      more.emplace("salt", *asked.salt);
      more.emplace("iterations", asked.iterations);
      more.emplace("keylen", asked.keylen);
    }
    challenge("wampcra", more);
    EXPECT_TRUE(verifyWampCra(asked, signature(), credential));
    router->transport->close();
    run();
    router = std::make_shared<testing::ScriptedRouter>();
  }
  begin({});
}

TEST_F(ClientAuthTest, ScramProvesBothWays) {
  begin({std::make_shared<AuthScram>("joe", "secret")});
  EXPECT_THAT(*hello().authmethods, ElementsAre("wamp-scram", "scram"));
  ScramServer server("wamp-scram", "joe", {extra("nonce"), std::nullopt},
                     makeScramCredential("secret", {.kdf = ScramKdf::pbkdf2, .iterations = 4096}));
  const ScramChallenge& asked = server.challenge();
  challenge(
      "wamp-scram",
      {{"nonce", asked.nonce}, {"salt", asked.salt}, {"kdf", asked.kdf}, {"iterations", asked.iterations}});
  const auto& answer = router->last<message::Authenticate>();
  ScramAuthenticate proof{answer.signature.string()};
  if (answer.extra.contains("nonce")) proof.nonce = answer.extra.at("nonce").asString();
  const auto verifier = server.verify(proof);
  ASSERT_TRUE(verifier);
  welcome("wamp-scram", {{"verifier", "v=" + *verifier}});
  EXPECT_TRUE(session->isAttached());
}

TEST_F(ClientAuthTest, ARouterThatProvesNothingIsLeft) {
  begin({std::make_shared<AuthScram>("joe", "secret")});
  welcome("scram");
  EXPECT_FALSE(session->isAttached());
  EXPECT_EQ(router->last<message::Abort>().reason, error::kAuthenticationFailed);
  ASSERT_EQ(session->left.size(), 1u);
  EXPECT_THAT(session->left[0].message, HasSubstr("has not proved"));
  EXPECT_TRUE(session->joined.empty());
}

TEST_F(ClientAuthTest, ARouterCannotChooseAnEasierMethod) {
  for (const std::string method : {"anonymous", "", "ticket"}) {
    SCOPED_TRACE(method);
    begin({std::make_shared<AuthScram>("joe", "secret")});
    welcome(method);
    EXPECT_FALSE(session->isAttached());
    EXPECT_EQ(router->last<message::Abort>().reason, error::kAuthenticationFailed);
    EXPECT_TRUE(session->joined.empty());
    router = std::make_shared<testing::ScriptedRouter>();
  }
  begin({});
}

TEST_F(ClientAuthTest, ATicketThatWasNotOfferedIsNotSent) {
  class OnlyCryptosign : public TestSession {
   public:
    using TestSession::TestSession;
    void onConnect() override { join("realm1", JoinOptions{.authmethods = {"cryptosign"}}); }
  };
  session = std::make_shared<OnlyCryptosign>(
      TestSession::Body(), ComponentConfig{"realm1", {}, {std::make_shared<AuthTicket>("joe", "ticket")}});
  connectLocally({io.get_executor(), session}, {io.get_executor(), router});
  run();
  challenge("ticket");
  EXPECT_EQ(router->count<message::Authenticate>(), 0u);
  EXPECT_EQ(router->last<message::Abort>().reason, error::kCannotAuthenticate);
}

TEST_F(ClientAuthTest, NothingMayComeWhileAChallengeIsAnswered) {
  begin({std::make_shared<AuthWampCra>("joe", "secret")});
  const WampCraChallenge asked =
      createWampCraChallenge({1001, "joe", "user"}, makeWampCraCredential("secret", {.iterations = 1000}));
  message::Challenge twice;
  twice.method = Text("wampcra");
  twice.extra = {{"challenge", asked.challenge}, {"salt", *asked.salt}, {"iterations", 1000}, {"keylen", 32}};
  router->send(twice);
  router->send(twice);
  run();
  EXPECT_EQ(router->last<message::Abort>().reason, error::kProtocolViolation);
}

TEST_F(ClientAuthTest, NoWelcomeWhileAChallengeIsAnswered) {
  begin({std::make_shared<AuthWampCra>("joe", "secret")});
  const WampCraChallenge asked =
      createWampCraChallenge({1001, "joe", "user"}, makeWampCraCredential("secret", {.iterations = 1000}));
  message::Challenge challenge;
  challenge.method = Text("wampcra");
  challenge.extra = {
      {"challenge", asked.challenge}, {"salt", *asked.salt}, {"iterations", 1000}, {"keylen", 32}};
  router->send(challenge);
  router->send(message::Welcome{.session = 1, .details = {.authmethod = Text("wampcra")}});
  run();
  EXPECT_EQ(router->last<message::Abort>().reason, error::kProtocolViolation);
}

TEST_F(ClientAuthTest, Cryptosign) {
  CryptosignKey key = CryptosignKey::generate();
  const std::string pubkey = key.publicKey();
  begin({std::make_shared<AuthCryptosign>(std::move(key))});
  EXPECT_EQ(extra("pubkey"), pubkey);
  const CryptosignChallenge asked = createCryptosignChallenge();
  challenge("cryptosign", {{"challenge", asked.challenge}, {"channel_binding", nullptr}});
  EXPECT_TRUE(verifyCryptosign(asked, pubkey, signature()));
}

TEST_F(ClientAuthTest, ChannelBindingNeedsAChannel) {
  begin({std::make_shared<AuthCryptosign>(CryptosignKey::generate(), std::nullopt, "tls-exporter")});
  EXPECT_TRUE(router->received.empty());
  ASSERT_EQ(session->userErrors.size(), 1u);
  EXPECT_THAT(session->userErrors[0], HasSubstr("tls-exporter"));
}

TEST_F(ClientAuthTest, AChallengeNobodyAnswersAborts) {
  struct Case {
    std::string method;
    Dict extra;
    std::string reason;
  };
  const std::vector<Case> cases = {{"ticket", {}, "not offered"},
                                   {"wampcra", {}, "CHALLENGE.Extra.challenge: a value wanted"},
                                   {"wampcra", {{"challenge", 5}}, "CHALLENGE.Extra.challenge: a string"}};
  for (const Case& each : cases) {
    begin({std::make_shared<AuthWampCra>("joe", "secret")});
    challenge(each.method, each.extra);
    EXPECT_EQ(router->last<message::Abort>().reason, error::kCannotAuthenticate);
    ASSERT_EQ(session->left.size(), 1u);
    EXPECT_EQ(session->left[0].reason, error::kCannotAuthenticate);
    EXPECT_THAT(session->left[0].message, HasSubstr(each.reason));
    EXPECT_EQ(session->disconnects, 1);
    router = std::make_shared<testing::ScriptedRouter>();
  }
  begin({});
}

}  // namespace
}  // namespace autobahn::wamp
