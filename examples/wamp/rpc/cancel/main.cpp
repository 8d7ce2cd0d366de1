// A call that is cancelled while it runs: the procedure, a coroutine, is interrupted where it waits.
#include <asio/post.hpp>
#include <iostream>
#include <system_error>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.myapp.sleep", this, &Backend::sleep);
  }

 private:
  asio::awaitable<void> sleep(int seconds, CallDetails details) {
    details.progress("falling asleep");
    try {
      co_await examples::pause(executor(), std::chrono::seconds(seconds));
    } catch (const std::system_error& interrupted) {
      std::cout << "backend was interrupted: " << interrupted.code().message() << '\n';
      throw;
    }
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    CallOptions options;
    options.cancelMode = CancelMode::kill;  // the answer is the callee's own word
    options.control.emplace();
    options.onProgress = [control = *options.control](CallResult result) {
      std::cout << "backend is " << result.results.at(0).asString() << ": cancelled\n";
      control.cancel();
    };
    try {
      co_await call<void>("com.myapp.sleep", 3600, options);
    } catch (const ApplicationError& error) {
      std::cout << "the call has ended: " << error.error() << '\n';
    }
    leave();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_cancel", .about = "A call that is cancelled."});
}
