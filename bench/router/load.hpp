// The loads of a router. Each drives one router and returns what it measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "measuring.hpp"
#include "wamp_peer.hpp"

namespace bench {

/// What to do to whom; the command line.
struct Load {
  Target target;
  int routerPid = 0;            ///< whose CPU time is read
  std::uint32_t inFlight = 64;  ///< calls, or events not yet received by all
  std::uint32_t subscribers = 1;
  std::uint32_t sessions = 1000;
  std::uint32_t unrelated = 0;              ///< subscriptions and registrations each, of others
  std::string text = "twenty octets here";  ///< in each call and event
  double warmUp = 0.3;                      ///< s
  double seconds = 1.0;                     ///< the measured window
};

/// One caller, one callee; figures per call. Every result has to come, in order, with the argument of its
/// call.
Figures calls(const Load& load);
/// One publisher, `subscribers` subscribers; figures per delivered event. Everybody has to get every event,
/// in order.
Figures events(const Load& load);
/// Memory of joined sessions beyond that of their connections, in octets each.
Figures sessions(const Load& load);

/// Sessions that hold `load.unrelated` subscriptions and as many registrations.
std::vector<std::unique_ptr<WampPeer>> makeUnrelated(const Load& load);

}  // namespace bench
