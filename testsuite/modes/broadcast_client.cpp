// Greets a broadcast server every other second and shows what comes.
#include <unistd.h>

#include <array>
#include <asio/steady_timer.hpp>
#include <autobahn/util/crypto.hpp>
#include <cstdio>

#include "cases/printable.hpp"
#include "modes/arguments.hpp"
#include "modes/client_end.hpp"
#include "modes/mode.hpp"

namespace wstest {
namespace {

using namespace autobahn::websocket;

std::string greeting() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return "hello from " + std::string(host.data()) + "[" + std::to_string(::getpid()) + "]";
}

class Greeter final : public EndingClient {
 public:
  Greeter(long count, std::chrono::milliseconds interval, ClientEnd* end)
      : EndingClient(end), count_(count), interval_(interval) {}

  void onOpen() override {
    EndingClient::onOpen();
    timer_.emplace(executor());
    if (interval_.count() > 0) greet();
  }
  void onMessage(std::string_view payload, bool isBinary) override {
    if (received_ == count_ && count_ != 0) return;  // closing already
    const std::string text = isBinary ? autobahn::util::hexEncode(payload) : printable(payload);
    std::printf("received: %s\n", text.c_str());
    if (++received_ == count_) conclude();
  }
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override {
    EndingClient::onClose(wasClean, code, reason);
    timer_.reset();
  }

 private:
  void greet() {
    sendMessage(greeting());
    timer_->expires_after(interval_);
    timer_->async_wait([this, weak = weak_from_this()](std::error_code error) {
      const auto alive = weak.lock();
      if (!error && alive) greet();
    });
  }

  long count_;
  std::chrono::milliseconds interval_;
  long received_ = 0;
  std::optional<asio::steady_timer> timer_;
};

class BroadcastClient final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    connect_.addTo(app, "the server (default: ws://127.0.0.1:9000)");
    app.add_option("--count", count_, "end after so many messages received (default: on Ctrl-C)")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    addSeconds(app, "--interval", interval_, "from greeting to greeting, 0 for none (default: 2)");
  }

  int run() override {
    const std::string url = connect_.url("ws://127.0.0.1:9000");
    const PeerArguments& peer = connect_.peer;
    WebSocketClientFactory factory(url);
    peer.applyTo(factory);
    ClientEnd end;
    factory.setProtocol<Greeter>(count_, toDuration(*interval_), &end);
    factory.connect(peer.connectOptions());
    factory.run();
    return end.exitCode(url);
  }

 private:
  ConnectArguments connect_;
  long count_ = 0;
  std::optional<double> interval_ = 2;
};

}  // namespace

std::unique_ptr<Mode> makeBroadcastClient() { return std::make_unique<BroadcastClient>(); }

}  // namespace wstest
