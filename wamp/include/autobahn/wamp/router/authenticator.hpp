// How sessions prove who they are: the interface that a router asks.
#pragma once

#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/message_session.hpp>
#include <autobahn/wamp/router/session_info.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace autobahn::inline v0::wamp {

/// What is known when a client wants to join.
struct AuthenticationRequest {
  Id session = 0;  ///< the ID that it will have
  std::string realm{};
  std::string method{};  ///< that of the client's methods which was chosen
  std::optional<std::string> authid{};
  std::optional<std::string> authrole{};  ///< the role that the client would like
  Dict authextra{};
  PeerDetails peer{};
};

/// The session may join.
struct AuthAccept {
  std::string authid{};
  std::string authrole{};
  std::string authprovider{};
  Dict authextra{};  ///< for WELCOME
};
/// The session has to prove something: what CHALLENGE carries. The method is that of the request.
struct AuthChallenge {
  Dict extra{};
};
/// The session may not join. `reason` lives for ever.
struct AuthDeny {
  std::string_view reason = error::kAuthenticationFailed;
  std::string message{};  ///< for the client: tell it nothing that helps an attacker
  bool isFailure = true;  ///< of the client's: it counts for `AuthenticationLimits`
};
using AuthAnswer = std::variant<AuthAccept, AuthChallenge, AuthDeny>;

/// One client's way through a method. Destroyed when it has joined, was denied or is gone.
class Authentication {
 public:
  /// To be called once per question, in the thread of the router's loop, at once or later; does nothing when
  /// the client is gone.
  using Answer = std::function<void(AuthAnswer)>;

  virtual ~Authentication() = default;
  /// The first question.
  virtual void start(Answer answer) = 0;
  /// After a challenge: what the client says to it. Slow work belongs into another thread.
  virtual void authenticate(const message::Authenticate& proof, Answer answer) = 0;
};

/// A method of authentication, as configured. One object may serve several realms.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// True for the names of this method ("ticket"; some have two).
  virtual bool handles(std::string_view method) const = 0;
  /// False: this client cannot succeed by this method, whatever it says (it has no certificate, no cookie):
  /// another one of its methods is taken, if there is one.
  virtual bool suits(std::string_view /*realm*/, const PeerDetails& /*peer*/) { return true; }
  /// Begins with one client.
  virtual std::unique_ptr<Authentication> begin(AuthenticationRequest request) = 0;
  /// Somebody is about to join a realm that this one serves, by whichever method. Must not throw.
  virtual void onJoin(const SessionInfo& /*session*/) {}
};

/// Lets everybody in, as `authrole`, with a random authid.
std::shared_ptr<Authenticator> makeAnonymousAuthenticator(std::string authrole = "anonymous");

}  // namespace autobahn::inline v0::wamp
