// Keeps a connection up: tries again, with growing delays, whenever it cannot be made or is lost.
#include <autobahn/websocket/client.hpp>
#include <chrono>
#include <iostream>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

// A new object for every attempt; what is to outlive a connection lives elsewhere.
class Client final : public WebSocketClientProtocol {
 public:
  void onOpen() override {
    std::cout << "open\n";
    sendMessage("hello again");
  }
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    std::cout << "got " << payload << '\n';
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Keeps a connection up. Ctrl-C ends it.", "reconnecting"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  ReconnectOptions reconnect;
  int firstDelay = 500;
  app.add_option("--retries", reconnect.maxRetries, "attempts in a row, -1 for no end (default: 15)");
  app.add_option("--first-delay", firstDelay, "milliseconds before the second attempt (default: 500)")
      ->check(CLI::PositiveNumber);
  bool stopWhenClosed = false;
  app.add_flag("--stop-when-closed", stopWhenClosed, "end when the server closes the connection cleanly");
  return examples::run(app, argc, argv, [&] {
    reconnect.initialRetryDelay = std::chrono::milliseconds(firstDelay);
    bool isGivenUp = false;
    // Sees every failure, and has the last word.
    reconnect.onFailure = [&](const ConnectionFailure& failure) {
      std::cout << failure.reason << ": " << failure.message << '\n';
      if (stopWhenClosed && failure.reason == "closed") return false;
      if (failure.willRetry) {
        std::cout << "attempt " << failure.retryCount + 1 << " in " << failure.retryDelay.count() << " ms\n";
      }
      // No retry after a clean end means that it was we who closed (Ctrl-C).
      isGivenUp = !failure.willRetry && failure.reason != "closed";
      return true;
    };
    ClientOptions options;
    options.autoPingInterval = 10s;  // a peer that is gone without a word is noticed, too
    options.autoPingTimeout = 5s;
    WebSocketClientFactory factory(arguments.url);
    factory.setProtocolOptions(options);
    factory.setProtocol<Client>();
    factory.connectReconnecting(reconnect, arguments.connectOptions());
    factory.run();
    if (isGivenUp) throw std::runtime_error("gave up");
    return 0;
  });
}
