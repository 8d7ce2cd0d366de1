// What a role may do: the router lets frontends call com.example.…, but neither com.example.admin.… nor
// register.
#include <autobahn/wamp/client_auth.hpp>
#include <iostream>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.example.add2", [](int a, int b) { return a + b; });
    co_await registerProcedure("com.example.admin.shutdown", [] {});
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails details) override {
    std::cout << details.authid << " is a " << details.authrole << '\n';
    const int sum = co_await call<int>("com.example.add2", 2, 3);
    std::cout << "add2: " << sum << '\n';
    try {
      co_await call<void>("com.example.admin.shutdown");
    } catch (const ApplicationError& error) {
      std::cout << "admin.shutdown: " << error.error() << '\n';
    }
    try {
      co_await registerProcedure("com.example.sub2", [](int a, int b) { return a - b; });
    } catch (const ApplicationError& error) {
      std::cout << "registering sub2: " << error.error() << '\n';
    }
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  examples::WampExample example{
      .name = "wamp_rpc_authorize", .about = "What a role may do.", .realm = "auth"};
  example.authenticate = [](const std::string& authid, const std::string& secret) {
    return std::make_shared<AuthTicket>(authid, secret);
  };
  return examples::wampMain<Backend, Frontend>(argc, argv, std::move(example));
}
