// What must not hurt a server, over real sockets: peers that lie, stall, flood and vanish.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "testing/engine_harness.hpp"
#include "testing/loopback.hpp"

namespace autobahn::inline v0::rawsocket::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using Hostile = Loopback;

const std::string kHello = four(0x7F, 0xF1);

TEST_F(Hostile, BadHandshakesGetTheirErrorAndAnEnd) {
  ServerOptions options;
  options.serializers = {SerializerId::json};
  server.setProtocolOptions(options);
  EXPECT_EQ(exchange(four(0x7F, 0xF0)), four(0x7F, 0x10));
  EXPECT_EQ(exchange(four(0x7F, 0xF2)), four(0x7F, 0x10));
  EXPECT_EQ(exchange(four(0x7F, 0xF1, 1)), four(0x7F, 0x30));
  EXPECT_EQ(exchange("GET / HTTP/1.1\r\n\r\n"), "");
  EXPECT_EQ(exchange("x"), "");
  EXPECT_EQ(serverScript->opened, 0);
}

TEST_F(Hostile, AStalledHandshakeMeetsItsDeadline) {
  ServerOptions options;
  options.openHandshakeTimeout = 20ms;
  server.setProtocolOptions(options);
  EXPECT_EQ(exchange("\x7F\xF1"), "");
  EXPECT_EQ(exchange(""), "");
}

TEST_F(Hostile, ViolationsEndTheConnection) {
  ServerOptions options;
  options.maxMessagePayloadSize = 1024;
  server.setProtocolOptions(options);
  const std::vector<std::pair<std::string, const char*>> cases = {
      {head(0, 1025), "message of 1025 octets"},
      {head(8, 0), "message of 16777216 octets"},
      {head(3, 0), "reserved type 3"},
      {head(0x80, 0), "reserved bits"},
      {head(8, 1), "bit for 16 MiB"},
      {head(1, 4000), "PING of 4000 octets"},
  };
  for (const auto& [bytes, reason] : cases) {
    SCOPED_TRACE(reason);
    exchange(kHello + message("good") + bytes);
    EXPECT_FALSE(serverScript->close.wasClean);
    EXPECT_THAT(serverScript->close.reason, HasSubstr(reason));
  }
  EXPECT_EQ(serverScript->messages.size(), cases.size());
}

/// Sanitizers keep freed memory for a while.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

struct Memory {
  std::size_t total = 0;  ///< address space: what was allocated, touched or not
  std::size_t resident = 0;
};

/// In KiB.
Memory memoryInUse() {
  std::ifstream status("/proc/self/statm");
  Memory memory;
  status >> memory.total >> memory.resident;
  return {memory.total * 4, memory.resident * 4};
}

std::size_t residentKiB() { return memoryInUse().resident; }

TEST_F(Hostile, DeclaredSizesCostNothing) {
  server.listen();
  const Memory before = memoryInUse();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 100; ++i) {
    peers.push_back(std::make_unique<RawPeer>(io, server.port()));
    peers.back()->send(kHello + head(8, 0) + "x");
  }
  runUntil([&] { return serverScript->opened == 100; });
  // Room for the rest is made when more of it comes.
  for (const auto& peer : peers) peer->send("y");
  for (int i = 0; i < 100; ++i) io.poll();
  EXPECT_TRUE(kSanitized || memoryInUse().resident < before.resident + 16 * 1024);
  EXPECT_TRUE(kSanitized || memoryInUse().total < before.total + 64 * 1024);
}

TEST_F(Hostile, APeerThatNeverReadsIsNotReadFromAndNothingGrows) {
  ServerOptions options;
  options.sendBufferHighWatermark = 1 << 20;
  options.sendBufferLowWatermark = 1 << 16;
  server.setProtocolOptions(options);
  RawSocketProtocol* victim = nullptr;
  std::size_t highest = 0;
  serverScript->onOpen = [&](RawSocketProtocol& protocol) { victim = &protocol; };
  serverScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view payload) {
    protocol.sendMessage(payload);
    highest = std::max(highest, protocol.bufferedAmount());
    serverScript->messages.clear();
  };
  server.listen();
  RawPeer peer(io, server.port());
  // Far more than all buffers of the system between us hold.
  std::string flood = kHello;
  for (int i = 0; i < 1000; ++i) flood += message(std::string(60000, 'x'));
  peer.send(flood);
  runUntil([&] { return highest >= options.sendBufferHighWatermark; });
  for (int i = 0; i < 100; ++i) io.poll();
  // One more batch of input may have been on its way.
  EXPECT_LT(highest, options.sendBufferHighWatermark + (std::size_t{1} << 20));
  peer.read();
  runUntil([&] { return peer.received.size() > flood.size() / 2; });
  victim->abort();
  runUntil([&] { return server.connectionCount() == 0; });
}

TEST_F(Hostile, PingFloodsOfAPeerThatNeverReadsStayBounded) {
  ServerOptions options;
  options.sendBufferHighWatermark = 1 << 16;
  options.sendBufferLowWatermark = 1 << 12;
  server.setProtocolOptions(options);
  RawSocketProtocol* victim = nullptr;
  serverScript->onOpen = [&](RawSocketProtocol& protocol) { victim = &protocol; };
  server.listen();
  RawPeer peer(io, server.port());
  std::string flood = kHello;
  for (int i = 0; i < 300'000; ++i) flood += ping(std::string(125, 'p'));
  peer.send(flood);
  runUntil([&] { return victim != nullptr && victim->bufferedAmount() >= options.sendBufferHighWatermark; });
  for (int i = 0; i < 100; ++i) io.poll();
  EXPECT_LT(victim->bufferedAmount(), std::size_t{1} << 20);
  EXPECT_LT(victim->trafficStats().incomingPings, 300'000U);
  victim->abort();
  runUntil([&] { return server.connectionCount() == 0; });
}

TEST_F(Hostile, SlowConsumersAreDropped) {
  ServerOptions options;
  options.sendBufferHighWatermark = 1 << 16;
  options.sendBufferLowWatermark = 1 << 12;
  server.setProtocolOptions(options);
  RawSocketProtocol* slow = nullptr;
  serverScript->onOpen = [&](RawSocketProtocol& protocol) { slow = &protocol; };
  server.listen();
  RawPeer peer(io, server.port());
  peer.send(kHello);
  runUntil([&] { return slow != nullptr; });
  const std::string payload(100'000, 'x');
  int accepted = 0;
  while (accepted < 1000 && slow->sendMessage(payload)) ++accepted;
  EXPECT_LT(accepted, 1000);
  EXPECT_NE(slow->state(), State::open) << "at once, not when it has taken nothing for long";
  runUntil([&] { return server.connectionCount() == 0; });
  EXPECT_THAT(serverScript->close.reason, HasSubstr("slow consumer"));
}

TEST_F(Hostile, ADeadPeerIsNoticedByPings) {
  ServerOptions options;
  options.autoPingInterval = 5ms;
  options.autoPingTimeout = 5ms;
  server.setProtocolOptions(options);
  const std::string answer = exchange(kHello);
  EXPECT_EQ(answer.substr(0, 8), kHello + head(1, 12));
  EXPECT_THAT(serverScript->close.reason, HasSubstr("PING"));
}

TEST_F(Hostile, ConnectionLimitsAreAnsweredWithTheirError) {
  for (const bool perAddress : {false, true}) {
    SCOPED_TRACE(perAddress);
    ServerOptions options;
    (perAddress ? options.maxConnectionsPerIp : options.maxConnections) = 2;
    server.setProtocolOptions(options);
    serverScript->opened = 0;
    if (server.port() == 0) server.listen();
    RawPeer first(io, server.port());
    RawPeer second(io, server.port());
    first.send(kHello);
    second.send(kHello);
    runUntil([&] { return serverScript->opened == 2; });
    RawPeer third(io, server.port());
    third.read();
    third.send(kHello);
    runUntil([&] { return third.ended; });
    EXPECT_EQ(third.received, four(0x7F, 0x40));
    third.socket.close();
    first.socket.close();
    runUntil([&] { return server.connectionCount() == 1; });
    RawPeer again(io, server.port());
    again.send(kHello);
    runUntil([&] { return serverScript->opened == 3; });
    second.socket.close();
    again.socket.close();
    runUntil([&] { return server.connectionCount() == 0; });
  }
}

TEST_F(Hostile, FarOverTheLimitNobodyIsTold) {
  ServerOptions options;
  options.maxConnections = 1;
  server.setProtocolOptions(options);
  server.listen();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 80; ++i) {
    peers.push_back(std::make_unique<RawPeer>(io, server.port()));
    peers.back()->read();
  }
  runUntil([&] {
    return std::count_if(peers.begin(), peers.end(), [](const auto& peer) { return peer->ended; }) == 15;
  });
  EXPECT_EQ(server.connectionCount(), 65U);
}

TEST_F(Hostile, AResetInTheMiddleHarmsNobodyElse) {
  listen();
  RawPeer peer(io, server.port());
  peer.send(kHello + head(0, 1000) + "half");
  runUntil([&] { return serverScript->opened == 1; });
  peer.socket.set_option(asio::socket_base::linger(true, 0));
  peer.socket.close();
  runUntil([&] { return serverScript->closed == 1; });
  EXPECT_FALSE(serverScript->close.wasClean);
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage("still here"); };
  client->connect();
  runUntil([&] { return clientScript->messages.size() == 1; });
}

TEST_F(Hostile, AConnectionMayEndInsideAnyCallback) {
  using Deed = std::function<void(RawSocketProtocol&)>;
  const std::vector<std::pair<const char*, Deed>> deeds = {
      {"close", [](RawSocketProtocol& protocol) { protocol.close(); }},
      {"abort", [](RawSocketProtocol& protocol) { protocol.abort(); }},
      {"both, and more",
       [](RawSocketProtocol& protocol) {
         protocol.close();
         protocol.close();
         EXPECT_FALSE(protocol.sendMessage("too late"));
         EXPECT_FALSE(protocol.sendPing());
         protocol.pauseReading();
         protocol.abort();
         protocol.resumeReading();
         EXPECT_FALSE(protocol.sendMessage(std::string(100'000, 'x')));
       }},
  };
  listen();
  clientScript->onOpen = [](RawSocketProtocol& protocol) {
    protocol.sendPing();
    for (int i = 0; i < 3; ++i) protocol.sendMessage("x");
  };
  for (const auto& entry : deeds) {
    const Deed& deed = entry.second;
    for (int place = 0; place < 4; ++place) {
      SCOPED_TRACE(std::string(entry.first) + " in callback " + std::to_string(place));
      const auto onData = [&](RawSocketProtocol& protocol, std::string_view) { deed(protocol); };
      *serverScript = {};
      clientScript->closed = 0;
      if (place == 0) serverScript->onOpen = deed;
      if (place == 1) serverScript->onMessage = onData;
      if (place == 2) serverScript->onPing = onData;
      if (place == 3) {
        serverScript->onOpen = [](RawSocketProtocol& protocol) { protocol.close(); };
        serverScript->onClose = deed;
      }
      client->connect();
      runUntilClosed();
      EXPECT_EQ(serverScript->closed, 1);
      EXPECT_EQ(clientScript->closed, 1);
    }
  }
}

std::size_t openDescriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

TEST_F(Hostile, TenThousandConnectionsLeaveNothingBehind) {
  listen();
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage("x"); };
  clientScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view) {
    clientScript->messages.clear();
    serverScript->messages.clear();
    protocol.close();
  };
  int started = 0;
  const auto cycle = [&](int count) {
    const int target = started + count;
    runUntil([&] {
      while (started < target && client->connectionCount() < 20) {
        client->connect();
        ++started;
      }
      return clientScript->closed == target && serverScript->closed == target;
    });
    runUntil([&] { return server.connectionCount() == 0 && client->connectionCount() == 0; });
  };
  cycle(1000);  // warm up pools and caches
  const std::size_t descriptors = openDescriptors();
  const std::size_t memory = residentKiB();
  for (int i = 0; i < 9; ++i) cycle(1000);
  EXPECT_EQ(openDescriptors(), descriptors);
  EXPECT_EQ(serverScript->alive + clientScript->alive, 0);
  EXPECT_TRUE(kSanitized || residentKiB() < memory + 1024) << "memory before: " << memory << " KiB";
}

}  // namespace
}  // namespace autobahn::inline v0::rawsocket::testing
