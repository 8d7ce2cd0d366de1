// A loop with a fake clock: time passes when the test says so, nothing sleeps, the same calls give the same
// run.
#pragma once

#include <algorithm>
#include <asio/io_context.hpp>
#include <autobahn/util/buffer.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/util/net/task_scheduler.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace autobahn::inline v0::util::testing {

/// Everything runs inside `settle` and `advance`, on the caller's thread. Coroutines live on a real
/// io_context that is polled; its own timers know nothing of the fake clock.
class FakeLoop final : public EventLoop {
 public:
  FakeLoop() : door_(std::make_shared<FakeLoop*>(this)), receiveBuffer_(kReceiveBufferSize) {}
  ~FakeLoop() override { *door_ = nullptr; }

  TimePoint now() const override { return now_; }
  void schedule(LoopTask& task, TimePoint deadline) override { tasks_.schedule(task, deadline); }
  void callAtTurnEnd(LoopTask& task) override { tasks_.callAtTurnEnd(task); }
  void forget(LoopTask& task) override { tasks_.forget(task); }
  bool post(std::function<void()> function) override {
    posted_.push_back(std::move(function));
    return true;
  }
  Poster poster() override {
    return [door = door_](std::function<void()> function) {
      return *door && (*door)->post(std::move(function));
    };
  }
  bool isCurrentThread() const override { return true; }
  asio::any_io_executor executor() override { return io_.get_executor(); }
  std::span<char> receiveBuffer() override { return receiveBuffer_; }
  ByteBuffer& corkBuffer() override { return corkBuffer_; }
  std::string& cipherBuffer() override { return cipherBuffer_; }
  BufferPool& bufferPool() override { return bufferPool_; }

  /// Calls `event` at `when`, after the timers due by then; events of one time in the order of the calls.
  /// What network fakes are made of.
  void at(TimePoint when, std::function<void()> event) {
    events_.emplace(std::pair(std::max(when, now_), sequence_++), std::move(event));
  }

  /// Runs all that is due without letting time pass. `limit`: turns, against tests that would not end.
  void settle(std::size_t limit = 1'000'000) {
    while (turn()) {
      if (limit-- == 0) throw std::runtime_error("FakeLoop: this does not come to rest");
    }
  }
  /// Lets time pass, stopping at every timer and event on the way.
  void advance(Clock::duration duration) {
    const TimePoint end = now_ + duration;
    settle();
    for (TimePoint next = nextEvent(); next <= end; next = nextEvent()) {
      now_ = next;
      settle();
    }
    now_ = end;
    settle();
  }
  /// The clock makes a leap, as after a machine's sleep: all that became due meanwhile is late, and runs now.
  void leap(Clock::duration duration) {
    now_ += duration;
    settle();
  }
  /// Advances until `done()`, but not by more than `limit`. Says whether it came to be.
  bool advanceUntil(const std::function<bool()>& done, Clock::duration limit = std::chrono::hours(1)) {
    const TimePoint end = now_ + limit;
    settle();
    while (!done()) {
      const TimePoint next = nextEvent();
      if (next > end) return false;
      now_ = next;
      settle();
    }
    return true;
  }
  /// True when neither timer nor event nor function waits: a run that ended left nothing behind.
  bool idle() const { return nextEvent() == kNever && posted_.empty() && !tasks_.turnEndDue(); }
  /// When the next timer or event is due.
  TimePoint nextEvent() const {
    return std::min(tasks_.nextDeadline(), events_.empty() ? kNever : events_.begin()->first.first);
  }

 private:
  static constexpr std::size_t kReceiveBufferSize = std::size_t{64} << 10;

  /// One round; false when there was nothing to do.
  bool turn() {
    io_.restart();
    std::size_t done = io_.poll();
    for (std::size_t count = posted_.size(); count != 0; --count, ++done) {
      const std::function<void()> function = std::move(posted_.front());
      posted_.pop_front();
      function();
    }
    done += tasks_.runTurnEnd();
    done += tasks_.runExpired(now_);
    if (!events_.empty() && events_.begin()->first.first <= now_) {
      const std::function<void()> event = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      event();
      ++done;
    }
    done += tasks_.runTurnEnd();
    return done != 0;
  }

  std::shared_ptr<FakeLoop*> door_;
  asio::io_context io_{1};
  TimePoint now_{std::chrono::hours(1000)};
  TaskScheduler tasks_;
  std::deque<std::function<void()>> posted_;
  std::map<std::pair<TimePoint, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t sequence_ = 0;
  std::vector<char> receiveBuffer_;
  ByteBuffer corkBuffer_;
  std::string cipherBuffer_;
  BufferPool bufferPool_;
};

}  // namespace autobahn::inline v0::util::testing
