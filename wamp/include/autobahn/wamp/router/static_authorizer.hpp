// Permissions by role, from a table.
#pragma once

#include <autobahn/wamp/router/authorizer.hpp>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// A set of actions: `{Action::call, Action::subscribe}`.
class Actions {
 public:
  Actions() = default;
  Actions(std::initializer_list<Action> actions) {  // NOLINT(*-explicit-*)
    for (const Action each : actions) add(each);
  }
  void add(Action action) { bits_ |= bit(action); }
  static Actions all() {
    return {Action::call, Action::registerProcedure, Action::subscribe, Action::publish};
  }
  bool has(Action action) const { return (bits_ & bit(action)) != 0; }

 private:
  static unsigned bit(Action action) { return 1U << static_cast<unsigned>(action); }

  unsigned bits_ = 0;
};

/// What a role may do with the URIs that fit a pattern. What is not in `allow` is denied there.
struct RoleRule {
  std::string uri{};
  Match match = Match::exact;
  Actions allow{};
  Actions disclose{};       ///< actions that disclose the session whether it asks for it or not
  bool mayDisclose = true;  ///< `disclose_me` is honoured
  std::optional<std::uint64_t> trustlevel{};
};

/// Decides by the session's authrole and one table of rules per role. For a URI the rule counts that fits it
/// best (exact, then the longest prefix, then wildcards, as for registrations), for all actions: a more
/// specific rule hides the others. Without a rule nothing is allowed.
///
/// A pattern (of SUBSCRIBE and REGISTER) is allowed when it is for every URI that fits it: a rule that allows
/// it covers the whole pattern, and no more specific rule denies a part of it. Nothing is allowed by halves.
///
/// Procedures that end other sessions or their registrations (`wamp.session.kill…`,
/// `wamp.registration.remove_callee`, `wamp.subscription.remove_subscriber`) are allowed only by rules that
/// begin with `wamp.`.
class StaticAuthorizer : public Authorizer {
 public:
  StaticAuthorizer();
  ~StaticAuthorizer() override;

  /// Gives a role its rules, in place of those it had. Throws InvalidState for a pattern that is no URI, and
  /// for two rules of the same pattern.
  void setRole(std::string_view authrole, std::vector<RoleRule> rules);
  void removeRole(std::string_view authrole);

  std::optional<Permission> decide(const AuthorizationRequest& request) override;

 private:
  struct Role;
  struct Roles;

  std::unique_ptr<Roles> roles_;
};

}  // namespace autobahn::inline v0::wamp
