// Two applications that offer something to each other: each registers, calls, publishes and subscribes.
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
    co_await subscribe("com.example.onhello",
                       [](std::string text) { std::cout << "backend: event 'onhello': " << text << '\n'; });
    co_await registerProcedure("com.example.add2", [](int x, int y) { return x + y; });

    for (int counter = 0;; ++counter) {
      publish("com.example.oncounter", counter);
      co_await callMul2(counter);
      co_await examples::pause(executor(), 100ms);
    }
  }

 private:
  // The frontend has mul2. While it is not there, that is no error of ours.
  asio::awaitable<void> callMul2(int counter) {
    try {
      const int product = co_await call<int>("com.example.mul2", counter, 3);
      std::cout << "backend: mul2(" << counter << ", 3) = " << product << '\n';
    } catch (const ApplicationError& error) {
      if (error.error() != error::kNoSuchProcedure && error.error() != error::kCanceled) throw;
    }
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.example.mul2", [](int x, int y) { return x * y; });
    co_await subscribe("com.example.oncounter", this, &Frontend::onCounter);
  }

 private:
  asio::awaitable<void> onCounter(int counter) {
    const int sum = co_await call<int>("com.example.add2", counter, 1);
    std::cout << "frontend: add2(" << counter << ", 1) = " << sum << '\n';
    publish("com.example.onhello", "hello from the frontend");
    if (++received_ == 3) leave();
  }

  int received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv,
      {.name = "wamp_hello",
       .about = "Two applications that offer something to each other.",
       .backendLoops = true});
}
