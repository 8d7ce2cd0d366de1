// An echo server with an event loop per processor. Connections are dealt to the loops in turn, and each stays
// on its loop: callbacks of one connection never run at the same time, those of different connections may.
#include <atomic>
#include <autobahn/websocket/server.hpp>
#include <iostream>
#include <memory>
#include <sstream>
#include <thread>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Echo final : public WebSocketServerProtocol {
 public:
  // What connections share must stand being used from several threads: here an atomic.
  explicit Echo(std::shared_ptr<std::atomic<int>> count) : count_(std::move(count)) {}

  void onMessage(std::string_view payload, bool isBinary) override {
    const int number = ++*count_;
    if (payload != "who are you?") {
      sendMessage(payload, isBinary);
      return;
    }
    std::ostringstream answer;
    answer << "thread " << std::this_thread::get_id() << ", message " << number;
    sendMessage(answer.str());
  }

 private:
  std::shared_ptr<std::atomic<int>> count_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"An echo server with several event loops; \"who are you?\" is answered with the thread.",
               "echo_multicore"};
  examples::ServerArguments arguments;
  arguments.threads = static_cast<int>(std::max(2U, std::thread::hardware_concurrency()));
  arguments.addTo(app);
  arguments.addThreadsTo(app);
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    factory.setProtocol<Echo>(std::make_shared<std::atomic<int>>(0));
    arguments.listen(factory);
    std::cout << arguments.threads << " event loops\n";
    factory.run();
    return 0;
  });
}
