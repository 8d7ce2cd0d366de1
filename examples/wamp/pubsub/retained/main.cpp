// A retained event: the router keeps it for whoever subscribes later.
#include <iostream>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    const PublishOptions kept{.retain = true};
    co_await publishAcknowledged("com.example.weather", "cloudy", kept);
    co_await publishAcknowledged("com.example.weather", "sunny", kept);  // in place of the one before
    std::cout << "published to nobody\n";
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    const SubscribeOptions options{.getRetained = true};
    co_await subscribe(
        "com.example.weather",
        [this](std::string weather, EventDetails details) {
          std::cout << "weather: " << weather << (details.retained ? " (retained)\n" : "\n");
          leave();
        },
        options);
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_pubsub_retained", .about = "An event that the router keeps."});
}
