// What needs more than a general permission.
#pragma once

#include <autobahn/wamp/router/authorizer.hpp>
#include <string_view>

namespace autobahn::inline v0::wamp::router {

/// True for procedures that end other people's sessions: allowed only where that has been said of them, not
/// where everything is allowed.
inline bool needsExplicitGrant(Action action, std::string_view uri) {
  return action == Action::call && uri.starts_with("wamp.session.kill");
}

}  // namespace autobahn::inline v0::wamp::router
