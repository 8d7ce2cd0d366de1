#include <gtest/gtest.h>

#include <autobahn/wamp/cryptobox_codec.hpp>
#include <autobahn/wamp/error.hpp>
#include <limits>
#include <memory>
#include <string>

namespace autobahn::wamp {
namespace {

/// Who encrypts a call, and who answers it.
struct Ends {
  Ends() {
    const CryptoboxKeyPair caller = KeyRing::generateKey();
    const CryptoboxKeyPair callee = KeyRing::generateKey();
    auto calling = std::make_shared<KeyRing>();
    calling->setKey("com.myapp.", CryptoboxKey(CryptoboxKeyParts{.originatorPriv = caller.privateKey,
                                                                 .responderPub = callee.publicKey}));
    auto called = std::make_shared<KeyRing>();
    called->setKey("com.myapp.", CryptoboxKey(CryptoboxKeyParts{.originatorPub = caller.publicKey,
                                                                .responderPriv = callee.privateKey}));
    originator = std::make_unique<CryptoboxCodec>(calling);
    responder = std::make_unique<CryptoboxCodec>(called);
  }
  std::unique_ptr<PayloadCodec> originator, responder;
};

constexpr const char* kUri = "com.myapp.secret";

TEST(CryptoboxCodec, CarriesArgumentsThereAndResultsBack) {
  Ends ends;
  const CallArgs contents[] = {
      {},
      {List{1, "two", 3.5}, {}},
      {{}, Dict{{"key", "value"}}},
      {List{List{}, Dict{{"deep", List{true, Value()}}}}, Dict{{"a", 1}, {"b", "text"}}},
  };
  for (const CallArgs& content : contents) {
    const std::optional<EncodedPayload> call = ends.originator->encode(true, kUri, content);
    ASSERT_TRUE(call);
    EXPECT_EQ(call->encAlgo, "cryptobox");
    EXPECT_EQ(call->payload.find("value"), std::string::npos);
    const CallArgs received = ends.responder->decode(false, kUri, *call);
    EXPECT_EQ(received.args, content.args);
    EXPECT_EQ(received.kwargs, content.kwargs);

    const std::optional<EncodedPayload> result = ends.responder->encode(false, kUri, content);
    ASSERT_TRUE(result);
    const CallArgs answer = ends.originator->decode(true, kUri, *result);
    EXPECT_EQ(answer.args, content.args);
    EXPECT_EQ(answer.kwargs, content.kwargs);
  }
}

TEST(CryptoboxCodec, LeavesAloneWhatHasNoKey) {
  Ends ends;
  EXPECT_FALSE(ends.originator->encode(true, "com.other.procedure", {List{1}, {}}));
}

TEST(CryptoboxCodec, RefusesWhatJsonCannotCarry) {
  Ends ends;
  const CallArgs content{List{std::numeric_limits<double>::infinity()}, {}};
  EXPECT_THROW((void)ends.originator->encode(true, kUri, content), SerializationError);
}

TEST(CryptoboxCodec, RefusesWhatIsNotAuthentic) {
  Ends ends;
  std::optional<EncodedPayload> call = ends.originator->encode(true, kUri, {List{"text"}, {}});
  ASSERT_TRUE(call);
  call->payload.back() = static_cast<char>(call->payload.back() ^ 1);
  EXPECT_THROW((void)ends.responder->decode(false, kUri, *call), PayloadError);
  Ends strangers;
  const std::optional<EncodedPayload> foreign = strangers.originator->encode(true, kUri, {List{"text"}, {}});
  EXPECT_THROW((void)ends.responder->decode(false, kUri, *foreign), PayloadError);
}

}  // namespace
}  // namespace autobahn::wamp
