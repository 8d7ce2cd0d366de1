// Publishing and subscribing over TLS. The session's details say what was negotiated. `--ca` says whom to
// trust.
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

  void onWelcome(const SessionDetails& details) override {
    const auto& tls = details.transport.network.tls;
    if (!tls) throw ApplicationError("com.myapp.error.no_tls", {"this needs a wss or rss URL"});
    std::cout << tls->version << ", " << tls->cipher << ", certificate of " << tls->peerCertificate->subject
              << '\n';
  }
  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await subscribe("com.myapp.topic1", [this](int counter) {
      std::cout << "got event: " << counter << '\n';
      if (++received_ == 3) leave();
    });
  }

 private:
  int received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(argc, argv,
                                               {.name = "wamp_pubsub_tls",
                                                .about = "Publishes and subscribes over TLS.",
                                                .url = "wss://127.0.0.1:8443/ws",
                                                .backendLoops = true});
}
