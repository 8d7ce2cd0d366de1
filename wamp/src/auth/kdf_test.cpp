#include "autobahn/wamp/auth/kdf.hpp"

#include <gtest/gtest.h>

#include <autobahn/util/crypto.hpp>
#include <stdexcept>

#include "autobahn/wamp/auth/error.hpp"
#include "testing/vectors.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using util::hexEncode;

class KdfVectors : public VectorTest {
 protected:
  KdfVectors() : VectorTest("auth/wampcra.json") {}
};

TEST_F(KdfVectors, Pbkdf2WithSha1) {
  ASSERT_GE(vectors["pbkdf2_sha1"].Size(), 1U);
  for (const auto& each : vectors["pbkdf2_sha1"].GetArray()) {
    const Secret key = pbkdf2(fromHex(each["data"].GetString()), fromHex(each["salt"].GetString()),
                              each["iterations"].GetInt(), each["keylen"].GetInt(), Digest::sha1);
    EXPECT_EQ(hexEncode(key.view()), each["sha1_hex"].GetString());
  }
}

TEST_F(KdfVectors, DeriveKey) {
  ASSERT_GE(vectors["derive_key"].Size(), 1U);
  for (const auto& each : vectors["derive_key"].GetArray()) {
    EXPECT_EQ(deriveKey(each["secret"].GetString(), each["salt"].GetString(), each["iterations"].GetInt(),
                        each["keylen"].GetInt())
                  .view(),
              each["base64"].GetString());
  }
}

TEST(Kdf, Pbkdf2Rfc7914) {
  // RFC 7914 section 11: PBKDF2-HMAC-SHA-256.
  EXPECT_EQ(hexEncode(pbkdf2("passwd", "salt", 1, 64).view()),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  EXPECT_EQ(hexEncode(pbkdf2("Password", "NaCl", 80000, 64).view()),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

TEST(Kdf, Pbkdf2DigestsAndDefaults) {
  // RFC 6070, and the same input with the longer digests.
  EXPECT_EQ(hexEncode(pbkdf2("password", "salt", 4096, 20, Digest::sha1).view()),
            "4b007901b765489abead49d926f721d065a429c1");
  EXPECT_EQ(hexEncode(pbkdf2("password", "salt", 4096, 32).view()),
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
  EXPECT_EQ(hexEncode(pbkdf2("password", "salt", 1, 64, Digest::sha512).view()),
            "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
            "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce");
  EXPECT_EQ(pbkdf2("password", "salt").view(), pbkdf2("password", "salt", 1000, 32, Digest::sha256).view());
  EXPECT_EQ(deriveKey("password", "salt").view(),
            util::base64Encode(pbkdf2("password", "salt", 1000, 32).view()));
  EXPECT_EQ(pbkdf2({}, {}, 1, 16).size(), 16U);
}

TEST(Kdf, Pbkdf2RefusesImpossibleArguments) {
  EXPECT_THROW(pbkdf2("p", "s", 0), std::invalid_argument);
  EXPECT_THROW(pbkdf2("p", "s", -1), std::invalid_argument);
  EXPECT_THROW(pbkdf2("p", "s", std::int64_t{1} << 31), std::invalid_argument);
  EXPECT_THROW(pbkdf2("p", "s", 1, 0), std::invalid_argument);
  EXPECT_THROW(pbkdf2("p", "s", 1, std::int64_t{1} << 31), std::invalid_argument);
}

TEST(Kdf, Argon2id) {
  // From the argon2 command: echo -n p4ssw0rd | argon2 1234567890abcdef -id -t 32 -m 9 -p 1 -l 32
  EXPECT_EQ(hexEncode(argon2id13("p4ssw0rd", "1234567890abcdef", 32, 512).view()),
            "ee4a8acf9d5958354fb79a95ae20692d05e42591ba49fae85eb6700e8b0ed293");
  EXPECT_EQ(argon2id13({}, "12345678", 1, 8).size(), 32U);
}

TEST(Kdf, Argon2idRefusesImpossibleArguments) {
  EXPECT_THROW(argon2id13("p", "1234567890abcdef", 1, 7), std::invalid_argument);
  EXPECT_THROW(argon2id13("p", "1234567", 1, 8), std::invalid_argument);
  EXPECT_THROW(argon2id13("p", "1234567890abcdef", 0, 8), std::invalid_argument);
  EXPECT_THROW(argon2id13("p", "1234567890abcdef", -1, 8), std::invalid_argument);
  EXPECT_THROW(argon2id13("p", "1234567890abcdef", 1, std::int64_t{1} << 32), std::invalid_argument);
}

TEST(SaslPrep, Rfc4013Examples) {
  const struct {
    std::string_view in, out;
  } cases[] = {
      {"user", "user"},          {"USER", "USER"},
      {" a ~!\"", " a ~!\""},    {"I\xC2\xADX", "IX"},                      // soft hyphen: nothing
      {"\xC2\xAA", "a"},                                                    // feminine ordinal: NFKC
      {"\xE2\x85\xA8", "IX"},                                               // roman numeral nine: NFKC
      {"a\xC2\xA0z", "a z"},                                                // no-break space: space
      {"a\xE3\x80\x80z", "a z"},                                            // ideographic space: space
      {"e\xCC\x81", "\xC3\xA9"},                                            // combining accent: composed
      {"\xC3\xA9", "\xC3\xA9"},  {"\xD8\xA7\xD8\xA8", "\xD8\xA7\xD8\xA8"},  // right to left throughout
  };
  for (const auto& test : cases) {
    EXPECT_EQ(saslPrep(test.in, "name").view(), test.out);
    EXPECT_EQ(saslPrep(test.in, "name", true).view(), test.out);
  }
}

TEST(SaslPrep, RefusesAndDoesNotShow) {
  const struct {
    std::string_view in, says;
  } cases[] = {
      {"", "is empty"},
      {"\xC2\xAD", "is empty after SASLprep"},
      {"\x07", "control character"},
      {"a\x7F", "control character"},
      {std::string_view("ab\0cd", 5), "control character"},
      {std::string_view("\xC3\xA9\0cd", 5), "control character"},
      {"\xC2\x85", "prohibits"},            // C1 control
      {"\xEE\x80\x80", "prohibits"},        // private use
      {"\xEF\xBF\xBD", "prohibits"},        // replacement character
      {"\xD8\xA7\x31", "text directions"},  // RFC 4013 section 3: bidirectional
      {"a\xD8\xA7", "text directions"},
      {"\xFF", "not UTF-8"},
      {"a\xC3", "not UTF-8"},
      {"\xED\xA0\x80", "not UTF-8"},
  };
  for (const auto& test : cases) {
    try {
      saslPrep(test.in, "password");
      ADD_FAILURE() << hexEncode(test.in);
    } catch (const AuthError& error) {
      const std::string_view what = error.what();
      EXPECT_TRUE(what.starts_with("password: ")) << what;
      EXPECT_NE(what.find(test.says), std::string_view::npos) << what;
    }
  }
}

TEST(SaslPrep, CharactersUnknownToUnicode32MayBeAskedForButNotStored) {
  const std::string_view emoji = "\xF0\x9F\x98\x80";
  EXPECT_EQ(saslPrep(emoji, "password").view(), emoji);
  EXPECT_THROW(saslPrep(emoji, "password", true), AuthError);
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
