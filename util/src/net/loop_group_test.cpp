#include <gtest/gtest.h>

#include <autobahn/util/net/loop_group.hpp>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace autobahn::inline v0::util {
namespace {

TEST(LoopGroup, HasTheOwnersLoopAndThreadsForTheOthers) {
  asio::io_context io{1};
  const LoopGroup group(io, 3);
  ASSERT_EQ(group.size(), 3U);
  EXPECT_EQ(&group.at(0), &AsioLoop::of(io));
  std::vector<std::thread::id> threads(3);
  std::vector<std::size_t> numbers(3);
  group.visitOthers([&](std::size_t index) {
    threads[index] = std::this_thread::get_id();
    numbers[index] = group.indexOfCurrentThread();
  });
  EXPECT_EQ(std::set<std::thread::id>(threads.begin() + 1, threads.end()).size(), 2U);
  EXPECT_EQ(numbers, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(group.indexOfCurrentThread(), 0U);
}

TEST(LoopGroup, DealsToAllInTurnOrToAllButTheFirst) {
  asio::io_context io{1};
  LoopGroup all(io, 2);
  EXPECT_EQ((std::vector{all.next(), all.next(), all.next()}), (std::vector<std::size_t>{0, 1, 0}));
  LoopGroup others(io, 3, LoopGroup::Dealing::others);
  EXPECT_EQ((std::vector{others.next(), others.next(), others.next()}), (std::vector<std::size_t>{1, 2, 1}));
  EXPECT_THROW(LoopGroup(io, 1, LoopGroup::Dealing::others), std::invalid_argument);
}

TEST(LoopGroup, AVisitThatThrowsIsOverToo) {
  asio::io_context io{1};
  const LoopGroup group(io, 2);
  group.visitOthers([](std::size_t) { throw std::runtime_error("no"); });
}

TEST(LoopGroup, EndsItsThreadsAndDropsWhatWaitsThere) {
  asio::io_context io{1};
  auto group = std::make_unique<LoopGroup>(io, 2);
  const auto mailbox = group->at(1).mailbox();
  const auto witness = std::make_shared<int>(1);
  mailbox->post([witness, weak = std::weak_ptr(mailbox)] {
    if (const auto again = weak.lock()) again->post([witness] {});
  });
  group.reset();
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_FALSE(mailbox->post([] {}));
}

TEST(LoopGroup, OfOneIsTheOwnersLoop) {
  asio::io_context io{1};
  const LoopGroup group(io, 1);
  EXPECT_EQ(group.size(), 1U);
  group.visitOthers([](std::size_t) { FAIL(); });
  EXPECT_THROW(LoopGroup(io, 0), std::invalid_argument);
}

}  // namespace
}  // namespace autobahn::inline v0::util
