// The driver under a fake clock: time-outs, PINGs, splits, losses, the orderly end.
#include "testing/simulation.hpp"

namespace autobahn::inline v0::rawsocket::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST_F(Simulation, EchoesOverANetworkThatCutsEverythingSmall) {
  outcome.toServer = {.delay = 3ms, .capacity = 700, .pieceSize = 3, .readSize = 7, .writeSize = 11};
  outcome.toClient = {.delay = 5ms, .capacity = 500, .pieceSize = 5, .readSize = 2, .writeSize = 13};
  const std::string text(50'000, 'x');
  clientOptions->closeTimeout = 1h;
  server->options->closeTimeout = 1h;
  clientScript->onOpen = [&](RawSocketProtocol& protocol) {
    protocol.sendMessage(text);
    protocol.sendMessage("small");
  };
  clientScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view) {
    if (clientScript->messages.size() == 2) protocol.close();
  };
  connect();
  runToTheEnd();
  EXPECT_EQ(clientScript->messages, (std::vector<std::string>{text, "small"}));
  EXPECT_TRUE(clientScript->close.wasClean) << clientScript->close.reason;
  EXPECT_TRUE(serverScript->close.wasClean) << serverScript->close.reason;
}

TEST_F(Simulation, OneBatchOfMessagesLeavesInOneWrite) {
  clientScript->onOpen = [](RawSocketProtocol& protocol) {
    for (int i = 0; i < 100; ++i) protocol.sendMessage("small");
    protocol.sendPing("and a ping");
  };
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->messages.size() == 100; }));
  EXPECT_EQ(server->control->writes, 2U) << "the handshake, then all echoes and the PONG";
  // Outside of any callback of the connection: at the end of the turn.
  const std::size_t before = server->control->writes;
  server->forEach([](Connection& connection) {
    for (int i = 0; i < 100; ++i) connection.sendMessage("news");
  });
  EXPECT_EQ(server->control->writes, before);
  loop.settle();
  EXPECT_EQ(server->control->writes, before + 1);
}

TEST_F(Simulation, WouldBlockAtEveryWriteAndReadInTurn) {
  const std::error_code later = std::make_error_code(std::errc::operation_would_block);
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage("hello"); };
  clientScript->onMessage = [](RawSocketProtocol& protocol, std::string_view) { protocol.close(); };
  for (std::size_t call = 1; call < 8; ++call) {
    SCOPED_TRACE(call);
    clientScript->messages.clear();
    dialer.onConnected = [&](std::unique_ptr<FakeStream> stream) {
      stream->control->writeErrors[call] = later;
      stream->control->readErrors[call] = later;
      server->serve(std::move(stream));
    };
    connect();
    runToTheEnd();
    EXPECT_EQ(clientScript->messages, std::vector<std::string>{"hello"});
    EXPECT_TRUE(clientScript->close.wasClean) << clientScript->close.reason;
  }
}

TEST_F(Simulation, BreaksAtEveryWriteAndReadInTurnEndTheConnectionOnce) {
  clientScript->onOpen = [](RawSocketProtocol& protocol) {
    for (int i = 0; i < 5; ++i) protocol.sendMessage("hello");
  };
  clientScript->onMessage = [](RawSocketProtocol& protocol, std::string_view) { protocol.close(); };
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
      runToTheEnd();
      EXPECT_LE(serverScript->closed, 1);
      EXPECT_EQ(clientScript->closed, 1);
      EXPECT_TRUE(!passes || clientScript->close.wasClean);
    }
  }
}

TEST_F(Simulation, AttachingMayFail) {
  dialer.onConnected = [&](std::unique_ptr<FakeStream> stream) {
    stream->control->attachError = std::make_error_code(std::errc::no_space_on_device);
    server->serve(std::move(stream));
  };
  connect();
  runToTheEnd();
  EXPECT_FALSE(clientScript->close.wasClean);
}

TEST_F(Simulation, TheOpeningHandshakeHasADeadlineOnBothSides) {
  serverAnswers = false;
  connect();
  loop.advance(4999ms);
  EXPECT_EQ(clientScript->closed, 0);
  loop.advance(1ms);
  EXPECT_EQ(clientScript->closed, 1);
  EXPECT_THAT(clientScript->close.reason, HasSubstr("opening handshake in time"));

  auto [peer, end] = util::testing::makeFakePair(loop);
  server->serve(std::move(end));
  loop.advance(4999ms);
  EXPECT_EQ(server->size(), 1U);
  loop.advance(1ms);
  EXPECT_EQ(server->size(), 0U);
}

TEST_F(Simulation, TlsIsPartOfTheOpeningHandshake) {
  bool stuck = true;
  auto [peer, end] = util::testing::makeFakePair(loop);
  end->control->handshake = [&] {
    return stuck ? std::make_error_code(std::errc::operation_would_block) : std::error_code();
  };
  server->serve(std::move(end));
  loop.advance(4999ms);
  EXPECT_EQ(server->size(), 1U);
  loop.advance(1ms);
  EXPECT_EQ(server->size(), 0U);

  auto [other, failing] = util::testing::makeFakePair(loop);
  failing->control->handshake = [] { return std::make_error_code(std::errc::protocol_error); };
  failing->control->detail = "no shared cipher";
  server->serve(std::move(failing));
  EXPECT_EQ(server->size(), 0U);
}

TEST_F(Simulation, TheDialHasADeadlineAndMayBeGivenUp) {
  outcome.hangs = true;
  connect();
  loop.advance(29999ms);
  EXPECT_EQ(clientScript->closed, 0);
  loop.advance(1ms);
  EXPECT_EQ(clientScript->closed, 1);
  EXPECT_TRUE(finished);
  connect();
  loop.advance(1s);
  session->close();
  loop.settle();
  EXPECT_TRUE(dialer.dials[1]->cancelled);
  EXPECT_EQ(clientScript->closed, 2);
  EXPECT_TRUE(finished);
}

TEST_F(Simulation, APeerThatDoesNotEndItsSideIsDropped) {
  serverAnswers = false;
  clientOptions->closeTimeout = 700ms;
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.close(); };
  connect();
  loop.settle();
  const std::string_view reply("\x7F\xF1\0\0", 4);
  silent[0]->write({&reply, 1});
  loop.advance(699ms);
  EXPECT_EQ(clientScript->opened, 1);
  EXPECT_EQ(clientScript->closed, 0);
  loop.advance(1ms);
  EXPECT_EQ(clientScript->closed, 1);
  EXPECT_FALSE(clientScript->close.wasClean);
  EXPECT_THAT(clientScript->close.reason, HasSubstr("end the connection in time"));
}

TEST_F(Simulation, PingsKeepAnAnsweringPeerAndDropASilentOne) {
  server->options->autoPingInterval = 10s;
  server->options->autoPingTimeout = 5s;
  server->options->autoPingRestartOnAnyTraffic = false;
  int pings = 0;
  clientScript->onPing = [&](RawSocketProtocol&, std::string_view) { ++pings; };
  connect();
  loop.advance(300s);
  EXPECT_EQ(serverScript->closed, 0);
  EXPECT_EQ(pings, 30);
  server->control->cut = true;
  EXPECT_TRUE(loop.advanceUntil([&] { return serverScript->closed == 1; }, 15s));
  EXPECT_FALSE(serverScript->close.wasClean);
  EXPECT_THAT(serverScript->close.reason, HasSubstr("PING in time"));
}

TEST_F(Simulation, AnOpenIdleConnectionHasNoTimer) {
  connect();
  loop.advance(10s);
  EXPECT_EQ(clientScript->opened, 1);
  EXPECT_TRUE(loop.idle());
}

TEST_F(Simulation, SlowConsumersMeetTheirPolicy) {
  for (const SlowConsumerPolicy policy :
       {SlowConsumerPolicy::dropMessage, SlowConsumerPolicy::close, SlowConsumerPolicy::buffer}) {
    SCOPED_TRACE(static_cast<int>(policy));
    server->options->sendBufferHighWatermark = 100'000;
    server->options->sendBufferLowWatermark = 10'000;
    server->options->slowConsumerPolicy = policy;
    outcome.toClient.capacity = 1000;
    RawSocketProtocol* slow = nullptr;
    int drains = 0;
    serverScript->closed = 0;
    serverScript->onOpen = [&](RawSocketProtocol& protocol) { slow = &protocol; };
    serverScript->onDrain = [&](RawSocketProtocol&) { ++drains; };
    clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.pauseReading(); };
    connect();
    loop.settle();
    int accepted = 0;
    while (accepted < 1000 && slow->sendMessage(std::string(1000, 'x'))) ++accepted;
    if (policy == SlowConsumerPolicy::buffer) {
      EXPECT_EQ(accepted, 1000);
    } else {
      EXPECT_LT(accepted, 110);
    }
    loop.settle();
    if (policy == SlowConsumerPolicy::close) {
      EXPECT_EQ(serverScript->closed, 1);
      EXPECT_THAT(serverScript->close.reason, HasSubstr("slow consumer"));
      session->terminate("it is paused and sees nothing");
      continue;
    }
    EXPECT_EQ(serverScript->closed, 0);
    clientScript->onOpen = nullptr;
    session->close();  // reads on, and throws away
    ASSERT_TRUE(loop.advanceUntil([&] { return serverScript->closed == 1; }));
    runToTheEnd();
  }
}

TEST_F(Simulation, AConsumerThatTakesNothingForLongIsDropped) {
  server->options->sendBufferHighWatermark = 100'000;
  server->options->sendBufferLowWatermark = 10'000;
  outcome.toClient.capacity = 1000;
  serverScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage(std::string(200'000, 'x')); };
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.pauseReading(); };
  connect();
  loop.advance(29s);
  EXPECT_EQ(serverScript->closed, 0);
  loop.advance(1s);
  EXPECT_EQ(serverScript->closed, 1);
  EXPECT_THAT(serverScript->close.reason, HasSubstr("slow consumer"));
}

TEST_F(Simulation, TheEndInsideAFrameOrWithoutTlsGoodbyeIsNotClean) {
  auto [peer, end] = util::testing::makeFakePair(loop);
  server->serve(std::move(end));
  const std::string_view partial("\x7F\xF1\0\0\0\0\0\5ab", 10);
  peer->write({&partial, 1});
  peer->shutdownWrite();
  loop.settle();
  EXPECT_EQ(serverScript->closed, 1);
  EXPECT_FALSE(serverScript->close.wasClean);
  EXPECT_THAT(serverScript->close.reason, HasSubstr("inside a frame (2 of 5 octets)"));

  auto [other, cut] = util::testing::makeFakePair(loop);
  cut->control->detail = "no close_notify";
  server->serve(std::move(cut));
  const std::string_view whole("\x7F\xF1\0\0\0\0\0\1x", 9);
  other->write({&whole, 1});
  loop.settle();
  other->shutdownWrite();
  loop.settle();
  EXPECT_EQ(serverScript->closed, 2);
  EXPECT_FALSE(serverScript->close.wasClean);
  EXPECT_THAT(serverScript->close.reason, HasSubstr("no close_notify"));
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

TEST_F(Simulation, AClientMayUseAStreamOfItsOwn) {
  auto pair = util::testing::makeFakePair(loop);
  server->serve(std::move(pair.second));
  newSession()->startOver(std::move(pair.first));
  EXPECT_EQ(clientScript->opened, 0);
  loop.settle();
  EXPECT_EQ(clientScript->opened, 1);
  session->close();
  runToTheEnd();
  auto given = util::testing::makeFakePair(loop);
  newSession()->startOver(std::move(given.first));
  session->close();
  loop.settle();
  EXPECT_EQ(clientScript->closed, 2);
  EXPECT_TRUE(finished);
}

TEST_F(Simulation, ABatchWithinABatchHasNoCork) {
  auto other = util::testing::makeFakePair(loop);
  serverScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view payload) {
    protocol.sendMessage(payload);
    const auto connection =
        std::make_shared<Connection>(loop, std::move(other.first), Engine(clientOptions), server);
    server->add(connection);
    connection->setProtocol(std::make_shared<ScriptedClient>(serverScript));
    connection->start();
  };
  clientScript->onOpen = [](RawSocketProtocol& protocol) { protocol.sendMessage("between us"); };
  connect();
  loop.settle();
  EXPECT_EQ(other.second->unread(), std::string("\x7F\xF1\0\0", 4));
  EXPECT_EQ(clientScript->messages, std::vector<std::string>{"between us"});
}

TEST_F(Simulation, OneConnectionsMessagesGoOutOnAnother) {
  auto other = util::testing::makeFakePair(loop);
  RawSocketProtocol* first = nullptr;
  serverScript->onOpen = [&](RawSocketProtocol& protocol) {
    if (first == nullptr) first = &protocol;
  };
  serverScript->onMessage = [&](RawSocketProtocol& protocol, std::string_view payload) {
    first->sendMessage(std::string(payload) + " to the first");
    protocol.sendMessage(payload);
    first->sendMessage(std::string(50'000, 'y'));
  };
  connect();
  loop.settle();
  server->serve(std::move(other.second));
  const std::string_view bytes("\x7F\xF1\0\0\0\0\0\1x", 9);
  other.first->write({&bytes, 1});
  loop.settle();
  EXPECT_EQ(clientScript->messages, (std::vector<std::string>{"x to the first", std::string(50'000, 'y')}));
  EXPECT_EQ(other.first->unread(), bytes);
}

}  // namespace
}  // namespace autobahn::inline v0::rawsocket::testing
