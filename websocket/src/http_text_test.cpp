#include "http_text.hpp"

#include <gtest/gtest.h>

#include <autobahn/websocket/http.hpp>
#include <string>
#include <utility>
#include <vector>

namespace autobahn::websocket::http {
namespace {

TEST(Headers, KeepsOrderAndComparesWithoutCase) {
  Headers headers{{"A", "1"}, {"b", "2"}};
  headers.add("a", "3");
  EXPECT_EQ(headers.count("A"), 2U);
  EXPECT_EQ(headers.get("a"), "1");
  EXPECT_EQ(headers.joined("A"), "1, 3");
  EXPECT_EQ(headers.find("c"), nullptr);
  EXPECT_EQ(headers.get("c"), "");
  EXPECT_EQ(headers.joined("c"), "");
  headers.set("A", "4");
  EXPECT_EQ(headers, (Headers{{"b", "2"}, {"A", "4"}}));
  headers.remove("B");
  EXPECT_EQ(headers.size(), 1U);
  EXPECT_FALSE(headers.empty());
  headers.add("E", "");
  headers.add("e", "x");
  EXPECT_EQ(headers.joined("E"), ", x");
}

TEST(HttpText, ListContains) {
  const Headers headers{{"Connection", "keep-alive ,\tUpgrade"}, {"connection", "x"}, {"Other", "y"}};
  EXPECT_TRUE(listContains(headers, "Connection", "upgrade"));
  EXPECT_TRUE(listContains(headers, "Connection", "X"));
  EXPECT_FALSE(listContains(headers, "Connection", "y"));
  EXPECT_FALSE(listContains(headers, "Connection", "upgrad"));
  EXPECT_FALSE(listContains(headers, "Connection", "alive"));
}

TEST(HttpText, SplitList) {
  using List = std::vector<std::string_view>;
  EXPECT_EQ(splitList(""), List{});
  EXPECT_EQ(splitList(" , ,"), List{});
  EXPECT_EQ(splitList("a,, b\t,c d "), (List{"a", "b", "c d"}));
}

TEST(HttpText, Characters) {
  EXPECT_TRUE(isToken("!#$%&'*+-.^_`|~09azAZ"));
  for (const std::string_view bad :
       {"", "a b", "a,b", "a\"", "a/b", "a:b", "a@b", "\xe9", "(", "a;b", "a=b"}) {
    EXPECT_FALSE(isToken(bad)) << bad;
  }
  EXPECT_TRUE(isFieldValue(""));
  EXPECT_TRUE(isFieldValue("a\tb \xff"));
  EXPECT_FALSE(isFieldValue("a\n"));
  EXPECT_FALSE(isFieldValue(std::string_view("\0", 1)));
}

TEST(HttpText, Query) {
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(parseQuery(""), Parameters{});
  EXPECT_EQ(parseQuery("a=1&b=x+y%26&&c&=d&a=2&e=%zz"),
            (Parameters{{"a", "1"}, {"b", "x y&"}, {"c", ""}, {"", "d"}, {"a", "2"}, {"e", "%zz"}}));
}

TEST(HttpText, RequestPathKeepsMalformedEscapes) {
  Request request;
  request.target = "/a%2?b%20";
  EXPECT_EQ(request.path(), "/a%2");
  EXPECT_EQ(request.query(), "b%20");
}

TEST(HttpText, Phrases) {
  EXPECT_EQ(reasonPhrase(101), "Switching Protocols");
  EXPECT_EQ(reasonPhrase(426), "Upgrade Required");
  EXPECT_EQ(reasonPhrase(599), "");
}

}  // namespace
}  // namespace autobahn::websocket::http
