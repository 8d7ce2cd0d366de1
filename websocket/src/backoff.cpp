#include "backoff.hpp"

#include <algorithm>
#include <stdexcept>

namespace autobahn::inline v0::websocket {

void ReconnectOptions::validate() const {
  if (maxRetries < -1) throw std::invalid_argument("maxRetries must be -1 (unlimited) or more");
  if (initialRetryDelay.count() < 0) throw std::invalid_argument("initialRetryDelay must not be negative");
  if (maxRetryDelay < initialRetryDelay)
    throw std::invalid_argument("maxRetryDelay must be at least initialRetryDelay");
  if (!(retryDelayGrowth >= 1)) throw std::invalid_argument("retryDelayGrowth must be at least 1");
  if (!(retryDelayJitter >= 0 && retryDelayJitter <= 1)) {
    throw std::invalid_argument("retryDelayJitter must be between 0 and 1");
  }
}

Backoff::Backoff(const ReconnectOptions& options, std::uint64_t seed)
    : maxRetries_(options.maxRetries),
      initialDelay_(static_cast<double>(options.initialRetryDelay.count())),
      maxDelay_(static_cast<double>(options.maxRetryDelay.count())),
      growth_(options.retryDelayGrowth),
      jitter_(options.retryDelayJitter),
      delay_(initialDelay_),
      random_(seed) {}

std::optional<std::chrono::milliseconds> Backoff::next() {
  if (maxRetries_ >= 0 && count_ >= maxRetries_) return std::nullopt;
  if (jitter_ > 0) delay_ = std::normal_distribution<double>(delay_, delay_ * jitter_)(random_);
  delay_ = std::clamp(delay_, 0.0, maxDelay_);
  const auto delay = std::chrono::milliseconds(static_cast<std::int64_t>(delay_));
  ++count_;
  delay_ *= growth_;
  return delay;
}

void Backoff::reset() {
  count_ = 0;
  delay_ = initialDelay_;
}

}  // namespace autobahn::inline v0::websocket
