// What a procedure that authenticates says of a user.
#pragma once

#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
#include <autobahn/wamp/router/authenticator.hpp>
#include <autobahn/wamp/value.hpp>
#include <string>
#include <string_view>

#include "static_exchange.hpp"

namespace autobahn::inline v0::wamp::router {

/// A user whom the procedure knows.
struct DynamicPrincipal {
  Principal principal;     ///< with a role
  bool hasAuthid = false;  ///< the procedure has said the authid
  Dict answer;             ///< all of it
};

// All throw std::exceptions that say what is wrong with the answer.

/// `args`: those of the procedure's result.
DynamicPrincipal readPrincipal(const List& args, const AuthenticationRequest& request,
                               const std::string& defaultRole);
WampCraCredential wampCraCredentialOf(const DynamicPrincipal& user);
ScramCredential scramCredentialOf(const DynamicPrincipal& user);
/// True when `key` is one of the user's.
bool hasKey(const DynamicPrincipal& user, const std::string& key);

}  // namespace autobahn::inline v0::wamp::router
