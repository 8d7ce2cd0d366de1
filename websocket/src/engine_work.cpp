#include "engine_work.hpp"

#include <cstddef>

namespace autobahn::inline v0::websocket {

namespace {

/// One is in use at most times, but many when something is sent to many connections in one turn. Allocating
/// them for each broadcast made it 9 % dearer, so they stay, and are given up little by little: of those
/// above the few that are kept anyway, every sixteenth that comes back is freed.
constexpr std::size_t kFew = 64;
constexpr std::size_t kMost = 16384;
constexpr std::size_t kFreedOf = 16;

// Without destructors, so that looking at them costs nothing.
thread_local constinit EngineWork* firstSpare = nullptr;
thread_local constinit std::size_t spares = 0;
thread_local constinit std::size_t returns = 0;  ///< while there were more than a few
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

std::unique_ptr<EngineWork> takeWork() {
  if (firstSpare == nullptr) return std::make_unique<EngineWork>();
  std::unique_ptr<EngineWork> work(firstSpare);
  firstSpare = work->nextSpare;
  --spares;
  return work;
}

void giveWork(std::unique_ptr<EngineWork> work) {
  if (poolGone || spares == kMost) return;
  if (spares > kFew && ++returns % kFreedOf == 0) return;
  if (firstSpare == nullptr) openPool();
  work->nextSpare = firstSpare;
  firstSpare = work.release();
  ++spares;
}

}  // namespace autobahn::inline v0::websocket
