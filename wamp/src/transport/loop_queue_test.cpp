#include "loop_queue.hpp"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace autobahn::inline v0::wamp {
namespace {

/// A queue between two loops that the test runs by hand, in turn.
class Queue : public ::testing::Test {
 protected:
  void push(int from, int to) {
    asio::post(sending, [this, from, to] {
      for (int i = from; i < to; ++i) queue->push(i, 0);
    });
    send();
  }
  void send() {
    sending.restart();
    sending.run();
  }
  void receive() {
    receiving.restart();
    receiving.run();
  }
  static std::vector<int> upTo(int end) {
    std::vector<int> all(static_cast<std::size_t>(end));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  void make(std::function<void(int&)> handle) {
    queue = std::make_shared<LoopQueue<int>>(util::AsioLoop::of(sending), util::AsioLoop::of(receiving),
                                             std::move(handle), [this] { ++reliefs; });
  }

  Queue() {
    make([this](int& item) { received.push_back(item); });
  }
  ~Queue() override { queue->close(); }

  asio::io_context sending{1};
  asio::io_context receiving{1};
  std::shared_ptr<LoopQueue<int>> queue;
  std::vector<int> received;
  int reliefs = 0;
};

TEST_F(Queue, KeepsTheOrderHoweverMuchThereIs) {
  int end = 0;
  for (const int size : {1, 2, 63, 64, 65, 1000, 5000}) {
    push(end, end + size);
    end += size;
  }
  EXPECT_TRUE(received.empty());
  receive();
  EXPECT_EQ(received, upTo(end));
  push(end, end + 3);
  receive();
  EXPECT_EQ(received, upTo(end + 3));
}

TEST_F(Queue, SaysWhenItIsFullAndWhenThatIsOver) {
  push(0, 100);
  EXPECT_FALSE(queue->isFull());
  push(100, 10'000);
  EXPECT_TRUE(queue->isFull());
  EXPECT_TRUE(queue->isFull());
  send();
  EXPECT_EQ(reliefs, 0);
  receive();
  send();
  EXPECT_EQ(reliefs, 1);
  EXPECT_FALSE(queue->isFull());
  receive();
  send();
  EXPECT_EQ(reliefs, 1);
}

TEST_F(Queue, CountsOctetsToo) {
  queue->push(0, std::size_t{17} << 20);
  EXPECT_TRUE(queue->isFull());
  send();
  receive();
  send();
  EXPECT_EQ(reliefs, 1);
  EXPECT_FALSE(queue->isFull());
}

TEST_F(Queue, HeldItHandsNothingOn) {
  queue->hold(true);
  push(0, 700);
  receive();
  EXPECT_TRUE(received.empty());
  queue->hold(false);
  receive();
  EXPECT_EQ(received, upTo(700));
}

TEST_F(Queue, MayBeHeldFromWithin) {
  make([this](int& item) {
    received.push_back(item);
    if (item % 100 == 50) queue->hold(true);
  });
  push(0, 700);
  receive();
  EXPECT_EQ(received, upTo(51));
  push(700, 800);
  receive();
  EXPECT_EQ(received, upTo(51));
  for (int i = 0; i < 8; ++i) {
    queue->hold(false);
    receive();
  }
  EXPECT_EQ(received, upTo(800));
}

TEST_F(Queue, AnExceptionCostsTheOthersNothing) {
  make([this](int& item) {
    if (item == 5) throw std::runtime_error("five");
    received.push_back(item);
  });
  push(0, 10);
  receive();
  EXPECT_EQ(received, (std::vector<int>{0, 1, 2, 3, 4, 6, 7, 8, 9}));
}

TEST_F(Queue, ClosedItTakesNothingAndTellsNobody) {
  push(0, 10'000);
  EXPECT_TRUE(queue->isFull());
  queue->close();
  push(10'000, 10'010);
  receive();
  send();
  EXPECT_EQ(received, upTo(10'000));
  EXPECT_EQ(reliefs, 0);
}

TEST_F(Queue, StoppedItForgetsWhatWaits) {
  push(0, 10);
  queue->stop();
  receive();
  EXPECT_TRUE(received.empty());
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
