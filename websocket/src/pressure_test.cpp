// Connections under pressure: watermarks, pauses and what applications do in the wrong moment. Each test is a
// fault that was once there.
#include "testing/simulation.hpp"

namespace autobahn::inline v0::websocket::testing {
namespace {

using namespace std::chrono_literals;

class Pressure : public Simulation {
 protected:
  Pressure() {
    outcome.toClient.delay = outcome.toServer.delay = 1ms;
    setWatermarks(*server->options);
  }
  static void setWatermarks(ProtocolOptions& options) {
    options.sendBufferHighWatermark = 100'000;
    options.sendBufferLowWatermark = 10'000;
  }
  /// The client sends so many requests at once.
  void sendRequests(int count, bool andReads = true) {
    clientScript->onOpen = [count, andReads](WebSocketProtocol& protocol) {
      if (!andReads) protocol.pauseReading();
      for (int i = 0; i < count; ++i) protocol.sendMessage("r");
    };
  }
  void answerWith(std::size_t size) {
    serverScript->onMessage = [this, reply = std::string(size, 'x')](WebSocketProtocol& protocol,
                                                                     std::string_view, bool) {
      protocol.sendMessage(std::string_view(reply));
      most = std::max(most, protocol.bufferedAmount());
    };
  }
  std::size_t most = 0;  ///< that was ever queued
};

TEST_F(Pressure, RequestsThatWaitedBehindAFullQueueAreAnswered) {
  answerWith(200'000);
  sendRequests(50);
  connect();
  EXPECT_TRUE(loop.advanceUntil([&] { return clientScript->messages.size() == 50; }, 1min));
}

TEST_F(Pressure, ReadingResumedInOnDrainGoesOn) {
  serverScript->onMessage = [](WebSocketProtocol& protocol, std::string_view, bool) {
    protocol.sendMessage(std::string(30'000, 'x'));
    if (protocol.bufferedAmount() > 100'000) protocol.pauseReading();
  };
  serverScript->onDrain = [](WebSocketProtocol& protocol) { protocol.resumeReading(); };
  sendRequests(50);
  connect();
  EXPECT_TRUE(loop.advanceUntil([&] { return clientScript->messages.size() == 50; }, 1min));
}

TEST_F(Pressure, SmallRequestsForLargeAnswersQueueLittleMoreThanTheWatermark) {
  answerWith(20'000);
  sendRequests(9000, false);
  connect();
  loop.advance(5s);
  EXPECT_GT(most, 100'000U);
  EXPECT_LT(most, 200'000U);
}

TEST_F(Pressure, DroppedMessagesAreRefusedWithinOneCallback) {
  server->options->slowConsumerPolicy = SlowConsumerPolicy::dropMessage;
  int sent = 0;
  serverScript->onOpen = [&](WebSocketProtocol& protocol) {
    for (int i = 0; i < 10'000; ++i)
      sent += protocol.sendMessage(std::string_view(std::string(1000, 'x'))) ? 1 : 0;
  };
  connect();
  loop.advance(1s);
  EXPECT_GT(sent, 100);
  EXPECT_LT(sent, 1000);
}

TEST_F(Pressure, ADropInOnDrainIsAttendedToAtOnce) {
  server->options->slowConsumerPolicy = SlowConsumerPolicy::buffer;
  server->options->closeHandshakeTimeout = 30s;
  util::TimePoint dropped{};
  util::TimePoint ended{};
  serverScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendMessage(std::string(200'000, 'x')); };
  serverScript->onDrain = [&](WebSocketProtocol& protocol) {
    dropped = loop.now();
    protocol.dropConnection();
  };
  clientScript->onClose = [&](WebSocketProtocol&, const CloseInfo&) { ended = loop.now(); };
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->closed == 1; }));
  EXPECT_LT(ended - dropped, 1s);
}

TEST_F(Pressure, AConnectionStartedInsideAnothersCallbackSharesNothingWithIt) {
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return opened(); }));
  WebSocketProtocol* first = nullptr;
  auto script = std::make_shared<Script>();
  script->onOpen = [&](WebSocketProtocol& second) {
    second.sendMessage("for the second");
    first->sendMessage("for the first");
  };
  auto pair = util::testing::makeFakePair(loop);
  std::unique_ptr<FakeStream>& near = pair.first;
  near->control->recordsWrites = true;
  const auto written = near->control;
  ClientPlan plan;
  plan.options = std::make_shared<ClientOptions>();
  const auto other =
      std::make_shared<ClientSession>(loop, dialer, std::move(plan), std::nullopt, [](ClientSession&) {});
  serverScript->onMessage = [&](WebSocketProtocol& protocol, std::string_view, bool) {
    first = &protocol;
    other->startUpgraded(std::move(near), std::make_shared<ScriptedClient>(script), "", {});
  };
  session->forEach([](Connection& connection) { connection.sendMessage("go", false, {}); });
  loop.advance(1s);
  EXPECT_EQ(clientScript->messages, std::vector<std::string>{"for the first"});
  EXPECT_EQ(written->written.size(), 2U + 4U + 14U) << "one masked frame";
  other->terminate("the test is over");
  loop.settle();
}

TEST_F(Pressure, PongsAreNotOverdueWhileReadingIsPaused) {
  clientOptions->autoPingInterval = 10s;
  clientOptions->autoPingTimeout = 5s;
  clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.pauseReading(); };
  connect();
  loop.advance(1min);
  EXPECT_EQ(clientScript->closed, 0);
}

TEST_F(Pressure, ADenialThatCannotBeSentBecomesABare500) {
  serverScript->onConnect = [](WebSocketServerProtocol&, const ConnectionRequest&) -> ConnectDecision {
    throw ConnectionDeny(403, "no", {{"X-Why", "line\r\nbreak: here"}});
  };
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->closed == 1; }));
  EXPECT_NE(clientScript->close.reason.find("500"), std::string::npos) << clientScript->close.reason;
}

struct ThrowingObserver : MetricsObserver {
  void onOpened(const std::string&) override { throw std::runtime_error("observer"); }
  void onClosed(const std::string&, const CloseInfo&, const TrafficStats&) override { throw 1; }
};

TEST_F(Pressure, ThrowingObserversHarmNobody) {
  server->observer = std::make_shared<ThrowingObserver>();
  clientScript->onOpen = [](WebSocketProtocol& protocol) { protocol.sendClose(); };
  connect();
  ASSERT_TRUE(loop.advanceUntil([&] { return clientScript->closed == 1 && server->size() == 0; }));
  EXPECT_TRUE(clientScript->close.wasClean);
  EXPECT_EQ(serverScript->alive, 0);
}

TEST_F(Pressure, AFrameTraceThatThrowsEndsItsConnectionOnly) {
  serverScript->onOpen = [](WebSocketProtocol& protocol) {
    protocol.setFrameTrace([](const FrameTrace&) { throw std::runtime_error("trace"); });
  };
  sendRequests(1);
  connect();
  EXPECT_TRUE(loop.advanceUntil([&] { return serverScript->closed == 1; }));
}

TEST_F(Pressure, AClientThatGivesUpASlowServerTriesAgain) {
  setWatermarks(*clientOptions);
  clientOptions->slowConsumerPolicy = SlowConsumerPolicy::close;
  serverScript->onOpen = [](WebSocketProtocol& protocol) { protocol.pauseReading(); };
  clientScript->onOpen = [](WebSocketProtocol& protocol) {
    protocol.sendMessage(std::string_view(std::string(300'000, 'x')));
    protocol.sendMessage("one too many");
  };
  std::optional<ConnectionFailure> seen;
  ReconnectOptions options;
  options.onFailure = [&](const ConnectionFailure& failure) {
    seen = failure;
    return false;
  };
  connect(options);
  ASSERT_TRUE(loop.advanceUntil([&] { return seen.has_value(); }));
  EXPECT_TRUE(seen->willRetry);
  EXPECT_FALSE(seen->byApplication);
  EXPECT_NE(seen->message.find("1008"), std::string::npos) << seen->message;
}

TEST_F(Pressure, APeerThatNeverReadsAnswersIsGivenUp) {
  answerWith(40'000);
  sendRequests(100, false);
  connect();
  loop.advance(29s);
  EXPECT_EQ(serverScript->closed, 0);
  loop.advance(2s);
  EXPECT_EQ(serverScript->closed, 1);
  EXPECT_NE(serverScript->close.reason.find("slow consumer"), std::string::npos)
      << serverScript->close.reason;
}

}  // namespace
}  // namespace autobahn::inline v0::websocket::testing
