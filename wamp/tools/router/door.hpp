// The way into one realm, and what may be done inside: exchanged while the router runs, and counted.
#pragma once

#include <array>
#include <autobahn/wamp/router/options.hpp>
#include <cstdint>
#include <memory>

#include "config.hpp"
#include "methods.hpp"

namespace router_tool {

/// What has happened in a realm since it was made.
struct RealmFigures {
  struct Outcomes {
    std::uint64_t granted = 0;
    std::uint64_t refused = 0;
  };
  std::array<Outcomes, kMethods.size()> joins{};                  ///< by method
  std::array<Outcomes, autobahn::wamp::kActionCount> requests{};  ///< by action
};

/// A realm as the router has it. For the router's loop.
class Door {
 public:
  explicit Door(const RealmConfig& config);

  /// For `Router::addRealm`; shares this door's state.
  autobahn::wamp::RealmOptions realm(const std::string& name) const;
  /// Who may join and do what from now on; sessions stay. nullptr: nobody joins, nothing is allowed.
  void change(const RealmConfig* config);
  const RealmFigures& figures() const { return state_->figures; }
  /// The options it was made with, as text.
  const std::string& fixedPart() const { return fixedPart_; }

 private:
  struct State {
    MethodTable methods{};
    std::shared_ptr<autobahn::wamp::Authorizer> permissions{};
    RealmFigures figures{};
  };
  class Method;
  class Permissions;

  std::shared_ptr<State> state_ = std::make_shared<State>();
  autobahn::wamp::RealmOptions options_;
  std::string fixedPart_;
};

}  // namespace router_tool
