// Permissions decided by a procedure of the application, as Crossbar.io has it; and roles that each have an
// authorizer of their own.
//
//   auto caller = std::make_shared<RouterCaller>();
//   auto fixed = std::make_shared<StaticAuthorizer>();
//   fixed->setRole("backend", {{"", Match::prefix, Actions::all()}});
//   auto roles = std::make_shared<RoleAuthorizer>(fixed);
//   roles->setRole("user", std::make_shared<DynamicAuthorizer>(
//                              caller, DynamicAuthorizerOptions{.procedure = "com.app.authorize"}));
//   Router router({.caller = caller});
//   router.addRealm({.name = "realm1", .authorizer = roles});
#pragma once

#include <autobahn/wamp/router/authorizer.hpp>
#include <autobahn/wamp/router/caller.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// For whom a decision holds that may be kept.
enum class CacheScope : std::uint8_t {
  session,  ///< the session that asked, as with Crossbar.io
  role,     ///< all of its role in the realm
};

/// Which procedure is asked, and how long its answers hold.
struct DynamicAuthorizerOptions {
  std::string procedure{};
  std::string realm{};  ///< where it is registered; empty: the session's
  std::chrono::milliseconds timeout = std::chrono::seconds(5);  ///< for its answer
  CacheScope cacheScope = CacheScope::session;
  /// How long a decision is kept whose answer says that it may be; 0: none is.
  std::chrono::milliseconds cacheTime = std::chrono::minutes(1);
  std::size_t maxCached = 10'000;  ///< decisions; beyond that those used longest ago go
};

/// Asks a procedure, called with the session (a dict as `wamp.session.get` has it, and `authextra`), the URI,
/// the action ("call", "register", "subscribe", "publish") and a dict with `match` (of register and
/// subscribe: patterns are asked about as such). It answers true or false, or a dict of `allow`, `disclose`
/// (the session is disclosed whether it wants to be or not), `cache` (the decision may be kept), and, which
/// Crossbar.io does not have, `mayDisclose` (false: `disclose_me` is refused) and `trustlevel`. Other keys
/// are ignored. Whatever else it answers, and no answer, refuses the request with
/// `wamp.error.authorization_failed`.
///
/// The session that registers the procedure needs a role that another authorizer decides about.
class DynamicAuthorizer : public Authorizer {
 public:
  /// Throws std::invalid_argument for a procedure or realm that is no URI, and a timeout that is not
  /// positive.
  DynamicAuthorizer(std::shared_ptr<RouterCaller> caller, DynamicAuthorizerOptions options);
  ~DynamicAuthorizer() override;

  std::optional<Permission> decide(const AuthorizationRequest& request) override;
  void decideLater(const AuthorizationRequest& request, Answer answer) override;

  /// Forgets all decisions; answers that are on their way are not kept either.
  void purge();
  std::size_t cachedCount() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Each role has its authorizer: a table of rules for some, a procedure for others.
class RoleAuthorizer : public Authorizer {
 public:
  /// `others`: for roles that have none of their own; nullptr: they may do nothing.
  explicit RoleAuthorizer(std::shared_ptr<Authorizer> others = {}) : others_(std::move(others)) {}

  void setRole(std::string_view authrole, std::shared_ptr<Authorizer> authorizer);
  void removeRole(std::string_view authrole);

  std::optional<Permission> decide(const AuthorizationRequest& request) override;
  void decideLater(const AuthorizationRequest& request, Answer answer) override;

 private:
  Authorizer* find(const AuthorizationRequest& request) const;

  std::shared_ptr<Authorizer> others_;
  std::map<std::string, std::shared_ptr<Authorizer>, std::less<>> byRole_;
};

}  // namespace autobahn::inline v0::wamp
