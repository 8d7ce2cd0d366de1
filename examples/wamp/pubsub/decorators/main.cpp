// Components: what they do is said once, before there is a connection, and holds again after each reconnect.
#include <autobahn/wamp/component.hpp>
#include <iostream>

#include "common/wamp.hpp"

using namespace autobahn::wamp;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Component> makeBackend(ComponentOptions options) {
  auto backend = std::make_unique<Component>(std::move(options));
  backend->onReady([](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
    for (int counter = 0;; ++counter) {
      session.publish("com.myapp.topic1", counter);
      session.publish("com.myapp.topic2", "tick " + std::to_string(counter));
      co_await examples::pause(session.executor(), 100ms);
    }
  });
  return backend;
}

std::unique_ptr<Component> makeFrontend(ComponentOptions options) {
  auto frontend = std::make_unique<Component>(std::move(options));
  frontend->subscribe("com.myapp.topic1", [&self = *frontend, received = 0](int counter) mutable {
    std::cout << "topic1: " << counter << '\n';
    if (++received == 3) self.close();
  });
  frontend->subscribe("com.myapp.topic2", [](std::string text) { std::cout << "topic2: " << text << '\n'; });
  return frontend;
}

}  // namespace

int main(int argc, char** argv) {
  return examples::componentMain(argc, argv,
                                 {.name = "wamp_pubsub_decorators",
                                  .about = "Publishes and subscribes with components.",
                                  .backendLoops = true},
                                 makeBackend, makeFrontend);
}
