#include "engine_work.hpp"

#include <cstddef>

namespace autobahn::inline v0::websocket {

namespace {

/// One is in use at most times. Many are when something is sent to many connections in one turn: beyond
/// these, which take half a mebibyte, allocating costs no more than fetching spare ones from all over the
/// memory (measured with a broadcast to 10,000).
constexpr std::size_t kMaxSpare = 1024;

// Without destructors, so that looking at them costs nothing.
thread_local constinit EngineWork* firstSpare = nullptr;
thread_local constinit std::size_t spares = 0;
/// Set once this thread ends: connections of static duration may outlive it.
thread_local constinit bool poolGone = false;

struct PoolEnd {
  PoolEnd() = default;
  PoolEnd(const PoolEnd&) = delete;
  PoolEnd& operator=(const PoolEnd&) = delete;
  ~PoolEnd() {
    poolGone = true;
    while (firstSpare != nullptr) takeWork();
  }
};

/// The first spare one of a thread sees to it that the list is freed with the thread.
void openPool() { thread_local const PoolEnd end; }

}  // namespace

void EngineWork::settleOwnLoan() {
  lendsOwn = false;
  if (queue.hasBorrowed()) queue.settle();
}

std::unique_ptr<EngineWork> takeWork() {
  if (firstSpare == nullptr) return std::make_unique<EngineWork>();
  std::unique_ptr<EngineWork> work(firstSpare);
  firstSpare = work->nextSpare;
  --spares;
  return work;
}

void giveWork(std::unique_ptr<EngineWork> work) {
  if (poolGone || spares == kMaxSpare) return;
  if (firstSpare == nullptr) openPool();
  work->nextSpare = firstSpare;
  firstSpare = work.release();
  ++spares;
}

}  // namespace autobahn::inline v0::websocket
