#include "autobahn/wamp/auth/wampcra.hpp"

#include <gtest/gtest.h>

#include <autobahn/util/crypto.hpp>
#include <limits>
#include <stdexcept>

#include "autobahn/wamp/auth/error.hpp"
#include "autobahn/wamp/auth/kdf.hpp"
#include "testing/vectors.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class WampCraVectors : public VectorTest {
 protected:
  WampCraVectors() : VectorTest("auth/wampcra.json") {}
};

TEST_F(WampCraVectors, ComputeWcs) {
  ASSERT_GE(vectors["compute_wcs"].Size(), 1U);
  for (const auto& each : vectors["compute_wcs"].GetArray()) {
    EXPECT_EQ(computeWcs(each["key"].GetString(), each["challenge"].GetString()), each["base64"].GetString());
    EXPECT_EQ(signWampCra({each["challenge"].GetString()}, each["key"].GetString()),
              each["base64"].GetString());
  }
}

TEST(WampCra, GenerateWcs) {
  EXPECT_EQ(generateWcs().size(), 14U);
  EXPECT_EQ(generateWcs(40).size(), 40U);
  EXPECT_NE(generateWcs(), generateWcs());
  EXPECT_EQ(
      generateWcs(1000).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
      std::string::npos);
  EXPECT_THROW(generateWcs(0), std::invalid_argument);
  EXPECT_THROW(generateWcs(1025), std::invalid_argument);
}

TEST(WampCra, SaltedSignatureUsesTheDerivedKeysText) {
  const WampCraChallenge challenge{"{}", "salt123", 100, 24};
  EXPECT_EQ(signWampCra(challenge, "L3L1YUE8Txlw"),
            computeWcs(deriveKey("L3L1YUE8Txlw", "salt123", 100, 24).view(), "{}"));
  // An empty salt is a salt.
  EXPECT_EQ(signWampCra({"{}", ""}, "secret"), computeWcs(deriveKey("secret", "").view(), "{}"));
}

const WampCraSession kSession{3251278072152162, "pe\"ter", "user", "userdb", "wampcra"};

TEST(WampCra, ClientAndRouterAgree) {
  for (const bool isSalted : {false, true}) {
    const WampCraCredential credential = makeWampCraCredential("secret", {isSalted, 10, 32});
    EXPECT_EQ(credential.salt.has_value(), isSalted);
    EXPECT_EQ(credential.key.view() == "secret", !isSalted);
    const WampCraChallenge challenge = createWampCraChallenge(kSession, credential);
    const std::string signature = signWampCra(challenge, "secret");
    EXPECT_TRUE(verifyWampCra(challenge, signature, credential));
    EXPECT_FALSE(verifyWampCra(challenge, signWampCra(challenge, "Secret"), credential));
    EXPECT_FALSE(verifyWampCra(challenge, "", credential));
    EXPECT_FALSE(verifyWampCra(challenge, signature + "=", credential));
    EXPECT_FALSE(verifyWampCra(challenge, signature.substr(1), credential));
    // Replayed to another session, or to the same one later.
    EXPECT_FALSE(verifyWampCra(createWampCraChallenge(kSession, credential), signature, credential));
    EXPECT_FALSE(verifyWampCra(challenge, computeWcs("", challenge.challenge), {}));
  }
}

TEST(WampCra, SaltsDiffer) {
  EXPECT_NE(makeWampCraCredential("p", {true, 1, 32}).salt, makeWampCraCredential("p", {true, 1, 32}).salt);
}

TEST(WampCra, TheChallengeHoldsWhatTheSpecificationAsksFor) {
  const WampCraCredential credential{Secret::copyOf("key"), "salt", 7, 16};
  const auto time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1403455001643));
  const WampCraChallenge challenge = createWampCraChallenge(kSession, credential, time);
  EXPECT_EQ(challenge.salt, "salt");
  EXPECT_EQ(challenge.iterations, 7);
  EXPECT_EQ(challenge.keylen, 16);
  rapidjson::Document json;
  json.Parse(challenge.challenge.c_str());
  ASSERT_TRUE(json.IsObject());
  EXPECT_EQ(json.MemberCount(), 7U);
  EXPECT_STREQ(json["authid"].GetString(), "pe\"ter");
  EXPECT_STREQ(json["authrole"].GetString(), "user");
  EXPECT_STREQ(json["authmethod"].GetString(), "wampcra");
  EXPECT_STREQ(json["authprovider"].GetString(), "userdb");
  EXPECT_EQ(json["session"].GetUint64(), 3251278072152162U);
  EXPECT_STREQ(json["timestamp"].GetString(), "2014-06-22T16:36:41.643Z");
  EXPECT_EQ(util::base64Decode(json["nonce"].GetString())->size(), 24U);
  EXPECT_NE(challenge, createWampCraChallenge(kSession, credential, time)) << "the nonce must differ";
}

TEST(WampCra, TextsThatAreNotUtf8MakeNoChallenge) {
  WampCraSession session = kSession;
  session.authid = "\xFF";
  EXPECT_THROW(createWampCraChallenge(session, {}), AuthError);
}

// What a hostile router may ask for.
TEST(WampCra, LimitsAreKept) {
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  const std::string longText(1U << 20, 'x');
  const struct {
    WampCraChallenge challenge;
    const char* says;
  } cases[] = {
      {{"{}", "s", huge, 32}, "iterations 9223372036854775807 is not in 1…1000000"},
      {{"{}", "s", 1'000'001, 32}, "iterations"},
      {{"{}", "s", 0, 32}, "iterations 0"},
      {{"{}", "s", lowest, 32}, "iterations"},
      {{"{}", "s", 500'001, 33}, "iterations 500001 is not in 1…500000"},
      {{"{}", "s", 1000, huge}, "keylen"},
      {{"{}", "s", 1000, 129}, "keylen 129 is not in 1…128"},
      {{"{}", "s", 1000, 0}, "keylen"},
      {{"{}", "s", 1000, lowest}, "keylen"},
      {{"{}", longText, 1000, 32}, "size of salt 1048576 is not in 0…1024"},
      {{longText, "s", 1000, 32}, "size of challenge 1048576 is not in 0…16384"},
      {{longText}, "size of challenge"},
      {{""}, "challenge is empty"},
  };
  for (const auto& test : cases) {
    try {
      signWampCra(test.challenge, "hunter2");
      ADD_FAILURE() << test.says;
    } catch (const AuthError& error) {
      const std::string_view what = error.what();
      EXPECT_NE(what.find(test.says), std::string_view::npos) << what;
      EXPECT_EQ(what.find("hunter2"), std::string_view::npos);
      EXPECT_LT(what.size(), 200U);
    }
  }
}

TEST(WampCra, LimitsCanBeSet) {
  EXPECT_NO_THROW(signWampCra({"{}", "s", 1, 128}, "p"));
  EXPECT_NO_THROW(signWampCra({"{}", "s", 2'000, 32}, "p", {.maxIterations = 2'000}));
  EXPECT_THROW(signWampCra({"{}", "s", 2'001, 32}, "p", {.maxIterations = 2'000}), AuthError);
  EXPECT_THROW(signWampCra({"{}", "s", 999, 32}, "p", {.minIterations = 1000}), AuthError);
  EXPECT_THROW(signWampCra({"{}"}, "p", {.requireSalt = true}), AuthError);
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
