#include "autobahn/wamp/auth/scram.hpp"

#include <gtest/gtest.h>

#include <autobahn/util/crypto.hpp>
#include <autobahn/util/xor.hpp>
#include <functional>
#include <limits>
#include <stdexcept>

#include "autobahn/wamp/auth/error.hpp"
#include "scram_message.hpp"
#include "testing/vectors.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using util::base64Decode;
using util::base64Encode;
using util::hexEncode;

class ScramVectors : public VectorTest {
 protected:
  ScramVectors() : VectorTest("auth/scram.json") {}
};

// Credentials as Autobahn|Python derives them; without a salt it takes one from the e-mail address.
TEST_F(ScramVectors, Credentials) {
  ASSERT_GE(vectors["vectors"].Size(), 1U);
  for (const auto& each : vectors["vectors"].GetArray()) {
    const auto& expected = each["expected"];
    const std::string salt = each["salt"].IsString() ? fromHex(each["salt"].GetString())
                                                     : util::sha256(each["email"].GetString()).substr(0, 16);
    const auto kdf = scramKdfOf(expected["kdf"].GetString());
    ASSERT_TRUE(kdf);
    const ScramCredential made =
        makeScramCredential(each["password"].GetString(),
                            {*kdf, expected["iterations"].GetInt(), expected["memory"].GetInt()}, salt);
    EXPECT_EQ(hexEncode(made.salt), expected["salt"].GetString());
    EXPECT_EQ(hexEncode(made.storedKey.view()), expected["stored-key"].GetString());
    EXPECT_EQ(hexEncode(made.serverKey.view()), expected["server-key"].GetString());
  }
}

TEST_F(ScramVectors, ClientProofOfAutobahn) {
  const auto& session = vectors["session"];
  // The vector takes hexadecimal texts for base64, and its nonce does not continue the client's.
  const std::string salt = session["salt_hex"].GetString();
  ScramChallenge challenge{"1234567890abcdeffedcba0987654321", salt, "argon2id-13",
                           session["iterations"].GetInt(), session["memory"].GetInt()};
  const ScramKeys keys =
      scramKeys(scramSaltedPassword(session["password"].GetString(), ScramKdf::argon2idAutobahn,
                                    *base64Decode(salt), challenge.iterations, *challenge.memory, false));
  const std::string message = scramAuthMessage(session["authid"].GetString(),
                                               session["client_nonce_hex"].GetString(), challenge, {}, true);
  EXPECT_EQ(base64Encode(scramProof(keys, message)), session["reply_base64"].GetString());
}

// RFC 7677 section 3. The specification says that WAMP-SCRAM computes what it does, though its nonces are
// stricter.
TEST(Scram, Rfc7677Vector) {
  const ScramChallenge challenge{
      "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "W22ZaJ0SNY7soEsUEjb6gQ==", "pbkdf2", 4096, {}};
  const ScramKeys keys = scramKeys(
      scramSaltedPassword("pencil", ScramKdf::pbkdf2, *base64Decode(challenge.salt), 4096, 0, false));
  const std::string message = scramAuthMessage("user", "rOprNGfwEbeRWgbNEkqO", challenge, {}, false);
  EXPECT_EQ(message,
            "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
  EXPECT_EQ(base64Encode(scramProof(keys, message)), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_EQ(scramServerSignature(keys.serverKey, message), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(Scram, AuthMessageEscapesNamesAndCarriesTheBinding) {
  const ScramChallenge challenge{"AB", "c2FsdA==", "pbkdf2", 7, {}};
  EXPECT_EQ(scramAuthMessage("a,b=c", "A", challenge, ChannelBinding{"tls-unique", "data"}, false),
            "n=a=2Cb=3Dc,r=A,r=AB,s=c2FsdA==,i=7,c=" + base64Encode("p=tls-unique,,data") + ",r=AB");
  EXPECT_EQ(scramAuthMessage("a,b=c", "A", challenge, {}, true), "n=a,b=c,r=A,r=AB,s=c2FsdA==,i=7,c=,r=AB");
}

constexpr ScramLimits kCheap{.minPbkdf2Iterations = 1, .minArgon2Work = 8};

// The parameters of quick tests.
ScramParameters quick(ScramKdf kdf) { return {kdf, 1, kdf == ScramKdf::pbkdf2 ? 0 : 8}; }

ScramClient quickClient(std::string_view authid, std::string_view password,
                        std::optional<ChannelBinding> channelBinding = {}) {
  return ScramClient(authid, Secret::copyOf(password), std::move(channelBinding), kCheap);
}

const ChannelBinding kChannel{"tls-unique", "finished message"};

TEST(Scram, ClientAndRouterAgreeInBothDialectsWithAllKdfs) {
  for (const std::string_view method : {"wamp-scram", "scram"}) {
    for (const ScramKdf kdf : {ScramKdf::pbkdf2, ScramKdf::argon2id13, ScramKdf::argon2idAutobahn}) {
      ScramClient client = quickClient("us,er", "p\xC3\xA4ss");
      ScramServer server(method, "us,er", client.hello(), makeScramCredential("p\xC3\xA4ss", quick(kdf)));
      const ScramChallenge& challenge = server.challenge();
      EXPECT_EQ(challenge.kdf, scramKdfName(kdf));
      EXPECT_EQ(challenge.memory.has_value(), kdf != ScramKdf::pbkdf2);
      const ScramAuthenticate answer = client.respond(method, challenge);
      const auto verifier = server.verify(answer);
      ASSERT_TRUE(verifier) << method << " " << challenge.kdf;
      EXPECT_TRUE(client.verifyServer(*verifier));
      EXPECT_TRUE(client.verifyServer("v=" + *verifier));
      EXPECT_FALSE(client.verifyServer(""));
      EXPECT_FALSE(client.verifyServer("v="));
      EXPECT_FALSE(client.verifyServer(answer.signature));
      EXPECT_FALSE(server.verify(answer)) << "a challenge serves once";
    }
  }
}

TEST(Scram, FormsThatSaslPrepUnitesAreTheSameUser) {
  ScramClient client = quickClient("e\xCC\x81", "\xE2\x85\xA8");
  ScramServer server("wamp-scram", "\xC3\xA9", client.hello(),
                     makeScramCredential("IX", quick(ScramKdf::pbkdf2)));
  EXPECT_TRUE(server.verify(client.respond("wamp-scram", server.challenge())));
}

TEST(Scram, ChannelBinding) {
  const ScramCredential credential = makeScramCredential("p", quick(ScramKdf::pbkdf2));
  ScramClient client = quickClient("user", "p", kChannel);
  const ScramHello hello = client.hello();
  EXPECT_EQ(hello.channelBinding, "tls-unique");
  ScramServer server("wamp-scram", "user", hello, credential.clone(), {{"tls-exporter", "x"}, kChannel});
  const ScramAuthenticate answer = client.respond("wamp-scram", server.challenge());
  EXPECT_EQ(answer.channelBinding, "tls-unique");
  EXPECT_EQ(answer.cbindData, base64Encode(kChannel.data));
  const auto verifier = server.verify(answer);
  ASSERT_TRUE(verifier);
  EXPECT_TRUE(client.verifyServer(*verifier));

  EXPECT_THROW(ScramServer("wamp-scram", "user", hello, credential.clone()), AuthError);
  EXPECT_THROW(ScramServer("wamp-scram", "user", hello, credential.clone(), {{"tls-exporter", "x"}}),
               AuthError);
  EXPECT_THROW(ScramServer("scram", "user", hello, credential.clone(), {kChannel}), AuthError);
  ScramHello other = client.hello();
  other.channelBinding.reset();
  ScramServer autobahn("scram", "user", other, credential.clone());
  EXPECT_THROW(client.respond("scram", autobahn.challenge()), AuthError);
}

// A man in the middle holds two TLS connections, with two bindings.
TEST(Scram, AnotherChannelIsNoticed) {
  ScramClient client = quickClient("user", "p", kChannel);
  ScramServer server("wamp-scram", "user", client.hello(), makeScramCredential("p", quick(ScramKdf::pbkdf2)),
                     {{"tls-unique", "another message"}});
  ScramAuthenticate answer = client.respond("wamp-scram", server.challenge());
  answer.cbindData = base64Encode("another message");  // forged, but the proof covers the true one
  EXPECT_FALSE(server.verify(answer));
}

// Every part of AUTHENTICATE, changed.
TEST(Scram, WrongAnswersAreRefused) {
  const ScramCredential credential = makeScramCredential("p", quick(ScramKdf::pbkdf2));
  const std::function<void(ScramAuthenticate&)> changes[] = {
      [](ScramAuthenticate& answer) { answer.signature.clear(); },
      [](ScramAuthenticate& answer) { answer.signature = "AAAA"; },
      [](ScramAuthenticate& answer) { answer.signature = base64Encode(std::string(32, '\0')); },
      [](ScramAuthenticate& answer) { answer.signature[3] = answer.signature[3] == 'A' ? 'B' : 'A'; },
      [](ScramAuthenticate& answer) { answer.signature += "AAAA"; },
      [](ScramAuthenticate& answer) { answer.signature[0] = '*'; },
      [](ScramAuthenticate& answer) { answer.nonce.reset(); },
      [](ScramAuthenticate& answer) { answer.nonce->back() ^= 1; },
      [](ScramAuthenticate& answer) { answer.channelBinding.reset(); },
      [](ScramAuthenticate& answer) { answer.channelBinding = "tls-exporter"; },
      [](ScramAuthenticate& answer) { answer.cbindData.reset(); },
      [](ScramAuthenticate& answer) { answer.cbindData = "AAAA"; },
  };
  int number = 0;
  for (const auto& change : changes) {
    ScramClient client = quickClient("user", "p", kChannel);
    ScramServer server("wamp-scram", "user", client.hello(), credential.clone(), {kChannel});
    ScramAuthenticate answer = client.respond("wamp-scram", server.challenge());
    change(answer);
    EXPECT_FALSE(server.verify(answer)) << number;
    ++number;
  }
}

TEST(Scram, WrongPasswordsUsersAndReplaysAreRefused) {
  const ScramCredential credential = makeScramCredential("p", quick(ScramKdf::pbkdf2));
  ScramClient wrong = quickClient("user", "P");
  ScramServer first("wamp-scram", "user", wrong.hello(), credential.clone());
  EXPECT_FALSE(first.verify(wrong.respond("wamp-scram", first.challenge())));

  ScramClient client = quickClient("user", "p");
  ScramServer second("wamp-scram", "other", client.hello(), credential.clone());
  EXPECT_FALSE(second.verify(client.respond("wamp-scram", second.challenge())));

  const ScramHello hello = client.hello();
  ScramServer third("wamp-scram", "user", hello, credential.clone());
  ScramServer replayed("wamp-scram", "user", hello, credential.clone());
  ScramAuthenticate answer = client.respond("wamp-scram", third.challenge());
  EXPECT_TRUE(third.verify(answer));
  EXPECT_FALSE(third.verify(answer)) << "an exchange serves once";
  answer.nonce = replayed.challenge().nonce;
  EXPECT_FALSE(replayed.verify(answer));
}

// Stolen: what the router stores opens neither that router nor proves anything to clients of other passwords.
TEST(Scram, StoredKeysDoNotLogIn) {
  const ScramCredential credential = makeScramCredential("p", quick(ScramKdf::pbkdf2));
  const std::string_view key = credential.storedKey.view();
  for (const bool isMasked : {false, true}) {
    ScramClient client = quickClient("user", "p");
    const ScramHello hello = client.hello();
    ScramServer server("wamp-scram", "user", hello, credential.clone());
    ScramAuthenticate answer = client.respond("wamp-scram", server.challenge());
    // As a client masks its own key, of which this one is the digest.
    const std::string message =
        scramAuthMessage("user", hello.nonce, server.challenge(), std::nullopt, false);
    answer.signature =
        base64Encode(isMasked ? util::xorBytes(key, util::hmacSha256(key, message)) : std::string(key));
    EXPECT_FALSE(server.verify(answer));
  }
}

TEST(Scram, RoutersThatDoNotKnowTheUserAreNoticed) {
  ScramClient client = quickClient("user", "p");
  ScramServer server("wamp-scram", "user", client.hello(), makeScramCredential("p", quick(ScramKdf::pbkdf2)));
  EXPECT_FALSE(client.verifyServer("")) << "nothing has been answered yet";
  client.respond("wamp-scram", server.challenge());
  EXPECT_FALSE(client.verifyServer(base64Encode(std::string(32, 'x'))));
}

TEST(Scram, AClientCanBeUsedAgain) {
  const ScramCredential one = makeScramCredential("p", quick(ScramKdf::argon2id13));
  const ScramCredential two = makeScramCredential("p", quick(ScramKdf::pbkdf2));
  ScramClient client = quickClient("user", "p");
  std::string before;
  for (const ScramCredential* credential : {&one, &one, &two, &one}) {
    const ScramHello hello = client.hello();
    EXPECT_NE(hello.nonce, before);
    before = hello.nonce;
    ScramServer server("wamp-scram", "user", hello, credential->clone());
    const auto verifier = server.verify(client.respond("wamp-scram", server.challenge()));
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(client.verifyServer(*verifier));
    EXPECT_THROW(client.respond("wamp-scram", server.challenge()), AuthError) << "a nonce is answered once";
  }
}

// Crossbar.io continues the nonce's bytes, not its text.
TEST(Scram, NonceContinuedInBytesIsTakenInAutobahnsDialectOnly) {
  const std::string salt = base64Encode("0123456789abcdef");
  for (const std::string_view method : {"wamp-scram", "scram"}) {
    ScramClient client = quickClient("user", "p");
    const std::string nonce = base64Encode(*base64Decode(client.hello().nonce) + std::string(16, 's'));
    ScramClient other = quickClient("user", "p");
    const std::string foreign = base64Encode(*base64Decode(other.hello().nonce) + std::string(16, 's'));
    EXPECT_THROW(client.respond(method, {foreign, salt, "pbkdf2", 1}), AuthError);
    EXPECT_NO_THROW(client.respond(method, {nonce, salt, "pbkdf2", 1}));
  }
}

void expectRefused(ScramClient& client, std::string_view method, const ScramChallenge& challenge,
                   std::string_view says) {
  try {
    client.respond(method, challenge);
    ADD_FAILURE() << says;
  } catch (const AuthError& error) {
    const std::string_view what = error.what();
    EXPECT_NE(what.find(says), std::string_view::npos) << what;
    EXPECT_EQ(what.find("hunter2"), std::string_view::npos);
    EXPECT_LT(what.size(), 200U);
  }
}

// What a hostile router may send.
TEST(Scram, HostileChallenges) {
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  const std::string salt = base64Encode("0123456789abcdef");
  const std::string longText(1U << 20, 'A');
  const struct {
    std::string nonce, salt, kdf;
    std::int64_t iterations;
    std::optional<std::int64_t> memory;
    std::string_view says;
  } cases[] = {
      {"AAAA", salt, "pbkdf2", huge, {}, "iterations 9223372036854775807 is not in 4096…2000000"},
      {"AAAA", salt, "pbkdf2", 4095, {}, "iterations 4095"},
      {"AAAA", salt, "pbkdf2", -1, {}, "iterations -1"},
      {"AAAA", salt, "pbkdf2", lowest, {}, "iterations"},
      {"AAAA", salt, "argon2id13", 3, {}, "no memory"},
      {"AAAA", salt, "argon2id13", 3, huge, "memory"},
      {"AAAA", salt, "argon2id13", 3, 256 * 1024 + 1, "memory 262145 is not in 8…262144"},
      {"AAAA", salt, "argon2id13", 3, 7, "memory 7"},
      {"AAAA", salt, "argon2id13", 3, 0, "memory 0"},
      {"AAAA", salt, "argon2id13", 3, -1, "memory -1"},
      {"AAAA", salt, "argon2id13", 3, lowest, "memory"},
      {"AAAA", salt, "argon2id13", 63, 512, "iterations 63 is not in 64…16384"},
      {"AAAA", salt, "argon2id13", 16385, 512, "iterations 16385"},
      {"AAAA", salt, "argon2id13", huge, 8, "iterations"},
      {"AAAA", salt, "argon2id13", 0, 256 * 1024, "iterations 0 is not in 1…32"},
      {"AAAA", salt, "argon2id-13", 1, 8, "iterations"},
      {"AAAA", salt, "argon2i", 3, 65536, "kdf"},
      {"AAAA", salt, "", 3, 65536, "kdf"},
      {"AAAA", "", "pbkdf2", 4096, {}, "size of salt 0"},
      {"AAAA", "AAAAAAAAAA==", "pbkdf2", 4096, {}, "size of salt 7"},
      {"AAAA", "not base64!", "pbkdf2", 4096, {}, "salt is not base64"},
      {"AAAA", longText, "pbkdf2", 4096, {}, "size of salt 786432"},
      {longText, salt, "pbkdf2", 4096, {}, "nonce is longer"},
      {"", salt, "pbkdf2", 4096, {}, "does not continue"},
      {",r=x", salt, "pbkdf2", 4096, {}, "nonce is not base64"},
      {std::string(1, '\0'), salt, "pbkdf2", 4096, {}, "nonce is not base64"},
  };
  for (const auto& test : cases) {
    ScramClient client("user", Secret::copyOf("hunter2"));
    const std::string nonce = client.hello().nonce + test.nonce;
    expectRefused(client, "wamp-scram", {nonce, test.salt, test.kdf, test.iterations, test.memory},
                  test.says);
    expectRefused(client, "scram", {nonce, test.salt, test.kdf, test.iterations, test.memory}, test.says);
  }
}

TEST(Scram, ChallengesOutOfPlace) {
  const std::string salt = base64Encode("0123456789abcdef");
  ScramClient client("user", Secret::copyOf("hunter2"));
  expectRefused(client, "wamp-scram", {"AAAA", salt, "pbkdf2", 4096, {}}, "hello()");
  const std::string nonce = client.hello().nonce;
  expectRefused(client, "wamp-scram", {"AAAA" + nonce, salt, "pbkdf2", 4096, {}}, "does not continue");
  expectRefused(client, "wampcra", {nonce + "AAAA", salt, "pbkdf2", 4096, {}}, "authmethod");
  expectRefused(client, "", {nonce + "AAAA", salt, "pbkdf2", 4096, {}}, "authmethod");
}

TEST(Scram, UnusableNamesAndPasswords) {
  EXPECT_THROW(ScramClient("a\nb", Secret::copyOf("p")), AuthError);
  EXPECT_THROW(makeScramCredential("\x07", quick(ScramKdf::pbkdf2)), AuthError);
  EXPECT_THROW(makeScramCredential("\xF0\x9F\x98\x80", quick(ScramKdf::pbkdf2)), AuthError);
  EXPECT_THROW(makeScramCredential("p", {ScramKdf::pbkdf2, -1}), std::invalid_argument);
  EXPECT_THROW(makeScramCredential("p", {ScramKdf::argon2id13, 1, 7}), std::invalid_argument);
  EXPECT_THROW(makeScramCredential("p", {ScramKdf::argon2id13, 1, 8}, "short"), std::invalid_argument);
}

TEST(Scram, HostileHellos) {
  const ScramCredential credential = makeScramCredential("p", quick(ScramKdf::pbkdf2));
  const std::string nonce = base64Encode("0123456789abcdef");
  const struct {
    std::string_view method, authid;
    std::string nonce;
    std::string_view says;
  } cases[] = {
      {"wampcra", "user", nonce, "authmethod"},
      {"wamp-scram", "", nonce, "HELLO.Details.authid: is empty"},
      {"wamp-scram", "a\xFF", nonce, "HELLO.Details.authid: is not UTF-8"},
      {"wamp-scram", "user", "", "nonce: a nonce wanted"},
      {"wamp-scram", "user", "not base64", "nonce: base64 wanted"},
      {"wamp-scram", "user", "AAAA,r=AAAA", "nonce: base64 wanted"},
      {"wamp-scram", "user", std::string(1U << 20, 'A'), "nonce: longer than 256"},
  };
  for (const auto& test : cases) {
    try {
      ScramServer server(test.method, test.authid, {test.nonce, {}}, credential.clone());
      ADD_FAILURE() << test.says;
    } catch (const AuthError& error) {
      EXPECT_NE(std::string_view(error.what()).find(test.says), std::string_view::npos) << error.what();
    }
  }
}

TEST(Scram, DefaultsAreStrongAndWithinTheClientsLimits) {
  const ScramCredential argon2 = scramCredentialFrame({});
  EXPECT_EQ(argon2.iterations, 3);
  EXPECT_EQ(argon2.memory, 65536);
  EXPECT_EQ(scramCredentialFrame({ScramKdf::pbkdf2}).iterations, 600'000);
  ScramClient client("user", Secret::copyOf("p"));
  ScramServer server("wamp-scram", "user", client.hello(), makeScramCredential("p"));
  EXPECT_TRUE(server.verify(client.respond("wamp-scram", server.challenge())));
  // Autobahn|Python's and Crossbar.io's.
  EXPECT_LE(4096 * 512, ScramLimits{}.maxArgon2Work);
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
