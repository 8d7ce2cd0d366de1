// Our client, as a user writes it: says the same again whenever it has come back.
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/websocket/client.hpp>
#include <chrono>
#include <string>

#include "client_program.hpp"

namespace {

using namespace autobahn::websocket;

class Measurement {
 public:
  explicit Measurement(const bench::Visiting& asked) : visiting(asked), payload(asked.payloadSize, 'x') {}

  void opened() {
    if (++opened_ == visiting.connections) after(visiting.warmUp, [this] { begin(); });
  }
  void run();

  const bench::Visiting visiting;
  const std::string payload;
  bench::Window window;

 private:
  void begin() {
    window.begin();
    after(visiting.seconds, [this] {
      window.end();
      io_.stop();
    });
  }
  void after(double seconds, std::function<void()> what) {
    timer_.expires_after(std::chrono::microseconds(static_cast<long>(seconds * 1e6)));
    timer_.async_wait([what = std::move(what)](std::error_code error) {
      if (!error) what();
    });
  }

  asio::io_context io_{1};
  asio::steady_timer timer_{io_};
  std::uint32_t opened_ = 0;
};

class Visitor final : public WebSocketClientProtocol {
 public:
  explicit Visitor(Measurement* measurement) : all_(*measurement) {}

  void onOpen() override {
    for (std::uint32_t i = 0; i < all_.visiting.inFlight; ++i) sendMessage(all_.payload, true);
    all_.opened();
  }
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    all_.window.count(payload.size(), all_.visiting);
    sendMessage(all_.payload, true);
  }
  void onClose(bool /*wasClean*/, std::uint16_t /*code*/, const std::string& reason) override {
    std::cerr << "bench_client: " << reason << '\n';
    std::_Exit(1);
  }

 private:
  Measurement& all_;
};

void Measurement::run() {
  WebSocketClientFactory factory(io_, "ws://127.0.0.1:" + std::to_string(visiting.port));
  factory.setProtocol<Visitor>(this);
  for (std::uint32_t i = 0; i < visiting.connections; ++i) factory.connect();
  io_.run();
  std::_Exit(0);  // connections end with the process
}

}  // namespace

int main(int argc, char** argv) {
  return bench::visit("bench_client", argc, argv,
                      [](const bench::Visiting& visiting) { Measurement(visiting).run(); });
}
