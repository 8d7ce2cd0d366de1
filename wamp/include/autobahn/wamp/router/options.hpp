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

/// Features of which the specification has no more than an alpha text, a sketch or a draft, so that they may
/// become others than they are here. What is switched off is not announced, and whoever uses it all the same
/// is treated as by a router that has never heard of it: unknown options are ignored, but where noted.
struct ExperimentalFeatures {
  bool callReroute = true;  ///< sketch: the next callee for calls answered with `wamp.error.unavailable`
  bool shardedRegistration = true;  ///< sketch: `rkey` and `runmode` of CALL
  bool shardedSubscription = true;  ///< alpha: `rkey` of PUBLISH, `nkey` of SUBSCRIBE
  /// Sketch: `ppt_scheme` and its like. Off: such messages are violations of the protocol, as the
  /// specification has it, since their arguments would be taken for others.
  bool payloadPassthru = true;
  /// A draft outside the specification: sessions outlive their transports, see ResumptionOptions. Off by
  /// default: it costs memory for clients that may never come back.
  bool sessionResumption = false;
};

/// How sessions wait for their clients to come back (ExperimentalFeatures::sessionResumption). Whatever is
/// beyond these limits ends as without resumption.
struct ResumptionOptions {
  /// How long a session waits for its client without a transport. > 0.
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
  std::size_t maxSessions = 1000;         ///< that wait at a time
  std::size_t maxSessionsPerAuthid = 10;  ///< likewise
  std::size_t maxMessages = 1000;         ///< kept for one session; one more ends it
  /// Octets in memory of the messages for one session, and for all of the realm; beyond either a session ends
  /// for which one more comes.
  std::size_t maxOctets = std::size_t{1} << 20;
  std::size_t maxTotalOctets = std::size_t{64} << 20;
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
  ExperimentalFeatures experimental{};
  ResumptionOptions resumption{};
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
