// Servers on several loops, used from several threads. Meant for ThreadSanitizer as much as for itself.
#include <gtest/gtest.h>

#include <atomic>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/server.hpp>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace autobahn::inline v0::websocket {
namespace {

using namespace std::chrono_literals;

/// What the server's connections tell the test; any thread.
struct Board {
  void add(const ConnectionRef& ref) {
    const std::lock_guard lock(mutex);
    refs.push_back(ref);
    threads.insert(std::this_thread::get_id());
  }
  std::vector<ConnectionRef> copy() {
    const std::lock_guard lock(mutex);
    return refs;
  }
  std::mutex mutex;
  std::vector<ConnectionRef> refs;
  std::set<std::thread::id> threads;
  std::atomic<int> closed{0};
};

class Member : public WebSocketServerProtocol {
 public:
  explicit Member(std::shared_ptr<Board> board) : board_(std::move(board)) {}
  void onOpen() override {
    home = std::this_thread::get_id();
    board_->add(ref());
  }
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
  void onClose(bool, std::uint16_t, const std::string&) override { ++board_->closed; }

  std::thread::id home;  ///< of its loop

 private:
  std::shared_ptr<Board> board_;
};

/// Clients on a loop and thread of their own, counting what they get.
class Crowd {
 public:
  struct Counts {
    std::atomic<int> opened{0};
    std::atomic<int> received{0};
    std::atomic<int> closed{0};
  };
  class Client : public WebSocketClientProtocol {
   public:
    explicit Client(std::shared_ptr<Counts> counts) : counts_(std::move(counts)) {}
    void onOpen() override { ++counts_->opened; }
    void onMessage(std::string_view, bool) override { ++counts_->received; }
    void onClose(bool, std::uint16_t, const std::string&) override { ++counts_->closed; }

   private:
    std::shared_ptr<Counts> counts_;
  };

  Crowd(std::uint16_t port, int size) : factory_("ws://127.0.0.1:" + std::to_string(port)) {
    factory_.setProtocol<Client>(counts);
    for (int i = 0; i < size; ++i) factory_.connect();
    thread_ = std::thread([this] { factory_.run(); });
  }
  ~Crowd() {
    factory_.close();
    thread_.join();
  }

  std::shared_ptr<Counts> counts = std::make_shared<Counts>();

 private:
  WebSocketClientFactory factory_;
  std::thread thread_;
};

/// Waits for what another thread does; ctest's time-out ends a wait in vain.
template <class Condition>
void await(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

class Threads : public ::testing::Test {
 protected:
  Threads() : server_(std::make_unique<WebSocketServerFactory>("ws://127.0.0.1:0")) {
    server_->setProtocol<Member>(board_);
    ListenOptions options;
    options.threads = 3;
    server_->listen(options);
    thread_ = std::thread([this] { server_->run(); });
  }
  ~Threads() override { finish(); }
  void finish() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
    server_.reset();
  }

  std::shared_ptr<Board> board_ = std::make_shared<Board>();
  std::unique_ptr<WebSocketServerFactory> server_;
  std::thread thread_;
};

TEST_F(Threads, ConnectionsAreDealtToAllLoops) {
  Crowd crowd(server_->port(), 9);
  await([&] { return crowd.counts->opened == 9; });
  await([&] { return board_->copy().size() == 9; });
  const std::lock_guard lock(board_->mutex);
  EXPECT_EQ(board_->threads.size(), 3U);
}

TEST_F(Threads, PostReachesEveryConnectionFromAnyThread) {
  Crowd crowd(server_->port(), 12);
  await([&] { return board_->copy().size() == 12; });
  std::atomic<int> strange{0};
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t) {
    posters.emplace_back([&] {
      for (const ConnectionRef& ref : board_->copy()) {
        ref.post<Member>([&strange](Member& member) {
          if (std::this_thread::get_id() != member.home) ++strange;
          member.sendMessage("from another thread");
        });
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  await([&] { return strange != 0 || crowd.counts->received == 4 * 12; });
  EXPECT_EQ(strange, 0) << "what is posted runs in the connection's own thread";
}

#ifndef NDEBUG
TEST_F(Threads, ActingOnAConnectionFromAnotherThreadIsRefusedInDebugBuilds) {
  Crowd crowd(server_->port(), 1);
  await([&] { return board_->copy().size() == 1; });
  std::promise<WebSocketProtocol*> found;
  board_->copy()[0].post([&](WebSocketProtocol& protocol) { found.set_value(&protocol); });
  WebSocketProtocol* const protocol = found.get_future().get();
  EXPECT_THROW(protocol->sendMessage("from the wrong thread"), InvalidState);
}
#endif

TEST_F(Threads, BroadcastsFromManyThreads) {
  Crowd crowd(server_->port(), 12);
  await([&] { return board_->copy().size() == 12 && crowd.counts->opened == 12; });
  const PreparedMessage message = server_->prepareMessage(std::string(10'000, 'x'));
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t) {
    senders.emplace_back([&] {
      for (int i = 0; i < 25; ++i) server_->broadcast(message);
    });
  }
  for (std::thread& sender : senders) sender.join();
  await([&] { return crowd.counts->received == 4 * 25 * 12; });
}

TEST_F(Threads, MetricsAreGatheredOverTheLoops) {
  Crowd crowd(server_->port(), 6);
  await([&] { return board_->copy().size() == 6; });
  server_->broadcast(server_->prepareMessage("x"));
  await([&] { return crowd.counts->received == 6; });
  std::promise<Metrics> promise;
  server_->readMetrics([&](const Metrics& metrics) { promise.set_value(metrics); });
  const Metrics metrics = promise.get_future().get();
  EXPECT_EQ(metrics.connections, 6U);
  EXPECT_EQ(metrics.connectionsOpened, 6U);
  EXPECT_EQ(metrics.traffic.outgoingWebSocketMessages, 6U);
}

TEST_F(Threads, DrainEndsTheConnectionsOfAllLoops) {
  Crowd crowd(server_->port(), 12);
  await([&] { return crowd.counts->opened == 12 && board_->copy().size() == 12; });
  std::promise<void> drained;
  server_->drain(20s, [&] { drained.set_value(); });
  drained.get_future().get();
  await([&] { return crowd.counts->closed == 12; });
  EXPECT_EQ(board_->closed, 12);
  EXPECT_EQ(server_->connectionCount(), 0U);
}

TEST_F(Threads, StoppingAndDestroyingWhileEverybodyTalks) {
  Crowd crowd(server_->port(), 12);
  await([&] { return board_->copy().size() == 12; });
  std::atomic<bool> done{false};
  std::thread noise([&] {
    while (!done) {
      for (const ConnectionRef& ref : board_->copy()) {
        ref.post([](WebSocketProtocol& protocol) { protocol.sendMessage("noise"); });
      }
      std::this_thread::yield();
    }
  });
  await([&] { return crowd.counts->received > 100; });
  finish();
  for (const ConnectionRef& ref : board_->copy()) EXPECT_FALSE(ref.post([](WebSocketProtocol&) { FAIL(); }));
  done = true;
  noise.join();
  await([&] { return crowd.counts->closed == 12; });
  EXPECT_EQ(board_->closed, 12);
}

}  // namespace
}  // namespace autobahn::inline v0::websocket
