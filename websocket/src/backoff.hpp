// When a reconnecting client tries again: pure arithmetic on the options.
#pragma once

#include <autobahn/websocket/reconnect.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

namespace autobahn::inline v0::websocket {

/// Order as in Autobahn|JS: jitter, cap, count, then growth.
class Backoff {
 public:
  explicit Backoff(const ReconnectOptions& options, std::uint64_t seed = std::random_device{}());

  /// The delay before the next attempt, which is counted; nullopt when the attempts are used up.
  std::optional<std::chrono::milliseconds> next();
  /// A connection was open: starts again with the initial delay.
  void reset();
  int retryCount() const { return count_; }

 private:
  int maxRetries_;
  double initialDelay_;
  double maxDelay_;
  double growth_;
  double jitter_;
  double delay_;  ///< milliseconds
  int count_ = 0;
  std::mt19937_64 random_;
};

}  // namespace autobahn::inline v0::websocket
