#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "handshake.hpp"

namespace autobahn::websocket {
namespace {

std::string describe(std::string_view value) {
  const auto extensions = parseExtensions(value);
  if (!extensions) return "bad";
  std::string text;
  for (const auto& extension : *extensions) {
    text += '[' + extension.name;
    for (const auto& [name, content] : extension.parameters)
      text += ' ' + name + (content ? '=' + *content : "");
    text += ']';
  }
  return text;
}

TEST(Extensions, Grammar) {
  const struct {
    std::string value, parsed;
  } cases[] = {
      {"", ""},
      {"permessage-deflate", "[permessage-deflate]"},
      {"a;b", "[a b]"},
      {"a ; b ; c=1,\td; e = \"10\" , f", "[a b c=1][d e=10][f]"},
      {"a,,b,", "[a][b]"},
      {"a; b=\"x\\y\"", "[a b=xy]"},
      {"a; b; b", "[a b b]"},
      {"a b", "bad"},
      {";", "bad"},
      {"a;", "bad"},
      {"a;;b", "bad"},
      {"a; =1", "bad"},
      {"a; b=", "bad"},
      {"a; b=\"\"", "bad"},
      {"a; b=\"x y\"", "bad"},
      {"a; b=\"x", "bad"},
      {"a; b=\"x\\", "bad"},
      {"a; b=\"x\"y", "bad"},
      {"a; b=x=y", "bad"},
      {"a/b", "bad"},
      {"\"a\"", "bad"},
      {"a; b=(x)", "bad"},
      {"a=1", "bad"},
      {"\xe9", "bad"},
  };
  for (const auto& c : cases) EXPECT_EQ(describe(c.value), c.parsed) << c.value;
}

TEST(Extensions, LongValuesTakeLinearTime) {
  std::string value;
  for (int i = 0; i < 200'000; ++i) value += "a; b=\"c\", ";
  const auto extensions = parseExtensions(value);
  ASSERT_TRUE(extensions);
  EXPECT_EQ(extensions->size(), 200'000U);
  EXPECT_EQ(describe("a; b=\"" + std::string(1'000'000, '\\')), "bad");
}

ConnectionRequest requestWith(std::string_view extensions) {
  ConnectionRequest request;
  request.extensions = parseExtensions(extensions).value();
  return request;
}

TEST(Negotiation, WithoutPolicyThereIsNoCompression) {
  EXPECT_FALSE(negotiateServer(requestWith("permessage-deflate"), ServerOptions{}));
}

TEST(Negotiation, MalformedOffersArePassedOver) {
  ServerOptions options;
  options.perMessageCompressionAccept = acceptPerMessageDeflate();
  EXPECT_FALSE(negotiateServer(requestWith(""), options));
  EXPECT_FALSE(negotiateServer(requestWith("x-other"), options));
  EXPECT_FALSE(negotiateServer(requestWith("permessage-deflate; server_max_window_bits=16"), options));
  const auto accept = negotiateServer(
      requestWith(
          "permessage-deflate; nonsense, permessage-deflate; server_max_window_bits=9, permessage-deflate"),
      options);
  ASSERT_TRUE(accept);
  EXPECT_EQ(accept->offer.requestMaxWindowBits, 9);
}

TEST(Negotiation, APolicyThatAcceptsWhatWasNotOfferedIsAnError) {
  ServerOptions options;
  options.perMessageCompressionAccept = [](const auto&) {
    PerMessageDeflateOfferAccept accept;
    accept.offer.requestMaxWindowBits = 10;
    return accept;
  };
  EXPECT_THROW(negotiateServer(requestWith("permessage-deflate"), options), std::invalid_argument);
  options.perMessageCompressionAccept = [](const auto& offers) {
    PerMessageDeflateOfferAccept accept;
    accept.offer = offers.front();
    accept.windowBits = 99;
    return accept;
  };
  EXPECT_THROW(negotiateServer(requestWith("permessage-deflate"), options), std::invalid_argument);
  options.perMessageCompressionAccept = [](const auto&) { return std::nullopt; };
  EXPECT_FALSE(negotiateServer(requestWith("permessage-deflate"), options));
}

}  // namespace
}  // namespace autobahn::websocket
