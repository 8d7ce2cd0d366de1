#include "status_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace autobahn::websocket {
namespace {

using testing::HasSubstr;
using testing::Not;

http::Request get(std::string target, std::string host) {
  http::Request request;
  request.method = "GET";
  request.target = std::move(target);
  request.headers = {{"Host", std::move(host)}};
  return request;
}

TEST(StatusPage, SaysHowToConnect) {
  ServerIdentity identity;
  const http::Response page = statusPage(get("/chat", "h.example:9000"), identity);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("new WebSocket(\"ws://h.example:9000/chat\")"));
  EXPECT_FALSE(page.headers.contains("Server"));
  identity.isSecure = true;
  identity.server = "Autobahn <1>";
  const http::Response secure = statusPage(get("/", "h"), identity);
  EXPECT_THAT(secure.body, HasSubstr("wss://h/"));
  EXPECT_THAT(secure.body, HasSubstr("Autobahn &lt;1&gt;"));
  EXPECT_EQ(secure.headers.get("Server"), "Autobahn <1>");
  EXPECT_NO_THROW(http::serialize(secure));
}

TEST(StatusPage, RepeatsNothingDangerous) {
  EXPECT_THAT(statusPage(get("/<script>\"'&", "h"), {}).body,
              HasSubstr("ws://h/&lt;script&gt;&quot;&#39;&amp;"));
  EXPECT_THAT(statusPage(get("/", "<script>"), {}).body, Not(HasSubstr("script>")));
  EXPECT_THAT(statusPage(get("*", "h"), {}).body, HasSubstr("ws://h/\""));
}

TEST(StatusPage, Methods) {
  http::Request request = get("/", "h");
  request.method = "HEAD";
  const http::Response head = statusPage(request, {});
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.headers.get("Content-Length"), std::to_string(statusPage(get("/", "h"), {}).body.size()));
  request.method = "POST";
  EXPECT_EQ(statusPage(request, {}).status, 405);
}

TEST(StatusPage, UpgradeRequired) {
  const http::Response response = upgradeRequired({});
  EXPECT_EQ(response.status, 426);
  EXPECT_EQ(response.headers.get("Upgrade"), "websocket");
  EXPECT_EQ(response.headers.get("Sec-WebSocket-Version"), "13, 8");
  EXPECT_FALSE(response.keepAlive);
}

}  // namespace
}  // namespace autobahn::websocket
