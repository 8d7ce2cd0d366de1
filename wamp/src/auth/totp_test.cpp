#include "autobahn/wamp/auth/totp.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base32.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using std::chrono::seconds;
using Time = std::chrono::system_clock::time_point;

// RFC 6238 appendix B: the secret "12345678901234567890".
constexpr std::string_view kSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

TEST(Totp, Rfc6238Vectors) {
  // The RFC shows eight digits; six are their last ones.
  const struct {
    std::int64_t time;
    std::string_view code;
  } cases[] = {{59, "287082"},
               {1111111109, "081804"},
               {1111111111, "050471"},
               {1234567890, "005924"},
               {2000000000, "279037"}};
  for (const auto& test : cases) {
    const Time time{seconds(test.time)};
    EXPECT_EQ(computeTotp(kSecret, time), test.code);
    EXPECT_EQ(computeTotp(kSecret, time + seconds(60), -2), test.code);
    EXPECT_EQ(computeTotp(kSecret, time - seconds(30), 1), test.code);
    EXPECT_TRUE(checkTotp(kSecret, test.code, time, 0));
  }
}

TEST(Totp, TheWindowIsAsWideAsAsked) {
  const Time time{seconds(2000000000)};
  const std::int64_t step = 2000000000 / 30;
  for (int offset = -3; offset <= 3; ++offset) {
    const std::string code = computeTotp(kSecret, time, offset);
    EXPECT_EQ(checkTotp(kSecret, code, time), std::abs(offset) <= 1) << offset;
    EXPECT_EQ(checkTotp(kSecret, code, time, 0), offset == 0) << offset;
    EXPECT_EQ(findTotp(kSecret, code, time, 3), step + offset);
  }
  EXPECT_THROW(checkTotp(kSecret, "1", time, -1), std::invalid_argument);
  EXPECT_THROW(checkTotp(kSecret, "1", time, 101), std::invalid_argument);
}

TEST(Totp, OtherCodesAreWrong) {
  const Time time{seconds(59)};
  for (const std::string_view code : {"", "287083", "28708", "2870820", "287082 ", "87082", "28708\xB2"}) {
    EXPECT_FALSE(checkTotp(kSecret, code, time)) << code;
  }
}

TEST(Totp, TimesBefore1970AreNoTrouble) { EXPECT_EQ(computeTotp(kSecret, Time{seconds(-1)}).size(), 6U); }

TEST(Totp, NowIsTheDefault) {
  const std::string secret = generateTotpSecret();
  const Time before = std::chrono::system_clock::now();
  const std::string code = computeTotp(secret);
  // The step may have ended meanwhile, but not two of them.
  EXPECT_TRUE(checkTotp(secret, code, before));
  EXPECT_TRUE(checkTotp(secret, code));
}

TEST(Totp, SecretsAreBase32OfTheLength) {
  EXPECT_EQ(generateTotpSecret().size(), 16U);
  EXPECT_EQ(generateTotpSecret(20).size(), 32U);
  EXPECT_NE(generateTotpSecret(), generateTotpSecret());
  for (std::size_t length = 1; length <= 11; ++length) {
    EXPECT_EQ(base32Decode(generateTotpSecret(length))->size(), length);
  }
  EXPECT_THROW(generateTotpSecret(0), std::invalid_argument);
  EXPECT_THROW(generateTotpSecret(257), std::invalid_argument);
}

TEST(Totp, BadSecretsAreRefusedAndNotShown) {
  for (const std::string_view secret : {"", "GEZDGNB1", "GEZ DGNB", "GEZDGN=B", "A", "========"}) {
    try {
      computeTotp(secret);
      ADD_FAILURE() << secret;
    } catch (const std::invalid_argument& error) {
      EXPECT_STREQ(error.what(), "TOTP secret is not base32");
    }
  }
}

TEST(Totp, ProvisioningUri) {
  EXPECT_EQ(totpProvisioningUri("JBSWY3DPEHPK3PXP", "Big Shop:zo\xC3\xAB@example.com", "Big Shop & Co"),
            "otpauth://totp/Big%20Shop:zo%C3%AB%40example.com?secret=JBSWY3DPEHPK3PXP&issuer="
            "Big%20Shop%20%26%20Co");
  EXPECT_EQ(totpProvisioningUri("MZXQ====", "a", "b:c"), "otpauth://totp/a?secret=MZXQ&issuer=b%3Ac");
  EXPECT_THROW(totpProvisioningUri("?", "a", "b"), std::invalid_argument);
}

TEST(Base32, Rfc4648Vectors) {
  const struct {
    std::string_view data, text;
  } cases[] = {{"", ""},
               {"f", "MY======"},
               {"fo", "MZXQ===="},
               {"foo", "MZXW6==="},
               {"foob", "MZXW6YQ="},
               {"fooba", "MZXW6YTB"},
               {"foobar", "MZXW6YTBOI======"}};
  for (const auto& test : cases) {
    EXPECT_EQ(base32Encode(test.data), test.text);
    EXPECT_EQ(base32Decode(test.text)->view(), test.data) << test.text;
    EXPECT_EQ(base32Decode(test.text.substr(0, test.text.find('=')))->view(), test.data) << test.text;
  }
  EXPECT_EQ(base32Decode("mzxw6ytb")->view(), "fooba");
}

TEST(Base32, DecodeIsStrict) {
  for (const std::string_view text : {"M", "MZX", "MZXW6Y", "MZ======", "MY=====", "MY=======", "MY==", "=",
                                      "========", "MZXW6YT1", "MZXW6YT\xC3", "MY====A="}) {
    EXPECT_FALSE(base32Decode(text)) << text;
  }
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
