// Sends back whatever it receives.
#include <iostream>

#include "cases/printable.hpp"
#include "common/compression.hpp"
#include "modes/arguments.hpp"
#include "modes/mode.hpp"

namespace wstest {
namespace {

using namespace autobahn::websocket;

class Echo final : public WebSocketServerProtocol {
 public:
  explicit Echo(bool isQuiet) : isQuiet_(isQuiet) {}

  void onOpen() override {
    if (!isQuiet_) std::cerr << "open    " + peer() + ", " + examples::describe(compression()) + "\n";
  }
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override {
    if (isQuiet_) return;
    std::cerr << "closed  " + peer() + ", " + std::to_string(code) + (wasClean ? " " : ", not clean ") +
                     printable(reason) + "\n";
  }

 private:
  bool isQuiet_;
};

class EchoServer final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    listen_.addTo(app, "ws://127.0.0.1:9000");
    listen_.addThreadsTo(app);
    examples::addDeflate(app, deflate_);
    app.add_flag("--quiet", isQuiet_, "do not report connections");
  }

  int run() override {
    WebSocketServerFactory factory(listen_.resolvedUrl());
    ServerOptions options;
    options.perMessageCompressionAccept = examples::deflateAccept(deflate_);
    factory.setProtocolOptions(options);
    factory.setProtocol<Echo>(isQuiet_);
    return serve(factory, listen_);
  }

 private:
  ListenArguments listen_;
  examples::Deflate deflate_ = examples::Deflate::takeover;
  bool isQuiet_ = false;
};

}  // namespace

std::unique_ptr<Mode> makeEchoServer() { return std::make_unique<EchoServer>(); }

}  // namespace wstest
