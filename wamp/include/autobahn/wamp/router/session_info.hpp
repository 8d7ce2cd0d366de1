// What a router knows of a session and of the transport under it.
#pragma once

#include <autobahn/wamp/auth/channel_binding.hpp>
#include <autobahn/wamp/roles.hpp>
#include <autobahn/wamp/uri.hpp>
#include <autobahn/wamp/value.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace autobahn::inline v0::wamp {

/// Where a session comes from.
struct PeerDetails {
  std::string type{};                      ///< "websocket", "rawsocket", "in-process", …
  std::string peer{};                      ///< the other end as text: "tcp:127.0.0.1:52114"
  std::string address{};                   ///< the client's bare IP address; empty when there is none
  std::string serializer{};                ///< its id; empty in one process
  bool isSecure = false;                   ///< over TLS
  std::vector<ChannelBinding> channels{};  ///< of the TLS connection, one per type that it has
  /// The cookie that the client's browser holds for this router (`CookieStore`), or empty. Whoever knows it
  /// may be let in by it: it is in no meta API.
  std::string cookie{};
  /// What else the transport tells, for `wamp.session.get`. "peer_cert": the verified
  /// certificate of a TLS client, a dict of subject, common_name, issuer and sha256 (fingerprint).
  Dict more{};
};

/// Who a session is. Fixed from WELCOME on, but that a resumed session's roles, transport and way of
/// authentication are those of its latest WELCOME.
struct SessionInfo {
  Id session = 0;
  std::string realm{};
  std::string authid{};
  std::string authrole{};
  std::string authmethod{};
  std::string authprovider{};
  Dict authextra{};
  Roles roles{};  ///< as the client announced them
  PeerDetails peer{};
};

/// What one session may hold at a time. Beyond that its requests are answered by `kLimitExceeded`.
struct SessionLimits {
  std::size_t subscriptions = 10'000;
  std::size_t registrations = 10'000;
  std::size_t pendingCalls = 10'000;    ///< calls that have no final answer yet
  std::size_t testaments = 100;         ///< of each scope
  std::size_t waitingMessages = 1'000;  ///< received while an authorizer has not answered
  /// Octets of what waits: messages while an authorizer has not answered, and calls for a callee that is not
  /// busy; of calls with arguments in parts their options. What a message keeps in memory counts.
  std::size_t waitingOctets = std::size_t{64} << 20;
};

namespace error {
/// Not of the specification: a limit of the router is reached; the message says which.
inline constexpr std::string_view kLimitExceeded = "autobahn.error.limit_exceeded";
}  // namespace error

namespace close {
/// Not of the specification: the session goes on over another transport (session resumption).
inline constexpr std::string_view kResumedElsewhere = "autobahn.close.resumed_elsewhere";
}  // namespace close

}  // namespace autobahn::inline v0::wamp
