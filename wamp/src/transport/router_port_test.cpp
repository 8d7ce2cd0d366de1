// One port for everything: WebSocket, RawSocket and the web told apart by their first octets.
#include <gmock/gmock.h>
#include <unistd.h>

#include <asio/connect.hpp>
#include <atomic>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../testing/session_peers.hpp"
#include "util/src/net/testing/certificates.hpp"
#include "util/src/net/testing/echo.hpp"
#include "websocket/src/testing/raw_client.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestSession;
using websocket::testing::RawClient;

const std::string kRawSocketHello("\x7F\xF1\0\0", 4);

const util::testing::TestAuthority& authority() {
  static const util::testing::TestAuthority made;
  return made;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

/// With as many loops as the parameter says.
class OnePort : public ::testing::TestWithParam<std::size_t> {
 protected:
  OnePort() {
    server->router().addRealm({.name = "realm1"});
    options.detectRawSocket = true;
    options.longPollPath = "/lp";
    options.httpHandler = [](const websocket::http::Request& request, const websocket::TransportDetails&) {
      websocket::http::Response response;
      response.body = "you asked for " + request.path();
      return response;
    };
  }

  void listen(const std::string& where = "ws://127.0.0.1:0/ws") {
    const RouterListener listener = server->listen(where, options);
    url = listener.url;
    port = listener.port;
  }
  bool isSecure() const { return options.tls.has_value(); }
  void useTls() {
    options.tls.emplace();
    options.tls->certificate = authority().server.certificate;
    options.tls->key = authority().server.key;
  }
  std::string rawSocketUrl() const { return atScheme("rs", {}); }
  std::string longPollUrl() const { return atScheme("http", url.starts_with("ws+unix") ? ":/lp" : "/lp"); }
  /// The listener's URL under another scheme, with another path.
  std::string atScheme(const std::string& scheme, const std::string& path) const {
    const std::size_t end = url.rfind(url.starts_with("ws+unix") ? ":" : "/");
    return replaced(url.substr(0, end), "ws", scheme) + path;
  }

  std::shared_ptr<TestSession> join(const std::string& where, TestSession::Body body = {}) {
    auto session = std::make_shared<TestSession>(std::move(body));
    TransportConfig config(where);
    config.serializers = SerializerSet({"cbor"});
    if (isSecure()) config.tls.emplace().ca = authority().ca.certificate;
    connections.push_back(connectTransport(io, config, session));
    EXPECT_TRUE(runUntil([&] { return session->isDone || !session->left.empty() || session->disconnects; }));
    EXPECT_TRUE(session->isDone) << where;
    EXPECT_THAT(session->userErrors, ElementsAre());
    return session;
  }
  bool runUntil(const std::function<bool()>& done) { return util::testing::runUntil(io, done); }
  /// All that comes back for `bytes` until the connection ends.
  std::string exchange(const std::string& bytes) {
    RawClient client(io, port);
    client.read();
    client.send(bytes);
    EXPECT_TRUE(runUntil([&] { return client.ended; }));
    return client.received;
  }

  void everybodyTalks() {
    join(rawSocketUrl(), [](TestSession& self) -> asio::awaitable<void> {
      co_await self.registerProcedure("com.myapp.add2", [](int x, int y) { return x + y; });
    });
    int sum = 0;
    const auto caller = join(url, [&](TestSession& self) -> asio::awaitable<void> {
      sum = co_await self.call<int>("com.myapp.add2", 2, 3);
    });
    EXPECT_EQ(sum, 5);
    EXPECT_EQ(caller->sessionDetails().transport.type, "websocket");
    const auto another = join(longPollUrl(), [&](TestSession& self) -> asio::awaitable<void> {
      sum = co_await self.call<int>("com.myapp.add2", 4, 5);
    });
    EXPECT_EQ(sum, 9);
    EXPECT_EQ(another->sessionDetails().transport.type, "longpoll");
  }

  asio::io_context io{1};
  std::unique_ptr<RouterServer> server = std::make_unique<RouterServer>(io, RouterOptions(), GetParam());
  RouterListenOptions options;
  std::string url;
  std::uint16_t port = 0;
  std::vector<std::unique_ptr<ClientConnection>> connections;
};

TEST_P(OnePort, Tcp) {
  listen();
  everybodyTalks();
  EXPECT_THAT(exchange("GET /page HTTP/1.0\r\n\r\n"), HasSubstr("you asked for /page"));
}

TEST_P(OnePort, Tls) {
  useTls();
  listen("wss://127.0.0.1:0/ws");
  everybodyTalks();
}

TEST_P(OnePort, UnixSocket) {
  listen("ws+unix://" + ::testing::TempDir() + "port-" + std::to_string(::getpid()) + ".sock:/ws");
  everybodyTalks();
}

TEST_P(OnePort, WebSocketsAreWhereThePathsSay) {
  options.webSocketPaths = {"/other"};
  listen();
  join(url);
  join(replaced(url, "/ws", "/other"));
  const std::string elsewhere = replaced(websocket::testing::goodRequest(), "GET / ", "GET /else ");
  EXPECT_THAT(exchange(elsewhere), StartsWith("HTTP/1.1 404"));
}

TEST_P(OnePort, AnOctetAtATime) {
  listen();
  RawClient raw(io, port);
  raw.read();
  for (const char octet : kRawSocketHello) {
    raw.send(std::string(1, octet));
    io.restart();
    while (io.poll() > 0) {
    }
  }
  ASSERT_TRUE(runUntil([&] { return raw.received.size() >= 4; }));
  EXPECT_EQ(raw.received, kRawSocketHello);
  RawClient web(io, port);
  web.read();
  for (const char octet : std::string("GET /x HTTP/1.0\r\n\r\n")) {
    web.send(std::string(1, octet));
    io.restart();
    while (io.poll() > 0) {
    }
  }
  ASSERT_TRUE(runUntil([&] { return web.ended; }));
  EXPECT_THAT(web.received, HasSubstr("you asked for /x"));
}

TEST_P(OnePort, WhatIsNeitherIsRefused) {
  listen();
  for (const char* begin : {"\x80", "\x16\x03\x01", " GET"}) {
    EXPECT_THAT(exchange(begin), StartsWith("HTTP/1.1 400")) << begin;
  }
  EXPECT_THAT(exchange(std::string(1, '\0')), StartsWith("HTTP/1.1 400"));
  // A good first octet alone makes no RawSocket.
  EXPECT_EQ(exchange("\x7F\xF1\x01\x01"), std::string("\x7F\x30\0\0", 4));
  EXPECT_EQ(server->connectionCount(), 0u);
}

TEST_P(OnePort, WithoutTheOptionThereIsNoRawSocket) {
  options.detectRawSocket = false;
  listen();
  EXPECT_THAT(exchange(kRawSocketHello), StartsWith("HTTP/1.1 400"));
}

TEST_P(OnePort, WhoSaysNothingIsDropped) {
  options.websocket.openHandshakeTimeout = std::chrono::milliseconds(20);
  listen();
  EXPECT_EQ(exchange(""), "");
}

TEST_P(OnePort, RawSocketsCountToo) {
  options.websocket.maxConnections = 1;
  listen();
  RawClient raw(io, port);
  raw.read();
  raw.send(kRawSocketHello);
  ASSERT_TRUE(runUntil([&] { return raw.received.size() >= 4; }));
  EXPECT_THAT(exchange(websocket::testing::goodRequest()), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(exchange(kRawSocketHello), "");
  raw.socket().shutdown(asio::ip::tcp::socket::shutdown_send);
  ASSERT_TRUE(runUntil([&] { return raw.ended && server->connectionCount() == 0; }));
  ASSERT_TRUE(runUntil([&] { return exchange("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"); }));
}

/// To the router's own thread only when there are not enough others.
TEST_P(OnePort, DealsConnectionsInTurn) {
  std::atomic<int> asked = 0;
  std::atomic<int> askedHere = 0;
  options.websocket.perMessageCompressionAccept = [&, here = std::this_thread::get_id()](const auto&) {
    ++asked;
    if (std::this_thread::get_id() == here) ++askedHere;
    return std::optional<websocket::PerMessageDeflateOfferAccept>();
  };
  listen();
  const std::string request =
      replaced(websocket::testing::goodRequest("Sec-WebSocket-Protocol: wamp.2.json\r\n"
                                               "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
               "GET / ", "GET /ws ");
  constexpr int kConnections = 6;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<RawClient>(io, port));
    clients.back()->read();
    clients.back()->send(request);
    EXPECT_TRUE(runUntil([&] { return clients.back()->received.ends_with("\r\n\r\n"); }));
    EXPECT_THAT(clients.back()->received, StartsWith("HTTP/1.1 101"));
  }
  EXPECT_EQ(asked, kConnections);
  EXPECT_EQ(askedHere, GetParam() == 1 ? kConnections : GetParam() == 2 ? kConnections / 2 : 0);
}

TEST_P(OnePort, DrainEndsAllOfThem) {
  listen();
  const auto webSocket = join(url);
  const auto rawSocket = join(rawSocketUrl());
  const auto longPoll = join(longPollUrl());
  RawClient silent(io, port);
  silent.read();
  RawClient half(io, port);
  half.read();
  half.send("\x7F\xF1");
  bool isDone = false;
  server->drain(std::chrono::seconds(10), [&] { isDone = true; });
  ASSERT_TRUE(runUntil([&] { return isDone && silent.ended && half.ended; }));
  ASSERT_TRUE(
      runUntil([&] { return webSocket->disconnects && rawSocket->disconnects && longPoll->disconnects; }));
  EXPECT_EQ(webSocket->left.at(0).reason, "wamp.close.system_shutdown");
  EXPECT_EQ(rawSocket->left.at(0).reason, "wamp.close.system_shutdown");
  EXPECT_EQ(longPoll->left.at(0).reason, "wamp.close.system_shutdown");
}

TEST_P(OnePort, DestructionEndsAllOfThem) {
  listen();
  const auto webSocket = join(url);
  const auto rawSocket = join(rawSocketUrl());
  const auto longPoll = join(longPollUrl());
  RawClient silent(io, port);
  silent.read();
  RawClient half(io, port);
  half.read();
  half.send("\x7F");
  io.poll();
  server.reset();
  ASSERT_TRUE(runUntil([&] { return silent.ended && half.ended; }));
  ASSERT_TRUE(
      runUntil([&] { return webSocket->disconnects && rawSocket->disconnects && longPoll->disconnects; }));
}

INSTANTIATE_TEST_SUITE_P(Threads, OnePort, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace autobahn::wamp
