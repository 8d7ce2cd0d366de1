// Which transport is tried next, and when: arithmetic only.
#pragma once

#include <autobahn/websocket/reconnect.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace autobahn::inline v0::wamp {

/// Takes transports in turn. The first attempt of each comes at once; then each has its own delays and its
/// own number of retries.
class TransportPlan {
 public:
  TransportPlan(std::vector<websocket::ReconnectOptions> transports, bool retriesUnreachable,
                std::uint64_t seed = std::random_device{}());

  struct Attempt {
    std::size_t transport = 0;
    std::chrono::milliseconds delay{0};
    int retryCount = 0;  ///< since the transport was last open
  };
  /// The next attempt, which is counted; nothing when all are used up.
  std::optional<Attempt> next();
  /// The transport was open: its delays and retries begin anew.
  void opened(std::size_t transport);
  /// The transport cannot be used at all.
  void exclude(std::size_t transport);

 private:
  struct State {
    websocket::ReconnectOptions options;
    double delay = 0;  ///< milliseconds
    int retries = 0;
    bool wasTried = false;
    bool wasOpen = false;
    bool isExcluded = false;
  };
  bool isUsedUp(const State& state) const;
  std::chrono::milliseconds delayOf(State& state);

  std::vector<State> states_;
  bool retriesUnreachable_;
  std::size_t nextTransport_ = 0;
  std::mt19937_64 random_;
};

}  // namespace autobahn::inline v0::wamp
