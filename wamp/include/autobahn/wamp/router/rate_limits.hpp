// How often somebody may try to get in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// So many at once, and one more after each interval.
struct RateLimit {
  std::uint32_t burst = 0;               ///< 0: no limit
  std::chrono::milliseconds interval{};  ///< for one more; > 0 where there is a limit
};

/// How often clients may try to get in. Beyond a limit they are refused with `kTooManyAttempts` before
/// anything is compared, called or computed, in the same way for users that exist and others. (Proofs that
/// come at the same time are let through up to ten bursts per peer and two per name, so that many can join at
/// once; failures among them are paid for by waiting longer.)
///
/// Peers are addresses (of IPv6 the first 64 bits); clients without one (Unix sockets, this process) and, by
/// default, those of the loopback interface have no limits per peer. Names are what HELLO says (authid), per
/// realm. A name's limit counts failures from everywhere: it slows down those who guess from many addresses,
/// and can be used to keep a user out for as long as that goes on. Whoever minds sets it to none.
struct AuthenticationLimits {
  RateLimit failuresPerPeer{20, std::chrono::seconds(5)};
  RateLimit attemptsPerPeer{1'000, std::chrono::milliseconds(10)};
  RateLimit failuresPerAuthid{100, std::chrono::seconds(5)};
  RateLimit attemptsPerAuthid{};
  bool limitLoopback = false;  ///< 127.0.0.0/8 and ::1 count like other addresses
  /// Peers and names that are kept in mind, of each kind of limit. Beyond that those seen longest ago are
  /// forgotten. 64 Ki take about 6 MiB when all are in use.
  std::size_t maxEntries = std::size_t{64} << 10;
};

namespace error {
/// Not of the specification: the client has tried too often; the message says when it may again.
inline constexpr std::string_view kTooManyAttempts = "autobahn.error.too_many_attempts";
}  // namespace error

}  // namespace autobahn::inline v0::wamp
