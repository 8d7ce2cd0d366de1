// Sends a tick to everybody at an interval, and shows the figures of the library now and then.
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/websocket/server.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Listener final : public WebSocketServerProtocol {};

class Ticker {
 public:
  Ticker(asio::io_context& io, WebSocketServerFactory& factory, std::chrono::milliseconds interval)
      : timer_(io), factory_(factory), interval_(interval) {}

  void start() {
    timer_.expires_after(interval_);
    timer_.async_wait([this](std::error_code error) {
      if (!error) tick();
    });
  }

 private:
  void tick() {
    // Who does not keep up misses ticks (see slowConsumerPolicy) instead of making the queue grow.
    factory_.broadcast(factory_.prepareMessage("tick " + std::to_string(++count_)));
    if (count_ % 10 == 0) factory_.readMetrics(show);
    start();
  }
  static void show(const Metrics& metrics) {
    std::cout << "connections " << metrics.connections << " (" << metrics.connectionsOpened
              << " so far), messages sent " << metrics.traffic.outgoingWebSocketMessages << ", bytes sent "
              << metrics.traffic.outgoingOctetsWireLevel << ", bytes queued " << metrics.queuedOctets << '\n';
  }

  asio::steady_timer timer_;
  WebSocketServerFactory& factory_;
  std::chrono::milliseconds interval_;
  long count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sends ticks to everybody and shows figures of the library.", "ticker"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  arguments.addThreadsTo(app);
  int interval = 1000;
  app.add_option("--interval", interval, "milliseconds from tick to tick (default: 1000)")
      ->check(CLI::PositiveNumber);
  return examples::run(app, argc, argv, [&] {
    asio::io_context io(1);
    WebSocketServerFactory factory(io, arguments.url());
    ServerOptions options;
    options.slowConsumerPolicy = SlowConsumerPolicy::dropMessage;
    options.sendBufferHighWatermark = 256 * 1024;
    options.sendBufferLowWatermark = 64 * 1024;
    factory.setProtocolOptions(options);
    factory.setProtocol<Listener>();
    arguments.listen(factory);
    Ticker ticker(io, factory, std::chrono::milliseconds(interval));
    ticker.start();
    asio::signal_set end(io, SIGINT, SIGTERM);
    end.async_wait([&](std::error_code, int) { factory.drain(5s, [&] { io.stop(); }); });
    io.run();
    return 0;
  });
}
