#include <gtest/gtest.h>

#include <autobahn/websocket/http.hpp>
#include <stdexcept>
#include <string>

namespace autobahn::websocket::http {
namespace {

Request request(std::string method, std::string target, Headers headers = {}, std::string body = {}) {
  Request made;
  made.method = std::move(method);
  made.target = std::move(target);
  made.headers = std::move(headers);
  made.body = std::move(body);
  return made;
}

Response response(int status, Headers headers = {}, std::string body = {}) {
  Response made;
  made.status = status;
  made.headers = std::move(headers);
  made.body = std::move(body);
  return made;
}

TEST(Serialize, Requests) {
  EXPECT_EQ(serialize(request("GET", "/?a", {{"Host", "h"}})), "GET /?a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(serialize(request("POST", "/", {{"Host", "h"}}, "ab")),
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
  EXPECT_EQ(serialize(request("POST", "/")), "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(serialize(request("CONNECT", "h:80")), "CONNECT h:80 HTTP/1.1\r\n\r\n");
  Request last = request("GET", "/");
  last.keepAlive = false;
  EXPECT_EQ(serialize(last), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
}

TEST(Serialize, Responses) {
  EXPECT_EQ(serialize(response(200, {}, "ab")), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab");
  EXPECT_EQ(serialize(response(204)), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(serialize(response(101, {{"Connection", "Upgrade"}})),
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n");
  EXPECT_EQ(serialize(response(200, {{"Content-Length", "7"}})),
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
  Response made = response(499);
  made.reason = "Odd";
  made.keepAlive = false;
  EXPECT_EQ(serialize(made), "HTTP/1.1 499 Odd\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  made = response(200);
  made.minorVersion = 0;
  EXPECT_EQ(serialize(made), "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Serialize, RefusesInjection) {
  const std::string evil[] = {"a\r\nX: y", "a\rb", "a\nb", std::string("a\0b", 3), "a\x7f", "a\x01"};
  for (const std::string& text : evil) {
    EXPECT_THROW(serialize(request("GET", "/", {{"X", text}})), std::invalid_argument);
    EXPECT_THROW(serialize(request("GET", "/", {{text, "x"}})), std::invalid_argument);
    EXPECT_THROW(serialize(request("GET", "/" + text)), std::invalid_argument);
    EXPECT_THROW(serialize(request(text, "/")), std::invalid_argument);
    EXPECT_THROW(serialize(response(200, {{"X", text}})), std::invalid_argument);
    EXPECT_THROW(serialize(response(200, {{text, "x"}})), std::invalid_argument);
    Response made = response(200);
    made.reason = text;
    EXPECT_THROW(serialize(made), std::invalid_argument);
  }
}

TEST(Serialize, RefusesWhatCannotBeFramed) {
  EXPECT_THROW(serialize(request("GET", "")), std::invalid_argument);
  EXPECT_THROW(serialize(request("GET", "/a b")), std::invalid_argument);
  EXPECT_THROW(serialize(request("GET", "/#f")), std::invalid_argument);
  EXPECT_THROW(serialize(request("", "/")), std::invalid_argument);
  EXPECT_THROW(serialize(request("GET", "/", {{"Transfer-Encoding", "chunked"}})), std::invalid_argument);
  EXPECT_THROW(serialize(request("GET", "/", {{"Content-Length", "3"}}, "ab")), std::invalid_argument);
  EXPECT_THROW(serialize(response(99)), std::invalid_argument);
  EXPECT_THROW(serialize(response(600)), std::invalid_argument);
  EXPECT_THROW(serialize(response(204, {}, "x")), std::invalid_argument);
  EXPECT_THROW(serialize(response(101, {}, "x")), std::invalid_argument);
}

TEST(Serialize, ComesBackThroughTheParser) {
  const std::string text = serialize(response(404, {{"A", "1"}, {"A", "2"}}, "gone"));
  ResponseParser parser;
  std::string_view input = text;
  ASSERT_EQ(parser.feed(input), ParseStatus::complete);
  EXPECT_EQ(parser.response().status, 404);
  EXPECT_EQ(parser.response().reason, "Not Found");
  EXPECT_EQ(parser.response().headers.joined("a"), "1, 2");
  EXPECT_EQ(parser.response().body, "gone");
}

}  // namespace
}  // namespace autobahn::websocket::http
