#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "handshake.hpp"

namespace autobahn::websocket {
namespace {

using testing::HasSubstr;

http::Request goodRequest() {
  http::Request request;
  request.method = "GET";
  request.target = "/chat%20room?a=1&b=x+y";
  request.headers = {{"Host", "server.example.com:8080"},   {"Upgrade", "websocket"},
                     {"Connection", "keep-alive, Upgrade"}, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"Origin", "http://example.com"},      {"Sec-WebSocket-Protocol", "chat, superchat"},
                     {"Sec-WebSocket-Protocol", "third"},   {"Sec-WebSocket-Extensions", "x-one; p=1"},
                     {"Sec-WebSocket-Version", "13"}};
  return request;
}

std::optional<http::Response> check(const http::Request& request, const ServerOptions& options = {},
                                    const ServerIdentity& identity = {}) {
  ConnectionRequest out;
  return checkRequest(request, options, identity, out);
}

TEST(HandshakeServer, AcceptsAGoodRequest) {
  ConnectionRequest out;
  ASSERT_FALSE(checkRequest(goodRequest(), {}, {}, out));
  EXPECT_EQ(out.host, "server.example.com");
  EXPECT_EQ(out.port, 8080);
  EXPECT_EQ(out.path, "/chat room");
  EXPECT_EQ(out.param("b"), "x y");
  EXPECT_EQ(out.version, 13);
  EXPECT_EQ(out.origin, "http://example.com");
  EXPECT_EQ(out.protocols, (std::vector<std::string>{"chat", "superchat", "third"}));
  ASSERT_EQ(out.extensions.size(), 1U);
  EXPECT_EQ(out.extensions[0].name, "x-one");
  EXPECT_EQ(out.forwardedFor, "");
  EXPECT_EQ(out.headers.size(), 9U);
}

struct BadCase {
  std::function<void(http::Request&)> change;
  int status;
  std::string reason;
};

void setTo(http::Request& request, std::string_view name, std::string value) {
  request.headers.set(name, std::move(value));
}

TEST(HandshakeServer, RefusesMalformedRequests) {
  const BadCase cases[] = {
      {[](auto& r) { r.method = "POST"; }, 405, "GET"},
      {[](auto& r) { r.method = "get"; }, 405, "GET"},
      {[](auto& r) { r.minorVersion = 0; }, 505, "HTTP/1.1"},
      {[](auto& r) { r.target = "*"; }, 400, "target"},
      {[](auto& r) { r.target = "/%zz"; }, 400, "escape"},
      {[](auto& r) { r.target = "/%00"; }, 400, "NUL"},
      {[](auto& r) { setTo(r, "Content-Length", "5"); }, 400, "body"},
      {[](auto& r) { setTo(r, "Content-Length", "00"); }, 400, "body"},
      {[](auto& r) { setTo(r, "Transfer-Encoding", "chunked"); }, 400, "body"},
      {[](auto& r) { r.body = "x"; }, 400, "body"},
      {[](auto& r) { r.headers.remove("Upgrade"); }, 400, "no Upgrade"},
      {[](auto& r) { setTo(r, "Upgrade", "websockets"); }, 400, "Upgrade"},
      {[](auto& r) { setTo(r, "Upgrade", "h2c"); }, 400, "Upgrade"},
      {[](auto& r) { r.headers.remove("Connection"); }, 400, "no Connection"},
      {[](auto& r) { setTo(r, "Connection", "keep-alive"); }, 400, "Connection"},
      {[](auto& r) { setTo(r, "Connection", "noupgrade"); }, 400, "Connection"},
      {[](auto& r) { r.headers.remove("Host"); }, 400, "Host"},
      {[](auto& r) { r.headers.add("host", "b"); }, 400, "one Host"},
      {[](auto& r) { setTo(r, "Host", ""); }, 400, "Host"},
      {[](auto& r) { setTo(r, "Host", "a:b"); }, 400, "Host"},
      {[](auto& r) { setTo(r, "Host", "a:99999"); }, 400, "Host"},
      {[](auto& r) { setTo(r, "Host", "a/b"); }, 400, "Host"},
      {[](auto& r) { setTo(r, "Host", "u@a"); }, 400, "Host"},
      {[](auto& r) { r.headers.remove("Sec-WebSocket-Key"); }, 400, "Key"},
      {[](auto& r) { r.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="); }, 400,
       "one Sec-WebSocket-Key"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Key", ""); }, 400, "Key"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ="); }, 400, "base64"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQAA"); }, 400, "base64"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j ZQ=="); }, 400, "base64"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j-Q=="); }, 400, "base64"},
      {[](auto& r) { r.headers.remove("Sec-WebSocket-Version"); }, 400, "Version"},
      {[](auto& r) { r.headers.add("Sec-WebSocket-Version", "13"); }, 400, "one Sec-WebSocket-Version"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Version", "13, 8"); }, 400, "Version"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Version", "013"); }, 400, "Version"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Version", "-13"); }, 400, "Version"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Version", "256"); }, 400, "Version"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Version", ""); }, 400, "Version"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Version", "12"); }, 426, "12"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Version", "0"); }, 426, "0"},
      {[](auto& r) { r.headers.add("Sec-WebSocket-Protocol", "chat"); }, 400, "twice"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Protocol", "a b"); }, 400, "token"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Protocol", "a/b"); }, 400, "token"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Protocol", ""); }, 400, "empty"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Protocol", ","); }, 400, "empty"},
      {[](auto& r) { setTo(r, "Sec-WebSocket-Extensions", "a; b="); }, 400, "Extensions"},
      {[](auto& r) { r.headers.add("Origin", "http://b"); }, 400, "more than one Origin"},
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    http::Request request = goodRequest();
    cases[i].change(request);
    const auto refused = check(request);
    ASSERT_TRUE(refused) << "case " << i;
    EXPECT_EQ(refused->status, cases[i].status) << "case " << i << ": " << refused->body;
    EXPECT_THAT(refused->body, HasSubstr(cases[i].reason)) << "case " << i;
    EXPECT_FALSE(refused->keepAlive);
    EXPECT_NO_THROW(http::serialize(*refused));
  }
}

TEST(HandshakeServer, NamesItsVersions) {
  http::Request request = goodRequest();
  request.headers.set("Sec-WebSocket-Version", "12");
  EXPECT_EQ(check(request)->headers.get("Sec-WebSocket-Version"), "13, 8");
  ServerOptions options;
  options.versions = {13};
  EXPECT_EQ(check(request, options)->headers.get("Sec-WebSocket-Version"), "13");
  request.headers.set("Sec-WebSocket-Version", "8");
  EXPECT_EQ(check(request, options)->status, 426);
  EXPECT_FALSE(check(request));
}

TEST(HandshakeServer, ListsMayBeSpreadOverHeaders) {
  http::Request request = goodRequest();
  request.headers.set("Connection", "keep-alive");
  request.headers.add("Connection", "UPGRADE");
  request.headers.set("Upgrade", "h2c, WebSocket");
  request.headers.add("Content-Length", "0");
  EXPECT_FALSE(check(request));
}

TEST(HandshakeServer, ChecksOrigins) {
  ServerOptions options;
  options.allowedOrigins = {"https://good.example"};
  http::Request request = goodRequest();
  EXPECT_EQ(check(request, options)->status, 403);
  request.headers.set("Origin", "https://good.example");
  EXPECT_FALSE(check(request, options));
  request.headers.set("Origin", "null");
  EXPECT_EQ(check(request, options)->status, 403);
  EXPECT_FALSE(check(request)) << "with * everything is allowed";
  options.allowNullOrigin = true;
  EXPECT_FALSE(check(request, options));
  request.headers.set("Origin", "");
  EXPECT_EQ(check(request, options)->status, 403);
  request.headers.remove("Origin");
  EXPECT_FALSE(check(request, options)) << "no browser";
}

TEST(HandshakeServer, Version8HasItsOwnOriginHeader) {
  http::Request request = goodRequest();
  request.headers.set("Sec-WebSocket-Version", "8");
  request.headers.add("Sec-WebSocket-Origin", "https://old.example");
  ConnectionRequest out;
  ASSERT_FALSE(checkRequest(request, {}, {}, out));
  EXPECT_EQ(out.version, 8);
  EXPECT_EQ(out.origin, "https://old.example");
  ServerOptions options;
  options.allowedOrigins = {"https://good.example"};
  EXPECT_EQ(check(request, options)->status, 403);
  request.headers.remove("Sec-WebSocket-Origin");
  EXPECT_EQ(check(request, options)->status, 403) << "then Origin counts";
  request.headers.set("Sec-WebSocket-Version", "13");
  request.headers.set("Sec-WebSocket-Origin", "https://good.example");
  EXPECT_EQ(check(request, options)->status, 403) << "version 13 has Origin";
}

TEST(HandshakeServer, ChecksTheExternalPort) {
  const struct {
    std::string host;
    std::uint16_t externalPort;
    bool isSecure, good;
  } cases[] = {
      {"a:8080", 0, false, true}, {"a:8080", 8080, false, true},     {"a:8080", 80, false, false},
      {"a", 80, false, true},     {"a", 8080, false, false},         {"a", 443, true, true},
      {"a", 80, true, false},     {"[::1]:9000", 9000, false, true},
  };
  for (const auto& c : cases) {
    http::Request request = goodRequest();
    request.headers.set("Host", c.host);
    ServerIdentity identity;
    identity.externalPort = c.externalPort;
    identity.isSecure = c.isSecure;
    const auto refused = check(request, {}, identity);
    EXPECT_EQ(!refused, c.good) << c.host << c.externalPort;
    if (refused) {
      EXPECT_EQ(refused->status, 400);
    }
  }
}

TEST(HandshakeServer, BelievesOnlyTrustedProxies) {
  const struct {
    int trusted;
    std::vector<std::string> headers;
    std::string address;
  } cases[] = {
      {0, {"1.1.1.1"}, ""},
      {1, {}, ""},
      {1, {"1.1.1.1"}, "1.1.1.1"},
      {1, {"6.6.6.6, 1.1.1.1"}, "1.1.1.1"},
      {1, {"6.6.6.6", "1.1.1.1"}, "1.1.1.1"},
      {2, {"6.6.6.6, 1.1.1.1, 10.0.0.1"}, "1.1.1.1"},
      {3, {"1.1.1.1, 10.0.0.1"}, "1.1.1.1"},
      {1, {"[2001:db8::1]:99"}, "[2001:db8::1]:99"},
      {1, {"<script>"}, ""},
      {1, {std::string(65, '1')}, ""},
  };
  for (const auto& c : cases) {
    http::Request request = goodRequest();
    for (const auto& value : c.headers) request.headers.add("X-Forwarded-For", value);
    ServerOptions options;
    options.trustXForwardedFor = c.trusted;
    ConnectionRequest out;
    ASSERT_FALSE(checkRequest(request, options, {}, out));
    EXPECT_EQ(out.forwardedFor, c.address) << c.trusted;
  }
}

TEST(HandshakeServer, WantsWebSocket) {
  http::Request request = goodRequest();
  EXPECT_TRUE(wantsWebSocket(request));
  request.headers.remove("Upgrade");
  EXPECT_TRUE(wantsWebSocket(request)) << "it has a key";
  request.headers.remove("Sec-WebSocket-Key");
  request.headers.remove("Sec-WebSocket-Version");
  EXPECT_FALSE(wantsWebSocket(request));
  request.headers.add("Upgrade", "h2c");
  EXPECT_FALSE(wantsWebSocket(request));
}

TEST(HandshakeServer, ChoosesTheClientsFirst) {
  ConnectionRequest request;
  request.protocols = {"a", "b", "c"};
  EXPECT_EQ(chooseSubprotocol(request, {"c", "b"}), "b");
  EXPECT_EQ(chooseSubprotocol(request, {"d"}), "");
  EXPECT_EQ(chooseSubprotocol(request, {}), "");
}

TEST(HandshakeServer, Refusal) {
  const http::Response plain = refusal(403, "not you", {{"X", "y"}});
  EXPECT_EQ(plain.status, 403);
  EXPECT_EQ(plain.body, "not you\n");
  EXPECT_EQ(plain.headers.get("X"), "y");
  EXPECT_EQ(plain.headers.get("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_THAT(http::serialize(plain), HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(refusal(404, "").body, "Not Found\n");
  EXPECT_NO_THROW(http::serialize(refusal(304, "x")));
}

TEST(HandshakeServer, BuildsTheAnswer) {
  ConnectionRequest request;
  ASSERT_FALSE(checkRequest(goodRequest(), {}, {}, request));
  ServerIdentity identity;
  identity.server = "Autobahn";
  identity.headers = {{"X-Every", "1"}};
  // The accept value is the example of RFC 6455 section 1.3.
  EXPECT_EQ(
      buildAccept(request, identity, {"chat", {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}}}, std::nullopt),
      "HTTP/1.1 101 Switching Protocols\r\nServer: Autobahn\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\nX-Every: 1\r\n"
      "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n");
  EXPECT_EQ(buildAccept(request, {}, {}, std::nullopt),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  const PerMessageDeflateOfferAccept compression;
  EXPECT_THAT(buildAccept(request, {}, {}, compression),
              HasSubstr("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
}

TEST(HandshakeServer, RefusesAnswersThatCannotBe) {
  ConnectionRequest request;
  ASSERT_FALSE(checkRequest(goodRequest(), {}, {}, request));
  EXPECT_THROW(buildAccept(request, {}, {"other", {}}, std::nullopt), InvalidState);
  for (const std::string name : {"Upgrade", "connection", "sec-websocket-accept", "Sec-WebSocket-Extensions",
                                 "Content-Length", "Transfer-Encoding"}) {
    EXPECT_THROW(buildAccept(request, {}, {"", {{name, "x"}}}, std::nullopt), InvalidState) << name;
    ServerIdentity identity;
    identity.headers = {{name, "x"}};
    EXPECT_THROW(buildAccept(request, identity, {}, std::nullopt), InvalidState) << name;
  }
  EXPECT_THROW(buildAccept(request, {}, {"", {{"X", "a\r\nY: b"}}}, std::nullopt), std::invalid_argument);
  ServerIdentity identity;
  identity.server = "a\nb";
  EXPECT_THROW(buildAccept(request, identity, {}, std::nullopt), std::invalid_argument);
}

}  // namespace
}  // namespace autobahn::websocket
