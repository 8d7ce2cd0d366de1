// The backend publishes a number again and again, the frontend prints the first five it gets.
#include <iostream>

#include "common/wamp.hpp"

using namespace autobahn::wamp;
using namespace std::chrono_literals;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    for (int counter = 0;; ++counter) {
      publish("com.myapp.topic1", counter);
      co_await examples::pause(executor(), 100ms);
    }
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await subscribe("com.myapp.topic1", [this](int counter) {
      std::cout << "got event: " << counter << '\n';
      if (++received_ == 5) leave();
    });
  }

 private:
  int received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_pubsub_basic", .about = "Publishes and subscribes.", .backendLoops = true});
}
