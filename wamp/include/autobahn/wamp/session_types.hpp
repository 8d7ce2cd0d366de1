// What a session is given and told when it begins and ends.
#pragma once

#include <autobahn/wamp/roles.hpp>
#include <autobahn/wamp/transport.hpp>
#include <autobahn/wamp/uri.hpp>
#include <autobahn/wamp/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

class ClientAuthenticator;

/// What a session is made with.
struct ComponentConfig {
  std::optional<std::string> realm{};  ///< absent: the router decides
  Value extra{};                       ///< for the application
  /// Methods to authenticate by, in order of preference; the router picks one. None: anonymous, or what
  /// `onConnect` and `onChallenge` do.
  std::vector<std::shared_ptr<ClientAuthenticator>> authenticators{};
};

/// What `join` asks of the router besides the realm.
struct JoinOptions {
  std::vector<std::string> authmethods{};  ///< empty: those of the session's authenticators
  std::optional<std::string> authid{};
  std::optional<std::string> authrole{};
  Dict authextra{};
  /// Session resumption, a draft beside the specification: the session would like to outlive its transport.
  /// If the router agrees (`SessionDetails::resumable`) and the transport is lost, `onDisconnect` is called,
  /// but not `onLeave`; what is pending fails with TransportLost and handlers that run are cancelled, but
  /// subscriptions and registrations stay. The next `join` of this session object that is `resumable` asks
  /// the router to go on; `onJoin` is called in any case, and `SessionDetails::resumed` tells what the
  /// session is: the old one, with all that it had and what has come meanwhile, or a new one that has
  /// nothing.
  bool resumable = false;
  /// To go on with a session that was another object's, maybe of another process: handlers are not there.
  std::optional<Id> resumeSession{};
  std::optional<std::string> resumeToken{};  ///< of the same WELCOME; good for one time
};

/// What the router said in WELCOME.
struct SessionDetails {
  std::string realm{};
  Id session = 0;
  std::string authid{};
  std::string authrole{};
  std::string authmethod{};
  std::string authprovider{};
  Dict authextra{};
  bool resumed = false;       ///< a session from before goes on (`JoinOptions::resumable`)
  bool resumable = false;     ///< it may do so when its transport is lost
  std::string resumeToken{};  ///< by which
  std::string agent{};        ///< the router's software
  Roles roles{};              ///< the router's
  Dict custom{};              ///< attributes with names of an implementation's own
  TransportDetails transport{};
};

/// Why a session ended, or did not come about.
struct CloseDetails {
  std::string reason{};   ///< a URI: see namespace `close` in error_uri.hpp
  std::string message{};  ///< in words; may be empty
};

/// The router asks for a proof.
struct Challenge {
  std::string method{};
  Dict extra{};
};

/// The proof.
struct ChallengeAnswer {
  ChallengeAnswer(const char* text) : signature(text) {}             // NOLINT(*-explicit-*)
  ChallengeAnswer(std::string text) : signature(std::move(text)) {}  // NOLINT(*-explicit-*)
  ChallengeAnswer(std::string text, Dict more) : signature(std::move(text)), extra(std::move(more)) {}
  ChallengeAnswer() = default;

  std::string signature{};
  Dict extra{};
};

}  // namespace autobahn::inline v0::wamp
