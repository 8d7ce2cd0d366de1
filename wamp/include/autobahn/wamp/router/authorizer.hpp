// What sessions may do: the interface that a router asks, and an implementation with a table.
#pragma once

#include <autobahn/wamp/router/session_info.hpp>
#include <autobahn/wamp/uri.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// What a session wants to do with a URI.
enum class Action : std::uint8_t { call, registerProcedure, subscribe, publish };
inline constexpr std::size_t kActionCount = 4;
/// "call", "register", "subscribe", "publish".
std::string_view actionName(Action action);

/// The answer.
struct Permission {
  bool allow = false;
  bool disclose = false;                      ///< the session is disclosed whether it asks for it or not
  bool mayDisclose = true;                    ///< `disclose_me` is honoured; otherwise the request is refused
  std::optional<std::uint64_t> trustlevel{};  ///< told to callees and subscribers
  bool failed = false;  ///< not allowed because it could not be found out (`authorization_failed`)

  static Permission allowed() { return {.allow = true}; }
};

/// The question.
struct AuthorizationRequest {
  const SessionInfo& session;
  Action action;
  std::string_view uri;        ///< of a pattern when `match` is not exact
  Match match = Match::exact;  ///< of SUBSCRIBE and REGISTER
};

/// Decides what sessions may do. Asked before the router looks whether a procedure or topic exists, so that a
/// refusal tells nothing. One object may serve several realms; called in the thread of the realm's loop.
class Authorizer {
 public:
  using Answer = std::function<void(Permission)>;

  virtual ~Authorizer() = default;

  /// The permission, or nothing when it takes time to find out: then `decideLater` is called. Exceptions
  /// count as `failed`.
  virtual std::optional<Permission> decide(const AuthorizationRequest& request) = 0;

  /// Called when `decide` gave nothing. `answer` is to be called once, in the realm's thread, now or later;
  /// the session's further messages wait for it. `request` is valid during the call only. Dropping `answer`
  /// without calling it leaves the session waiting until it ends.
  virtual void decideLater(const AuthorizationRequest& request, Answer answer);
};

}  // namespace autobahn::inline v0::wamp
