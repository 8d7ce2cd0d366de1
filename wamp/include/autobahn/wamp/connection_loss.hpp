// What is told when a connection to a router has ended.
#pragma once

#include <chrono>
#include <string>

namespace autobahn::inline v0::wamp {

/// An attempt or a connection that has ended.
struct ConnectionLoss {
  /// "closed": in order; "lost": not in order; "unreachable": it was never open; "unsupported": no transport
  /// can be used.
  std::string reason{};
  std::string message{};      ///< in words
  std::string closeReason{};  ///< the URI with which the session ended or was refused; may be empty
  std::string url{};          ///< of the transport
  std::chrono::milliseconds retryDelay{0};  ///< until the next attempt
  int retryCount = 0;                       ///< of the transport that is tried next, since it was last open
  bool willRetry = false;
};

}  // namespace autobahn::inline v0::wamp
