// The driver under a fake clock: close, time-outs, pings, splits, losses, and reconnecting.
#include <random>

#include "testing/simulation.hpp"

namespace autobahn::inline v0::websocket::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(Simulation, EchoesOverANetworkThatCutsEverythingSmall) {
  outcome.toServer = {.delay = 3ms, .capacity = 700, .pieceSize = 3, .readSize = 7, .writeSize = 11};
  outcome.toClient = {.delay = 5ms, .capacity = 500, .pieceSize = 5, .readSize = 2, .writeSize = 13};
  const std::string text(5000, 'x');
  clientScript->onOpen = [&](WebSocketProtocol& protocol) {
    protocol.sendMessage(text);
    protocol.sendMessage("small");
  };
  clientScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool) {
    if (clientScript->messages.size() == 2) protocol.sendClose(1000, "bye");
  };
  clientOptions->closeHandshakeTimeout = 0ms;
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->closed && serverScript->closed; }));
  EXPECT_EQ(clientScript->messages, (std::vector<std::string>{text, "small"}));
  EXPECT_TRUE(clientScript->close.wasClean) << clientScript->close.reason;
  EXPECT_TRUE(serverScript->close.wasClean);
  EXPECT_EQ(serverScript->close.reason, "bye");
  EXPECT_TRUE(finished);
  EXPECT_TRUE(loop.advanceUntil([&] { return loop.idle(); }));
}

TEST_F(Simulation, WouldBlockAtEveryWriteAndReadInTurn) {
  const std::error_code later = std::make_error_code(std::errc::operation_would_block);
  for (std::size_t call = 1; call < 8; ++call) {
    SCOPED_TRACE(call);
    serverScript->onOpen = nullptr;
    clientScript->opened = clientScript->closed = serverScript->closed = 0;
    clientScript->messages.clear();
    clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendMessage("hello"); };
    clientScript->onMessage = [](WebSocketProtocol& protocol, std::string_view, bool) {
      protocol.sendClose();
    };
    dialer.onConnected = [&](std::unique_ptr<FakeStream> stream) {
      stream->control->writeErrors[call] = later;
      stream->control->readErrors[call] = later;
      server->serve(std::move(stream));
    };
    connect();
    ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->closed && serverScript->closed; }));
    EXPECT_EQ(clientScript->messages, std::vector<std::string>{"hello"});
    EXPECT_TRUE(clientScript->close.wasClean) << clientScript->close.reason;
  }
}

TEST_F(Simulation, BreaksAtEveryWriteAndReadInTurnEndTheConnectionOnce) {
  clientScript->onOpen = [](WebSocketProtocol& protocol) {
    for (int i = 0; i < 5; ++i) protocol.sendMessage("hello");
  };
  clientScript->onMessage = [](WebSocketProtocol& protocol, std::string_view, bool) { protocol.sendClose(); };
  for (const std::errc code : {std::errc::connection_reset, std::errc::broken_pipe,
                               std::errc::no_buffer_space, std::errc::operation_would_block}) {
    for (const util::testing::FakeFault& fault : util::testing::everyCall(8)) {
      SCOPED_TRACE(std::to_string(static_cast<int>(code)) + fault.text());
      const bool passes = code == std::errc::operation_would_block;
      serverScript->closed = clientScript->closed = 0;
      dialer.onConnected = [&](std::unique_ptr<FakeStream> stream) {
        fault.plan(*stream, code);
        server->serve(std::move(stream));
      };
      connect();
      ASSERT_TRUE(loop.advanceUntil([&] { return server->size() == 0 && session->size() == 0 && finished; }));
      EXPECT_LE(serverScript->closed, 1);
      EXPECT_EQ(clientScript->closed, 1);
      EXPECT_TRUE(!passes || clientScript->close.wasClean);
      EXPECT_TRUE(server->control->destroyed);
      loop.settle();
      EXPECT_EQ(serverScript->alive + clientScript->alive, 0);
      finished = false;
    }
  }
}

/// Both ends have slept: each pings once, is answered, and the connection goes on; a call for help that was
/// under way ends it once.
TEST_F(Simulation, AfterALeapOfHoursEachEndPingsOnce) {
  for (ProtocolOptions* options :
       std::initializer_list<ProtocolOptions*>{server->options.get(), clientOptions.get()}) {
    options->autoPingInterval = 10s;
    options->autoPingTimeout = 5s;
  }
  dialer.onConnected = [&](std::unique_ptr<FakeStream> stream) {
    stream->control->recordsWrites = true;
    server->serve(std::move(stream));
  };
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return opened(); }));
  for (int i = 0; i < 3; ++i) {
    server->control->written.clear();
    loop.leap(10h);
    // Its ping, and the pong for the client's: two octets and the payload each.
    EXPECT_EQ(server->control->written.size(), 2 * (2 + clientOptions->autoPingSize));
    EXPECT_EQ(clientScript->closed + serverScript->closed, 0);
  }
  loop.advance(9s);
  server->control->cut = true;  // nothing arrives any more
  loop.advance(1s);             // pings that nobody answers
  loop.leap(10h);
  loop.leap(10h);
  EXPECT_EQ(clientScript->closed, 1);
  EXPECT_EQ(serverScript->closed, 1);
}

TEST_F(Simulation, TheOpeningHandshakeHasADeadlineOnBothSides) {
  serverAnswers = false;
  connect();
  loop.advance(4999ms);
  EXPECT_FALSE(clientScript->closed == 1);
  loop.advance(1ms);
  EXPECT_TRUE(clientScript->closed == 1);
  EXPECT_NE(clientScript->close.reason.find("opening handshake in time"), std::string::npos);

  auto [client, end] = util::testing::makeFakePair(loop);
  server->serve(std::move(end));
  loop.advance(4999ms);
  EXPECT_FALSE(server->size() == 0);
  loop.advance(1ms);
  EXPECT_TRUE(server->size() == 0);
}

TEST_F(Simulation, TheDialHasADeadline) {
  outcome.hangs = true;
  connect();
  loop.advance(29999ms);
  EXPECT_FALSE(clientScript->closed == 1);
  loop.advance(1ms);
  EXPECT_TRUE(clientScript->closed == 1);
  EXPECT_TRUE(finished);
}

TEST_F(Simulation, AnUnansweredCloseEndsAfterItsTimeout) {
  serverScript->onMessage = nullptr;
  clientOptions->closeHandshakeTimeout = 700ms;
  clientScript->onOpen = [&](WebSocketProtocol& protocol) {
    server->control->cut = true;  // nothing comes back any more
    protocol.sendClose();
  };
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->opened == 1; }));
  loop.advance(699ms);
  EXPECT_FALSE(clientScript->closed == 1);
  loop.advance(1ms);
  EXPECT_TRUE(clientScript->closed == 1);
  EXPECT_FALSE(clientScript->close.wasClean);
  EXPECT_NE(clientScript->close.reason.find("closing handshake in time"), std::string::npos);
}

TEST_F(Simulation, AServerThatDoesNotEndTcpIsDroppedAfterItsTimeout) {
  clientOptions->serverConnectionDropTimeout = 300ms;
  serverAnswers = false;
  connect();
  loop.settle();
  ASSERT_EQ(silent.size(), 1U);
  // A server by hand: answers the handshake and the Close, and then just stays.
  const std::string request = silent[0]->unread();
  const std::size_t at = request.find("Sec-WebSocket-Key: ") + 19;
  const std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      acceptKey(request.substr(at, 24)) + "\r\n\r\n" + std::string("\x88\x02\x03\xE8", 4);
  const std::string_view part = answer;
  silent[0]->write({&part, 1});
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->opened == 1; }));
  loop.advance(299ms);
  EXPECT_FALSE(clientScript->closed == 1);
  loop.advance(1ms);
  EXPECT_TRUE(clientScript->closed == 1);
  EXPECT_FALSE(clientScript->close.wasClean);
  EXPECT_NE(clientScript->close.reason.find("drop the TCP connection in time"), std::string::npos);
}

TEST_F(Simulation, PingsKeepAnAnsweringPeerAndDropASilentOne) {
  server->options->autoPingInterval = 10s;
  server->options->autoPingTimeout = 5s;
  server->options->autoPingRestartOnAnyTraffic = false;
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return opened(); }));
  loop.advance(300s);
  EXPECT_EQ(serverScript->closed, 0);
  server->control->cut = true;
  EXPECT_TRUE(loop.advanceUntil([&] { return serverScript->closed == 1; }, 15s));
  EXPECT_FALSE(serverScript->close.wasClean);
  EXPECT_NE(serverScript->close.reason.find("ping in time"), std::string::npos);
}

TEST_F(Simulation, LostBytesOnCloseAreLingeredFor) {
  // The server's Close travels slowly; ending TCP at once must not overtake or destroy it.
  outcome.toClient.delay = 200ms;
  server->options->failByDrop = false;
  serverScript->onMessage = [](WebSocketProtocol&, std::string_view, bool) { throw std::runtime_error("x"); };
  clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendMessage("x"); };
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->closed && serverScript->closed; }));
  EXPECT_EQ(clientScript->close.code, 1011);
}

TEST_F(Simulation, TcpNoDelayIsSetAsTheOptionSays) {
  for (const bool wanted : {true, false}) {
    server->options->tcpNoDelay = wanted;
    auto pair = util::testing::makeFakePair(loop);
    pair.second->control->noDelay = !wanted;
    server->serve(std::move(pair.second));
    EXPECT_EQ(server->control->noDelay, wanted);
  }
}

// ---- Reconnecting

ReconnectOptions steady() {
  ReconnectOptions options;
  options.retryDelayJitter = 0;
  return options;
}

TEST_F(Simulation, RetriesWithGrowingDelaysUntilTheAttemptsAreUsedUp) {
  outcome.error = std::make_error_code(std::errc::connection_refused);
  std::vector<ConnectionFailure> failures;
  ReconnectOptions options = steady();
  options.maxRetries = 4;
  options.maxRetryDelay = 4s;
  options.onFailure = [&](const ConnectionFailure& failure) {
    failures.push_back(failure);
    return true;
  };
  connect(options);
  ASSERT_TRUE(loop.advanceUntil([&] { return finished; }));
  std::vector<int> delays;
  for (const auto& failure : failures) delays.push_back(static_cast<int>(failure.retryDelay.count()));
  EXPECT_EQ(delays, (std::vector<int>{1500, 2250, 3375, 4000, 0}));
  EXPECT_FALSE(failures.back().willRetry);
  EXPECT_EQ(failures.front().reason, "unreachable");
  EXPECT_EQ(dialer.dials.size(), 5U);
  EXPECT_EQ(dialer.dials[1]->when - dialer.dials[0]->when, 1500ms);
  EXPECT_EQ(dialer.dials[3]->when - dialer.dials[2]->when, 3375ms);
  EXPECT_EQ(clientScript->closed, 5);
}

TEST_F(Simulation, AnOpenConnectionStartsTheDelaysAnew) {
  dialer.plan = [&](std::size_t number) {
    if (number % 2 == 0)
      outcome.error = std::make_error_code(std::errc::connection_refused);
    else
      outcome.error = {};
    return outcome;
  };
  std::vector<std::string> reasons;
  ReconnectOptions options = steady();
  options.onFailure = [&](const ConnectionFailure& failure) {
    reasons.push_back(failure.reason + " " + std::to_string(failure.retryDelay.count()));
    return reasons.size() < 4;
  };
  serverScript->onOpen = [](WebSocketProtocol& protocol) { protocol.dropConnection(); };
  connect(options);
  ASSERT_TRUE(loop.advanceUntil([&] { return finished; }));
  EXPECT_EQ(reasons,
            (std::vector<std::string>{"unreachable 1500", "lost 1500", "unreachable 2250", "lost 1500"}));
  EXPECT_EQ(dialer.dials.size(), 4U) << "the hook said no after the fourth failure";
}

TEST_F(Simulation, ACloseOfOursEndsTheRetries) {
  clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendClose(); };
  connect(steady());
  ASSERT_TRUE(loop.advanceUntil([&] { return finished; }));
  EXPECT_EQ(dialer.dials.size(), 1U);
  EXPECT_TRUE(clientScript->close.wasClean);
}

TEST_F(Simulation, ACloseOfTheServersIsFollowedByARetry) {
  serverScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendClose(1012, "restart"); };
  ConnectionFailure first;
  ReconnectOptions options = steady();
  options.onFailure = [&](const ConnectionFailure& failure) {
    if (first.reason.empty()) first = failure;
    return clientScript->opened < 3;
  };
  connect(options);
  ASSERT_TRUE(loop.advanceUntil([&] { return finished; }));
  EXPECT_EQ(clientScript->opened, 3);
  EXPECT_EQ(first.reason, "closed");
  EXPECT_EQ(first.code, 1012);
  EXPECT_EQ(first.message, "restart");
}

TEST_F(Simulation, ClosingDuringTheBackOffEndsItAtOnce) {
  outcome.error = std::make_error_code(std::errc::connection_refused);
  connect(steady());
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->closed == 1; }));
  session->close(1000, "enough");
  EXPECT_TRUE(finished);
  loop.advance(1h);
  EXPECT_EQ(dialer.dials.size(), 1U);
}

TEST_F(Simulation, ClosingDuringTheDialEndsItAtOnce) {
  outcome.hangs = true;
  connect(steady());
  loop.advance(1s);
  session->close(1000, "enough");
  EXPECT_TRUE(finished);
  EXPECT_TRUE(dialer.dials[0]->cancelled);
  EXPECT_EQ(clientScript->closed, 1);
}

TEST_F(Simulation, AFirstFailureMayBeFinal) {
  outcome.error = std::make_error_code(std::errc::connection_refused);
  ReconnectOptions options = steady();
  options.retryIfUnreachable = false;
  connect(options);
  ASSERT_TRUE(loop.advanceUntil([&] { return finished; }));
  EXPECT_EQ(dialer.dials.size(), 1U);
}

TEST(Backoff, JittersAroundTheDelayAndStaysInItsBounds) {
  ReconnectOptions options;
  options.maxRetries = -1;
  Backoff backoff(options, 7);
  std::chrono::milliseconds longest{0};
  for (int i = 0; i < 1000; ++i) {
    const auto delay = backoff.next();
    ASSERT_TRUE(delay.has_value());
    EXPECT_GE(delay->count(), 0);
    EXPECT_LE(*delay, options.maxRetryDelay);
    longest = std::max(longest, *delay);
  }
  EXPECT_EQ(longest, options.maxRetryDelay);
  backoff.reset();
  EXPECT_LT(backoff.next()->count(), 3000);
}

TEST(Backoff, OptionsOutOfRangeAreNamed) {
  const auto refused = [](auto change) {
    ReconnectOptions options;
    change(options);
    try {
      options.validate();
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(refused([](ReconnectOptions& o) { o.maxRetries = -2; }).find("maxRetries"), std::string::npos);
  EXPECT_NE(refused([](ReconnectOptions& o) { o.retryDelayGrowth = 0.5; }).find("retryDelayGrowth"),
            std::string::npos);
  EXPECT_NE(refused([](ReconnectOptions& o) { o.retryDelayJitter = 2; }).find("retryDelayJitter"),
            std::string::npos);
  EXPECT_NE(refused([](ReconnectOptions& o) { o.maxRetryDelay = 1ms; }).find("maxRetryDelay"),
            std::string::npos);
}

}  // namespace
}  // namespace autobahn::inline v0::websocket::testing
