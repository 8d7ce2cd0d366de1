#include "autobahn/util/crypto.hpp"

#include <gtest/gtest.h>

namespace autobahn::inline v0::util {
namespace {

TEST(Crypto, Sha1KnownAnswers) {
  EXPECT_EQ(hexEncode(sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hexEncode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  // RFC 6455 section 1.3: from Sec-WebSocket-Key to Sec-WebSocket-Accept.
  EXPECT_EQ(base64Encode(sha1("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11")),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Crypto, Sha256KnownAnswers) {
  EXPECT_EQ(hexEncode(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hexEncode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Crypto, Sha256InPiecesEqualsWholeAndStartsOver) {
  const std::string data(1000, 'q');
  Sha256 digest;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t at = 0, step = 0; at < data.size(); at += step++) digest.update(data.substr(at, step));
    EXPECT_EQ(digest.finish(), sha256(data)) << round;
  }
  digest.update("a");
  Sha256 moved = std::move(digest);
  moved.update("bc");
  EXPECT_EQ(moved.finish(), sha256("abc"));
}

TEST(Crypto, HmacSha256KnownAnswers) {
  // RFC 4231, test cases 1, 2 and 6 (a key longer than a block), and the empty key.
  EXPECT_EQ(hexEncode(hmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hexEncode(hmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hexEncode(hmacSha256(std::string(131, '\xaa'),
                                 "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hexEncode(hmacSha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Crypto, Base64KnownAnswers) {
  const struct {
    std::string_view data, text;
  } cases[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"},
               {"\xfb\xff\xbf", "+/+/"}};
  for (const auto& test : cases) {
    EXPECT_EQ(base64Encode(test.data), test.text);
    EXPECT_EQ(base64Decode(test.text), test.data) << test.text;
  }
}

TEST(Crypto, Base64RoundTripOfAllBytes) {
  std::string data;
  for (int byte = 0; byte < 256; ++byte) {
    data += static_cast<char>(byte);
    ASSERT_EQ(base64Decode(base64Encode(data)), data);
  }
}

TEST(Crypto, Base64DecodeIsStrict) {
  for (const std::string_view text :
       {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "=", "==", "===", "====", "Z===", "Zg==Zg==", "Zm8=\n",
        " Zg=", "Zm-_", "Zm9v\n\n\n\n", "Zm=v", "Z\xC3\xA9=", "Zg==="}) {
    EXPECT_EQ(base64Decode(text), std::nullopt) << testing::PrintToString(text);
  }
  EXPECT_EQ(base64Decode(std::string_view("Zm\0=", 4)), std::nullopt);
}

TEST(Crypto, ConstantTimeEquals) {
  EXPECT_TRUE(constantTimeEquals("", {}));
  EXPECT_TRUE(constantTimeEquals("secret", "secret"));
  EXPECT_FALSE(constantTimeEquals("secret", "secreT"));
  EXPECT_FALSE(constantTimeEquals("secret", "secre"));
  EXPECT_FALSE(constantTimeEquals("", "s"));
}

TEST(Crypto, HexEncode) { EXPECT_EQ(hexEncode(std::string_view("\x00\x7f\xff", 3)), "007fff"); }

}  // namespace
}  // namespace autobahn::inline v0::util
