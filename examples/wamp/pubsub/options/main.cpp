// How to publish: to oneself as well, acknowledged, disclosing who one is, to some of the subscribers only.
// And what a handler can learn of an event.
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
    co_await subscribe("com.myapp.topic1", [](int counter, EventDetails details) {
      std::cout << "backend's own event " << counter << ", publication " << details.publication << '\n';
    });
    for (int counter = 0;; ++counter) {
      const PublishOptions options{.excludeMe = false, .discloseMe = true};
      const Publication publication = co_await publishAcknowledged("com.myapp.topic1", counter, options);
      std::cout << "published " << counter << " as " << publication.id << '\n';

      // For others than ourselves: nobody but this session may have it.
      const PublishOptions onlyMe{.excludeMe = false, .eligible = std::vector<Id>{sessionId()}};
      publish("com.myapp.topic1", -1, onlyMe);
      co_await examples::pause(executor(), 100ms);
    }
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await subscribe("com.myapp.topic1", [this](int counter, EventDetails details) {
      std::cout << "frontend: event " << counter << ", publication " << details.publication
                << ", published by " << (details.publisher ? "a session that says so" : "somebody") << " on "
                << details.topic << '\n';
      if (++received_ == 5) leave();
    });
  }

 private:
  int received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(argc, argv,
                                               {.name = "wamp_pubsub_options",
                                                .about = "Options of publications and details of events.",
                                                .backendLoops = true});
}
