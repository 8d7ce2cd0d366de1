#include <autobahn/util/net/asio_loop.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <asio/post.hpp>
#include <autobahn/util/buffer.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/net/unique_fd.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace autobahn::inline v0::util {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

struct Task final : LoopTask {
  std::function<void()> timer;
  std::function<void()> turnEnd;
  void onTimer() override {
    if (timer) timer();
  }
  void onTurnEnd() override {
    if (turnEnd) turnEnd();
  }
};

struct Watcher final : DescriptorObserver {
  explicit Watcher(AsioLoop& l) : loop(l), fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Watcher() {
    if (watching) loop.unwatch(fd.get(), *this);
  }
  void watch() { watching = !loop.watch(fd.get(), EPOLLIN, *this); }
  void unwatch() {
    loop.unwatch(fd.get(), *this);
    watching = false;
  }
  void signal() { ASSERT_EQ(::eventfd_write(fd.get(), 1), 0); }
  void onDescriptor(std::uint32_t) override {
    ++calls;
    eventfd_t value;
    ::eventfd_read(fd.get(), &value);
    if (action) action();
  }
  AsioLoop& loop;
  UniqueFd fd;
  bool watching = false;
  int calls = 0;
  std::function<void()> action;
};

TEST(AsioLoop, IsOnePerContext) {
  asio::io_context a;
  asio::io_context b;
  EXPECT_EQ(&AsioLoop::of(a), &AsioLoop::of(a));
  EXPECT_NE(&AsioLoop::of(a), &AsioLoop::of(b));
  EXPECT_GE(AsioLoop::of(a).receiveBuffer().size(), std::size_t{512} << 10);
}

TEST(AsioLoop, RunReturnsWhenNothingIsLeft) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  io.run();
  Watcher watcher(loop);
  watcher.watch();
  watcher.action = [&] { watcher.unwatch(); };
  watcher.signal();
  io.restart();
  io.run();
  EXPECT_EQ(watcher.calls, 1);
  EXPECT_EQ(loop.watched(), 0U);
}

TEST(AsioLoop, RunReturnsAfterUnwatchingFromOutside) {
  asio::io_context io;
  Watcher watcher(AsioLoop::of(io));
  watcher.watch();
  io.poll();
  watcher.unwatch();
  io.restart();
  io.run();
  watcher.watch();  // and it can be watched again at once
  watcher.signal();
  watcher.action = [&] { watcher.unwatch(); };
  io.restart();
  io.run();
  EXPECT_EQ(watcher.calls, 1);
}

TEST(AsioLoop, WatchesAgainBeforeTheCancelledWaitIsThrough) {
  asio::io_context io;
  Watcher watcher(AsioLoop::of(io));
  watcher.watch();
  io.poll();
  watcher.unwatch();
  watcher.watch();
  watcher.signal();
  watcher.action = [&] { watcher.unwatch(); };
  io.restart();
  io.run();
  EXPECT_EQ(watcher.calls, 1);
}

TEST(AsioLoop, IsLevelTriggered) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  std::array<int, 2> ends;
  ASSERT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  struct Reader : DescriptorObserver {
    int calls = 0;
    std::function<void()> action;
    void onDescriptor(std::uint32_t) override {
      ++calls;
      action();
    }
  } observer;
  observer.action = [&] {
    if (observer.calls == 3) loop.unwatch(reader.get(), observer);  // never reads
  };
  ASSERT_FALSE(loop.watch(reader.get(), EPOLLIN, observer));
  ASSERT_EQ(::write(writer.get(), "x", 1), 1);
  io.run();
  EXPECT_EQ(observer.calls, 3);
}

TEST(AsioLoop, ObserverDestroyedByAnEarlierEventOfTheBatchIsNotCalled) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  std::vector<std::unique_ptr<Watcher>> watchers;
  int called = 0;
  for (int i = 0; i != 20; ++i) {
    watchers.push_back(std::make_unique<Watcher>(loop));
    watchers.back()->watch();
    watchers.back()->signal();
    watchers.back()->action = [&] {
      ++called;
      const auto doomed = std::exchange(watchers, {});  // all of them, the caller included
    };
  }
  io.run();
  EXPECT_EQ(called, 1);
  EXPECT_EQ(loop.watched(), 0U);
}

TEST(AsioLoop, TimersGoOffInOrder) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  std::string order;
  Task a, b, c, never;
  a.timer = [&] { order += 'a'; };
  b.timer = [&] { order += 'b'; };
  c.timer = [&] { order += 'c'; };
  never.timer = [&] { order += '!'; };
  const TimePoint start = loop.now();
  loop.schedule(c, start + milliseconds(3));
  loop.schedule(b, start + milliseconds(2));
  loop.schedule(a, start + milliseconds(1));
  loop.schedule(never, start + hours(1));
  loop.schedule(never, kNever);
  io.run();
  EXPECT_EQ(order, "abc");
  EXPECT_GE(loop.now(), start + milliseconds(3));
}

TEST(AsioLoop, AForgottenTimerDoesNotKeepRunGoing) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  Task task;
  loop.schedule(task, loop.now() + hours(1));
  io.poll();
  loop.forget(task);
  io.restart();
  io.run();
}

TEST(AsioLoop, TimeStandsStillDuringATurn) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  bool same = false;
  loop.post([&] {
    const TimePoint before = loop.now();
    while (Clock::now() == before) {
    }
    same = loop.now() == before;
  });
  io.run();
  EXPECT_TRUE(same);
}

TEST(AsioLoop, TurnEndComesAfterTheEventsAndOnce) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  std::string order;
  Task task;
  task.turnEnd = [&] { order += 'e'; };
  for (char name : {'1', '2'}) {
    loop.post([&, name] {
      order += name;
      loop.callAtTurnEnd(task);
    });
  }
  io.run();
  EXPECT_EQ(order, "12e");
  loop.callAtTurnEnd(task);  // outside a turn
  EXPECT_EQ(order, "12e");
  io.restart();
  io.run();
  EXPECT_EQ(order, "12ee");
}

TEST(AsioLoop, TurnEndAskedForAtTurnEndComesInTheNextTurn) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  int calls = 0;
  Task task;
  task.turnEnd = [&] {
    if (++calls < 5) loop.callAtTurnEnd(task);
  };
  loop.callAtTurnEnd(task);
  io.run();
  EXPECT_EQ(calls, 5);
}

TEST(AsioLoop, PostsInOrderFromOtherThreads) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  std::vector<int> got;
  std::thread other([poster = loop.poster(), &got, &loop] {
    EXPECT_FALSE(loop.isCurrentThread());
    for (int i = 0; i != 1000; ++i) {
      EXPECT_TRUE(poster([&got, &loop, i] {
        EXPECT_TRUE(loop.isCurrentThread());
        got.push_back(i);
      }));
    }
  });
  while (got.size() != 1000) {
    io.restart();
    io.run_one_for(milliseconds(10));
  }
  other.join();
  for (int i = 0; i != 1000; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], i);
}

TEST(AsioLoop, AnExceptionInAPostedFunctionHurtsNobodyElse) {
  setSink([](const LogRecord&) {});
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  bool called = false;
  loop.post([] { throw std::runtime_error("thrown on purpose"); });
  loop.post([&] { called = true; });
  io.run();
  setSink({});
  EXPECT_TRUE(called);
}

TEST(AsioLoop, AnExceptionInACallbackLeavesTheLoopUsable) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  Watcher first(loop);
  Watcher second(loop);
  for (Watcher* watcher : {&first, &second}) {
    watcher->watch();
    watcher->signal();
    watcher->action = [watcher] {
      watcher->unwatch();
      throw std::runtime_error("thrown on purpose");
    };
  }
  EXPECT_THROW(io.run(), std::runtime_error);
  EXPECT_THROW(io.run(), std::runtime_error);
  io.run();
  EXPECT_EQ(first.calls + second.calls, 2);
}

TEST(AsioLoop, MailboxOutlivesTheLoopAndRefuses) {
  auto io = std::make_unique<asio::io_context>();
  const auto mailbox = AsioLoop::of(*io).mailbox();
  const auto kept = std::make_shared<int>(1);
  EXPECT_TRUE(mailbox->post([kept] {}));
  EXPECT_EQ(kept.use_count(), 2);
  io.reset();
  EXPECT_EQ(kept.use_count(), 1);  // dropped
  EXPECT_FALSE(mailbox->post([kept] {}));
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(AsioLoop, MailboxHoldsResidentsUntilTheLoopGoes) {
  struct Resident {
    Resident(std::string who, std::vector<std::string>& list, std::shared_ptr<LoopMailbox>& door)
        : name(std::move(who)), gone(list), mailbox(door) {}
    Resident(const Resident&) = delete;
    Resident& operator=(const Resident&) = delete;
    ~Resident() {
      gone.push_back(name + (mailbox->post([] {}) ? " posts" : " cannot post"));
    }
    std::string name;
    std::vector<std::string>& gone;
    std::shared_ptr<LoopMailbox>& mailbox;
  };
  std::vector<std::string> gone;
  std::shared_ptr<LoopMailbox> mailbox;
  const auto resident = [&](const char* name) {
    return std::shared_ptr<void>(std::make_shared<Resident>(name, gone, mailbox));
  };
  {
    asio::io_context io{1};
    mailbox = AsioLoop::of(io).mailbox();
    auto first = resident("first");
    ASSERT_TRUE(mailbox->hold(first));
    ASSERT_TRUE(mailbox->hold(resident("second")));
    mailbox->release(first);
    EXPECT_TRUE(gone.empty());
    first = nullptr;
    EXPECT_EQ(gone, std::vector<std::string>{"first posts"});
  }
  EXPECT_EQ(gone, (std::vector<std::string>{"first posts", "second cannot post"}));
  EXPECT_FALSE(mailbox->hold(resident("third")));
}

TEST(AsioLoop, TasksAndDescriptorsMayDieWithTheContext) {
  auto io = std::make_unique<asio::io_context>();
  AsioLoop& loop = AsioLoop::of(*io);
  struct Both {
    explicit Both(AsioLoop& l) : loop(l), watcher(l) {
      watcher.watch();
      loop.schedule(task, loop.now() + hours(1));
    }
    ~Both() { loop.forget(task); }
    AsioLoop& loop;
    Watcher watcher;
    Task task;
  };
  // Held by a handler that Asio destroys with the context.
  asio::post(*io, [both = std::make_shared<Both>(loop)] {});
  io.reset();
}

TEST(AsioLoop, CanBeRunByHand) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  Watcher watcher(loop);
  watcher.watch();
  EXPECT_EQ(io.poll(), 0U);
  watcher.signal();
  while (watcher.calls == 0) io.poll_one();
  EXPECT_EQ(watcher.calls, 1);
  // From inside a callback, too.
  Watcher inner(loop);
  inner.watch();
  watcher.action = [&] {
    inner.signal();
    while (inner.calls == 0 && watcher.calls < 3) {
      io.poll();
      break;
    }
  };
  watcher.signal();
  while (inner.calls == 0) io.poll_one();
  EXPECT_EQ(inner.calls, 1);
}

/// Two descriptors that stay readable, so that every turn finds work for the next.
struct AlwaysBusy {
  explicit AlwaysBusy(AsioLoop& loop) : one(loop), other(loop) {
    for (Watcher* each : {&one, &other}) {
      each->action = [each] { each->signal(); };
      each->watch();
      each->signal();
    }
  }
  Watcher one;
  Watcher other;
};

TEST(AsioLoop, BusyTurnsFollowEachOtherButLetOthersIn) {
  asio::io_context io;
  AlwaysBusy busy(AsioLoop::of(io));
  ASSERT_EQ(io.run_one(), 1U);
  EXPECT_GT(busy.one.calls, 1) << "one handler, several turns";
  bool others = false;
  asio::post(io, [&] { others = true; });
  for (int handlers = 0; handlers != 10 && !others; ++handlers) io.run_one();
  EXPECT_TRUE(others);
}

TEST(AsioLoop, StopEndsBusyTurns) {
  asio::io_context io;
  AlwaysBusy busy(AsioLoop::of(io));
  busy.one.action = [&] {
    busy.one.signal();
    io.stop();
  };
  io.run();
  EXPECT_EQ(busy.one.calls, 1);
}

TEST(TaskBuffers, AreKeptSmall) {
  asio::io_context io;
  AsioLoop& loop = AsioLoop::of(io);
  loop.post([&] {
    loop.corkBuffer().append(std::string(std::size_t{8} << 20, 'x'));
    loop.corkBuffer().clear();
  });
  io.run();
  EXPECT_LE(loop.corkBuffer().capacity(), std::size_t{1} << 20);
}

}  // namespace
}  // namespace autobahn::inline v0::util
