// When and how often a client tries again, and what it is told of each failure.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace autobahn::inline v0::websocket {

/// An attempt or a connection that ended, as the reconnecting client's hook sees it.
struct ConnectionFailure {
  std::string
      reason;  ///< "unreachable": never opened · "lost": ended uncleanly · "closed": cleanly by the server
  std::string message;                      ///< in words
  std::uint16_t code = 1006;                ///< close code, as `onClose` got it
  int retryCount = 0;                       ///< attempts since the last time a connection was open
  std::chrono::milliseconds retryDelay{0};  ///< until the next attempt
  bool byApplication = false;               ///< the application asked for the end: no retry follows
  bool willRetry = false;
};

/// Delays grow from attempt to attempt and start again after a connection was open.
struct ReconnectOptions {
  int maxRetries = 15;  ///< attempts in a row; −1 = unlimited
  std::chrono::milliseconds initialRetryDelay{1500};
  std::chrono::milliseconds maxRetryDelay{300'000};
  double retryDelayGrowth = 1.5;
  double retryDelayJitter = 0.1;   ///< standard deviation of a Gaussian, as a fraction of the delay
  bool retryIfUnreachable = true;  ///< also when the first attempt fails
  /// Sees every failure; returning false ends the retries.
  std::function<bool(const ConnectionFailure&)> onFailure{};

  /// Throws std::invalid_argument naming the option.
  void validate() const;
};

}  // namespace autobahn::inline v0::websocket
