#include "transport_plan.hpp"

#include <algorithm>
#include <utility>

namespace autobahn::inline v0::wamp {

TransportPlan::TransportPlan(std::vector<websocket::ReconnectOptions> transports, bool retriesUnreachable,
                             std::uint64_t seed)
    : retriesUnreachable_(retriesUnreachable), random_(seed) {
  for (auto& options : transports) {
    options.validate();
    State state;
    state.delay = static_cast<double>(options.initialRetryDelay.count());
    state.options = std::move(options);
    states_.push_back(std::move(state));
  }
}

bool TransportPlan::isUsedUp(const State& state) const {
  if (state.isExcluded) return true;
  if (!state.wasTried) return false;
  if (!state.wasOpen && !(retriesUnreachable_ && state.options.retryIfUnreachable)) return true;
  return state.options.maxRetries >= 0 && state.retries >= state.options.maxRetries;
}

// As Autobahn|JS: jitter, cap, count, then growth.
std::chrono::milliseconds TransportPlan::delayOf(State& state) {
  const auto& options = state.options;
  double& delay = state.delay;
  if (options.retryDelayJitter > 0 && delay > 0) {
    delay = std::normal_distribution<double>(delay, delay * options.retryDelayJitter)(random_);
  }
  delay = std::clamp(delay, 0.0, static_cast<double>(options.maxRetryDelay.count()));
  const auto rounded = std::chrono::milliseconds(static_cast<std::int64_t>(delay));
  ++state.retries;
  delay *= options.retryDelayGrowth;
  return rounded;
}

std::optional<TransportPlan::Attempt> TransportPlan::next() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const std::size_t index = (nextTransport_ + i) % states_.size();
    State& state = states_[index];
    if (isUsedUp(state)) continue;
    nextTransport_ = (index + 1) % states_.size();
    Attempt attempt{index};
    if (std::exchange(state.wasTried, true)) attempt.delay = delayOf(state);
    attempt.retryCount = state.retries;
    return attempt;
  }
  return std::nullopt;
}

void TransportPlan::opened(std::size_t transport) {
  State& state = states_.at(transport);
  state.retries = 0;
  state.delay = static_cast<double>(state.options.initialRetryDelay.count());
  state.wasOpen = true;
  // What has just worked is tried first.
  nextTransport_ = transport;
}

void TransportPlan::exclude(std::size_t transport) { states_.at(transport).isExcluded = true; }

}  // namespace autobahn::inline v0::wamp
