// Subscriptions and registrations as the meta API shows them.
#pragma once

#include <autobahn/wamp/value.hpp>
#include <string_view>

#include "broker.hpp"
#include "call.hpp"

namespace autobahn::inline v0::wamp::router {

/// "exact", "prefix", "wildcard".
std::string_view matchName(Match match);
/// "single", "roundrobin", …
std::string_view invokeName(Invoke invoke);

/// The `transport` of a session, as it is shown to others.
Dict describe(const PeerDetails& peer);
/// A session as `wamp.session.on_join` and `wamp.session.get` show it.
Dict describe(const SessionInfo& session);
/// SubscriptionDetails of the subscription meta API.
Dict describe(const Subscription& subscription);
/// RegistrationDetails of the registration meta API.
Dict describe(const Registration& registration);

}  // namespace autobahn::inline v0::wamp::router
