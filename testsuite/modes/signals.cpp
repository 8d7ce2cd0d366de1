#include "modes/signals.hpp"

#include <poll.h>

#include <atomic>
#include <csignal>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "wire/poll.hpp"

namespace wstest {
namespace {

StopSwitch& theSwitch() {
  static StopSwitch stop;
  return stop;
}

extern "C" void pressTheSwitch(int /*signal*/) { theSwitch().press(); }

}  // namespace

StopSwitch& stopOnSignals() {
  StopSwitch& stop = theSwitch();
  struct sigaction action {};
  action.sa_handler = pressTheSwitch;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return stop;
}

bool runOnThreads(int count, const std::function<void(int)>& work, const std::function<void()>& interrupt) {
  StopSwitch& signalled = stopOnSignals();
  StopSwitch allDone;
  std::atomic<int> left = count;
  std::mutex mutex;
  std::exception_ptr failure;
  std::vector<std::jthread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
      if (--left == 0) allDone.press();
    });
  }
  const bool isInterrupted =
      waitFor(allDone.fd(), POLLIN, TimePoint::max(), signalled) == Waited::stopped && !allDone.isPressed();
  if (isInterrupted) interrupt();
  threads.clear();
  if (failure) std::rethrow_exception(failure);
  return isInterrupted;
}

}  // namespace wstest
