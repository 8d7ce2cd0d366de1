// Subscribes, unsubscribes after a few events, and subscribes again.
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
      co_await examples::pause(executor(), 50ms);
    }
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override { co_await subscribeAgain(); }

 private:
  asio::awaitable<void> subscribeAgain() {
    received_ = 0;
    subscription_ = co_await subscribe("com.myapp.topic1", this, &Frontend::onEvent);
    std::cout << "subscribed\n";
  }
  asio::awaitable<void> onEvent(int counter) {
    std::cout << "got event: " << counter << '\n';
    if (++received_ < 3) co_return;

    const std::size_t handlersLeft = co_await unsubscribe(subscription_);
    std::cout << "unsubscribed, " << handlersLeft << " handlers left\n";
    if (++runs_ == 2) {
      leave();
    } else {
      co_await examples::pause(executor(), 100ms);
      co_await subscribeAgain();
    }
  }

  Subscription subscription_;
  int received_ = 0;
  int runs_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(argc, argv,
                                               {.name = "wamp_pubsub_unsubscribe",
                                                .about = "Ends a subscription and makes it anew.",
                                                .backendLoops = true});
}
