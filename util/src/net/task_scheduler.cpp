#include <autobahn/util/net/task_scheduler.hpp>

namespace autobahn::inline v0::util {

void TaskScheduler::schedule(LoopTask& task, TimePoint deadline) {
  const std::size_t slot = task.timerSlot_;
  if (deadline == kNever) {
    if (slot != LoopTask::kNone) removeTimer(slot);
    return;
  }
  if (slot == LoopTask::kNone) {
    heap_.push_back({deadline, &task});
    siftUp(heap_.size() - 1, {deadline, &task});
  } else if (deadline < heap_[slot].deadline) {
    siftUp(slot, {deadline, &task});
  } else {
    siftDown(slot, {deadline, &task});
  }
}

void TaskScheduler::callAtTurnEnd(LoopTask& task) {
  if (task.turnSlot_ != LoopTask::kNone) return;
  task.turnSlot_ = static_cast<std::uint32_t>(turn_.size());
  turn_.push_back(&task);
  ++waiting_;
}

void TaskScheduler::forget(LoopTask& task) {
  if (task.timerSlot_ != LoopTask::kNone) removeTimer(task.timerSlot_);
  if (task.turnSlot_ == LoopTask::kNone) return;
  turn_[task.turnSlot_] = nullptr;
  task.turnSlot_ = LoopTask::kNone;
  --waiting_;
  if (waiting_ == 0 && !runningTurnEnd_) turn_.clear();
}

std::size_t TaskScheduler::runExpired(TimePoint now) {
  std::size_t calls = 0;
  for (std::size_t most = heap_.size(); most != 0 && !heap_.empty() && heap_.front().deadline <= now;
       --most) {
    LoopTask& task = *heap_.front().task;
    removeTimer(0);
    ++calls;
    task.onTimer();
  }
  return calls;
}

std::size_t TaskScheduler::runTurnEnd() {
  if (runningTurnEnd_) return 0;
  struct Running {  // also when a task throws
    TaskScheduler& self;
    std::size_t called = 0;
    explicit Running(TaskScheduler& scheduler) : self(scheduler) { self.runningTurnEnd_ = true; }
    ~Running() {
      self.runningTurnEnd_ = false;
      self.dropCalled(called);
    }
  } running(*this);
  std::size_t calls = 0;
  for (const std::size_t end = turn_.size(); running.called != end;) {
    LoopTask* const task = turn_[running.called];
    turn_[running.called++] = nullptr;
    if (task == nullptr) continue;
    task->turnSlot_ = LoopTask::kNone;
    --waiting_;
    ++calls;
    task->onTurnEnd();
  }
  return calls;
}

void TaskScheduler::dropCalled(std::size_t called) {
  turn_.erase(turn_.begin(), turn_.begin() + static_cast<std::ptrdiff_t>(called));
  for (std::size_t slot = 0; slot != turn_.size(); ++slot) {
    if (turn_[slot] != nullptr) turn_[slot]->turnSlot_ = static_cast<std::uint32_t>(slot);
  }
}

void TaskScheduler::place(std::size_t slot, Timer timer) {
  heap_[slot] = timer;
  timer.task->timerSlot_ = static_cast<std::uint32_t>(slot);
}

void TaskScheduler::siftUp(std::size_t slot, Timer timer) {
  while (slot != 0) {
    const std::size_t parent = (slot - 1) / 2;
    if (heap_[parent].deadline <= timer.deadline) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, timer);
}

void TaskScheduler::siftDown(std::size_t slot, Timer timer) {
  for (std::size_t child = 2 * slot + 1; child < heap_.size(); child = 2 * slot + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1].deadline < heap_[child].deadline) ++child;
    if (timer.deadline <= heap_[child].deadline) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, timer);
}

void TaskScheduler::removeTimer(std::size_t slot) {
  heap_[slot].task->timerSlot_ = LoopTask::kNone;
  const Timer last = heap_.back();
  heap_.pop_back();
  if (slot == heap_.size()) return;
  if (slot != 0 && last.deadline < heap_[(slot - 1) / 2].deadline) {
    siftUp(slot, last);
  } else {
    siftDown(slot, last);
  }
}

}  // namespace autobahn::inline v0::util
