#include "wamp_whoami.hpp"

#include <iostream>

namespace examples {

using namespace autobahn::wamp;

asio::awaitable<void> WhoAmIService::onJoin(SessionDetails /*details*/) {
  const RegisterOptions options{.discloseCaller = true};
  co_await registerProcedure(
      "com.example.whoami",
      [](CallDetails details) {
        return details.callerAuthid.value_or("nobody") + ", " + details.callerAuthrole.value_or("no role");
      },
      options);
}

asio::awaitable<void> WhoAmI::onJoin(SessionDetails details) {
  std::cout << "joined as " << details.authid << " by " << details.authmethod << '\n';
  const auto name = co_await call<std::string>("com.example.whoami");
  std::cout << "the backend says: " << name << '\n';
  leave();
}

}  // namespace examples
