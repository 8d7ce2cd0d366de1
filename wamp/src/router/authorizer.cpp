#include <autobahn/wamp/router/authorizer.hpp>

namespace autobahn::inline v0::wamp {

std::string_view actionName(Action action) {
  static constexpr std::string_view kNames[kActionCount] = {"call", "register", "subscribe", "publish"};
  return kNames[static_cast<std::size_t>(action)];
}

void Authorizer::decideLater(const AuthorizationRequest&, Answer answer) { answer({.failed = true}); }

}  // namespace autobahn::inline v0::wamp
