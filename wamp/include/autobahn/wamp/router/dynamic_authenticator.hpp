// Authentication by a procedure of the application, as Crossbar.io has it.
//
//   auto caller = std::make_shared<RouterCaller>();
//   Router router({.caller = caller});
//   router.addRealm({.name = "users"});  // where the procedure is registered
//   router.addRealm({.name = "realm1",
//                    .authenticators = {makeDynamicAuthenticator(
//                        caller, "ticket", {.procedure = "com.app.authenticate", .realm = "users"})}});
#pragma once

#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
#include <autobahn/wamp/router/authenticator.hpp>
#include <autobahn/wamp/router/caller.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// Which procedure is asked, and what is said of users that it does not know.
struct DynamicAuthenticatorOptions {
  std::string procedure{};
  std::string realm{};  ///< where it is registered; empty: the realm that the client wants to join
  std::chrono::milliseconds timeout = std::chrono::seconds(5);  ///< for its answer
  std::string defaultRole{};  ///< for answers without a role; empty: they are refused
  // How users' credentials are made: unknown users look the same.
  WampCraParameters wampCra{.isSalted = false};
  ScramParameters scram{};
};

/// Asks a procedure, called with the realm, the authid (null when the client says none) and a dict of
/// `session`, `authmethod`, `authextra`, `transport` (as `wamp.session.get` has it), and with "ticket" the
/// `ticket`. It answers with the role, or with a dict of
///
/// - `role`; `authid` and `extra` (a dict for WELCOME), where wanted; `realm`, if it is the one asked for;
/// - "wampcra": `secret`, with `salt`, `iterations` (1000), `keylen` (32) when the secret is derived;
/// - "scram", "wamp-scram": `kdf`, `salt`, `stored-key`, `server-key` (hexadecimal), `iterations`, `memory`;
/// - "cryptosign": `pubkey`, the user's key, or a list of them;
///
/// or with an error, or null, for users that it does not know. These, and answers that make no sense, go on
/// like wrong passwords. Without the procedure nobody is let in, and nothing counts as an attempt.
///
/// `method`: "ticket", "wampcra", "scram" (in both dialects), "cryptosign", and "anonymous", "tls", "cookie",
/// for which the answer alone decides ("tls" needs a client certificate, "cookie" a cookie). Throws
/// std::invalid_argument for others, for a procedure or realm that is no URI, and a timeout that is not
/// positive.
std::shared_ptr<Authenticator> makeDynamicAuthenticator(std::shared_ptr<RouterCaller> caller,
                                                        std::string_view method,
                                                        DynamicAuthenticatorOptions options);

}  // namespace autobahn::inline v0::wamp
