// What must not hurt a server, over real sockets: peers that lie, stall, flood and vanish.
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "permessage_deflate.hpp"
#include "testing/loopback.hpp"
#include "testing/raw_client.hpp"

namespace autobahn::inline v0::websocket::testing {
namespace {

using namespace std::chrono_literals;

using Hostile = Loopback;

struct BadRequest {
  const char* name;
  std::string request;
  int status;
  const char* reason;  ///< a word of the body
};

std::string without(std::string request, std::string_view field) {
  const std::size_t start = request.find(field);
  return request.erase(start, request.find("\r\n", start) + 2 - start);
}

TEST_F(Hostile, MalformedHandshakesGetAStatusAReasonAndAnEnd) {
  std::string manyHeaders;
  for (int i = 0; i < 200; ++i) manyHeaders += "X-" + std::to_string(i) + ": 1\r\n";
  const std::vector<BadRequest> cases = {
      {"no host", without(goodRequest(), "Host"), 400, "Host"},
      {"two hosts", goodRequest("Host: other\r\n"), 400, "Host"},
      {"no upgrade", without(goodRequest(), "Upgrade: w"), 400, "Upgrade"},
      {"no connection", without(goodRequest(), "Connection"), 400, "Connection"},
      {"no key", without(goodRequest(), "Sec-WebSocket-Key"), 400, "Sec-WebSocket-Key"},
      {"two keys", goodRequest("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400, "Sec-WebSocket-Key"},
      {"version 7", without(goodRequest("Sec-WebSocket-Version: 7\r\n"), "Sec-WebSocket-Version: 13"), 426,
       "ersion"},
      {"a body", goodRequest("Content-Length: 5\r\n") + "hello", 400, "body"},
      {"chunked", goodRequest("Transfer-Encoding: chunked\r\n"), 400, ""},
      {"smuggling", goodRequest("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400, ""},
      {"folded", goodRequest("X-A: b\r\n c\r\n"), 400, "fold"},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400, ""},
      {"giant header", goodRequest("X-A: " + std::string(70000, 'a') + "\r\n"), 431, ""},
      {"many headers", goodRequest(manyHeaders), 431, ""},
      {"post", "POST" + goodRequest().substr(3), 405, ""},
      {"http/1.0", "GET / HTTP/1.0\r\n" + goodRequest().substr(16), 505, ""},
      {"not http", "\x16\x03\x01\x02", 400, ""},
  };
  for (const BadRequest& bad : cases) {
    SCOPED_TRACE(bad.name);
    const std::string answer = exchange(bad.request);
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + std::to_string(bad.status)) << answer;
    EXPECT_NE(answer.find(bad.reason, answer.find("\r\n\r\n")), std::string::npos) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  }
  EXPECT_EQ(serverScript->opened, 0);
}

TEST_F(Hostile, AStalledHandshakeMeetsItsDeadline) {
  ServerOptions options;
  options.openHandshakeTimeout = 20ms;
  server.setProtocolOptions(options);
  EXPECT_EQ(exchange("GET / HTTP/1.1\r\nHost: a").substr(0, 12), "HTTP/1.1 408");
  EXPECT_EQ(exchange(""), "") << "who says nothing is told nothing";
}

TEST_F(Hostile, ForeignOriginsAreRefused) {
  ServerOptions options;
  options.allowedOrigins = {"https://*.example.com:443"};
  server.setProtocolOptions(options);
  EXPECT_EQ(exchange(goodRequest("Origin: https://evil.com\r\n")).substr(0, 12), "HTTP/1.1 403");
  EXPECT_EQ(exchange(goodRequest("Origin: https://a.example.com.evil.com\r\n")).substr(0, 12),
            "HTTP/1.1 403");
  EXPECT_EQ(exchange(goodRequest("Origin: null\r\n")).substr(0, 12), "HTTP/1.1 403");
  const std::string good = goodRequest("Origin: https://a.example.com\r\n") + maskedFrame(0x88, "");
  EXPECT_EQ(exchange(good).substr(0, 12), "HTTP/1.1 101");
}

struct BadFrames {
  const char* name;
  std::string frames;
  std::uint16_t code;
};

TEST_F(Hostile, ProtocolViolationsAreAnsweredWithTheirCode) {
  ServerOptions options;
  options.failByDrop = false;
  options.maxMessagePayloadSize = 1000;
  options.maxFramesPerMessage = 4;
  server.setProtocolOptions(options);
  std::string endless = maskedFrame(0x02, "");
  for (int i = 0; i < 10; ++i) endless += maskedFrame(0x00, "");
  const std::vector<BadFrames> cases = {
      {"unmasked", std::string("\x81\x01x", 3), 1002},
      {"reserved bit", maskedFrame(0xC1, "x"), 1002},
      {"reserved opcode", maskedFrame(0x83, "x"), 1002},
      {"63-bit length", std::string("\x82\xFF\x80\0\0\0\0\0\0\0\0\0\0\0", 14), 1002},
      {"too large, announced", std::string("\x82\xFF\0\0\0\x10\0\0\0\0\0\0\0\0", 14), 1009},
      {"fragmented ping", maskedFrame(0x09, ""), 1002},
      {"close of one octet", maskedFrame(0x88, "x"), 1002},
      {"close with 1005", maskedFrame(0x88, "\x03\xED"), 1002},
      {"bad text", maskedFrame(0x81, "\xC3\x28"), 1007},
      {"endless fragments", endless, 1008},
      {"continuation of nothing", maskedFrame(0x80, "x"), 1002},
  };
  for (const BadFrames& bad : cases) {
    SCOPED_TRACE(bad.name);
    const std::string answer = exchange(goodRequest() + bad.frames);
    const std::string frames = answer.substr(answer.find("\r\n\r\n") + 4);
    ASSERT_GE(frames.size(), 4U);
    EXPECT_EQ(static_cast<std::uint8_t>(frames[0]), 0x88);
    EXPECT_EQ(static_cast<std::uint8_t>(frames[2]) << 8 | static_cast<std::uint8_t>(frames[3]), bad.code);
  }
}

TEST_F(Hostile, APeerThatNeverReadsIsNotReadFromAndNothingGrows) {
  ServerOptions options;
  options.sendBufferHighWatermark = 1 << 20;
  options.sendBufferLowWatermark = 1 << 16;
  server.setProtocolOptions(options);
  WebSocketProtocol* victim = nullptr;
  std::size_t highest = 0;
  serverScript->onOpen = [&](WebSocketProtocol& protocol) { victim = &protocol; };
  serverScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view payload, bool isBinary) {
    protocol.sendMessage(payload, isBinary);
    highest = std::max(highest, protocol.bufferedAmount());
    serverScript->messages.clear();
  };
  server.listen();
  RawClient raw(io, server.port());
  // Far more than all buffers of the system between us hold.
  std::string flood = goodRequest();
  const std::string frame = maskedFrame(0x82, std::string(60000, 'x'));
  for (int i = 0; i < 1000; ++i) flood += frame;
  raw.send(flood);
  runUntil([&] { return highest >= options.sendBufferHighWatermark; });
  for (int i = 0; i < 100; ++i) io.poll();
  // One more batch of input may have been on its way.
  EXPECT_LT(highest, options.sendBufferHighWatermark + (std::size_t{1} << 20));
  raw.read();
  runUntil([&] { return raw.received.size() > flood.size() / 2; });
  victim->dropConnection(true);
  runUntil([&] { return server.connectionCount() == 0; });
}

/// A little compressed input is a lot of work: it is done in turns, and what comes behind it is not lost.
TEST_F(Hostile, CompressedMessagesTakeTurnsAndTheEndBehindThemIsSeen) {
  constexpr int kMessages = 40;
  constexpr std::size_t kSize = 100'000;
  PerMessageDeflate peer(Role::client, {.clientNoContextTakeover = true});
  util::ByteBuffer compressed;
  peer.compress(std::string(kSize, 'a'), true, compressed);
  std::string flood = goodRequest("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  for (int i = 0; i < kMessages; ++i) flood += maskedFrame(0xC2, compressed.view());
  ServerOptions options;
  options.perMessageCompressionAccept = acceptPerMessageDeflate();
  server.setProtocolOptions(options);
  int received = 0;
  int inThisTurn = 0;
  int mostInATurn = 0;
  serverScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view payload, bool isBinary) {
    if (inThisTurn == 0) asio::post(io, [&] { inThisTurn = 0; });
    mostInATurn = std::max(mostInATurn, ++inThisTurn);
    ++received;
    EXPECT_EQ(payload.size(), kSize);
    protocol.sendMessage(payload, isBinary);
  };
  server.listen();
  for (const bool isHalf : {true, false}) {
    received = 0;
    RawClient raw(io, server.port());
    asio::write(raw.socket(), asio::buffer(flood));
    if (isHalf) {
      raw.socket().shutdown(asio::ip::tcp::socket::shutdown_send);
      raw.read();
    }
    runUntil([&] { return received >= 3; });
    if (!isHalf) raw.socket().close();
    runUntil([&] { return server.connectionCount() == 0; });
    if (isHalf) {
      EXPECT_EQ(received, kMessages);
    }
  }
  EXPECT_LE(mostInATurn, 6);  // 3 for what was readable, 3 at the end of the turn
}

TEST_F(Hostile, PingFloodsOfAPeerThatNeverReadsStayBounded) {
  ServerOptions options;
  options.sendBufferHighWatermark = 1 << 16;
  options.sendBufferLowWatermark = 1 << 12;
  server.setProtocolOptions(options);
  WebSocketProtocol* victim = nullptr;
  serverScript->onOpen = [&](WebSocketProtocol& protocol) { victim = &protocol; };
  server.listen();
  RawClient raw(io, server.port());
  std::string flood = goodRequest();
  for (int i = 0; i < 200000; ++i) flood += maskedFrame(0x89, std::string(125, 'p'));
  raw.send(flood);
  runUntil([&] { return victim != nullptr && victim->bufferedAmount() >= options.sendBufferHighWatermark; });
  for (int i = 0; i < 100; ++i) io.poll();
  EXPECT_LT(victim->bufferedAmount(), std::size_t{1} << 20);
  victim->dropConnection(true);
  runUntil([&] { return server.connectionCount() == 0; });
}

TEST_F(Hostile, SlowConsumersMeetTheirPolicy) {
  for (const SlowConsumerPolicy policy : {SlowConsumerPolicy::dropMessage, SlowConsumerPolicy::close}) {
    SCOPED_TRACE(static_cast<int>(policy));
    ServerOptions options;
    options.sendBufferHighWatermark = 1 << 16;
    options.sendBufferLowWatermark = 1 << 12;
    options.slowConsumerPolicy = policy;
    options.closeHandshakeTimeout = 10ms;
    server.setProtocolOptions(options);
    serverScript->opened = serverScript->closed = 0;
    WebSocketProtocol* slow = nullptr;
    serverScript->onOpen = [&](WebSocketProtocol& protocol) { slow = &protocol; };
    if (server.port() == 0) server.listen();
    RawClient raw(io, server.port());
    raw.send(goodRequest());
    runUntil([&] { return slow != nullptr; });
    const std::string payload(100'000, 'x');
    int accepted = 0;
    while (accepted < 1000 && slow->sendMessage(payload)) ++accepted;
    EXPECT_LT(accepted, 1000);
    EXPECT_LT(slow->bufferedAmount(), options.sendBufferHighWatermark + 2 * payload.size());
    EXPECT_EQ(slow->state() == State::open, policy == SlowConsumerPolicy::dropMessage)
        << "closed at once, not when it has taken nothing for long";
    if (policy == SlowConsumerPolicy::dropMessage) {
      raw.read();
      runUntil([&] { return slow->bufferedAmount() == 0; });
      EXPECT_TRUE(slow->sendMessage(payload)) << "a consumer that catches up is served again";
      slow->dropConnection(true);
    }
    runUntil([&] { return serverScript->closed == 1; });
    EXPECT_FALSE(serverScript->close.wasClean);
    runUntil([&] { return server.connectionCount() == 0; });
  }
}

TEST_F(Hostile, ADeadPeerIsNoticedByPings) {
  ServerOptions options;
  options.autoPingInterval = 5ms;
  options.autoPingTimeout = 5ms;
  server.setProtocolOptions(options);
  const std::string answer = exchange(goodRequest());
  EXPECT_NE(answer.find(std::string("\x89\x0C", 2)), std::string::npos) << "a ping of 12 octets was sent";
  EXPECT_NE(serverScript->close.reason.find("ping"), std::string::npos) << serverScript->close.reason;
}

TEST_F(Hostile, ConnectionLimitsAreAnsweredWith503) {
  ServerOptions options;
  options.maxConnections = 2;
  server.setProtocolOptions(options);
  server.listen();
  RawClient first(io, server.port());
  RawClient second(io, server.port());
  first.send(goodRequest());
  second.send(goodRequest());
  runUntil([&] { return serverScript->opened == 2; });
  RawClient third(io, server.port());
  third.read();
  third.send(goodRequest());
  runUntil([&] { return third.ended; });
  EXPECT_EQ(third.received.substr(0, 12), "HTTP/1.1 503");
}

TEST_F(Hostile, ConnectionLimitsPerAddress) {
  ServerOptions options;
  options.maxConnectionsPerIp = 1;
  server.setProtocolOptions(options);
  server.listen();
  RawClient first(io, server.port());
  first.send(goodRequest());
  runUntil([&] { return serverScript->opened == 1; });
  RawClient second(io, server.port());
  second.read();
  second.send(goodRequest());
  runUntil([&] { return second.ended; });
  EXPECT_EQ(second.received.substr(0, 12), "HTTP/1.1 503");
  second.socket().close();
  first.socket().close();
  runUntil([&] { return server.connectionCount() == 0; });
  RawClient again(io, server.port());
  again.send(goodRequest());
  runUntil([&] { return serverScript->opened == 2; });
}

TEST_F(Hostile, AResetInTheMiddleHarmsNobodyElse) {
  listen();
  RawClient raw(io, server.port());
  raw.send(goodRequest() + "\x82\xFE\x10");
  runUntil([&] { return serverScript->opened == 1; });
  raw.socket().set_option(asio::socket_base::linger(true, 0));
  raw.socket().close();
  runUntil([&] { return serverScript->closed == 1; });
  EXPECT_EQ(serverScript->close.code, 1006);
  clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendMessage("still there?"); };
  clientScript->onMessage = [](WebSocketProtocol& protocol, std::string_view, bool) { protocol.sendClose(); };
  client->connect();
  runUntil([&] { return clientScript->closed == 1; });
  EXPECT_TRUE(clientScript->close.wasClean);
}

using Deed = std::function<void(WebSocketProtocol&)>;

TEST_F(Hostile, ConnectionsMayEndInsideAnyOfTheirCallbacks) {
  const std::vector<std::pair<const char*, Deed>> deeds = {
      {"drop", [](WebSocketProtocol& protocol) { protocol.dropConnection(); }},
      {"abort", [](WebSocketProtocol& protocol) { protocol.dropConnection(true); }},
      {"close", [](WebSocketProtocol& protocol) { protocol.sendClose(); }},
      {"close twice and send",
       [](WebSocketProtocol& protocol) {
         protocol.sendClose();
         EXPECT_FALSE(protocol.sendClose());
         EXPECT_FALSE(protocol.sendMessage("too late"));
         protocol.sendPing();
         protocol.dropConnection();
         EXPECT_FALSE(protocol.sendMessage(std::string(100'000, 'x')));
       }},
  };
  listen();
  clientScript->onOpen = [](WebSocketProtocol& protocol) {
    for (int i = 0; i < 3; ++i) protocol.sendMessage("x");
  };
  for (const auto& entry : deeds) {
    const char* const name = entry.first;
    const Deed& deed = entry.second;
    for (int place = 0; place < 4; ++place) {
      SCOPED_TRACE(std::string(name) + " in callback " + std::to_string(place));
      serverScript->onConnect = nullptr;
      serverScript->onOpen = nullptr;
      serverScript->onMessage = nullptr;
      serverScript->onClose = nullptr;
      serverScript->closed = clientScript->closed = 0;
      if (place == 0) {
        serverScript->onConnect = [&](WebSocketServerProtocol& protocol, const ConnectionRequest&) {
          deed(protocol);
          return ConnectionAccept{};
        };
      }
      if (place == 1) serverScript->onOpen = deed;
      if (place == 2)
        serverScript->onMessage = [&](WebSocketProtocol& p, std::string_view, bool) { deed(p); };
      if (place == 3) {
        serverScript->onOpen = [](WebSocketProtocol& p) { p.dropConnection(); };
        serverScript->onClose = [&](WebSocketProtocol& p, const CloseInfo&) { deed(p); };
      }
      if (std::string_view(name).starts_with("close") && place == 0) continue;  // not open: nothing to close
      client->connect();
      runUntil([&] { return serverScript->closed == 1 && clientScript->closed == 1; });
      runUntil([&] { return server.connectionCount() == 0 && client->connectionCount() == 0; });
      EXPECT_EQ(serverScript->alive + clientScript->alive, 0);
    }
  }
}

/// Sanitizers keep freed memory for a while.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::size_t openDescriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

std::size_t residentKiB() {
  std::ifstream status("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  status >> total >> resident;
  return resident * 4;
}

/// Connections that end in every way there is, of which nothing may stay.
class Churn : public Hostile {
 protected:
  void run(int thousands) {
    listen();
    clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendMessage("x"); };
    clientScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool) {
      clientScript->messages.clear();
      serverScript->messages.clear();
      end(protocol);
    };
    cycle(1000);  // warm up pools and caches
    const std::size_t descriptors = openDescriptors();
    const std::size_t memory = residentKiB();
    for (int i = 1; i < thousands; ++i) cycle(1000);
    EXPECT_EQ(openDescriptors(), descriptors);
    EXPECT_EQ(serverScript->alive + clientScript->alive, 0);
    EXPECT_TRUE(kSanitized || residentKiB() < memory + 1024) << "memory before: " << memory << " KiB";
  }

 private:
  static void end(WebSocketProtocol& protocol, int way) {
    if (way == 0) return protocol.dropConnection();
    if (way == 1) return protocol.dropConnection(true);
    protocol.sendClose();
  }
  void end(WebSocketProtocol& protocol) { end(protocol, ++ended_ % 8); }
  void cycle(int count) {
    const int target = started_ + count;
    runUntil([&] {
      while (started_ < target && client->connectionCount() < 20) {
        client->connect();
        ++started_;
      }
      return clientScript->closed == target && serverScript->closed == target;
    });
    runUntil([&] { return server.connectionCount() == 0 && client->connectionCount() == 0; });
  }

  int started_ = 0;
  int ended_ = 0;
};

TEST_F(Churn, TenThousandConnectionsLeaveNothingBehind) { run(10); }

/// Half a minute: the test attacks_churn of ctest, not one for every day.
TEST_F(Churn, DISABLED_AHundredThousandConnectionsLeaveNothingBehind) { run(100); }

}  // namespace
}  // namespace autobahn::inline v0::websocket::testing
