#include "autobahn/wamp/auth/cryptobox.hpp"

#include <gtest/gtest.h>

#include <autobahn/util/crypto.hpp>

#include "autobahn/wamp/auth/error.hpp"
#include "cryptobox_json.hpp"

namespace autobahn::inline v0::wamp {
namespace {

/// Runs `act` and tells the kind of what it throws.
template <class Act>
std::optional<PayloadErrorKind> failureOf(Act act) {
  try {
    act();
  } catch (const PayloadError& error) {
    return error.kind();
  }
  return std::nullopt;
}

struct Pairs {
  CryptoboxKeyPair originator = KeyRing::generateKey();
  CryptoboxKeyPair responder = KeyRing::generateKeyHex();

  CryptoboxKey originatorKey() const {
    return CryptoboxKey({.originatorPriv = originator.privateKey, .responderPub = responder.publicKey});
  }
  CryptoboxKey responderKey() const {
    return CryptoboxKey({.originatorPub = originator.publicKey, .responderPriv = responder.privateKey});
  }
};

TEST(Cryptobox, BothDirections) {
  const Pairs pairs;
  KeyRing caller;
  caller.setKey("com.example.", pairs.originatorKey());
  KeyRing callee;
  callee.setKey("com.example.", pairs.responderKey());
  const auto call = caller.encode(true, "com.example.add", "[1,2]", R"({"a":"\u0000x"})");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->encAlgo, "cryptobox");
  EXPECT_EQ(call->encSerializer, "json");
  EXPECT_EQ(call->encKey, std::nullopt);
  EXPECT_EQ(call->payload.find("com.example"), std::string::npos);
  const CryptoboxContent seen = callee.decode(false, "com.example.add", *call);
  EXPECT_EQ(seen.uri, "com.example.add");
  EXPECT_EQ(seen.args, "[1,2]");
  EXPECT_EQ(seen.kwargs, R"({"a":"\u0000x"})");
  const auto result = callee.encode(false, "com.example.add", "[3]", "");
  EXPECT_EQ(caller.decode(true, "com.example.add", *result).args, "[3]");
  EXPECT_EQ(caller.decode(true, "com.example.add", *result).kwargs, "");
  EXPECT_NE(caller.encode(true, "com.example.add", "[1,2]", "")->payload,
            caller.encode(true, "com.example.add", "[1,2]", "")->payload)
      << "the nonce must differ";
}

TEST(Cryptobox, WithoutAKeyThePayloadTravelsPlain) {
  KeyRing ring;
  EXPECT_FALSE(ring.encode(true, "com.example.add", "[]", ""));
  ring.setKey("com.other.", Pairs{}.originatorKey());
  EXPECT_FALSE(ring.encode(true, "com.example.add", "[]", ""));
  EXPECT_EQ(failureOf([&] {
              ring.decode(true, "com.example.add", {"", "cryptobox", "json"});
            }),
            PayloadErrorKind::noKey);
}

TEST(Cryptobox, AKeyOfTheOtherRoleDoesNotLetThePayloadTravelPlain) {
  KeyRing ring;
  ring.setKey("", Pairs{}.originatorKey());
  EXPECT_EQ(failureOf([&] { ring.encode(false, "com.example.add", "[]", ""); }), PayloadErrorKind::noKey);
  EXPECT_EQ(failureOf([&] {
              ring.decode(false, "com.example.add", {"", "cryptobox", "json"});
            }),
            PayloadErrorKind::noKey);
}

TEST(Cryptobox, TheLongestPrefixDecides) {
  const std::string_view prefixes[] = {
      "", "com.", "com.example", "com.example.add", "com.exampla", "com.example.addz", "d", "com.f"};
  const struct {
    std::string_view uri, fits;
  } cases[] = {{"com.example.add", "com.example.add"},
               {"com.example.addx", "com.example.add"},
               {"com.example.addz.1", "com.example.addz"},
               {"com.example.adc", "com.example"},
               {"com.example", "com.example"},
               {"com.exampl", "com."},
               {"com.examplaz", "com.exampla"},
               {"com.examplb", "com."},
               {"com.zebra", "com."},
               {"com", ""},
               {"zebra", ""},
               {"a", ""},
               {"d", "d"}};
  for (const auto& test : cases) {
    for (const bool hasDefault : {true, false}) {
      KeyRing all;
      KeyRing one;
      for (const std::string_view prefix : prefixes) {
        const CryptoboxKeyPair pair = KeyRing::generateKey();
        if (!prefix.empty() || hasDefault) all.setKey(prefix, CryptoboxKey(pair.privateKey));
        if (prefix == test.fits) one.setKey("", CryptoboxKey(pair.privateKey));
      }
      const auto encoded = all.encode(true, test.uri, "[7]", "");
      ASSERT_EQ(encoded.has_value(), hasDefault || !test.fits.empty()) << test.uri;
      if (encoded) {
        EXPECT_NO_THROW(one.decode(false, test.uri, *encoded)) << test.uri;
      }
    }
  }
}

TEST(Cryptobox, KeysCanBeReplacedAndRemoved) {
  KeyRing ring;
  ring.setKey("com.", CryptoboxKey(KeyRing::generateKey().privateKey));
  const auto before = ring.encode(true, "com.a", "[]", "");
  ring.setKey("com.", CryptoboxKey(KeyRing::generateKey().privateKey));
  EXPECT_EQ(failureOf([&] { ring.decode(false, "com.a", *before); }), PayloadErrorKind::decryption);
  EXPECT_FALSE(ring.removeKey("com"));
  EXPECT_TRUE(ring.removeKey("com."));
  EXPECT_FALSE(ring.encode(true, "com.a", "[]", ""));
}

TEST(Cryptobox, TamperedPayloadsAreRefused) {
  KeyRing ring;
  ring.setKey("", CryptoboxKey(KeyRing::generateKey().privateKey));
  const EncodedPayload encoded = *ring.encode(true, "com.a", "[]", "");
  for (std::size_t at = 0; at < encoded.payload.size(); ++at) {
    EncodedPayload changed = encoded;
    changed.payload[at] ^= 1;
    EXPECT_EQ(failureOf([&] { ring.decode(false, "com.a", changed); }), PayloadErrorKind::decryption) << at;
    changed.payload = encoded.payload.substr(0, at);
    EXPECT_EQ(failureOf([&] { ring.decode(false, "com.a", changed); }), PayloadErrorKind::decryption) << at;
  }
  EncodedPayload other = encoded;
  other.encAlgo = "mqtt";
  EXPECT_EQ(failureOf([&] { ring.decode(false, "com.a", other); }), PayloadErrorKind::unknownAlgorithm);
  other = encoded;
  other.encSerializer = "cbor";
  EXPECT_EQ(failureOf([&] { ring.decode(false, "com.a", other); }), PayloadErrorKind::unknownSerializer);
}

// The router cannot read payloads, but it could deliver them elsewhere.
TEST(Cryptobox, APayloadServesForItsUriOnly) {
  KeyRing ring;
  ring.setKey("", CryptoboxKey(KeyRing::generateKey().privateKey));
  const auto encoded = ring.encode(true, "com.account.show", "[]", "");
  EXPECT_EQ(failureOf([&] { ring.decode(false, "com.account.delete", *encoded); }),
            PayloadErrorKind::uriMismatch);
}

TEST(CryptoboxJson, Reads) {
  const struct {
    std::string_view json, uri, args, kwargs;
  } cases[] = {
      {R"({"uri":"a"})", "a", "", ""},
      {R"({"uri":"a","args":null,"kwargs":null})", "a", "", ""},
      {R"({"uri": "a", "args": [], "kwargs": {}})", "a", "[]", "{}"},
      {" { \"kwargs\" :\n{ \"uri\":\"no\", \"args\" : [ 1 , {} ] } , \"args\" : [ [ ] , { \"uri\" : [ ] } ] "
       ", \"uri\" : \"a\" } ",
       "a", "[ [ ] , { \"uri\" : [ ] } ]", "{ \"uri\":\"no\", \"args\" : [ 1 , {} ] }"},
      {R"({"uri":"a","args":["]",1.5e300,-0,123456789012345678901234567890,true,null]})", "a",
       R"(["]",1.5e300,-0,123456789012345678901234567890,true,null])", ""},
      {R"({"x":1,"y":[1],"z":{"uri":"b"},"w":null,"v":"t","uri":"a\u00e9\n"})", "a\xC3\xA9\n", "", ""},
      {R"({"uri":""})", "", "", ""},
  };
  for (const auto& test : cases) {
    const CryptoboxContent content = parseCryptoboxJson(test.json);
    EXPECT_EQ(content.uri, test.uri) << test.json;
    EXPECT_EQ(content.args, test.args) << test.json;
    EXPECT_EQ(content.kwargs, test.kwargs) << test.json;
  }
}

TEST(CryptoboxJson, Refuses) {
  using namespace std::string_view_literals;
  for (const std::string_view json : {""sv,
                                      "null"sv,
                                      "1"sv,
                                      "\"a\""sv,
                                      "[]"sv,
                                      "[{\"uri\":\"a\"}]"sv,
                                      "{"sv,
                                      "{}"sv,
                                      "{\"args\":[]}"sv,
                                      "{\"uri\":1}"sv,
                                      "{\"uri\":null}"sv,
                                      "{\"uri\":[\"a\"]}"sv,
                                      "{\"uri\":{}}"sv,
                                      "{\"uri\":true}"sv,
                                      "{\"uri\":\"a\",\"args\":{}}"sv,
                                      "{\"uri\":\"a\",\"args\":1}"sv,
                                      "{\"uri\":\"a\",\"args\":\"x\"}"sv,
                                      "{\"uri\":\"a\",\"kwargs\":[]}"sv,
                                      "{\"uri\":\"a\",\"kwargs\":false}"sv,
                                      "{\"uri\":\"a\",\"uri\":\"a\"}"sv,
                                      "{\"uri\":\"a\",\"args\":[],\"args\":[]}"sv,
                                      "{\"uri\":\"a\",\"args\":null,\"args\":[]}"sv,
                                      "{\"uri\":\"a\"}x"sv,
                                      "{\"uri\":\"a\"}\0"sv,
                                      "{\"uri\":\"a\"}\0{}"sv,
                                      "{\"uri\":\"a\"}{}"sv,
                                      "{\"uri\":\"\xFF\"}"sv,
                                      "{\"uri\":\"a\",\"args\":[1,]}"sv,
                                      "{\"uri\":\"a\",\"args\":[}"sv}) {
    EXPECT_EQ(failureOf([&] { parseCryptoboxJson(json); }), PayloadErrorKind::malformed) << json;
  }
}

TEST(CryptoboxJson, CutAnywhereIsRefused) {
  const std::string json = cryptoboxJson("com.\"a\"", "[1,[2],{\"x\":null}]", "{\"k\":[{}]}");
  EXPECT_EQ(json, R"({"uri":"com.\"a\"","args":[1,[2],{"x":null}],"kwargs":{"k":[{}]}})");
  EXPECT_EQ(parseCryptoboxJson(json).kwargs, "{\"k\":[{}]}");
  for (std::size_t size = 0; size < json.size(); ++size) {
    EXPECT_EQ(failureOf([&] { parseCryptoboxJson(std::string_view(json).substr(0, size)); }),
              PayloadErrorKind::malformed);
  }
}

TEST(CryptoboxJson, NestingIsNoTrouble) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_EQ(parseCryptoboxJson(cryptoboxJson("a", deep, "")).args, deep);
  EXPECT_EQ(failureOf([&] { parseCryptoboxJson("{\"uri\":\"a\",\"args\":" + std::string(1'000'000, '[')); }),
            PayloadErrorKind::malformed);
}

TEST(Cryptobox, WrongKeysAreRefusedAndNotShown) {
  const CryptoboxKeyPair one = KeyRing::generateKey();
  const CryptoboxKeyPair two = KeyRing::generateKey();
  const std::string zeros = util::base64Encode(std::string(32, '\0'));
  const std::string shortKey = util::base64Encode(std::string(31, 'x'));
  const struct {
    CryptoboxKeyParts parts;
    std::string_view says;
  } cases[] = {
      {{}, "neither role"},
      {{.originatorPriv = one.privateKey}, "neither role"},
      {{.originatorPriv = one.privateKey, .originatorPub = one.publicKey}, "neither role"},
      {{.originatorPub = one.publicKey, .responderPub = two.publicKey}, "neither role"},
      {{.originatorPriv = one.privateKey, .originatorPub = two.publicKey, .responderPub = two.publicKey},
       "originatorPub: is not that of the private key"},
      {{.originatorPriv = "secret!", .responderPub = two.publicKey}, "originatorPriv: 32 bytes"},
      {{.originatorPriv = shortKey, .responderPub = two.publicKey}, "originatorPriv: 32 bytes"},
      {{.originatorPriv = one.privateKey, .responderPub = std::string_view(two.publicKey).substr(1)},
       "responderPub: 32 bytes"},
      {{.originatorPriv = one.privateKey, .responderPub = zeros}, "not a key that anybody can have"},
  };
  for (const auto& test : cases) {
    try {
      CryptoboxKey key(test.parts);
      ADD_FAILURE() << test.says;
    } catch (const AuthError& error) {
      const std::string_view what = error.what();
      EXPECT_NE(what.find(test.says), std::string_view::npos) << what;
      EXPECT_EQ(what.find("secret!"), std::string_view::npos);
    }
  }
  EXPECT_THROW(CryptoboxKey("x"), AuthError);
  EXPECT_TRUE(CryptoboxKey(one.privateKey).canOriginate());
  EXPECT_TRUE(CryptoboxKey(one.privateKey).canRespond());
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
