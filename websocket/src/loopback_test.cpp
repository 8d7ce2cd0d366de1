// Server and client of ours over real sockets.
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/util/crypto.hpp>
#include <filesystem>

#include "testing/loopback.hpp"

namespace autobahn::inline v0::websocket::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(Loopback, EchoesMessagesOfAllSizes) {
  const std::vector<std::size_t> sizes = {0, 1, 125, 126, 65535, 65536, 1 << 20, 5 << 20};
  std::vector<std::string> payloads;
  for (const std::size_t size : sizes) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    payloads.push_back(std::move(payload));
  }
  clientScript->onOpen = [&](WebSocketProtocol& protocol) {
    for (const std::string& payload : payloads) EXPECT_TRUE(protocol.sendMessage(payload));
  };
  clientScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool isBinary) {
    EXPECT_FALSE(isBinary);
    if (clientScript->messages.size() == payloads.size()) protocol.sendClose(1000, "done");
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_TRUE(clientScript->messages == payloads);
  EXPECT_TRUE(clientScript->close.wasClean);
  EXPECT_EQ(clientScript->close.code, 1000);
  EXPECT_EQ(serverScript->close.code, 1000);
  EXPECT_EQ(serverScript->close.reason, "done");
  EXPECT_EQ(server.connectionCount(), 0U);
  EXPECT_EQ(clientScript->alive + serverScript->alive, 0);
}

TEST_F(Loopback, EchoesThatWaitForTheirReaderKeepTheirBytes) {
  // Two ends that are both full would both wait for the other to read.
  ServerOptions options;
  options.sendBufferHighWatermark = std::size_t{1} << 30;
  server.setProtocolOptions(options);
  std::vector<std::string> payloads;
  for (std::size_t i = 0; i < 400; ++i) {
    std::string payload(9000 + i * 977 % 150'000, '\0');
    for (std::size_t at = 0; at < payload.size(); ++at)
      payload[at] = static_cast<char>(at * 31 + at / 256 + i);
    payloads.push_back(std::move(payload));
  }
  WebSocketProtocol* reader = nullptr;
  clientScript->onOpen = [&](WebSocketProtocol& protocol) {
    protocol.pauseReading();
    reader = &protocol;
    for (const std::string& payload : payloads) protocol.sendMessage(payload, true);
  };
  bool waited = false;
  serverScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view payload, bool) {
    protocol.sendMessage(payload, true);
    // More than one read holds: the client's system takes no more.
    if (waited || protocol.bufferedAmount() < 600'000) return;
    waited = true;
    reader->resumeReading();
  };
  clientScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool) {
    if (clientScript->messages.size() == payloads.size()) protocol.sendClose();
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_TRUE(waited);
  EXPECT_TRUE(clientScript->messages == payloads);
}

TEST_F(Loopback, ChoosesASubprotocolAndSendsHeadersBothWays) {
  server.setSessionParameters("ws://127.0.0.1:0", {"chat", "echo"}, "test", {{"X-From", "factory"}});
  serverScript->onConnect = [](WebSocketServerProtocol& protocol, const ConnectionRequest& request) {
    EXPECT_EQ(request.headers.get("X-Client"), "yes");
    EXPECT_EQ(request.path, "/a b");
    EXPECT_EQ(request.param("q"), "1");
    EXPECT_EQ(request.peer.substr(0, 15), "tcp4:127.0.0.1:");
    EXPECT_EQ(protocol.peer(), request.peer);
    return ConnectionAccept{"echo", {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}}};
  };
  ConnectionResponse seen;
  clientScript->onConnecting = [](ClientRequest& request) { request.headers.add("X-Client", "yes"); };
  clientScript->onResponse = [&](const ConnectionResponse& response) { seen = response; };
  clientScript->onOpen = [](WebSocketProtocol& protocol) {
    EXPECT_EQ(protocol.subprotocol(), "echo");
    protocol.sendClose();
  };
  server.listen();
  makeClient("ws://127.0.0.1:" + std::to_string(server.port()) + "/a%20b?q=1");
  client->setSessionParameters(client->url(), "http://localhost:80", {"mqtt", "echo"});
  client->connect();
  runUntilClosed();
  EXPECT_EQ(seen.protocol, "echo");
  EXPECT_EQ(seen.headers.joined("Set-Cookie"), "a=1, b=2");
  EXPECT_EQ(seen.headers.get("X-From"), "factory");
  EXPECT_EQ(seen.headers.get("Server"), "test");
}

TEST_F(Loopback, DeniesWithStatusAndReason) {
  serverScript->onConnect = [](WebSocketServerProtocol&, const ConnectionRequest&) -> ConnectDecision {
    throw ConnectionDeny(ConnectionDeny::kForbidden, "members only");
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_EQ(clientScript->opened, 0);
  EXPECT_FALSE(clientScript->close.wasClean);
  EXPECT_EQ(clientScript->close.code, 1006);
  EXPECT_NE(clientScript->close.reason.find("403"), std::string::npos) << clientScript->close.reason;
}

TEST_F(Loopback, AnyOtherExceptionInOnConnectDeniesWith500) {
  serverScript->onConnect = [](WebSocketServerProtocol&, const ConnectionRequest&) -> ConnectDecision {
    throw std::runtime_error("database is down");
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_NE(clientScript->close.reason.find("500"), std::string::npos) << clientScript->close.reason;
  EXPECT_EQ(clientScript->close.reason.find("database"), std::string::npos) << "inner matters stay inside";
}

asio::awaitable<ConnectionAccept> acceptLater(std::string protocol) {
  asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
  co_await timer.async_wait(asio::use_awaitable);
  ConnectionAccept accept;
  accept.subprotocol = protocol;
  co_return accept;
}

TEST_F(Loopback, OnConnectMayDecideLater) {
  serverScript->onConnect = [](WebSocketServerProtocol&, const ConnectionRequest&) -> ConnectDecision {
    return acceptLater("slow");
  };
  clientScript->onOpen = [](WebSocketProtocol& protocol) {
    EXPECT_EQ(protocol.subprotocol(), "slow");
    protocol.sendMessage("hello");
  };
  clientScript->onMessage = [](WebSocketProtocol& protocol, std::string_view, bool) { protocol.sendClose(); };
  listen();
  client->setSessionParameters(client->url(), "", {"slow"});
  client->connect();
  runUntilClosed();
  EXPECT_EQ(clientScript->messages, std::vector<std::string>{"hello"});
}

asio::awaitable<ConnectionAccept> denyLater() {
  asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
  co_await timer.async_wait(asio::use_awaitable);
  throw ConnectionDeny(401, "who are you?", {{"WWW-Authenticate", "Bearer"}});
}

TEST_F(Loopback, OnConnectMayDenyLater) {
  serverScript->onConnect = [](WebSocketServerProtocol&, const ConnectionRequest&) -> ConnectDecision {
    return denyLater();
  };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_NE(clientScript->close.reason.find("401"), std::string::npos) << clientScript->close.reason;
}

TEST_F(Loopback, AThrowingCallbackClosesItsConnectionWith1011) {
  ServerOptions options;
  options.failByDrop = false;
  server.setProtocolOptions(options);
  serverScript->onMessage = [](WebSocketProtocol&, std::string_view, bool) {
    throw std::runtime_error("oops");
  };
  clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendMessage("x"); };
  listen();
  client->connect();
  runUntilClosed();
  EXPECT_EQ(clientScript->close.code, 1011);
  EXPECT_FALSE(serverScript->close.wasClean);
}

TEST_F(Loopback, ClientIsToldWhenNobodyListens) {
  listen();
  server.close();
  runUntil([] { return true; });
  client->connect();
  runUntil([this] { return clientScript->closed != 0; });
  EXPECT_EQ(clientScript->close.code, 1006);
  EXPECT_NE(clientScript->close.reason.find("cannot connect"), std::string::npos)
      << clientScript->close.reason;
}

TEST_F(Loopback, CompressesBothWays) {
  ServerOptions options;
  options.perMessageCompressionAccept = acceptPerMessageDeflate();
  server.setProtocolOptions(options);
  const std::string payload(1 << 20, 'a');
  TrafficStats stats;
  clientScript->onOpen = [&](WebSocketProtocol& protocol) {
    ASSERT_TRUE(protocol.compression().has_value());
    protocol.sendMessage(payload);
  };
  clientScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool) {
    stats = protocol.trafficStats();
    protocol.sendClose();
  };
  listen();
  ClientOptions clientOptions;
  clientOptions.perMessageCompressionOffers = {PerMessageDeflateOffer{}};
  client->setProtocolOptions(clientOptions);
  client->connect();
  runUntilClosed();
  ASSERT_EQ(clientScript->messages.size(), 1U);
  EXPECT_TRUE(clientScript->messages[0] == payload);
  EXPECT_EQ(stats.outgoingOctetsAppLevel, payload.size());
  EXPECT_LT(stats.outgoingOctetsWireLevel, payload.size() / 100);
  EXPECT_LT(stats.incomingCompressionRatio(), 0.01);
}

TEST_F(Loopback, BroadcastsAPreparedMessage) {
  clientScript->onMessage = [](WebSocketProtocol& protocol, std::string_view, bool) { protocol.sendClose(); };
  listen();
  for (int i = 0; i < 5; ++i) client->connect();
  runUntil([this] { return serverScript->opened == 5 && clientScript->opened == 5; });
  server.broadcast(server.prepareMessage("to all"));
  runUntil([this] { return clientScript->closed == 5; });
  EXPECT_EQ(clientScript->messages, std::vector<std::string>(5, "to all"));
}

TEST_F(Loopback, WhatAVisitSendsLeavesBeforeTheNext) {
  listen();
  for (int i = 0; i < 3; ++i) client->connect();
  runUntil([this] { return serverScript->opened == 3 && clientScript->opened == 3; });
  std::vector<std::size_t> waiting;
  WebSocketProtocol* last = nullptr;
  server.forEach([&](WebSocketServerProtocol& protocol) {
    if (last != nullptr) waiting.push_back(last->bufferedAmount());
    last = &protocol;
    protocol.sendMessage("visited");
    if (waiting.empty()) throw std::runtime_error("of the visitor");  // what was sent leaves all the same
  });
  runUntil([this] { return clientScript->messages.size() == 3; });
  EXPECT_EQ(clientScript->messages, std::vector<std::string>(3, "visited"));
  EXPECT_EQ(waiting, std::vector<std::size_t>(2, 0));
}

TEST_F(Loopback, UnixSockets) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("autobahn-test-" + std::to_string(::getpid()) + ".sock");
  server.listen("ws+unix://" + path);
  makeClient("ws+unix://" + path);
  clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendMessage("over a file"); };
  clientScript->onMessage = [](WebSocketProtocol& protocol, std::string_view, bool) { protocol.sendClose(); };
  client->connect();
  runUntilClosed();
  EXPECT_EQ(clientScript->messages, std::vector<std::string>{"over a file"});
}

TEST_F(Loopback, PausedReadingDeliversNothingUntilResumed) {
  serverScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool) {
    protocol.pauseReading();
  };
  WebSocketProtocol* paused = nullptr;
  serverScript->onOpen = [&](WebSocketProtocol& protocol) { paused = &protocol; };
  clientScript->onOpen = [](WebSocketProtocol& protocol) {
    for (const char* text : {"1", "2", "3"}) protocol.sendMessage(text);
  };
  listen();
  client->connect();
  runUntil([this] { return serverScript->messages.size() == 1; });
  EXPECT_EQ(serverScript->messages.size(), 1U);
  paused->resumeReading();
  runUntil([this] { return serverScript->messages.size() == 2; });
  serverScript->onMessage = nullptr;
  paused->resumeReading();
  runUntil([this] { return serverScript->messages.size() == 3; });
  EXPECT_EQ(serverScript->messages, (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(Loopback, DrainSaysGoodbyeToAll) {
  listen();
  client->connect();
  runUntil([this] { return clientScript->opened == 1 && serverScript->opened == 1; });
  bool drained = false;
  server.drain(5s, [&] { drained = true; });
  runUntil([&] { return drained && clientScript->closed == 1; });
  EXPECT_EQ(clientScript->close.code, 1001);
  EXPECT_TRUE(serverScript->close.wasClean);
}

}  // namespace
}  // namespace autobahn::inline v0::websocket::testing
