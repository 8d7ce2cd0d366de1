// One switch that ends every wait of the harness.
#pragma once

#include <atomic>

namespace wstest {

/// Pressed once (Ctrl-C, /stopServer), seen by everybody: whoever waits for a socket waits for this as well.
class StopSwitch {
 public:
  StopSwitch();
  ~StopSwitch();
  StopSwitch(const StopSwitch&) = delete;
  StopSwitch& operator=(const StopSwitch&) = delete;

  /// May be called from any thread and from a signal handler.
  void press() noexcept;
  bool isPressed() const noexcept { return isPressed_; }
  /// Readable once pressed: for poll().
  int fd() const noexcept { return fd_; }

 private:
  std::atomic<bool> isPressed_ = false;
  int fd_;
};

}  // namespace wstest
