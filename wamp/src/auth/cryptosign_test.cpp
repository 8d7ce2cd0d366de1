#include "autobahn/wamp/auth/cryptosign.hpp"

#include <gtest/gtest.h>

#include <autobahn/util/crypto.hpp>

#include "autobahn/wamp/auth/error.hpp"
#include "ed25519.hpp"
#include "hex.hpp"
#include "testing/vectors.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class CryptosignVectors : public VectorTest {
 protected:
  CryptosignVectors() : VectorTest("auth/cryptosign.json") {}
};

TEST_F(CryptosignVectors, Signatures) {
  ASSERT_GE(vectors["vectors"].Size(), 1U);
  for (const auto& each : vectors["vectors"].GetArray()) {
    const CryptosignKey key = CryptosignKey::fromHex(each["private_key"].GetString());
    EXPECT_EQ(key.publicKey(), each["public_key"].GetString());
    CryptosignChallenge challenge{each["challenge"].GetString()};
    std::optional<ChannelBinding> channel;
    if (each["channel_id"].IsString()) {
      channel = {"tls-unique", fromHex(each["channel_id"].GetString())};
      challenge.channelBinding = "tls-unique";
    }
    EXPECT_EQ(key.signChallenge(challenge, channel), each["signature"].GetString());
    EXPECT_TRUE(
        verifyCryptosign(challenge, each["public_key"].GetString(), each["signature"].GetString(), channel));
  }
}

// RFC 8032 section 7.1, tests 1 to 3.
TEST(Ed25519, Rfc8032Vectors) {
  const struct {
    std::string_view seed, publicKey, message, signature;
  } cases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
       "d25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
       "387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
       "4a7c15e9716ed28dc027beceea1ec40a"}};
  for (const auto& test : cases) {
    const std::string seed = fromHex(test.seed);
    const std::string message = fromHex(test.message);
    EXPECT_EQ(util::hexEncode(ed25519PublicKey(seed)), test.publicKey);
    EXPECT_EQ(util::hexEncode(ed25519Sign(seed, message)), test.signature);
    EXPECT_TRUE(ed25519Verify(fromHex(test.publicKey), message, fromHex(test.signature)));
    EXPECT_FALSE(ed25519Verify(fromHex(test.publicKey), message + "x", fromHex(test.signature)));
  }
}

// Keys of small order, with which a signature of zeros fits any message, and bytes that are no point.
TEST(Ed25519, KeysThatNobodyCanHaveAreRefused) {
  std::string identity(32, '\0');
  identity[0] = 1;
  EXPECT_FALSE(ed25519Verify(identity, "any message", identity + std::string(32, '\0')));
  for (const std::string& key :
       {identity, std::string(32, '\0'), std::string(32, '\xFF'), std::string(31, 'x')}) {
    EXPECT_FALSE(isEd25519PublicKey(key));
    EXPECT_THROW(CryptosignKey::fromPubkey(key), AuthError);
  }
}

const ChannelBinding kChannel{"tls-exporter", std::string(32, '\x5A')};

TEST(Cryptosign, ClientAndRouterAgree) {
  const CryptosignKey key = CryptosignKey::generate();
  EXPECT_TRUE(key.canSign());
  const CryptosignChallenge challenge = createCryptosignChallenge();
  EXPECT_EQ(challenge.challenge.size(), 64U);
  EXPECT_NE(challenge, createCryptosignChallenge());
  const std::string answer = key.signChallenge(challenge);
  EXPECT_TRUE(verifyCryptosign(challenge, key.publicKey(), answer));
  EXPECT_TRUE(verifyCryptosign(challenge, key.clone().publicKey(), key.clone().signChallenge(challenge)));
  EXPECT_FALSE(verifyCryptosign(createCryptosignChallenge(), key.publicKey(), answer)) << "replayed";
  EXPECT_FALSE(verifyCryptosign(challenge, CryptosignKey::generate().publicKey(), answer)) << "another key";
  std::string upper = answer;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_TRUE(verifyCryptosign(challenge, key.publicKey(), upper));
}

TEST(Cryptosign, MalformedAnswersAreWrong) {
  const CryptosignKey key = CryptosignKey::generate();
  const CryptosignChallenge challenge = createCryptosignChallenge();
  const std::string answer = key.signChallenge(challenge);
  for (std::size_t size = 0; size < answer.size(); ++size) {
    EXPECT_FALSE(verifyCryptosign(challenge, key.publicKey(), answer.substr(0, size)));
  }
  EXPECT_FALSE(verifyCryptosign(challenge, key.publicKey(), answer + "00"));
  for (std::size_t at = 0; at < answer.size(); ++at) {
    std::string changed = answer;
    changed[at] = changed[at] == '0' ? '1' : '0';
    EXPECT_FALSE(verifyCryptosign(challenge, key.publicKey(), changed)) << at;
    changed[at] = 'g';
    EXPECT_FALSE(verifyCryptosign(challenge, key.publicKey(), changed)) << at;
  }
  for (const std::string& pubkey : {std::string(), std::string(64, 'g'), std::string(64, '0'),
                                    key.publicKey() + "00", key.publicKey().substr(2)}) {
    EXPECT_FALSE(verifyCryptosign(challenge, pubkey, answer)) << pubkey;
  }
  EXPECT_FALSE(verifyCryptosign({"00"}, key.publicKey(), answer));
}

TEST(Cryptosign, ChannelBinding) {
  const CryptosignKey key = CryptosignKey::generate();
  const CryptosignChallenge challenge = createCryptosignChallenge("tls-exporter");
  const std::string answer = key.signChallenge(challenge, kChannel);
  EXPECT_TRUE(verifyCryptosign(challenge, key.publicKey(), answer, kChannel));
  // Somebody in between has another channel to the router, or none.
  EXPECT_FALSE(verifyCryptosign(challenge, key.publicKey(), answer,
                                ChannelBinding{"tls-exporter", std::string(32, 'x')}));
  EXPECT_FALSE(verifyCryptosign(challenge, key.publicKey(), answer));
  EXPECT_FALSE(verifyCryptosign({challenge.challenge}, key.publicKey(), answer));
  EXPECT_FALSE(
      verifyCryptosign(challenge, key.publicKey(), key.signChallenge({challenge.challenge}), kChannel));
}

TEST(Cryptosign, ABindingThatWasNotAskedForOrStrippedIsRefused) {
  const CryptosignKey key = CryptosignKey::generate();
  const std::string text = createCryptosignChallenge().challenge;
  EXPECT_THROW(key.signChallenge({text, "tls-exporter"}), AuthError);
  EXPECT_THROW(key.signChallenge({text, "tls-unique"}, kChannel), AuthError);
  EXPECT_THROW(key.signChallenge({text, "tls-unique"}, kChannel, true), AuthError);
  EXPECT_THROW(key.signChallenge({text}, kChannel), AuthError);
  EXPECT_EQ(key.signChallenge({text}, kChannel, true), key.signChallenge({text}));
  EXPECT_THROW(key.signChallenge({text, "tls-exporter"}, ChannelBinding{"tls-exporter", "short"}), AuthError);
}

TEST(Cryptosign, HostileChallenges) {
  const CryptosignKey key = CryptosignKey::generate();
  for (const std::string& challenge :
       {std::string(), std::string(63, '0'), std::string(66, '0'), std::string(62, '0'),
        std::string(63, '0') + "g", std::string(64, '\0'), std::string(1U << 20, '0')}) {
    try {
      key.signChallenge({challenge});
      ADD_FAILURE() << challenge.size();
    } catch (const AuthError& error) {
      EXPECT_NE(std::string_view(error.what()).find("64 hexadecimal digits wanted"), std::string_view::npos);
    }
  }
}

TEST(Cryptosign, PublicKeysCannotSign) {
  const CryptosignKey key = CryptosignKey::generate();
  const CryptosignKey half = CryptosignKey::fromPubkeyHex(key.publicKey(), "note");
  EXPECT_FALSE(half.canSign());
  EXPECT_EQ(half.publicKeyBytes(), key.publicKeyBytes());
  EXPECT_EQ(half.comment(), "note");
  EXPECT_THROW(half.sign("x"), InvalidState);
}

TEST(Cryptosign, KeysOfWrongSizeOrAlphabetAreRefusedAndNotShown) {
  for (const std::string& text : {std::string(), std::string(62, 'a'), std::string(66, 'a'),
                                  std::string(63, 'a') + "x", std::string(63, 'a')}) {
    for (const auto make : {&CryptosignKey::fromHex, &CryptosignKey::fromPubkeyHex}) {
      try {
        make(text, {});
        ADD_FAILURE() << text;
      } catch (const AuthError& error) {
        EXPECT_EQ(std::string_view(error.what()).find("aaaaa"), std::string_view::npos);
      }
    }
  }
  EXPECT_THROW(CryptosignKey::fromBytes(std::string(31, 'a')), AuthError);
  EXPECT_THROW(CryptosignKey::fromBytes(std::string(64, 'a')), AuthError);
}

TEST(Hex, Decodes) {
  EXPECT_EQ(hexDecode("00fFA5")->view(), std::string_view("\0\xFF\xA5", 3));
  EXPECT_EQ(hexDecode("")->size(), 0U);
  for (const std::string_view text : {"0", "0g", "g0", " 0", "0x", "000", "\xC3\xA9"})
    EXPECT_FALSE(hexDecode(text));
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
