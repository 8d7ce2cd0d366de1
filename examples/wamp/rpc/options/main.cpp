// How to register and to call: by prefix, disclosing who calls, with a time-out. And what a procedure can
// learn of a call.
#include <iostream>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;
using namespace std::chrono_literals;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.myapp.square", this, &Backend::square);

    // One function for everything below com.myapp.say.
    const RegisterOptions byPrefix{.match = Match::prefix};
    co_await registerProcedure(
        "com.myapp.say.", [](CallDetails details) { return "you called " + details.procedure; }, byPrefix);

    co_await registerProcedure("com.myapp.never", this, &Backend::never);
  }

 private:
  int square(int value, const CallDetails& details) {
    std::cout << "called by " << (details.caller ? "a session that says so" : "somebody") << '\n';
    if (value <= 0 && details.caller) {
      // All but the caller hear of it.
      const PublishOptions options{.exclude = std::vector<Id>{*details.caller}};
      publish("com.myapp.square_on_nonpositive", value, options);
    }
    return value * value;
  }
  asio::awaitable<void> never() { co_await examples::pause(executor(), 24h); }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await subscribe("com.myapp.square_on_nonpositive",
                       [](int value) { std::cout << "this must not be seen: " << value << '\n'; });
    const CallOptions disclosed{.discloseMe = true};
    for (const int value : {2, 0, -2}) {
      const int square = co_await call<int>("com.myapp.square", value, disclosed);
      std::cout << "squared " << value << " = " << square << '\n';
    }
    const auto said = co_await call<std::string>("com.myapp.say.hello.world");
    std::cout << said << '\n';

    const CallOptions impatient{.timeout = 100ms};
    try {
      co_await call<void>("com.myapp.never", impatient);
    } catch (const ApplicationError& error) {
      std::cout << "no answer in time: " << error.error() << '\n';
    }
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_options", .about = "Options of registrations and calls."});
}
