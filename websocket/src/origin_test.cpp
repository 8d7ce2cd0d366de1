#include <gtest/gtest.h>

#include <string>

#include "handshake.hpp"

namespace autobahn::websocket {
namespace {

TEST(Origin, MatchesAnchoredWithExplicitPort) {
  const struct {
    std::string pattern, origin;
    bool allowed;
  } cases[] = {
      {"*", "anything at all", true},
      {"*", "null", true},
      {"https://a.example:443", "https://a.example", true},
      {"https://a.example:443", "https://a.example:443", true},
      {"https://a.example", "https://a.example", true},
      {"HTTPS://A.Example", "https://a.eXample:443", true},
      {"https://a.example", "https://a.example:8443", false},
      {"https://a.example", "https://a.example:4430", false},
      {"https://*.a.example", "https://x.a.example:4430", false},
      {"https://a.example", "http://a.example", false},
      {"http://a.example:80", "http://a.example", true},
      {"http://a.example:*", "http://a.example:8080", true},
      {"http://a.example:*", "http://a.example", true},
      {"http://a.example:*", "http://a.example.evil:80", false},
      {"*://a.example:443", "https://a.example", true},
      {"https://*.a.example", "https://x.y.a.example", true},
      {"https://*.a.example", "https://a.example", false},
      {"https://*.a.example", "https://evila.example", false},
      {"https://*.a.example", "https://x.a.example.evil", false},
      {"https://*.a.example:443", "https://evil/.a.example:443", false},
      {"https://*.a.example:443", "https://evil?.a.example:443", false},
      {"https://*.a.example:443", "https://evil:1@x.a.example:443", false},
      {"https://*.a.example:443", "https://evil#.a.example:443", false},
      {"https://*.a.example:443", "https://b https://x.a.example:443", false},
      {"https://a.example", "xhttps://a.example", false},
      {"https://a.example", "https://a.examplex", false},
      {"https://a.example", "null", false},
      {"https://a.example", "", false},
      {"https://a.example", "https://", false},
      {"null", "null", false},
      {"http://[::1]:80", "http://[::1]", true},
      {"http://[::1]", "http://[::1]", true},
      {"http://[::1]", "http://[::2]", false},
      {"chrome-extension://abc", "chrome-extension://abc", true},
      {"chrome-extension://abc", "chrome-extension://abcd", false},
      {"*:8080", "http://localhost:8080", true},
      {"https://**.a.example", "https://x.a.example", true},
      {"**", "https://a.example", true},
      {"**", "not an origin", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(originAllowed(c.origin, {c.pattern}), c.allowed) << c.pattern << " " << c.origin;
  EXPECT_FALSE(originAllowed("https://a.example", {}));
  EXPECT_TRUE(originAllowed("https://b.example", {"https://a.example", "https://b.example"}));
}

TEST(Origin, EvilPatternsAndOriginsDoNotExplode) {
  // With exponential backtracking this would not end.
  std::string pattern = "https://";
  for (int i = 0; i < 40; ++i) pattern += "*a";
  EXPECT_FALSE(originAllowed("https://" + std::string(4000, 'a') + "b", {pattern + ":443"}));
}

}  // namespace
}  // namespace autobahn::websocket
