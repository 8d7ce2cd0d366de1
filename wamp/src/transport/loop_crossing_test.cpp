// Connections on another loop than the router's, when one of the two is slower than the other.
#include "loop_crossing.hpp"

#include <gmock/gmock.h>

#include <asio/io_context.hpp>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "../testing/session_peers.hpp"
#include "relayed_connection.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using namespace std::chrono_literals;

/// Keeps what it is sent; on the loop `executor`.
class FakeTransport : public Transport {
 public:
  explicit FakeTransport(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  void send(const Message& message) override {
    if (const auto* const refused = std::get_if<message::Event>(&message);
        refused != nullptr && refuses.exchange(false)) {
      throw MessageTooLarge("too large");
    }
    ++sent;
    last = message;
  }
  void pauseReading() override { isPaused = true; }
  void resumeReading() override { isPaused = false; }
  void close() override { isOpen_ = false; }
  void abort() override { close(); }
  bool isOpen() const override { return isOpen_; }
  TransportDetails details() const override { return {.type = "fake"}; }
  std::string getChannelId(std::string_view) const override { return {}; }
  asio::any_io_executor executor() const override { return executor_; }

  std::atomic<int> sent{0};
  std::atomic<bool> isPaused{false};
  std::atomic<bool> refuses{false};
  Message last;

 private:
  asio::any_io_executor executor_;
  std::atomic<bool> isOpen_{true};
};

/// A router on the test's thread, and one more loop.
class Crossing : public ::testing::Test, public RouterHost {
 protected:
  Crossing() {
    router_.setTime(std::chrono::steady_clock::now(), std::chrono::system_clock::now());
    router_.addRealm({.name = "realm1"});
  }
  ~Crossing() override {
    onOther([this] {
      for (const auto& each : connections) each->onClose(true, "over");
    });
    runUntil([this] { return router_.transportCount() == 0; });
    all_.reset();
  }

  // RouterHost
  Router& router() override { return router_; }
  LoopCrossings* crossings() override { return all_.get(); }

  void onOther(const std::function<void()>& function) {
    loops->visitOthers([&](std::size_t) { function(); });
  }
  template <class Condition>
  void runUntil(Condition isDone) {
    while (!isDone()) {
      io.restart();
      io.run_one_for(1ms);
    }
  }
  /// A client on the other loop that has joined.
  std::pair<std::shared_ptr<RelayedConnection>, std::shared_ptr<FakeTransport>> join() {
    auto transport = std::make_shared<FakeTransport>(loops->at(1).executor());
    std::shared_ptr<RelayedConnection> connection;
    onOther([&] {
      connection = std::make_shared<RelayedConnection>(host, all_->ofCurrentThread());
      connection->onOpen(transport);
      connection->onMessage(testing::makeHello());
      connections.push_back(connection);
    });
    runUntil([&] { return transport->sent == 1; });  // WELCOME
    return {connection, transport};
  }
  void subscribe(RelayedConnection& connection, FakeTransport& transport) {
    onOther([&] { connection.onMessage(message::Subscribe{.request = 1, .topic = Text("com.topic")}); });
    const int before = transport.sent;
    runUntil([&] { return transport.sent == before + 1; });
  }
  /// The publisher's `number`th, from 0.
  static message::Publish publication(int number = 0) {
    return {.request = static_cast<Id>(number) + 1, .topic = Text("com.topic")};
  }

  asio::io_context io{1};
  std::shared_ptr<util::LoopGroup> loops = std::make_shared<util::LoopGroup>(io, 2);
  Router router_;
  std::unique_ptr<LoopCrossings> all_ = std::make_unique<LoopCrossings>(loops);
  std::shared_ptr<RouterHost> host{this, [](RouterHost*) {}};
  std::vector<std::shared_ptr<RelayedConnection>> connections;
};

TEST_F(Crossing, WhoSaysMoreThanTheRouterTakesIsNotRead) {
  const auto [connection, transport] = join();
  subscribe(*connection, *transport);
  const auto [publisher, feed] = join();
  onOther([&, &from = publisher] {
    for (int i = 0; i < 10'000; ++i) from->onMessage(publication(i));
  });
  EXPECT_TRUE(feed->isPaused);
  EXPECT_FALSE(transport->isPaused);
  runUntil([&, &to = transport] { return to->sent == 2 + 10'000; });
  runUntil([&, &from = feed] { return !from->isPaused; });
}

TEST_F(Crossing, ALoopThatDoesNotKeepUpMakesTheRouterTakeNoMore) {
  const auto [connection, transport] = join();
  subscribe(*connection, *transport);
  const auto [publisher, input] = join();
  std::promise<void> goOn;
  const auto waited = goOn.get_future().share();
  onOther([&, &from = publisher] { from->onMessage(publication()); });
  loops->at(1).post([waited] { waited.wait(); });

  // From the router's own loop.
  const auto own = std::make_shared<RouterConnection>(host);
  const auto feed = std::make_shared<FakeTransport>(io.get_executor());
  own->onOpen(feed);
  own->onMessage(testing::makeHello());
  int published = 0;
  for (; published < 10'000 && !feed->isPaused; ++published) own->onMessage(publication(published));
  EXPECT_TRUE(all_->isCongested());
  EXPECT_TRUE(feed->isPaused);
  EXPECT_LT(published, 9'000);
  io.restart();
  io.poll();
  EXPECT_EQ(router_.statistics().realms.at(0).eventsDelivered(), static_cast<std::uint64_t>(published));

  goOn.set_value();
  ++published;  // what has waited
  runUntil([&, &to = transport] { return to->sent == 2 + published && !all_->isCongested(); });
  EXPECT_FALSE(feed->isPaused);
  own->onMessage(publication(published - 1));
  runUntil([&, &to = transport] { return to->sent == 2 + published + 1; });
  own->onClose(true, "over");
}

TEST_F(Crossing, WhatCannotBeWrittenIsToldToTheRouter) {
  const auto [connection, transport] = join();
  subscribe(*connection, *transport);
  const auto [publisher, feed] = join();
  transport->refuses = true;
  onOther([&, &from = publisher] {
    from->onMessage(publication(0));
    from->onMessage(publication(1));
  });
  runUntil([&, &to = transport] { return to->sent == 3; });  // the first event is forgotten
}

TEST_F(Crossing, WhatIsNoMessageIsAnsweredBeforeTheTransportCloses) {
  const auto [connection, transport] = join();
  onOther([&, &from = connection, &to = transport] {
    from->onBadMessage("byte 1 is wrong");
    const auto* const abort = std::get_if<message::Abort>(&to->last);
    ASSERT_NE(abort, nullptr);
    EXPECT_EQ(abort->reason, error::kProtocolViolation);
    EXPECT_EQ(abort->details.message, "byte 1 is wrong");
  });
  runUntil([&] { return router_.sessionCount("realm1") == 0; });
}

TEST_F(Crossing, TheEndOfAllLetsEverybodyGo) {
  const auto [connection, transport] = join();
  EXPECT_EQ(router_.transportCount(), 1U);
  onOther([&, &from = connection] { from->onMessage(publication()); });
  all_.reset();
  EXPECT_EQ(router_.transportCount(), 0U);
  EXPECT_EQ(router_.sessionCount("realm1"), 0U);
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
