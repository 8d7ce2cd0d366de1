// A thread for each connection, gone when it is done.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace wstest {

class Workers {
 public:
  /// Runs `work`, which must not throw, beside the caller.
  template <class Work>
  void start(Work work) {
    const std::lock_guard lock(mutex_);
    threads_.remove_if([](const Worker& each) { return each.isDone->load(); });
    auto isDone = std::make_shared<std::atomic<bool>>(false);
    threads_.push_back({isDone, std::jthread([work = std::move(work), isDone]() mutable {
                          work();
                          *isDone = true;
                        })});
  }
  /// Waits for all, and for those that they start.
  void join() {
    for (;;) {
      std::list<Worker> running;
      {
        const std::lock_guard lock(mutex_);
        running.swap(threads_);
      }
      if (running.empty()) return;
    }
  }

 private:
  struct Worker {
    std::shared_ptr<std::atomic<bool>> isDone;
    std::jthread thread;
  };
  std::mutex mutex_;
  std::list<Worker> threads_;
};

}  // namespace wstest
