// Sends messages, one after the other, and checks that each comes back as it was.
#include <autobahn/websocket/client.hpp>
#include <chrono>
#include <iostream>
#include <string>

#include "common/client.hpp"
#include "common/compression.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

class EchoClient final : public WebSocketClientProtocol {
 public:
  EchoClient(std::string message, bool isBinary, int count, examples::Outcome* outcome)
      : message_(std::move(message)), isBinary_(isBinary), left_(count), outcome_(outcome) {}

  void onOpen() override {
    std::cout << "connected to " << peer() << ", compression: " << examples::describe(compression()) << '\n';
    next();
  }

  void onMessage(std::string_view payload, bool isBinary) override {
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - sent_;
    if (payload != message_ || isBinary != isBinary_) {
      outcome_->problem = "the echo differs from what was sent";
      sendClose(CloseCode::normal);
      return;
    }
    std::cout << "echo of " << payload.size() << " bytes after " << elapsed.count() << " ms\n";
    next();
  }

  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override {
    if (wasClean && left_ < 0 && outcome_->problem.empty()) {
      outcome_->ok = true;
    } else if (outcome_->problem.empty()) {
      outcome_->problem = "closed with " + std::to_string(code) + ": " + reason;
    }
  }

 private:
  void next() {
    if (left_-- == 0) {
      sendClose(CloseCode::normal);
      return;
    }
    sent_ = std::chrono::steady_clock::now();
    sendMessage(message_, isBinary_);
  }

  std::string message_;
  bool isBinary_;
  int left_;
  examples::Outcome* outcome_;
  std::chrono::steady_clock::time_point sent_{};
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sends messages and checks that each comes back as it was.", "echo_client"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  int count = 1;
  app.add_option("--count", count, "how many messages (default: 1)")->check(CLI::NonNegativeNumber);
  std::string message = "Hello, world!";
  auto* text = app.add_option("--message", message, "the text to send");
  std::size_t size = 0;
  auto* bytes =
      app.add_option("--size", size, "send a binary message of so many bytes instead")->excludes(text);
  examples::Deflate deflate = examples::Deflate::off;
  examples::addDeflate(app, deflate);
  return examples::run(app, argc, argv, [&] {
    if (*bytes) message.assign(size, 'x');
    WebSocketClientFactory factory(arguments.url);
    ClientOptions options;
    options.maxMessagePayloadSize = 0;
    options.perMessageCompressionOffers = examples::deflateOffers(deflate);
    options.perMessageCompressionAccept = examples::deflateResponse(deflate);
    factory.setProtocolOptions(options);
    examples::Outcome outcome;
    factory.setProtocol<EchoClient>(message, static_cast<bool>(*bytes), count, &outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
