// The sessions of the examples of authentication: what differs is how they prove who they are.
#pragma once

#include "common/wamp.hpp"

namespace examples {

/// Tells callers who they are.
class WhoAmIService : public autobahn::wamp::ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;
  asio::awaitable<void> onJoin(autobahn::wamp::SessionDetails details) override;
};

/// Joins, asks who it is, and leaves.
class WhoAmI : public autobahn::wamp::ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;
  asio::awaitable<void> onJoin(autobahn::wamp::SessionDetails details) override;
};

}  // namespace examples
