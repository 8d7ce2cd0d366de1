// One thing after the other.
#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace autobahn::inline v0::wamp::router {

/// Keeps what happens in the middle of something (a transport is written to, fails, and says so) until that
/// is finished. All in one thread.
class Turns {
 public:
  /// What is called before the first piece of work and after the last one, each time.
  void watch(std::function<void()> begins, std::function<void()> ends) {
    begins_ = std::move(begins);
    ends_ = std::move(ends);
  }

  /// Runs `work` now, or when all that is at work has finished.
  template <class Work>
  void run(Work&& work) {
    if (isBusy_) {
      later_.emplace_back(std::forward<Work>(work));
      return;
    }
    const Busy busy(isBusy_);
    if (begins_) begins_();
    runLater();  // what an exception has left
    std::forward<Work>(work)();
    runLater();
    if (ends_) ends_();
  }
  bool isBusy() const { return isBusy_; }

 private:
  // Ends with the scope, also by an exception (out of memory).
  struct Busy {
    explicit Busy(bool& is) : flag(is) { flag = true; }
    ~Busy() { flag = false; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    bool& flag;
  };

  void runLater() {
    while (!later_.empty()) {
      const std::function<void()> next = std::move(later_.front());
      later_.pop_front();
      next();
    }
  }

  std::function<void()> begins_;
  std::function<void()> ends_;
  bool isBusy_ = false;
  std::deque<std::function<void()>> later_;
};

}  // namespace autobahn::inline v0::wamp::router
