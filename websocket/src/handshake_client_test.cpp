#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <stdexcept>
#include <string>

#include "handshake.hpp"

namespace autobahn::websocket {
namespace {

using testing::HasSubstr;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

ClientRequest goodRequest() {
  ClientRequest request;
  request.host = "h.example";
  request.port = 8080;
  request.resource = "/p?q";
  request.origin = "http://o.example";
  request.protocols = {"a", "b"};
  request.useragent = "UA/1";
  request.headers = {{"Cookie", "c=1"}};
  return request;
}

TEST(HandshakeClient, BuildsTheRequest) {
  EXPECT_EQ(
      buildRequest(goodRequest(), {}, kKey),
      "GET /p?q HTTP/1.1\r\nHost: h.example:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Protocol: a, b\r\nOrigin: http://o.example\r\nUser-Agent: UA/1\r\nCookie: c=1\r\n\r\n");
  ClientOptions options;
  options.version = 10;
  options.perMessageCompressionOffers.resize(1);
  const std::string old = buildRequest(goodRequest(), options, kKey);
  EXPECT_THAT(old, HasSubstr("Sec-WebSocket-Version: 8\r\n"));
  EXPECT_THAT(old, HasSubstr("\r\nSec-WebSocket-Origin: http://o.example\r\n"));
  EXPECT_THAT(old, HasSubstr("Sec-WebSocket-Extensions: permessage-deflate"));
}

TEST(HandshakeClient, MapsDraftNumbers) {
  EXPECT_EQ(wireVersion(8), 8);
  EXPECT_EQ(wireVersion(9), std::nullopt);
  EXPECT_EQ(wireVersion(10), 8);
  EXPECT_EQ(wireVersion(12), 8);
  EXPECT_EQ(wireVersion(13), 13);
  EXPECT_EQ(wireVersion(18), 13);
  EXPECT_EQ(wireVersion(19), std::nullopt);
}

TEST(HandshakeClient, HostHeader) {
  const struct {
    std::string host;
    std::uint16_t port;
    bool isSecure;
    std::string header;
  } cases[] = {
      {"a", 80, false, "a"},
      {"a", 443, true, "a"},
      {"a", 443, false, "a:443"},
      {"a", 80, true, "a:80"},
      {"::1", 80, false, "[::1]"},
      {"::1", 9000, false, "[::1]:9000"},
      {"localhost", 0, false, "localhost"},
  };
  for (const auto& c : cases) {
    ClientRequest request;
    request.host = c.host;
    request.port = c.port;
    request.isSecure = c.isSecure;
    EXPECT_THAT(buildRequest(request, {}, kKey), HasSubstr("\r\nHost: " + c.header + "\r\n"));
  }
}

TEST(HandshakeClient, RefusesToSendNonsense) {
  const std::function<void(ClientRequest&)> cases[] = {
      [](auto& r) { r.host = ""; },
      [](auto& r) { r.host = "a\r\nX: y"; },
      [](auto& r) { r.host = "a b"; },
      [](auto& r) { r.resource = ""; },
      [](auto& r) { r.resource = "x"; },
      [](auto& r) { r.resource = "/a HTTP/1.1\r\nX: y"; },
      [](auto& r) { r.resource = "/a b"; },
      [](auto& r) { r.resource = "/#f"; },
      [](auto& r) { r.resource = std::string("/\0", 2); },
      [](auto& r) { r.origin = "a\r\nX: y"; },
      [](auto& r) { r.useragent = "a\nX: y"; },
      [](auto& r) { r.useragent = std::string("a\0", 2); },
      [](auto& r) { r.protocols = {"a b"}; },
      [](auto& r) { r.protocols = {"a\r\nX: y"}; },
      [](auto& r) { r.protocols = {""}; },
      [](auto& r) {
        r.protocols = {"a", "a"};
      },
      [](auto& r) {
        r.headers = {{"X", "a\r\nY: b"}};
      },
      [](auto& r) {
        r.headers = {{"X: a\r\nY", "b"}};
      },
      [](auto& r) {
        r.headers = {{"", "b"}};
      },
      [](auto& r) {
        r.headers = {{"Host", "b"}};
      },
      [](auto& r) {
        r.headers = {{"sec-websocket-key", "b"}};
      },
      [](auto& r) {
        r.headers = {{"Content-Length", "3"}};
      },
      [](auto& r) {
        r.headers = {{"Transfer-Encoding", "chunked"}};
      },
      [](auto& r) {
        r.headers = {{"Origin", "http://b"}};
      },
      [](auto& r) {
        r.headers = {{"User-Agent", "b"}};
      },
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    ClientRequest request = goodRequest();
    cases[i](request);
    EXPECT_THROW(buildRequest(request, {}, kKey), std::invalid_argument) << "case " << i;
  }
  ClientOptions options;
  options.version = 9;
  EXPECT_THROW(buildRequest(goodRequest(), options, kKey), std::invalid_argument);
}

http::Response goodResponse() {
  http::Response response;
  response.status = 101;
  response.headers = {{"Upgrade", "WebSocket"},
                      {"Connection", "upgrade"},
                      {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
                      {"Sec-WebSocket-Protocol", "b"},
                      {"X", "y"}};
  return response;
}

std::string check(const http::Response& response, const ClientOptions& options = {}) {
  ConnectionResponse out;
  std::optional<PerMessageDeflateParameters> compression;
  return checkResponse(response, goodRequest(), options, kKey, out, compression);
}

TEST(HandshakeClient, AcceptsAGoodResponse) {
  ConnectionResponse out;
  std::optional<PerMessageDeflateParameters> compression = PerMessageDeflateParameters{};
  EXPECT_EQ(checkResponse(goodResponse(), goodRequest(), {}, kKey, out, compression), "");
  EXPECT_EQ(out.protocol, "b");
  EXPECT_EQ(out.version, 13);
  EXPECT_EQ(out.headers.get("x"), "y");
  EXPECT_TRUE(out.extensions.empty());
  EXPECT_FALSE(compression);
}

// RFC 9110 section 5.3: the lines of a list are one list.
TEST(HandshakeClient, AcceptsConnectionInSeveralLines) {
  http::Response response = goodResponse();
  response.headers.set("Connection", "keep-alive");
  response.headers.add("Connection", "Upgrade");
  EXPECT_EQ(check(response), "");
}

TEST(HandshakeClient, SaysWhatIsWrongWithAResponse) {
  const struct {
    std::function<void(http::Response&)> change;
    std::string problem;
  } cases[] = {
      {[](auto& r) { r.status = 200; }, "200"},
      {[](auto& r) { r.minorVersion = 0; }, "HTTP/1.1"},
      {[](auto& r) { r.headers.remove("Upgrade"); }, "no Upgrade"},
      {[](auto& r) { r.headers.add("Upgrade", "websocket"); }, "more than one Upgrade"},
      {[](auto& r) { r.headers.set("Upgrade", "h2c"); },
       "Upgrade header of the response is not websocket: h2c"},
      {[](auto& r) { r.headers.remove("Connection"); }, "no Connection"},
      {[](auto& r) { r.headers.set("Connection", "close"); }, "Connection"},
      {[](auto& r) { r.headers.remove("Sec-WebSocket-Accept"); }, "no Sec-WebSocket-Accept"},
      {[](auto& r) { r.headers.add("Sec-WebSocket-Accept", "x"); }, "more than one Sec-WebSocket-Accept"},
      {[](auto& r) { r.headers.set("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOp="); },
       "Sec-WebSocket-Accept"},
      {[](auto& r) { r.headers.set("Sec-WebSocket-Accept", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="); },
       "Sec-WebSocket-Accept"},
      {[](auto& r) { r.headers.set("Sec-WebSocket-Protocol", "c"); }, "Sec-WebSocket-Protocol"},
      {[](auto& r) { r.headers.set("Sec-WebSocket-Protocol", "a, b"); }, "Sec-WebSocket-Protocol"},
      {[](auto& r) { r.headers.set("Sec-WebSocket-Protocol", ""); }, "Sec-WebSocket-Protocol"},
      {[](auto& r) { r.headers.add("Sec-WebSocket-Protocol", "a"); }, "more than one Sec-WebSocket-Protocol"},
      {[](auto& r) { r.headers.add("Sec-WebSocket-Extensions", "permessage-deflate"); }, "not offered"},
      {[](auto& r) { r.headers.add("Sec-WebSocket-Extensions", "a;;"); }, "malformed"},
      {[](auto& r) { r.headers.add("Content-Length", "3"); }, "Content-Length"},
      {[](auto& r) { r.headers.add("Transfer-Encoding", "chunked"); }, "Transfer-Encoding"},
  };
  for (const auto& c : cases) {
    http::Response response = goodResponse();
    c.change(response);
    EXPECT_THAT(check(response), HasSubstr(c.problem));
  }
}

TEST(HandshakeClient, ReportsRefusals) {
  http::Response response = refusal(403, "this origin may not");
  response.reason = "Forbidden";
  EXPECT_EQ(check(response), "the server answered 403 Forbidden instead of 101: this origin may not");
  response = {};
  response.status = 302;
  response.headers = {{"Location", "https://elsewhere.example/"}};
  EXPECT_THAT(check(response), HasSubstr("Location: https://elsewhere.example/"));
  response.reason = "\x1b[31m";
  EXPECT_THAT(check(response), HasSubstr("302 ?[31m"));
}

TEST(HandshakeClient, Compression) {
  ClientOptions options;
  options.perMessageCompressionOffers.resize(1);
  http::Response response = goodResponse();
  response.headers.set("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=10");
  ConnectionResponse out;
  std::optional<PerMessageDeflateParameters> compression;
  EXPECT_EQ(checkResponse(response, goodRequest(), options, kKey, out, compression), "");
  ASSERT_TRUE(compression);
  EXPECT_EQ(compression->serverMaxWindowBits, 10);
  ASSERT_EQ(out.extensions.size(), 1U);

  options.perMessageCompressionAccept = [](const PerMessageDeflateResponse&) { return std::nullopt; };
  EXPECT_THAT(check(response, options), HasSubstr("refused"));
  options.perMessageCompressionAccept = [](const PerMessageDeflateResponse& answer) {
    PerMessageDeflateResponseAccept accept;
    accept.response = answer;
    accept.windowBits = 77;
    return accept;
  };
  EXPECT_THAT(check(response, options), HasSubstr("perMessageCompressionAccept"));
  options.perMessageCompressionAccept = nullptr;
  response.headers.add("Sec-WebSocket-Extensions", "permessage-deflate");
  EXPECT_THAT(check(response, options), HasSubstr("twice"));
  response.headers.set("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=16");
  EXPECT_THAT(check(response, options), HasSubstr("Sec-WebSocket-Extensions"));
  response.headers.set("Sec-WebSocket-Extensions", "permessage-deflate, x-other");
  EXPECT_THAT(check(response, options), HasSubstr("x-other"));
}

TEST(HandshakeClient, KeysAreFreshAndWellFormed) {
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) {
    const std::string key = newKey();
    EXPECT_EQ(key.size(), 24U);
    EXPECT_TRUE(key.ends_with("=="));
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 100U);
}

TEST(HandshakeClient, BothRolesUnderstandEachOther) {
  const std::string key = newKey();
  const std::string request = buildRequest(goodRequest(), {}, key);
  http::RequestParser requestParser;
  std::string_view input = request;
  ASSERT_EQ(requestParser.feed(input), http::ParseStatus::complete);
  ConnectionRequest seen;
  ASSERT_FALSE(checkRequest(requestParser.request(), {}, {}, seen));
  const std::string answer = buildAccept(seen, {}, {chooseSubprotocol(seen, {"b"}), {}}, std::nullopt);
  http::ResponseParser responseParser;
  input = answer;
  ASSERT_EQ(responseParser.feed(input), http::ParseStatus::complete);
  ConnectionResponse out;
  std::optional<PerMessageDeflateParameters> compression;
  EXPECT_EQ(checkResponse(responseParser.response(), goodRequest(), {}, key, out, compression), "");
  EXPECT_EQ(out.protocol, "b");
}

}  // namespace
}  // namespace autobahn::websocket
