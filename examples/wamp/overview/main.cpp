// The four things a WAMP session does: it subscribes, publishes, registers and calls.
#include <iostream>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.myapp.add2", [](int a, int b) { return a + b; });
    co_await subscribe("com.myapp.hello", [this](std::string text) {
      std::cout << "backend was told: " << text << '\n';
      publish("com.myapp.hello_back", "hello to you too");
    });
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails details) override {
    std::cout << "frontend has joined " << details.realm << '\n';
    const int sum = co_await call<int>("com.myapp.add2", 2, 3);
    std::cout << "2 + 3 = " << sum << '\n';

    co_await subscribe("com.myapp.hello_back", [this](std::string text) {
      std::cout << "frontend was told: " << text << '\n';
      leave();
    });
    publish("com.myapp.hello", "hello from the frontend");
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_overview", .about = "Subscribes, publishes, registers and calls."});
}
