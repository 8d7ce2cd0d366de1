#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <autobahn/rawsocket/url.hpp>
#include <stdexcept>
#include <string>

namespace autobahn::rawsocket {
namespace {

TEST(RawSocketUrl, Parses) {
  const struct {
    std::string url;
    UrlParts parts;
  } cases[] = {
      {"rs://h", {false, "h", 80, ""}},
      {"rss://h", {true, "h", 443, ""}},
      {"RSS://h:9000", {true, "h", 9000, ""}},
      {"rs://h:0/", {false, "h", 0, ""}},
      {"rs://[::1]:81", {false, "::1", 81, ""}},
      {"rs://127.0.0.1:8080", {false, "127.0.0.1", 8080, ""}},
      {"rs://unix:9000", {false, "unix", 9000, ""}},
      {"rs://unix:/tmp/x.sock", {false, "localhost", 0, "/tmp/x.sock"}},
      {"rss://unix:/tmp/x.sock", {true, "localhost", 0, "/tmp/x.sock"}},
      {"rs+unix:///tmp/x.sock", {false, "localhost", 0, "/tmp/x.sock"}},
      {"rs+unix:/tmp/x.sock", {false, "localhost", 0, "/tmp/x.sock"}},
      {"rss+unix:///tmp/x.sock", {true, "localhost", 0, "/tmp/x.sock"}},
      {"unix:///tmp/x%3Ay%20.sock", {false, "localhost", 0, "/tmp/x:y .sock"}},
  };
  for (const auto& c : cases) EXPECT_EQ(parseUrl(c.url), c.parts) << c.url;
}

TEST(RawSocketUrl, SaysWhatIsWrong) {
  const struct {
    std::string url, problem;
  } cases[] = {
      {"", "invalid RawSocket URL: it is empty"},
      {"h", "scheme"},
      {"ws://h", "scheme 'ws' is not rs, rss or rs+unix"},
      {"ws+unix:///tmp/x", "scheme 'ws+unix'"},
      {"rs:h", "missing host"},
      {"rs://", "missing host"},
      {"rs://:80", "host or port"},
      {"rs://h:", "port"},
      {"rs://h:65536", "port"},
      {"rs://::1", "host"},
      {"rs://u:p@h", "user name"},
      {"rs://h/path", "path or query '/path'"},
      {"rs://h?q=1", "path or query '?q=1'"},
      {"rs+unix:///tmp/x:/path", "path or query '/path'"},
      {"rs://h#f", "fragment"},
      {"rs://h h", "space"},
      {"rs://h\r\n", "visible"},
      {"rs+unix://tmp/x", "absolute"},
      {"rs+unix:///tmp/", "no path"},
      {"rs+unix:///tmp/x%00", "NUL"},
      {"rs+unix:///tmp/x%zz", "escape"},
      {"rs+unix:///" + std::string(107, 'x'), "107"},
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

TEST(RawSocketUrl, Creates) {
  EXPECT_EQ(createUrl("h"), "rs://h:80");
  EXPECT_EQ(createUrl("h", 0, true), "rss://h:443");
  EXPECT_EQ(createUrl("::1", 9000), "rs://[::1]:9000");
  EXPECT_EQ(createUnixUrl("/tmp/a:b", true), "rss+unix:///tmp/a%3Ab");
  EXPECT_EQ(parseUrl(createUnixUrl("/a?:# b")).unixPath, "/a?:# b");
  EXPECT_THROW(createUrl(""), std::invalid_argument);
  EXPECT_THROW(createUrl("a/b"), std::invalid_argument);
  EXPECT_THROW(createUrl("a\r\n"), std::invalid_argument);
  EXPECT_THROW(createUnixUrl("x"), std::invalid_argument);
}

}  // namespace
}  // namespace autobahn::rawsocket
