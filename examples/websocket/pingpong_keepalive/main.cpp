// Notices peers that are gone without a word: the library pings every connection, and drops those that do not
// answer.
#include <autobahn/websocket/server.hpp>
#include <chrono>
#include <iostream>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Kept final : public WebSocketServerProtocol {
 public:
  void onPing(std::string_view payload) override {
    std::cout << "ping from " << peer() << '\n';
    sendPong(payload);  // what the library does when this is not overridden
  }
  void onPong(std::string_view /*payload*/) override {
    const std::chrono::duration<double, std::milli> roundTrip = timings().lastPingRoundTrip;
    std::cout << "pong from " << peer() << " after " << roundTrip.count() << " ms\n";
  }
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override {
    std::cout << (wasClean ? "closed " : "lost ") << peer() << ", " << code << ' ' << reason << '\n';
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Pings its clients and drops those that do not answer.", "pingpong_keepalive"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  int interval = 2000;
  int timeout = 1000;
  app.add_option("--interval", interval, "milliseconds from ping to ping (default: 2000)")
      ->check(CLI::PositiveNumber);
  app.add_option("--timeout", timeout, "milliseconds to wait for the pong (default: 1000)")
      ->check(CLI::PositiveNumber);
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    ServerOptions options;
    options.autoPingInterval = std::chrono::milliseconds(interval);
    options.autoPingTimeout = std::chrono::milliseconds(timeout);
    options.trackTimings = true;
    factory.setProtocolOptions(options);
    factory.setProtocol<Kept>();
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
