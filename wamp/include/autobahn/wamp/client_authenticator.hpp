// A way of authenticating, from the client's side.
#pragma once

#include <autobahn/wamp/handler.hpp>
#include <autobahn/wamp/session_types.hpp>
#include <optional>
#include <string>
#include <vector>

namespace autobahn::inline v0::wamp {

/// One authmethod of a session. Give the session as many as it has credentials for: the router picks one of
/// the methods offered, by answering with its CHALLENGE (or none). One object serves one session at a time.
class ClientAuthenticator {
 public:
  ClientAuthenticator() = default;
  ClientAuthenticator(const ClientAuthenticator&) = delete;
  ClientAuthenticator& operator=(const ClientAuthenticator&) = delete;
  virtual ~ClientAuthenticator() = default;

  /// The authmethods that are announced: "ticket", … A method that has two names has both.
  virtual std::vector<std::string> methods() const = 0;
  /// Adds to what HELLO says: authid, authextra. `transport` gives channel binding data. The first that sets
  /// the authid has it. Throws AuthError when it cannot begin.
  virtual void prepare(JoinOptions& options, const Transport& transport) = 0;
  /// Answers a challenge. What it throws ends the attempt with `wamp.error.cannot_authenticate`.
  virtual MaybeAwaitable<ChallengeAnswer> answer(Challenge challenge) = 0;
  /// The router says welcome: an error in words when it has not proved what it should have.
  virtual std::optional<std::string> checkWelcome(const SessionDetails& /*details*/) { return std::nullopt; }
};

}  // namespace autobahn::inline v0::wamp
