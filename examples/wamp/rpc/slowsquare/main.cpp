// Calls run side by side: the answer of a slow procedure comes when it is there, and keeps nobody from
// calling.
#include <chrono>
#include <iostream>

#include "common/wamp.hpp"

using namespace autobahn::wamp;
using namespace std::chrono_literals;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerProcedure("com.math.square", [](int x) { return x * x; });
    co_await registerProcedure("com.math.slowsquare", this, &Backend::slowSquare);
  }

 private:
  // A coroutine: the session goes on meanwhile, also with other calls of this procedure.
  asio::awaitable<int> slowSquare(int x) {
    co_await examples::pause(executor(), 500ms);
    co_return x* x;
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    for (const char* procedure : {"com.math.slowsquare", "com.math.square"}) {
      // With a callback nothing is waited for. (Any other completion token of Asio does as well.)
      call<int>(procedure, toCallArgs(3), {}, [this, procedure](std::exception_ptr why, int square) {
        if (why) std::rethrow_exception(why);
        std::cout << procedure << " of 3: " << square << " after " << secondsGone() << " s\n";
        if (++answers_ == 2) leave();
      });
    }
    co_return;
  }

 private:
  double secondsGone() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  }

  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  int answers_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_rpc_slowsquare", .about = "Slow calls and quick ones side by side."});
}
