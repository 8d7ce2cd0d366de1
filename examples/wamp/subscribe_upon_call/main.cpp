// A procedure that subscribes: what is published before it is called, the backend does not see.
#include <iostream>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.example.triggersubscribe", this, &Backend::triggerSubscribe);
  }

 private:
  // A coroutine: its caller gets the answer when the subscription is made.
  asio::awaitable<void> triggerSubscribe() {
    std::cout << "backend subscribes\n";
    co_await subscribe("com.example.topic1", [this](std::string text) {
      std::cout << "backend has seen: " << text << '\n';
      publish("com.example.seen", text);
    });
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await subscribe("com.example.seen", [this](std::string text) {
      std::cout << "frontend knows that it was seen: " << text << '\n';
      leave();
    });
    co_await publishAcknowledged("com.example.topic1", "too early");
    co_await call<void>("com.example.triggersubscribe");
    co_await publishAcknowledged("com.example.topic1", "in time");
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_subscribe_upon_call", .about = "A procedure that subscribes."});
}
