// One session after another on one connection: leaving a realm does not end the connection.
#include <iostream>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    // The router itself tells who comes.
    co_await subscribe("wamp.session.on_join", [](Dict details) {
      std::cout << "backend: session of " << details.at("authrole").asString() << " has joined\n";
    });
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails details) override {
    std::cout << "session " << ++count_ << " has joined " << details.realm << '\n';
    leave();
    co_return;
  }
  void onLeave(const CloseDetails& details) override {
    std::cout << "session " << count_ << " has left: " << details.reason << '\n';
    if (count_ < 3) {
      join(config().realm);
    } else {
      disconnect();
    }
  }
  void onDisconnect() override { std::cout << "disconnected\n"; }

 private:
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_session_series", .about = "One session after another on one connection."});
}
