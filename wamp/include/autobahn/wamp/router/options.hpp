// What a router is told before it starts.
#pragma once

#include <autobahn/wamp/router/authenticator.hpp>
#include <autobahn/wamp/router/authorizer.hpp>
#include <autobahn/wamp/router/history.hpp>
#include <autobahn/wamp/router/rate_limits.hpp>
#include <autobahn/wamp/router/session_info.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// How request IDs of clients are checked. The specification demands 1, 2, 3, …; clients exist that leave
/// gaps (Autobahn|Python when a message cannot be serialized) or draw random numbers (Thruway).
enum class RequestIds : std::uint8_t {
  any,         ///< only that an ID is not in use
  increasing,  ///< each greater than all before (after 2^53: from 1 again)
  sequential,  ///< as the specification has it
};

/// One realm.
struct RealmOptions {
  std::string name{};
  SessionLimits limits{};
  RequestIds requestIds = RequestIds::increasing;
  /// Octets of a URI in a request. Deep URIs make deep trees.
  std::size_t maxUriSize = 1024;
  /// Calls that wait for a callee below its concurrency limit, per registration.
  std::size_t maxWaitingCalls = 1000;
  /// Topics with a retained event.
  std::size_t maxRetainedTopics = 10'000;
  /// Octets that retained events take in memory: each has a copy of its payload and its details of its own,
  /// its receivers' lists, its topic, and 1 KiB for the rest, so that small and empty ones count as well.
  std::size_t maxRetainedSize = std::size_t{64} << 20;
  /// Retained events sent to one SUBSCRIBE with a pattern. There is an order (of topics), so that the same
  /// ones come each time.
  std::size_t maxRetainedPerSubscribe = 1'000;
  /// What `wamp.subscription.get_events` finds.
  HistoryOptions history{};
  /// `disclose_me` is honoured. (Permissions can forbid it as well.)
  bool allowDiscloseMe = true;
  /// The ways to get in. Of those that a client offers the first that is here is taken. None: anonymous.
  std::vector<std::shared_ptr<Authenticator>> authenticators{};
  /// nullptr: everything is allowed but what ends other sessions (`wamp.session.kill…`).
  std::shared_ptr<Authorizer> authorizer{};
};

class RouterCaller;

/// A router.
struct RouterOptions {
  /// What WELCOME calls it. Empty: the library's name and version.
  std::string agent{};
  /// From the beginning of the connection to WELCOME.
  std::chrono::milliseconds joinTimeout = std::chrono::seconds(10);
  /// From the router's GOODBYE to the client's.
  std::chrono::milliseconds goodbyeTimeout = std::chrono::seconds(2);
  /// For clients that leave the choice to the router; empty: they are refused.
  std::string defaultRealm{};
  /// Makes realms that are asked for and not there; nothing: there is no such realm. A realm made so goes
  /// when its last session has left and it keeps no events, and is made again when it is asked for.
  std::function<std::optional<RealmOptions>(std::string_view name)> makeRealm{};
  /// Realms beyond which none is made that way.
  std::size_t maxRealms = 1000;
  /// How often clients may try to get in.
  AuthenticationLimits authenticationLimits{};
  /// Calls procedures of this router, for authenticators and authorizers that were made with it.
  std::shared_ptr<RouterCaller> caller{};
};

}  // namespace autobahn::inline v0::wamp
