// Figures about a router, for monitoring.
#pragma once

#include <array>
#include <autobahn/wamp/message.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace autobahn::inline v0::wamp {

/// Messages of one kind, between a realm and its members.
struct MessageStatistics {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;  ///< each receiver counts
};

/// How calls have ended, of those that are not the router's own procedures.
struct CallStatistics {
  std::uint64_t results = 0;    ///< answered by the callee's (last) result
  std::uint64_t errors = 0;     ///< answered by the callee's error
  std::uint64_t canceled = 0;   ///< by the caller, or because the callee has left
  std::uint64_t timedOut = 0;   ///< at the end of their time limit
  std::uint64_t failed = 0;     ///< ended by the router for another reason
  std::uint64_t abandoned = 0;  ///< their caller has left
  std::uint64_t refused = 0;    ///< never began: not permitted, no such procedure, limits
  std::uint64_t rerouted = 0;   ///< times that a call went on to another callee; no end
};

/// One realm: gauges of the moment, and totals since it was made.
struct RealmStatistics {
  std::string realm{};
  std::size_t sessions = 0;
  std::size_t suspended = 0;  ///< of these, without a transport (session resumption)
  std::size_t subscriptions = 0;
  std::size_t registrations = 0;
  std::size_t retainedTopics = 0;  ///< that have retained events
  std::size_t pendingCalls = 0;    ///< that have no answer yet
  std::size_t waitingCalls = 0;    ///< of these, for a callee that is not busy

  std::uint64_t joined = 0;  ///< sessions that ever were
  /// By kind, in the order of `messageTypes()`.
  std::array<MessageStatistics, std::variant_size_v<Message>> messages{};
  CallStatistics calls{};
  std::uint64_t limitsReached = 0;  ///< requests and sessions that ended with wamp.error.limit_exceeded

  std::uint64_t eventsDelivered() const { return messages[Message(message::Event{}).index()].sent; }
};

/// All realms.
struct RouterStatistics {
  std::size_t transports = 0;  ///< joined or not
  std::vector<RealmStatistics> realms{};
};

}  // namespace autobahn::inline v0::wamp
