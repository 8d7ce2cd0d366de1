// A procedure that tells how far it is, before its result.
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
    co_await registerProcedure("com.myapp.longop", this, &Backend::longOperation);
  }

 private:
  asio::awaitable<int> longOperation(int n, CallDetails details) {
    // Does nothing for callers that do not want to know.
    for (int i = 0; i < n; ++i) {
      details.progress(i);
      co_await examples::pause(executor(), 100ms);
    }
    co_return n;
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    CallOptions options;
    options.onProgress = [](CallResult result) {
      std::cout << "got progress: " << convert<int>(result.results.at(0)) << '\n';
    };
    const int result = co_await call<int>("com.myapp.longop", 3, options);
    std::cout << "got result: " << result << '\n';
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_progress", .about = "Progressive results."});
}
