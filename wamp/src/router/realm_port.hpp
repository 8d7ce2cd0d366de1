// The way from a realm to the client of one of its sessions.
#pragma once

#include <autobahn/wamp/router/transport.hpp>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp::router {

/// Where the messages for a session go.
class SessionPort {
 public:
  virtual ~SessionPort() = default;
  /// Towards the client.
  virtual void deliver(RoutedMessage& message) = 0;
  /// The session has been removed from the realm, or has another port now; the client is to be told by ABORT.
  virtual void abort(std::string_view reason, std::string message) = 0;
  /// The session has been removed from the realm; the client is to be told by GOODBYE.
  virtual void sayGoodbye(std::string_view reason, std::string message) = 0;
};

}  // namespace autobahn::inline v0::wamp::router
