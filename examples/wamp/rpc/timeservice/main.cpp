// A procedure without arguments: the time, in UTC.
#include <ctime>
#include <iostream>
#include <string>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.timeservice.now", [] {
      const std::time_t now = std::time(nullptr);
      std::tm utc{};
      gmtime_r(&now, &utc);
      char text[sizeof "2026-01-01T00:00:00Z"];
      std::strftime(text, sizeof text, "%FT%TZ", &utc);
      return std::string(text);
    });
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    const auto now = co_await call<std::string>("com.timeservice.now");
    std::cout << "current time from the time service: " << now << '\n';
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_timeservice", .about = "A procedure without arguments."});
}
