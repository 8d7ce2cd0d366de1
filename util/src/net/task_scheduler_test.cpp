#include <autobahn/util/net/task_scheduler.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace autobahn::inline v0::util {
namespace {

using std::chrono::seconds;

struct Task final : LoopTask {
  explicit Task(TaskScheduler& s) : scheduler(s) {}
  ~Task() { scheduler.forget(*this); }
  TaskScheduler& scheduler;
  std::function<void()> timer = [] {};
  std::function<void()> turnEnd = [] {};
  void onTimer() override { timer(); }
  void onTurnEnd() override { turnEnd(); }
};

TimePoint at(int second) { return TimePoint(seconds(second)); }

TEST(TaskScheduler, KeepsTheEarliestThroughRandomOperations) {
  std::mt19937 random(7);
  TaskScheduler scheduler;
  std::vector<std::unique_ptr<Task>> tasks;
  std::vector<TimePoint> deadlines(50, kNever);
  std::vector<int> fired(50, 0);
  for (std::size_t i = 0; i != 50; ++i) {
    tasks.push_back(std::make_unique<Task>(scheduler));
    tasks.back()->timer = [&, i] { ++fired[i]; };
  }
  TimePoint now = at(0);
  for (int step = 0; step != 20000; ++step) {
    const std::size_t i = random() % 50;
    switch (random() % 4) {
      case 0:
      case 1:
        deadlines[i] = now + seconds(1 + random() % 100);
        scheduler.schedule(*tasks[i], deadlines[i]);
        break;
      case 2:
        deadlines[i] = kNever;
        scheduler.forget(*tasks[i]);
        break;
      default:
        now += seconds(random() % 3);
        std::size_t due = 0;
        for (TimePoint& deadline : deadlines) {
          if (deadline > now) continue;
          ++due;
          deadline = kNever;
        }
        ASSERT_EQ(scheduler.runExpired(now), due);
    }
    ASSERT_EQ(scheduler.nextDeadline(), *std::min_element(deadlines.begin(), deadlines.end()));
  }
}

TEST(TaskScheduler, CallsInTheOrderOfDeadlines) {
  TaskScheduler scheduler;
  std::vector<std::unique_ptr<Task>> tasks;
  std::vector<int> order;
  for (int i : {5, 3, 9, 1, 7, 2, 8}) {
    tasks.push_back(std::make_unique<Task>(scheduler));
    tasks.back()->timer = [&order, i] { order.push_back(i); };
    scheduler.schedule(*tasks.back(), at(i));
  }
  EXPECT_EQ(scheduler.runExpired(at(7)), 5U);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 5, 7}));
  EXPECT_EQ(scheduler.nextDeadline(), at(8));
}

TEST(TaskScheduler, ATimerArmedAgainForNowDoesNotSpin) {
  TaskScheduler scheduler;
  Task task(scheduler);
  int calls = 0;
  task.timer = [&] {
    ++calls;
    scheduler.schedule(task, at(1));
  };
  scheduler.schedule(task, at(1));
  EXPECT_EQ(scheduler.runExpired(at(1)), 1U);
  EXPECT_EQ(scheduler.nextDeadline(), at(1));
  EXPECT_EQ(calls, 1);
}

TEST(TaskScheduler, TasksMayDieWhileTimersRun) {
  TaskScheduler scheduler;
  auto doomed = std::make_unique<Task>(scheduler);
  auto suicidal = std::make_unique<Task>(scheduler);
  bool called = false;
  doomed->timer = [&] { called = true; };
  suicidal->timer = [&] {
    doomed.reset();
    suicidal.reset();
  };
  scheduler.schedule(*suicidal, at(1));
  scheduler.schedule(*doomed, at(2));
  EXPECT_EQ(scheduler.runExpired(at(3)), 1U);
  EXPECT_FALSE(called);
  EXPECT_EQ(scheduler.nextDeadline(), kNever);
}

TEST(TaskScheduler, TurnEndInOrderOnceAndNotForTheForgotten) {
  TaskScheduler scheduler;
  std::string order;
  Task a(scheduler), b(scheduler), c(scheduler);
  a.turnEnd = [&] { order += 'a'; };
  b.turnEnd = [&] { order += 'b'; };
  c.turnEnd = [&] { order += 'c'; };
  for (Task* task : {&c, &a, &b, &a, &c}) scheduler.callAtTurnEnd(*task);
  scheduler.forget(a);
  EXPECT_TRUE(scheduler.turnEndDue());
  EXPECT_EQ(scheduler.runTurnEnd(), 2U);
  EXPECT_EQ(order, "cb");
  EXPECT_FALSE(scheduler.turnEndDue());
  EXPECT_EQ(scheduler.runTurnEnd(), 0U);
}

TEST(TaskScheduler, TasksMayAskAgainForgetAndDieAtTurnEnd) {
  TaskScheduler scheduler;
  std::string order;
  Task a(scheduler), late(scheduler), gone(scheduler);
  auto doomed = std::make_unique<Task>(scheduler);
  auto suicidal = std::make_unique<Task>(scheduler);
  a.turnEnd = [&] {
    order += 'a';
    doomed.reset();
    scheduler.callAtTurnEnd(a);
    scheduler.callAtTurnEnd(gone);
    scheduler.callAtTurnEnd(late);
    scheduler.forget(gone);
    EXPECT_EQ(scheduler.runTurnEnd(), 0U);  // not from inside itself
  };
  doomed->turnEnd = [&] { order += '!'; };
  gone.turnEnd = [&] { order += '!'; };
  late.turnEnd = [&] { order += 'l'; };
  suicidal->turnEnd = [&] {
    order += 's';
    suicidal.reset();
  };
  scheduler.callAtTurnEnd(a);
  scheduler.callAtTurnEnd(*doomed);
  scheduler.callAtTurnEnd(*suicidal);
  EXPECT_EQ(scheduler.runTurnEnd(), 2U);
  EXPECT_EQ(order, "as");
  scheduler.forget(a);  // its slot has moved
  EXPECT_EQ(scheduler.runTurnEnd(), 1U);
  EXPECT_EQ(order, "asl");
}

}  // namespace
}  // namespace autobahn::inline v0::util
