#include <asio/executor_work_guard.hpp>
#include <autobahn/util/net/loop_group.hpp>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>

namespace autobahn::inline v0::util {

namespace {

/// Counts when it is over, also when it throws.
struct Visit {
  explicit Visit(std::latch& counter) : visited(counter) {}
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() { visited.count_down(); }
  std::latch& visited;
};

}  // namespace

struct LoopGroup::Thread {
  asio::io_context io{1};
  std::thread thread;
};

LoopGroup::LoopGroup(asio::io_context& first, std::size_t size, Dealing dealing)
    : firstDealt_(dealing == Dealing::all ? 0 : 1) {
  if (size <= firstDealt_) {
    throw std::invalid_argument("threads must be at least " + std::to_string(firstDealt_ + 1));
  }
  loops_.push_back(&AsioLoop::of(first));
  while (loops_.size() < size) {
    threads_.push_back(std::make_unique<Thread>());
    Thread& added = *threads_.back();
    loops_.push_back(&AsioLoop::of(added.io));
    added.thread = std::thread([&io = added.io] {
      const auto work = asio::make_work_guard(io);
      io.run();
    });
  }
}

LoopGroup::~LoopGroup() {
  for (const auto& each : threads_) each->io.stop();
  for (const auto& each : threads_) each->thread.join();
}

std::size_t LoopGroup::next() { return firstDealt_ + dealt_++ % (loops_.size() - firstDealt_); }

std::size_t LoopGroup::indexOfCurrentThread() const {
  for (std::size_t i = 1; i < loops_.size(); ++i) {
    if (loops_[i]->isCurrentThread()) return i;
  }
  return 0;
}

void LoopGroup::visitOthers(const std::function<void(std::size_t)>& visit) const {
  std::latch visited(static_cast<std::ptrdiff_t>(threads_.size()));
  for (std::size_t i = 1; i < loops_.size(); ++i) {
    loops_[i]->post([&, i] {
      const Visit done(visited);
      visit(i);
    });
  }
  visited.wait();
}

}  // namespace autobahn::inline v0::util
