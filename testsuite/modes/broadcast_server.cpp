// Sends what it receives to all clients, and a counter now and then.
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "modes/arguments.hpp"
#include "modes/mode.hpp"

namespace wstest {
namespace {

using namespace autobahn::websocket;

class Speaker final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override {
    factory().broadcast(factory().prepareMessage(std::string(payload), isBinary));
  }
};

class BroadcastServer final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    listen_.addTo(app, "ws://127.0.0.1:9000");
    listen_.addThreadsTo(app);
    addSeconds(app, "--interval", interval_, "from tick to tick, 0 for none (default: 1)");
  }

  int run() override {
    WebSocketServerFactory factory(listen_.resolvedUrl());
    factory.setProtocol<Speaker>();
    std::jthread ticker;
    if (*interval_ > 0) ticker = std::jthread([&](const std::stop_token& stop) { tick(factory, stop); });
    return serve(factory, listen_);
  }

 private:
  void tick(WebSocketServerFactory& factory, const std::stop_token& stop) const {
    std::mutex mutex;
    std::condition_variable_any isOver;
    std::unique_lock lock(mutex);
    for (long count = 1;; ++count) {
      isOver.wait_for(lock, stop, toDuration(*interval_), [] { return false; });
      if (stop.stop_requested()) return;
      factory.broadcast(factory.prepareMessage("tick " + std::to_string(count)));
    }
  }

  ListenArguments listen_;
  std::optional<double> interval_ = 1;
};

}  // namespace

std::unique_ptr<Mode> makeBroadcastServer() { return std::make_unique<BroadcastServer>(); }

}  // namespace wstest
