// Running a loop in the foreground: the first SIGINT or SIGTERM ends it gracefully, the second at once.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <functional>
#include <system_error>
#include <utility>

namespace autobahn::inline v0::util {

/// Runs `io` until it is stopped or has nothing left to do.
class SignalledRun {
 public:
  /// `onSignal`: called on the loop with the first signal, to wind up.
  SignalledRun(asio::io_context& io, std::function<void(int signal)> onSignal)
      : io_(io), signals_(io, SIGINT, SIGTERM), onSignal_(std::move(onSignal)) {
    wait();
  }
  /// Returns the signal that ended it, or 0.
  int run() {
    io_.restart();
    io_.run();
    return ended_;
  }
  /// Waits for signals no more, so that they do not keep the loop running.
  void disregardSignals() { signals_.cancel(); }

 private:
  void wait() {
    signals_.async_wait([this](std::error_code error, int signal) {
      if (error) return;
      if (ended_ != 0) return io_.stop();
      ended_ = signal;
      wait();
      onSignal_(signal);
    });
  }

  asio::io_context& io_;
  asio::signal_set signals_;
  std::function<void(int)> onSignal_;
  int ended_ = 0;
};

}  // namespace autobahn::inline v0::util
