// Sends messages one after the other and checks that each comes back as it was.
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>

#include "common/compression.hpp"
#include "modes/arguments.hpp"
#include "modes/client_end.hpp"
#include "modes/mode.hpp"

namespace wstest {
namespace {

using namespace autobahn::websocket;

struct EchoTask {
  std::string message = "Hello, world!";
  bool isBinary = false;
  long count = 0;  // 0: until Ctrl-C
  std::chrono::milliseconds interval{1000};
};

class Asker final : public EndingClient {
 public:
  Asker(const EchoTask* task, ClientEnd* end) : EndingClient(end), task_(*task) {}

  void onOpen() override {
    EndingClient::onOpen();
    std::printf("connected to %s, compression: %s\n", peer().c_str(),
                examples::describe(compression()).c_str());
    timer_.emplace(executor());
    send();
  }

  void onMessage(std::string_view payload, bool isBinary) override {
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - sent_;
    if (payload != task_.message || isBinary != task_.isBinary) {
      return conclude("the echo differs from what was sent");
    }
    std::printf("echo of %zu bytes after %.3f ms\n", payload.size(), elapsed.count());
    if (++received_ == task_.count) return conclude();
    timer_->expires_after(task_.interval);
    timer_->async_wait([this, weak = weak_from_this()](std::error_code error) {
      const auto alive = weak.lock();
      if (!error && alive) send();
    });
  }

  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override {
    EndingClient::onClose(wasClean, code, reason);
    timer_.reset();
  }

 private:
  void send() {
    sent_ = std::chrono::steady_clock::now();
    sendMessage(std::string_view(task_.message), task_.isBinary);
  }

  const EchoTask& task_;
  long received_ = 0;
  std::chrono::steady_clock::time_point sent_{};
  std::optional<asio::steady_timer> timer_;
};

class EchoClient final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    connect_.addTo(app, "the server (default: ws://127.0.0.1:9000)");
    app.add_option("--count", task_.count, "end after so many echoes (default: on Ctrl-C)")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    addSeconds(app, "--interval", interval_, "from an echo to the next message (default: 1)");
    auto* text = app.add_option("--message", task_.message, "the text to send")->option_text("TEXT");
    app.add_option("--size", size_, "send binary messages of so many bytes instead")
        ->excludes(text)
        ->check(CLI::Range(0, 1 << 30))
        ->option_text("BYTES");
    examples::addDeflate(app, deflate_);
  }

  int run() override {
    task_.interval = toDuration(*interval_);
    if (size_) {
      task_.isBinary = true;
      task_.message.assign(*size_, 'x');
    }
    const std::string url = connect_.url("ws://127.0.0.1:9000");
    const PeerArguments& peer = connect_.peer;
    WebSocketClientFactory factory(url);
    peer.applyTo(factory);
    ClientOptions options;
    options.maxMessagePayloadSize = 0;
    options.perMessageCompressionOffers = examples::deflateOffers(deflate_);
    options.perMessageCompressionAccept = examples::deflateResponse(deflate_);
    factory.setProtocolOptions(options);
    ClientEnd end;
    factory.setProtocol<Asker>(static_cast<const EchoTask*>(&task_), &end);
    factory.connect(peer.connectOptions());
    factory.run();
    return end.exitCode(url);
  }

 private:
  ConnectArguments connect_;
  EchoTask task_;
  std::optional<double> interval_ = 1;
  std::optional<std::size_t> size_;
  examples::Deflate deflate_ = examples::Deflate::off;
};

}  // namespace

std::unique_ptr<Mode> makeEchoClient() { return std::make_unique<EchoClient>(); }

}  // namespace wstest
