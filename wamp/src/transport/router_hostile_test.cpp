// A router on real sockets, with peers that mean no good, while others go on (attacks.md, "WAMP").
#include <gmock/gmock.h>

#include <asio/connect.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../testing/messages.hpp"
#include "../testing/run_until.hpp"
#include "../testing/session_peers.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TestSession;

std::string bytes(std::initializer_list<int> octets) {
  std::string made;
  for (const int each : octets) made.push_back(static_cast<char>(each));
  return made;
}

/// A WebSocket frame of a client, masked by zeros, or a RawSocket message.
std::string frame(bool isWebSocket, const std::string& payload, bool isBinary) {
  const auto size = static_cast<int>(payload.size());
  if (!isWebSocket) return bytes({0, size >> 16, size >> 8, size}) + payload;
  const int opcode = isBinary ? 0x82 : 0x81;
  const std::string length = size < 126 ? bytes({0x80 | size}) : bytes({0x80 | 126, size >> 8, size});
  return bytes({opcode}) + length + bytes({0, 0, 0, 0}) + payload;
}

std::string opening(bool isWebSocket, const std::string& serializer) {
  if (!isWebSocket)
    return bytes({0x7F, serializer == "json" ? 0xF1 : serializer == "msgpack" ? 0xF2 : 0xF3, 0, 0});
  return "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Protocol: wamp.2." +
         serializer + "\r\n\r\n";
}

/// A TCP connection that says what it is told, and may read or not.
class Wire {
 public:
  Wire(asio::io_context& io, std::uint16_t port) : socket_(io) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.non_blocking(true);
  }
  void say(const std::string& octets) {
    std::error_code ignored;  // the router may have hung up
    asio::write(socket_, asio::buffer(octets), ignored);
  }
  /// All that has come; `isClosed` tells whether that was all.
  const std::string& read() {
    std::array<char, 65536> buffer{};
    while (!isClosed_) {
      std::error_code error;
      const std::size_t size = socket_.read_some(asio::buffer(buffer), error);
      if (error == asio::error::would_block) break;
      received_.append(buffer.data(), size);
      isClosed_ = static_cast<bool>(error);
    }
    return received_;
  }
  bool isClosed() {
    read();
    return isClosed_;
  }
  bool has(const std::string& text) { return read().find(text) != std::string::npos; }

 private:
  asio::ip::tcp::socket socket_;
  std::string received_;
  bool isClosed_ = false;
};

struct Way {
  bool isWebSocket;
  std::string serializer;
  std::size_t threads = 1;  ///< of the router
};
void PrintTo(const Way& way, std::ostream* out) {
  *out << (way.isWebSocket ? "ws " : "rs ") << way.serializer;
}

class HostilePeers : public ::testing::TestWithParam<Way> {
 protected:
  void start(RouterOptions router = {}, std::size_t watermark = std::size_t{1} << 20,
             std::size_t maxMessage = std::size_t{16} << 20) {
    server.emplace(io, std::move(router), GetParam().threads);
    server->router().addRealm({.name = "realm1"});
    RouterListenOptions options;
    options.websocket.sendBufferHighWatermark = watermark;
    options.websocket.sendBufferLowWatermark = watermark / 2;
    options.websocket.maxMessagePayloadSize = maxMessage;
    const bool isWebSocket = GetParam().isWebSocket;
    where = server->listen(isWebSocket ? "ws://127.0.0.1:0/ws" : "rs://127.0.0.1:0", options);
    others = join([this](TestSession& self) -> asio::awaitable<void> {
      co_await self.registerProcedure("com.add", [](int x, int y) { return x + y; });
      co_await self.subscribe("com.topic", [this](std::string text) { sizes.push_back(text.size()); });
    });
  }
  ~HostilePeers() override {
    for (const auto& each : sessions) each->disconnect();
    runUntil([&] {
      return std::all_of(sessions.begin(), sessions.end(), [](auto& each) { return !each->isConnected(); });
    });
  }

  std::shared_ptr<TestSession> join(TestSession::Body body) {
    auto session = std::make_shared<TestSession>(std::move(body));
    sessions.push_back(session);
    TransportConfig config(where.url);
    config.serializers = SerializerSet({GetParam().serializer});
    connections.push_back(connectTransport(io, config, session));
    runUntil([&] { return session->isDone || !session->left.empty(); });
    EXPECT_TRUE(session->isDone);
    EXPECT_THAT(session->userErrors, ElementsAre());
    return session;
  }
  /// Somebody comes, calls, and goes, as if nothing had happened.
  void expectService() {
    int sum = 0;
    const auto caller = join(
        [&](TestSession& self) -> asio::awaitable<void> { sum = co_await self.call<int>("com.add", 2, 3); });
    EXPECT_EQ(sum, 5);
    EXPECT_TRUE(others->isAttached());
    caller->disconnect();
    runUntil([&] { return !caller->isConnected() && server->connectionCount() == 1; });
  }

  // Sockets of the test are no part of the loop.
  template <class Condition>
  void runUntil(Condition isDone) {
    testing::runUntil(io, isDone, true);
  }

  std::unique_ptr<Wire> connect() {
    auto wire = std::make_unique<Wire>(io, where.port);
    wire->say(opening(GetParam().isWebSocket, GetParam().serializer));
    return wire;
  }
  std::string written(const Message& message) const {
    return wamp::testing::serialize(*makeSerializer(GetParam().serializer), message);
  }
  std::string framed(const std::string& payload) const {
    return frame(GetParam().isWebSocket, payload, GetParam().serializer != "json");
  }
  std::string hello() const { return framed(written(testing::makeHello())); }
  void joinByHand(Wire& wire) {
    wire.say(hello());
    runUntil([&] { return wire.has("realm1"); });  // in WELCOME
  }
  /// ABORT with this reason (empty: nothing at all), and the end of the connection.
  void expectAborted(std::unique_ptr<Wire> wire,
                     const std::string& why = std::string(error::kProtocolViolation)) {
    const std::string closing = bytes({0x88, 2});  // the frame
    runUntil([&] { return wire->isClosed() || (GetParam().isWebSocket && wire->has(closing)); });
    EXPECT_THAT(wire->read(), HasSubstr(why));
    wire = nullptr;
    expectService();
  }

  asio::io_context io{1};
  std::optional<RouterServer> server;
  RouterListener where;
  std::shared_ptr<TestSession> others;
  std::vector<std::size_t> sizes;  ///< of the events that `others` got
  std::vector<std::shared_ptr<TestSession>> sessions;
  std::vector<std::unique_ptr<ClientConnection>> connections;
};

TEST_P(HostilePeers, WhatIsNoMessageIsAnsweredByAbort) {
  start();
  const std::vector<std::string> before = {"",
                                           "garbage",
                                           "[]",
                                           "{}",
                                           "[9999]",
                                           "[1]",
                                           bytes({0xC1}),
                                           bytes({0xFF, 0xFF, 0xFF}),
                                           std::string(20'000, '['),
                                           std::string(20'000, bytes({0x91})[0]),
                                           std::string(20'000, bytes({0x81})[0])};
  for (const bool isJoined : {false, true}) {
    for (std::size_t i = 0; i < before.size(); ++i) {
      SCOPED_TRACE(std::to_string(i) + (isJoined ? " after joining" : " at first"));
      auto wire = connect();
      if (isJoined) joinByHand(*wire);
      wire->say(framed(before[i]));
      // A WebSocket text that is no UTF-8 does not get as far as WAMP.
      const bool isText = GetParam().isWebSocket && GetParam().serializer == "json";
      const bool isBroken = isText && !before[i].empty() && static_cast<signed char>(before[i][0]) < 0;
      expectAborted(std::move(wire), isBroken ? "" : std::string(error::kProtocolViolation));
    }
  }
}

TEST_P(HostilePeers, MessagesThatAreNotForRoutersOrNotNow) {
  start();
  const std::vector<Message> first = {message::Welcome{.session = 1}, message::Yield{.request = 1},
                                      message::Subscribe{.request = 1, .topic = Text("com.t")},
                                      message::Goodbye{.reason = Text(close::kNormal)}};
  const std::vector<Message> later = {testing::makeHello(), message::Welcome{.session = 1},
                                      message::Event{.subscription = 1, .publication = 1},
                                      message::Yield{.request = 77}, message::Result{.request = 1}};
  for (const Message& each : first) {
    SCOPED_TRACE(wamp::testing::toJson(each));
    auto wire = connect();
    wire->say(framed(written(each)));
    expectAborted(std::move(wire));
  }
  for (const Message& each : later) {
    SCOPED_TRACE(wamp::testing::toJson(each));
    auto wire = connect();
    joinByHand(*wire);
    wire->say(framed(written(each)));
    expectAborted(std::move(wire));
  }
}

TEST_P(HostilePeers, TheOtherKindOfWebSocketMessage) {
  if (!GetParam().isWebSocket) GTEST_SKIP() << "RawSocket has one kind";
  start();
  const bool isJson = GetParam().serializer == "json";
  auto wire = connect();
  wire->say(frame(true, isJson ? written(testing::makeHello()) : "a text", isJson));
  expectAborted(std::move(wire));
}

TEST_P(HostilePeers, WhoNeverSaysHello) {
  start({.joinTimeout = std::chrono::milliseconds(100)});
  expectAborted(connect(), std::string(error::kAuthenticationFailed));
}

TEST_P(HostilePeers, WhoNeverReadsIsDroppedAndOthersGetEverything) {
  start();
  const auto wire = connect();
  joinByHand(*wire);
  wire->say(framed(written(message::Subscribe{.request = 1, .topic = Text("com.topic")})));
  constexpr std::size_t kEvents = 60;
  const auto publisher = join([&](TestSession& self) -> asio::awaitable<void> {
    const std::string text(std::size_t{1} << 20, 'x');
    for (std::size_t i = 0; i < kEvents; ++i) co_await self.publishAcknowledged("com.topic", text);
  });
  runUntil([&] { return sizes.size() == kEvents && server->connectionCount() == 2; });
  EXPECT_EQ(server->router().sessionCount("realm1"), 2U);
  publisher->disconnect();
  runUntil([&] { return server->connectionCount() == 1; });
  expectService();
}

TEST_P(HostilePeers, MessagesThatAreTooLarge) {
  start({}, std::size_t{1} << 20, 4096);
  auto wire = connect();
  joinByHand(*wire);
  // Nothing else is wrong with it.
  const message::Publish large{
      .request = 1, .topic = Text("com.topic"), .payload = Payload(List{std::string(5000, 'x')})};
  wire->say(framed(written(large)));
  runUntil([&] { return wire->isClosed() || !sizes.empty(); });
  EXPECT_TRUE(wire->isClosed());
  EXPECT_THAT(sizes, ::testing::IsEmpty());
  expectService();
}

TEST_P(HostilePeers, ComingAndGoingLeavesNothing) {
  start();
  for (int i = 0; i < 200; ++i) {
    const auto wire = connect();
    if (i % 5 == 1) wire->say(hello().substr(0, 7));
    if (i % 5 >= 2) joinByHand(*wire);
    if (i % 5 == 3) wire->say(framed(written(message::Call{.request = 1, .procedure = Text("com.add")})));
    if (i % 5 == 4) {
      wire->say(framed(written(message::Register{.request = 1, .procedure = Text("com.own")})) +
                framed(written(message::Call{.request = 2, .procedure = Text("com.own")})));
      runUntil([&] { return wire->read().size() > 100; });
    }
  }
  runUntil([&] { return server->connectionCount() == 1; });
  EXPECT_EQ(server->router().sessionCount("realm1"), 1U);
  EXPECT_FALSE(server->router().nextDeadline());
  expectService();
}

INSTANTIATE_TEST_SUITE_P(AllWays, HostilePeers,
                         ::testing::Values(Way{true, "json"}, Way{true, "msgpack"}, Way{true, "cbor"},
                                           Way{false, "json"}, Way{false, "msgpack"}, Way{false, "cbor"},
                                           Way{true, "json", 3}, Way{false, "msgpack", 2}),
                         [](const auto& each) {
                           return std::string(each.param.isWebSocket ? "ws_" : "rs_") +
                                  each.param.serializer + (each.param.threads == 1 ? "" : "_threads");
                         });

}  // namespace
}  // namespace autobahn::wamp
