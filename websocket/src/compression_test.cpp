#include <autobahn/websocket/compression.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace autobahn::websocket {
namespace {

using testing::HasSubstr;

/// "permessage-deflate; a=1; b" → its parts, for well-formed texts only.
ExtensionOffer split(const std::string& text) {
  ExtensionOffer result;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find("; ", at), text.size());
    const std::string part = text.substr(at, end - at);
    const std::size_t equals = part.find('=');
    if (at == 0) {
      result.name = part;
    } else if (equals == std::string::npos) {
      result.parameters.emplace_back(part, std::nullopt);
    } else {
      result.parameters.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    }
    at = end + 2;
  }
  return result;
}

std::optional<PerMessageDeflateOffer> parseOffer(const std::string& text) {
  std::string error;
  auto offer = PerMessageDeflateOffer::parse(split(text), error);
  EXPECT_EQ(offer.has_value(), error.empty()) << text << ": " << error;
  return offer;
}

std::string offerError(const std::string& text) {
  std::string error;
  EXPECT_FALSE(PerMessageDeflateOffer::parse(split(text), error).has_value()) << text;
  return error;
}

TEST(Compression, OfferSurvivesTheWire) {
  for (const bool accept : {false, true}) {
    for (const bool request : {false, true}) {
      for (const int bits : {0, 8, 9, 15}) {
        for (const int hint : {-1, 0, 8, 15}) {
          PerMessageDeflateOffer offer{.acceptNoContextTakeover = accept,
                                       .acceptMaxWindowBits = hint >= 0,
                                       .requestNoContextTakeover = request,
                                       .requestMaxWindowBits = bits,
                                       .clientMaxWindowBits = std::max(hint, 0)};
          const auto back = parseOffer(offer.toExtensionString());
          ASSERT_TRUE(back.has_value()) << offer.toExtensionString();
          EXPECT_EQ(back->acceptNoContextTakeover, accept);
          EXPECT_EQ(back->acceptMaxWindowBits, hint >= 0);
          EXPECT_EQ(back->requestNoContextTakeover, request);
          EXPECT_EQ(back->requestMaxWindowBits, bits);
          EXPECT_EQ(back->clientMaxWindowBits, std::max(hint, 0));
        }
      }
    }
  }
}

TEST(Compression, DefaultOfferIsAutobahns) {
  EXPECT_EQ(PerMessageDeflateOffer{}.toExtensionString(),
            "permessage-deflate; client_no_context_takeover; client_max_window_bits");
}

TEST(Compression, BareOfferAllowsNothingBeyond) {
  const auto offer = parseOffer("permessage-deflate");
  ASSERT_TRUE(offer.has_value());
  EXPECT_FALSE(offer->acceptNoContextTakeover);
  EXPECT_FALSE(offer->acceptMaxWindowBits);
  EXPECT_FALSE(offer->requestNoContextTakeover);
  EXPECT_EQ(offer->requestMaxWindowBits, 0);
}

TEST(Compression, DeclinesMalformedOffers) {
  const struct {
    const char* parameters;
    const char* why;
  } cases[] = {
      {"unknown", "unknown"},
      {"Server_no_context_takeover", "unknown"},
      {"server_no_context_takeover; server_no_context_takeover", "repeated"},
      {"client_no_context_takeover; client_no_context_takeover", "repeated"},
      {"client_max_window_bits; client_max_window_bits=10", "repeated"},
      {"server_max_window_bits=10; server_max_window_bits=10", "repeated"},
      {"server_no_context_takeover=1", "with a value"},
      {"server_no_context_takeover=", "with a value"},
      {"client_no_context_takeover=true", "with a value"},
      {"server_max_window_bits", "without a value"},
      {"client_max_window_bits; x", "unknown"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(offerError(std::string("permessage-deflate; ") + test.parameters), HasSubstr(test.why))
        << test.parameters;
  }
  EXPECT_NE(offerError("x-webkit-deflate-frame"), "");
  EXPECT_NE(offerError("permessage-bzip2; server_max_window_bits=10"), "");
}

TEST(Compression, DeclinesWindowBitsOutsideOfRange) {
  for (const std::string name : {"server_max_window_bits", "client_max_window_bits"}) {
    for (const std::string value : {"", "7", "16", "0", "08", "010", "015", "-8", "+8", " 8", "8 ", "8.0",
                                    "0x8", "100", "1e1", "8,9", "ten", "18446744073709551624"}) {
      std::string offer = "permessage-deflate; " + name;
      offer.append("=").append(value);
      EXPECT_THAT(offerError(offer), HasSubstr(name)) << value;
      std::string error;
      EXPECT_FALSE(PerMessageDeflateResponse::parse(split(offer), {PerMessageDeflateOffer{}}, error));
      EXPECT_THAT(error, HasSubstr(name)) << value;
    }
    for (int bits = 8; bits <= 15; ++bits) {
      EXPECT_TRUE(parseOffer("permessage-deflate; " + name + "=" + std::to_string(bits)).has_value());
    }
  }
}

TEST(Compression, OfferOutOfRangeThrows) {
  for (const int bits : {-1, 1, 7, 16, 256}) {
    EXPECT_THROW(PerMessageDeflateOffer{.requestMaxWindowBits = bits}.validate(), std::invalid_argument);
    EXPECT_THROW(PerMessageDeflateOffer{.clientMaxWindowBits = bits}.toExtensionString(),
                 std::invalid_argument);
  }
  const PerMessageDeflateOffer contradiction{.acceptMaxWindowBits = false, .clientMaxWindowBits = 9};
  EXPECT_THROW(contradiction.validate(), std::invalid_argument);
}

TEST(Compression, AcceptAnswersTheOffer) {
  const auto answer = [](const std::string& offer, PerMessageDeflateOfferAccept accept) {
    accept.offer = parseOffer(offer).value();
    return accept.toExtensionString();
  };
  EXPECT_EQ(answer("permessage-deflate", {}), "permessage-deflate");
  // A value-less client_max_window_bits and a hint need no answer.
  EXPECT_EQ(answer("permessage-deflate; client_no_context_takeover; client_max_window_bits=9", {}),
            "permessage-deflate");
  EXPECT_EQ(answer("permessage-deflate; server_no_context_takeover; server_max_window_bits=10", {}),
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=10");
  // Asking for less of the client; no context takeover may be asked without a hint (RFC 7692
  // section 7.1.1.2).
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits",
                   {.offer = {}, .requestNoContextTakeover = true, .requestMaxWindowBits = 11}),
            "permessage-deflate; client_no_context_takeover; client_max_window_bits=11");
  EXPECT_EQ(answer("permessage-deflate", {.offer = {}, .requestNoContextTakeover = true}),
            "permessage-deflate; client_no_context_takeover");
  // Never above the client's hint (section 7.1.2.2).
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=9", {.offer = {}, .requestMaxWindowBits = 11}),
            "permessage-deflate; client_max_window_bits=9");
  // Stricter than asked is told.
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=12",
                   {.offer = {}, .noContextTakeover = true, .windowBits = 9}),
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9");
}

TEST(Compression, AcceptGivesTheParameters) {
  PerMessageDeflateOfferAccept accept;
  EXPECT_EQ(accept.parameters(), PerMessageDeflateParameters{});
  accept.offer = parseOffer(
                     "permessage-deflate; server_no_context_takeover; server_max_window_bits=12; "
                     "client_max_window_bits=14")
                     .value();
  accept.requestNoContextTakeover = true;
  accept.requestMaxWindowBits = 15;
  accept.windowBits = 10;
  accept.memLevel = 3;
  accept.compressionLevel = 1;
  accept.maxMessageSize = 1000;
  const PerMessageDeflateParameters want{.serverNoContextTakeover = true,
                                         .clientNoContextTakeover = true,
                                         .serverMaxWindowBits = 10,
                                         .clientMaxWindowBits = 14,
                                         .memLevel = 3,
                                         .compressionLevel = 1,
                                         .maxMessageSize = 1000};
  EXPECT_EQ(accept.parameters(), want);
}

TEST(Compression, AcceptBeyondTheOfferThrows) {
  const auto validate = [](const std::string& offer, PerMessageDeflateOfferAccept accept) {
    accept.offer = parseOffer(offer).value();
    accept.validate();
  };
  const std::string bare = "permessage-deflate";
  const std::string strict = "permessage-deflate; server_no_context_takeover; server_max_window_bits=10";
  EXPECT_NO_THROW(validate(strict, {.offer = {}, .noContextTakeover = true, .windowBits = 10}));
  EXPECT_THROW(validate(strict, {.offer = {}, .noContextTakeover = false}), std::invalid_argument);
  EXPECT_THROW(validate(strict, {.offer = {}, .windowBits = 11}), std::invalid_argument);
  EXPECT_THROW(validate(bare, {.offer = {}, .requestMaxWindowBits = 15}), std::invalid_argument);
  EXPECT_THROW(validate(bare, {.offer = {}, .windowBits = 7}), std::invalid_argument);
  EXPECT_THROW(validate(bare, {.offer = {}, .memLevel = 10}), std::invalid_argument);
  EXPECT_THROW(validate(bare, {.offer = {}, .memLevel = -1}), std::invalid_argument);
  EXPECT_THROW(validate(bare, {.offer = {}, .compressionLevel = 10}), std::invalid_argument);
  EXPECT_THROW(validate(bare, {.offer = {}, .compressionLevel = -2}), std::invalid_argument);
  EXPECT_THROW(
      validate("permessage-deflate; client_max_window_bits", {.offer = {}, .requestMaxWindowBits = 16}),
      std::invalid_argument);
}

TEST(Compression, ChecksAnswersAgainstTheOffers) {
  const PerMessageDeflateOffer plain{.acceptNoContextTakeover = false, .acceptMaxWindowBits = false};
  const PerMessageDeflateOffer limited{.requestNoContextTakeover = true, .requestMaxWindowBits = 10};
  const PerMessageDeflateOffer hinted{.clientMaxWindowBits = 10};
  const struct {
    const char* parameters;
    std::vector<PerMessageDeflateOffer> offers;
    const char* why;  ///< null: fine
  } cases[] = {
      {"", {plain}, nullptr},
      // RFC 7692 sections 7.1.1 and 7.1.2.1: a server may add these unasked.
      {"; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=8",
       {plain},
       nullptr},
      {"; client_max_window_bits=15", {plain}, "not offered"},
      {"; client_max_window_bits=15", {PerMessageDeflateOffer{}}, nullptr},
      {"; client_max_window_bits", {PerMessageDeflateOffer{}}, "without a value"},
      {"; client_max_window_bits=10", {hinted}, nullptr},
      {"; client_max_window_bits=11", {hinted}, "above the offer"},
      {"", {limited}, "server_no_context_takeover"},
      {"; server_no_context_takeover", {limited}, "server_max_window_bits"},
      {"; server_no_context_takeover; server_max_window_bits=11", {limited}, "server_max_window_bits"},
      {"; server_no_context_takeover; server_max_window_bits=9", {limited}, nullptr},
      {"", {limited, plain}, nullptr},
      {"; client_max_window_bits=12", {plain, limited}, "server_no_context_takeover"},
      {"; unknown", {plain}, "unknown"},
      {"; server_no_context_takeover=1", {plain}, "with a value"},
      {"; server_no_context_takeover; server_no_context_takeover", {plain}, "repeated"},
      {"", {}, "not offered"},
  };
  for (const auto& test : cases) {
    std::string error;
    const auto response = PerMessageDeflateResponse::parse(
        split(std::string("permessage-deflate") + test.parameters), test.offers, error);
    EXPECT_EQ(response.has_value(), test.why == nullptr) << test.parameters << ": " << error;
    EXPECT_THAT(error, test.why == nullptr ? HasSubstr("") : HasSubstr(test.why)) << test.parameters;
    EXPECT_EQ(error.empty(), test.why == nullptr);
  }
}

TEST(Compression, ResponseAcceptGivesTheParameters) {
  std::string error;
  PerMessageDeflateResponseAccept accept;
  EXPECT_EQ(accept.parameters(), PerMessageDeflateParameters{});
  accept.response = PerMessageDeflateResponse::parse(
                        split("permessage-deflate; server_max_window_bits=9; client_max_window_bits=11; "
                              "server_no_context_takeover; client_no_context_takeover"),
                        {PerMessageDeflateOffer{}}, error)
                        .value();
  PerMessageDeflateParameters want{.serverNoContextTakeover = true,
                                   .clientNoContextTakeover = true,
                                   .serverMaxWindowBits = 9,
                                   .clientMaxWindowBits = 11};
  EXPECT_EQ(accept.parameters(), want);
  accept.windowBits = 8;
  want.clientMaxWindowBits = 8;
  EXPECT_EQ(accept.parameters(), want);
  accept.windowBits = 12;
  EXPECT_THROW(accept.parameters(), std::invalid_argument);
  accept.windowBits = 0;
  accept.noContextTakeover = false;
  EXPECT_THROW(accept.validate(), std::invalid_argument);
  PerMessageDeflateResponseAccept outOfRange;
  outOfRange.memLevel = 10;
  EXPECT_THROW(outOfRange.validate(), std::invalid_argument);
  PerMessageDeflateResponseAccept badResponse;
  badResponse.response.serverMaxWindowBits = 16;
  EXPECT_THROW(badResponse.validate(), std::invalid_argument);
}

TEST(Compression, ClientKeepsToItsOwnHint) {
  std::string error;
  PerMessageDeflateResponseAccept accept;
  accept.response =
      PerMessageDeflateResponse::parse(split("permessage-deflate"),
                                       {PerMessageDeflateOffer{.clientMaxWindowBits = 10}}, error)
          .value();
  EXPECT_EQ(accept.parameters().clientMaxWindowBits, 10);
}

TEST(Compression, BothEndsAgree) {
  // What the server takes for agreed is what the client reads out of its answer.
  PerMessageDeflateOffer offer{.requestNoContextTakeover = true, .requestMaxWindowBits = 13};
  PerMessageDeflateOfferAccept accept;
  accept.offer = parseOffer(offer.toExtensionString()).value();
  accept.requestNoContextTakeover = true;
  accept.requestMaxWindowBits = 9;
  accept.windowBits = 8;
  std::string error;
  const auto response = PerMessageDeflateResponse::parse(split(accept.toExtensionString()), {offer}, error);
  ASSERT_TRUE(response.has_value()) << error;
  PerMessageDeflateResponseAccept responseAccept;
  responseAccept.response = *response;
  EXPECT_EQ(responseAccept.parameters(), accept.parameters());
}

TEST(Compression, ReadyMadePolicyTakesTheFirst) {
  const auto policy = acceptPerMessageDeflate();
  EXPECT_FALSE(policy({}).has_value());
  const auto accept = policy({PerMessageDeflateOffer{.requestMaxWindowBits = 9}, PerMessageDeflateOffer{}});
  ASSERT_TRUE(accept.has_value());
  EXPECT_EQ(accept->toExtensionString(), "permessage-deflate; server_max_window_bits=9");
}

}  // namespace
}  // namespace autobahn::websocket
