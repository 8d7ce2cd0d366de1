// A server on several loops. Meant for ThreadSanitizer as much as for itself.
#include <gtest/gtest.h>

#include <atomic>
#include <autobahn/rawsocket/client.hpp>
#include <autobahn/rawsocket/server.hpp>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace autobahn::inline v0::rawsocket {
namespace {

using namespace std::chrono_literals;

/// What the server's connections tell the test; any thread.
struct Board {
  void add() {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    ++opened;
  }
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<int> opened{0};
  std::atomic<int> closed{0};
};

class Member : public RawSocketServerProtocol {
 public:
  explicit Member(std::shared_ptr<Board> board) : board_(std::move(board)) {}
  void onOpen() override { board_->add(); }
  void onMessage(std::string_view payload) override { sendMessage(payload); }
  void onClose(bool, const std::string&) override { ++board_->closed; }

 private:
  std::shared_ptr<Board> board_;
};

/// Clients on a loop and thread of their own, each of which says something and counts what it gets.
class Crowd {
 public:
  struct Counts {
    std::atomic<int> received{0};
    std::atomic<int> closed{0};
  };
  class Client : public RawSocketClientProtocol {
   public:
    explicit Client(std::shared_ptr<Counts> counts) : counts_(std::move(counts)) {}
    void onOpen() override { sendMessage("hello"); }
    void onMessage(std::string_view) override { ++counts_->received; }
    void onClose(bool, const std::string&) override { ++counts_->closed; }

   private:
    std::shared_ptr<Counts> counts_;
  };

  Crowd(std::uint16_t port, int size) : factory_("rs://127.0.0.1:" + std::to_string(port)) {
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
  RawSocketClientFactory factory_;
  std::thread thread_;
};

/// Waits for what another thread does; ctest's time-out ends a wait in vain.
template <class Condition>
void await(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

class RawSocketThreads : public ::testing::Test {
 protected:
  RawSocketThreads() : server_(std::make_unique<RawSocketServerFactory>("rs://127.0.0.1:0")) {
    server_->setProtocol<Member>(board_);
    ListenOptions options;
    options.threads = 3;
    server_->listen(options);
    thread_ = std::thread([this] { server_->run(); });
  }
  ~RawSocketThreads() override { finish(); }
  void finish() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
    server_.reset();
  }

  std::shared_ptr<Board> board_ = std::make_shared<Board>();
  std::unique_ptr<RawSocketServerFactory> server_;
  std::thread thread_;
};

TEST_F(RawSocketThreads, ConnectionsAreDealtToAllLoopsAndServedThere) {
  Crowd crowd(server_->port(), 9);
  await([&] { return crowd.counts->received == 9; });
  const std::lock_guard lock(board_->mutex);
  EXPECT_EQ(board_->threads.size(), 3U);
}

TEST_F(RawSocketThreads, ForEachVisitsThoseOfAllLoops) {
  Crowd crowd(server_->port(), 9);
  await([&] { return crowd.counts->received == 9; });
  server_->forEach([](RawSocketServerProtocol& member) { member.sendMessage("to all"); });
  await([&] { return crowd.counts->received == 18; });
}

TEST_F(RawSocketThreads, DrainEndsTheConnectionsOfAllLoops) {
  Crowd crowd(server_->port(), 12);
  await([&] { return crowd.counts->received == 12; });
  std::promise<void> drained;
  server_->drain(20s, [&] { drained.set_value(); });
  drained.get_future().get();
  await([&] { return crowd.counts->closed == 12; });
  EXPECT_EQ(board_->closed, 12);
  EXPECT_EQ(server_->connectionCount(), 0U);
}

TEST_F(RawSocketThreads, DestroyingTheServerEndsTheConnectionsOfAllLoops) {
  Crowd crowd(server_->port(), 12);
  await([&] { return crowd.counts->received == 12; });
  finish();
  await([&] { return crowd.counts->closed == 12; });
  EXPECT_EQ(board_->closed, 12);
}

TEST(RawSocketLoops, SeveralServersShareThem) {
  asio::io_context io{1};
  const auto loops = std::make_shared<util::LoopGroup>(io, 2);
  const auto board = std::make_shared<Board>();
  RawSocketServerFactory one(io, "rs://127.0.0.1:0");
  RawSocketServerFactory other(io, "rs://127.0.0.1:0");
  for (RawSocketServerFactory* each : {&one, &other}) {
    each->setProtocol<Member>(board);
    each->shareLoops(loops);
    EXPECT_THROW(each->shareLoops(loops), InvalidState);
    each->listen();
  }
  Crowd crowd(one.port(), 4);
  Crowd another(other.port(), 4);
  while (crowd.counts->received != 4 || another.counts->received != 4) io.run_one_for(10ms);
  const std::lock_guard lock(board->mutex);
  EXPECT_EQ(board->threads.size(), 2U);
}

}  // namespace
}  // namespace autobahn::inline v0::rawsocket
