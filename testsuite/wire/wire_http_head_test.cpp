// HTTP heads, targets and extension lists, as peers write them and as they should not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/http_head.hpp"

namespace wstest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Strings = std::vector<std::string>;

HttpHead headOf(const std::string& text) {
  const auto parsed = parseHead(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? parsed->first : HttpHead{};
}

TEST(HttpHead, IsThereWithItsEmptyLineOnly) {
  const std::string head = "GET /x HTTP/1.1\r\nHost: a\r\nX:b\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size)
    EXPECT_FALSE(parseHead(head.substr(0, size))) << size;
  const auto parsed = parseHead(head + "\x81\x01\r\n\r\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->second, head.size());
  EXPECT_EQ(parsed->first.raw, head);
  EXPECT_EQ(parsed->first.startLine, "GET /x HTTP/1.1");
  EXPECT_THAT(parsed->first.headers, ElementsAre(Pair("Host", "a"), Pair("X", "b")));
}

TEST(HttpHead, OddLinesAreKeptAsTheyAre) {
  const HttpHead head =
      headOf("GET / HTTP/1.1\r\nNo colon\r\n folded: x\r\nEmpty:\r\nTwo: a:b \t\r\n: v\r\n\r\n");
  EXPECT_THAT(head.headers, ElementsAre(Pair("No colon", ""), Pair(" folded", "x"), Pair("Empty", ""),
                                        Pair("Two", "a:b"), Pair("", "v")));
  EXPECT_EQ(headOf("\r\n\r\n").startLine, "");
  EXPECT_THAT(headOf("GET / HTTP/1.1\r\n\r\n").headers, IsEmpty());
}

TEST(HttpHead, NamesAreComparedWithoutCase) {
  const HttpHead head = headOf("GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nCONNECTION: x\r\n\r\n");
  EXPECT_EQ(head.all("connection"), (Strings{"keep-alive, Upgrade", "x"}));
  EXPECT_EQ(head.value("connection"), "keep-alive, Upgrade, x");
  EXPECT_FALSE(head.value("Upgrade"));
  EXPECT_TRUE(head.hasToken("Connection", "UPGRADE"));
  EXPECT_TRUE(head.hasToken("Connection", "x"));
  EXPECT_FALSE(head.hasToken("Connection", "keep"));
  EXPECT_FALSE(head.hasToken("Upgrade", "websocket"));
}

TEST(HttpHead, StatusIsThreeDigitsOfHttp11) {
  const std::vector<std::pair<std::string, int>> rows = {
      {"HTTP/1.1 101 Switching Protocols", 101},
      {"HTTP/1.1 101", 101},
      {"HTTP/1.1 404 ", 404},
      {"HTTP/1.0 101 Switching Protocols", 0},
      {"HTTP/1.1 10", 0},
      {"HTTP/1.1  101", 0},
      {"HTTP/1.1 1x1 What", 0},
      {"http/1.1 101 OK", 0},
      {"", 0},
      {"HTTP/1.1 1010 Four digits", 0},
      {"HTTP/1.1 101OK", 0},
  };
  for (const auto& [line, status] : rows) EXPECT_EQ(headOf(line + "\r\n\r\n").status(), status) << line;
}

TEST(HttpHead, RequestLineIsTakenApart) {
  EXPECT_EQ(headOf("GET /a?b HTTP/1.1\r\n\r\n").method(), "GET");
  EXPECT_EQ(headOf("GET /a?b HTTP/1.1\r\n\r\n").target(), "/a?b");
  EXPECT_EQ(headOf("GET /a\r\n\r\n").target(), "/a");
  EXPECT_EQ(headOf("GET\r\n\r\n").target(), "");
}

TEST(HttpHead, ListsAreSplitOutsideQuotes) {
  EXPECT_EQ(splitList("a, b ,c"), (Strings{"a", "b", "c"}));
  EXPECT_EQ(splitList("a;x=\"1,2\", b"), (Strings{"a;x=\"1,2\"", "b"}));
  EXPECT_EQ(splitList("a,,b,"), (Strings{"a", "", "b", ""}));
  EXPECT_EQ(splitList(""), Strings{""});
}

TEST(Target, IsDecoded) {
  struct Row {
    const char* target;
    const char* path;
    std::vector<std::pair<std::string, std::string>> parameters;
  };
  const std::vector<Row> rows = {
      {"/", "/", {}},
      {"/runCase?case=1&agent=a%20b", "/runCase", {{"case", "1"}, {"agent", "a b"}}},
      {"/x?agent=a+b%2B%26%3d", "/x", {{"agent", "a b+&="}}},
      {"/x?a=1&a=2", "/x", {{"a", "1"}, {"a", "2"}}},
      {"/x?a", "/x", {{"a", ""}}},
      {"/x?a=b=c", "/x", {{"a", "b=c"}}},
      {"/x?", "/x", {{"", ""}}},
      {"/x?a=%", "/x", {{"a", "%"}}},
      {"/x?a=%4", "/x", {{"a", "%4"}}},
      {"/x?a=%zz%41", "/x", {{"a", "%zzA"}}},
      {"/x?a=%00", "/x", {{"a", std::string(1, '\0')}}},
      // A query knows no quotes: they part nothing and join nothing.
      {"/x?agent=\"A&case=2", "/x", {{"agent", "\"A"}, {"case", "2"}}},
      {"", "", {}},
  };
  for (const auto& [text, path, parameters] : rows) {
    const Target target = parseTarget(text);
    EXPECT_EQ(target.path, path) << text;
    EXPECT_EQ(target.parameters, parameters) << text;
  }
  EXPECT_EQ(parseTarget("/x?a=1&b=3&a=2").all("a"), (Strings{"1", "2"}));
  EXPECT_THAT(parseTarget("/x?A=1").all("a"), IsEmpty());
}

TEST(Extensions, AreReadWithTheirParameters) {
  const auto all =
      parseExtensions("permessage-deflate; client_max_window_bits; server_max_window_bits = \"10\", x");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "permessage-deflate");
  EXPECT_TRUE(all[0].has("client_max_window_bits"));
  EXPECT_FALSE(all[0].value("client_max_window_bits"));
  EXPECT_EQ(all[0].value("server_max_window_bits"), "10");
  EXPECT_FALSE(all[0].has("Client_max_window_bits"));
  EXPECT_FALSE(all[0].value("unsaid"));
  EXPECT_EQ(all[1].name, "x");
  EXPECT_THAT(all[1].parameters, IsEmpty());
}

TEST(Extensions, OddTextIsKept) {
  const auto quoted = parseExtensions("x; a=\"1;2,3\"; b=\"; c");
  ASSERT_EQ(quoted.size(), 1U);
  EXPECT_EQ(quoted[0].value("a"), "1;2,3");
  EXPECT_EQ(quoted[0].value("b"), "\"; c");
  const auto odd = parseExtensions("x;;=1;a=");
  ASSERT_EQ(odd[0].parameters.size(), 3U);
  EXPECT_THAT(odd[0].parameters[0], Pair("", std::optional<std::string>()));
  EXPECT_THAT(odd[0].parameters[1], Pair("", std::optional<std::string>("1")));
  EXPECT_THAT(odd[0].parameters[2], Pair("a", std::optional<std::string>("")));
  EXPECT_EQ(parseExtensions("")[0].name, "");
}

TEST(Handshake, AcceptIsThatOfTheRfc) {
  // RFC 6455, 1.3 and 4.2.2.
  EXPECT_EQ(acceptFor("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, Base64IsThatOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> rows = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"},
                                                                 {"\xff\xfe", "//4="}};
  for (const auto& [bytes, text] : rows) EXPECT_EQ(base64(bytes), text);
}

TEST(Handshake, KeysAreSixteenBytesAndNeverTheSame) {
  const std::string key = randomKey();
  EXPECT_EQ(key.size(), 24U);
  EXPECT_TRUE(key.ends_with("=="));
  EXPECT_NE(key, randomKey());
}

}  // namespace
}  // namespace wstest
