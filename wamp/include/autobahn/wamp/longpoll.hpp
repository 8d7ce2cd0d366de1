// WAMP over HTTP long-poll: for clients that can do nothing but HTTP requests.
#pragma once

#include <chrono>
#include <cstddef>

namespace autobahn::inline v0::wamp {

/// How a router serves long-poll clients.
struct LongPollOptions {
  /// A `receive` for which there is nothing is answered (204) after so long. Clients must wait longer than
  /// that: Autobahn|JS gives up after 12 s.
  std::chrono::milliseconds pollTimeout = std::chrono::seconds(10);
  /// A client that has asked for nothing for so long is gone. More than a second.
  std::chrono::milliseconds inactivityTimeout = std::chrono::seconds(30);
  /// What may wait for a client that does not fetch it: octets of messages (one message always may), and how
  /// many. Beyond, the transport is dropped.
  std::size_t maxQueuedSize = std::size_t{1} << 20;
  std::size_t maxQueuedMessages = 10'000;
  std::size_t maxTransports = 10'000;         ///< more are answered 503; 0 = unlimited
  std::size_t maxTransportsPerAddress = 100;  ///< of one peer; more are answered 503; 0 = unlimited

  /// Throws std::invalid_argument naming the option and its range.
  void validate() const;
};

}  // namespace autobahn::inline v0::wamp
