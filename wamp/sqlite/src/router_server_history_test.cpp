// Routers that are killed while they write: what was acknowledged is there afterwards. (std::thread: the
// history's, behind the loop's mailbox.)
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <csignal>
#include <cstdint>
#include <random>
#include <vector>

#include "testing/history_loop.hpp"
#include "wamp/src/router/testing/history.hpp"

namespace autobahn::wamp::sqlite {
namespace {

using router::testing::Member;
using router::testing::numbersOf;
using router::testing::RouterScript;
using testing::Folder;

constexpr int kWindow = 64;    // publications under way
constexpr int kRetained = 10;  // each so-manieth is retained

/// A router on a file, with the loop of an io_context.
class LoopRouter {
 public:
  explicit LoopRouter(const std::string& file) : router_(realm(file)) {}
  RouterScript& script() { return router_; }
  void settle(router::testing::Client& client) {
    while (client.received().empty()) io_.run_one();
  }

 private:
  RealmOptions realm(const std::string& file) {
    RealmOptions options = router::testing::historyRealm();
    options.history.rules[0].maxEvents = 10'000'000;
    options.history.rules[0].maxOctets = std::size_t{1} << 40;
    options.history.maxEventsPerRead = 10'000'000;
    options.history.maxOctetsPerRead = std::size_t{1} << 40;
    options.history.store = makeSqliteHistory({.file = file}, util::AsioLoop::of(io_).poster());
    return options;
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  RouterScript router_;
};

// Publishes numbers from `first` on for ever, and says in the pipe which have been acknowledged.
[[noreturn]] void publishUntilKilled(const std::string& file, int first, int pipe) {
  LoopRouter router(file);
  Member publisher(router.script(), router::testing::allRoles(), "cbor");
  int acknowledged = first;
  for (int next = first;; ++next) {
    publisher.publish("com.app.x", {next}, {.acknowledge = true, .retain = next % kRetained == 0});
    while (next - acknowledged >= kWindow || !publisher.received().empty()) {
      router.settle(publisher);
      publisher.expect<message::Published>();
      if (::write(pipe, &acknowledged, sizeof acknowledged) != sizeof acknowledged) ::_exit(1);
      ++acknowledged;
    }
  }
}

/// Kills such a process when it has had `count` acknowledgements; the number of the last one.
int runAndKill(const std::string& file, int first, int count) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    publishUntilKilled(file, first, ends[1]);
  }
  ::close(ends[1]);
  int last = -1;
  int number = 0;
  for (int heard = 0; ::read(ends[0], &number, sizeof number) == sizeof number; ++heard) {
    last = number;
    if (heard == count) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  return last;
}

TEST(RouterServerHistory, WhatWasAcknowledgedSurvivesTheKill) {
  const Folder folder;
  std::mt19937 random(std::random_device{}());
  int first = 0;
  for (int round = 0; round < 8; ++round) {
    const int count = std::uniform_int_distribution<int>(0, 3000)(random);
    const int last = runAndKill(folder.file(), first, count);
    SCOPED_TRACE("round " + std::to_string(round) + ", killed after " + std::to_string(count) +
                 ", last acknowledged " + std::to_string(last));
    ASSERT_GE(last, first);

    LoopRouter router(folder.file());
    Member reader(router.script(), router::testing::allRoles(), "cbor");
    reader.call("wamp.subscription.get_events", {reader.subscribe("com.app.x")});
    router.settle(reader);
    const std::vector<int> kept = numbersOf(reader.expect<message::Result>().payload.args().at(0).asList());
    ASSERT_GT(kept.size(), static_cast<std::size_t>(last));
    // All of them, in order, and perhaps some whose acknowledgement did not get through.
    for (std::size_t i = 0; i < kept.size(); ++i) ASSERT_EQ(kept[i], static_cast<int>(i));
    EXPECT_LE(kept.back() - last, 2 * kWindow);
    first = kept.back() + 1;

    reader.subscribe("com.app.x", {.getRetained = true});
    ASSERT_FALSE(reader.received().empty());
    EXPECT_EQ(reader.expect<message::Event>().payload.args(), List{kept.back() / kRetained * kRetained});
  }
}

}  // namespace
}  // namespace autobahn::wamp::sqlite
