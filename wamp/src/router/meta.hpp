// The procedures of the router itself: `wamp.session.…`, `wamp.registration.…`, `wamp.subscription.…`.
#pragma once

#include <autobahn/wamp/message_rpc.hpp>

#include "realm.hpp"

namespace autobahn::inline v0::wamp::router {

/// Answers a CALL of a procedure whose URI is reserved.
void callMeta(Realm& realm, Session& caller, const message::Call& request);

}  // namespace autobahn::inline v0::wamp::router
