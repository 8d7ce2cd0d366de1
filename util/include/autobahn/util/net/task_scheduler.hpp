// The timers and end-of-turn notices of a loop, without a clock: shared by AsioLoop and by loops with a fake
// one.
#pragma once

#include <autobahn/util/net/event_loop.hpp>
#include <cstddef>
#include <vector>

namespace autobahn::inline v0::util {

/// A binary heap of deadlines and a list of tasks to call at the end of the turn. Tasks may schedule, forget
/// or destroy themselves and others while they are called. For one thread. Deterministic: the order of calls
/// depends on the order of the operations only.
class TaskScheduler {
 public:
  /// Arms or moves the task's timer; `kNever` disarms it.
  void schedule(LoopTask& task, TimePoint deadline);
  /// Calls the task at the next `runTurnEnd`, once.
  void callAtTurnEnd(LoopTask& task);
  /// Disarms both.
  void forget(LoopTask& task);

  /// The earliest deadline, or `kNever`.
  TimePoint nextDeadline() const { return heap_.empty() ? kNever : heap_.front().deadline; }
  /// True when `runTurnEnd` has somebody to call.
  bool turnEndDue() const { return waiting_ != 0; }

  /// Calls `onTimer` of every task whose deadline is not after `now`, earliest first. Timers armed meanwhile
  /// for `now` or before may be left to the next call, so that this always ends. Returns the number of calls.
  std::size_t runExpired(TimePoint now);
  /// Calls `onTurnEnd` of every task that asked for it, in that order. Tasks that ask meanwhile are left to
  /// the next call. Returns the number of calls.
  std::size_t runTurnEnd();

 private:
  struct Timer {
    TimePoint deadline;
    LoopTask* task;
  };

  void place(std::size_t slot, Timer timer);
  void siftUp(std::size_t slot, Timer timer);
  void siftDown(std::size_t slot, Timer timer);
  void removeTimer(std::size_t slot);
  void dropCalled(std::size_t called);

  std::vector<Timer> heap_;
  std::vector<LoopTask*> turn_;  ///< null where a task was called or forgotten
  std::size_t waiting_ = 0;      ///< tasks in `turn_`
  bool runningTurnEnd_ = false;
};

}  // namespace autobahn::inline v0::util
