// The same over RawSocket: only the URL differs. What the session runs on, its details say.
#include <iostream>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.example.upper", [](std::string text) {
      for (char& each : text) {
        if (each >= 'a' && each <= 'z') each = static_cast<char>(each - 'a' + 'A');
      }
      return text;
    });
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails details) override {
    std::cout << "connected by " << details.transport.type << " to " << details.transport.network.peer << ", "
              << details.transport.serializer << '\n';
    const auto text = co_await call<std::string>("com.example.upper", "raw sockets");
    std::cout << text << '\n';
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv,
      {.name = "wamp_rawsocket", .about = "A session over RawSocket.", .url = "rs://127.0.0.1:8081"});
}
