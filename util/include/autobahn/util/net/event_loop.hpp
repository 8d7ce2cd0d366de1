// The event loop as a connection sees it: time, timers, shared buffers, turns.
//
// `AsioLoop` implements it over an `asio::io_context`; the tests implement it with a fake clock, so that
// nothing above this interface ever sleeps or looks at the real time.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>

namespace autobahn::inline v0::util {

class BufferPool;
class ByteBuffer;

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

/// A deadline that never comes.
inline constexpr TimePoint kNever = TimePoint::max();

/// Something a loop calls back: one timer and one end-of-turn notice. Intrusive, so that neither allocates.
/// Lives on one loop; a task must be forgotten by its loop (`EventLoop::forget`) before it is destroyed.
class LoopTask {
 public:
  LoopTask() = default;
  LoopTask(const LoopTask&) = delete;
  LoopTask& operator=(const LoopTask&) = delete;

  /// The deadline given to `EventLoop::schedule` has passed. The timer is no longer armed.
  virtual void onTimer() {}
  /// The turn in which `EventLoop::callAtTurnEnd` was called is over.
  virtual void onTurnEnd() {}

 protected:
  ~LoopTask() = default;

 private:
  friend class TaskScheduler;
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t timerSlot_ = kNone;
  std::uint32_t turnSlot_ = kNone;
};

/// Posts to a loop from any thread; may outlive the loop, and returns false once it is gone.
using Poster = std::function<bool(std::function<void()>)>;

/// One thread's loop. Everything but `post` is for the loop's own thread.
class EventLoop {
 public:
  EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  virtual ~EventLoop() = default;

  /// The current time; constant while one batch of events is dispatched.
  virtual TimePoint now() const = 0;

  /// Arms (or moves) the task's one timer. `kNever` disarms it.
  virtual void schedule(LoopTask& task, TimePoint deadline) = 0;
  /// Calls `task.onTurnEnd()` once, after the events at hand are dispatched.
  virtual void callAtTurnEnd(LoopTask& task) = 0;
  /// Disarms the timer and the end-of-turn notice of a task that is about to be destroyed.
  virtual void forget(LoopTask& task) = 0;

  /// Runs `function` on the loop, later, from any thread. Returns false (and drops the function) when the
  /// loop is gone.
  virtual bool post(std::function<void()> function) = 0;
  /// `post` as an object that may outlive the loop.
  virtual Poster poster() = 0;
  /// True when called on the thread that runs this loop.
  virtual bool isCurrentThread() const = 0;

  /// True when the loop runs, or has last run, on another thread than the caller's: what is called now should
  /// have been posted.
  virtual bool isForeignThread() const { return false; }

  /// For coroutines and Asio timers of the application. Handlers run on the loop's thread.
  virtual asio::any_io_executor executor() = 0;

  /// The receive buffer shared by all connections of the loop; free for use during one dispatched event.
  virtual std::span<char> receiveBuffer() = 0;
  /// Where the output of one dispatched event is gathered into one write; empty between events.
  virtual ByteBuffer& corkBuffer() = 0;
  /// True while a connection has `corkBuffer()`; whoever takes it sets and clears this.
  bool corkTaken = false;
  /// Where TLS records are gathered into one write; empty between writes.
  virtual std::string& cipherBuffer() = 0;
  /// Buffers for messages that span reads, shared by the connections of the loop.
  virtual BufferPool& bufferPool() = 0;
};

}  // namespace autobahn::inline v0::util
