#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <autobahn/websocket/url.hpp>
#include <stdexcept>
#include <string>

namespace autobahn::websocket {
namespace {

TEST(Url, Parses) {
  const struct {
    std::string url;
    UrlParts parts;
  } cases[] = {
      {"ws://h", {false, "h", 80, "/", "/", {}, ""}},
      {"wss://h", {true, "h", 443, "/", "/", {}, ""}},
      {"WSS://h:9000/a%20b?c=d+e&f",
       {true, "h", 9000, "/a%20b?c=d+e&f", "/a b", {{"c", "d e"}, {"f", ""}}, ""}},
      {"ws://h?q=1", {false, "h", 80, "/?q=1", "/", {{"q", "1"}}, ""}},
      {"ws://[::1]:81/", {false, "::1", 81, "/", "/", {}, ""}},
      {"ws://127.0.0.1", {false, "127.0.0.1", 80, "/", "/", {}, ""}},
      {"ws://unix:9000/x", {false, "unix", 9000, "/x", "/x", {}, ""}},
      {"ws://unix:/tmp/x.sock", {false, "localhost", 0, "/", "/", {}, "/tmp/x.sock"}},
      {"wss://unix:/tmp/x.sock:/a?b=c", {true, "localhost", 0, "/a?b=c", "/a", {{"b", "c"}}, "/tmp/x.sock"}},
      {"ws+unix:///tmp/x.sock", {false, "localhost", 0, "/", "/", {}, "/tmp/x.sock"}},
      {"ws+unix:/tmp/x.sock?b=c", {false, "localhost", 0, "/?b=c", "/", {{"b", "c"}}, "/tmp/x.sock"}},
      {"wss+unix:///tmp/x.sock:/a", {true, "localhost", 0, "/a", "/a", {}, "/tmp/x.sock"}},
      {"unix:///tmp/x%3Ay%20.sock:/a:b", {false, "localhost", 0, "/a:b", "/a:b", {}, "/tmp/x:y .sock"}},
  };
  for (const auto& c : cases) EXPECT_EQ(parseUrl(c.url), c.parts) << c.url;
}

TEST(Url, SaysWhatIsWrong) {
  const struct {
    std::string url, problem;
  } cases[] = {
      {"", "empty"},
      {"h", "scheme"},
      {"http://h", "scheme 'http'"},
      {"ws:h", "missing host"},
      {"ws://", "missing host"},
      {"ws://:80", "host or port"},
      {"ws:///x", "missing host"},
      {"ws://h:", "port"},
      {"ws://h:65536", "port"},
      {"ws://h:8x", "port"},
      {"ws://h:-1", "port"},
      {"ws://::1", "host"},
      {"ws://[::1", "host"},
      {"ws://[x]", "host"},
      {"ws://u:p@h", "user name"},
      {"ws://h/#f", "fragment"},
      {"ws://h/#", "fragment"},
      {"ws://h/%zz", "escape"},
      {"ws://h/%00", "NUL"},
      {"ws://h/a b", "space"},
      {"ws://h/\r\nX: y", "visible"},
      {"ws://h/\xc3\xa9", "ASCII"},
      {std::string("ws://h/\0", 8), "visible"},
      {"ws+unix://tmp/x", "absolute"},
      {"ws+unix:///", "no path"},
      {"ws+unix:///tmp/", "no path"},
      {"ws://unix:/tmp/x:y", "colon"},
      {"ws+unix:///tmp/x%00", "NUL"},
      {"ws+unix:///" + std::string(107, 'x'), "107"},
  };
  for (const auto& c : cases) {
    try {
      parseUrl(c.url);
      ADD_FAILURE() << c.url << " was taken";
    } catch (const std::invalid_argument& problem) {
      EXPECT_THAT(problem.what(), testing::HasSubstr(c.problem)) << c.url;
    }
  }
}

TEST(Url, Creates) {
  EXPECT_EQ(createUrl("h"), "ws://h:80/");
  EXPECT_EQ(createUrl("h", 0, true), "wss://h:443/");
  EXPECT_EQ(createUrl("::1", 9000, false, "/a b/c", {{"x", "1 &"}, {"y", ""}}),
            "ws://[::1]:9000/a%20b/c?x=1%20%26&y=");
  EXPECT_EQ(createUrl("[::1]", 1, false, ""), "ws://[::1]:1/");
  EXPECT_EQ(createUnixUrl("/tmp/a:b", true, "/p", {{"q", "r"}}), "wss+unix:///tmp/a%3Ab:/p?q=r");
  EXPECT_THROW(createUrl(""), std::invalid_argument);
  EXPECT_THROW(createUrl("a/b"), std::invalid_argument);
  EXPECT_THROW(createUrl("a\r\n"), std::invalid_argument);
  EXPECT_THROW(createUrl("h", 1, false, "x"), std::invalid_argument);
  EXPECT_THROW(createUnixUrl("x"), std::invalid_argument);
}

TEST(Url, WhatIsCreatedIsParsed) {
  const std::string odd = "/%#?\r\n \xc3\xa9/:";
  const UrlParts tcp = parseUrl(createUrl("h", 7, true, odd, {{odd, odd}}));
  EXPECT_EQ(tcp.path, odd);
  EXPECT_EQ(tcp.params.at(0).second, odd);
  EXPECT_EQ(tcp.params.at(0).first, odd);
  const UrlParts local = parseUrl(createUnixUrl("/a?:# b", false, odd));
  EXPECT_EQ(local.unixPath, "/a?:# b");
  EXPECT_EQ(local.path, odd);
}

}  // namespace
}  // namespace autobahn::websocket
