// An echo server of ours that demands given permessage-deflate parameters of the foreign clients that
// connect.
#include <CLI/CLI.hpp>
#include <autobahn/websocket/server.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace autobahn::websocket;

class Echo final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
};

struct Demand {
  bool requestNoTakeover = false;
  int requestWindow = 0;
  bool noTakeover = false;
  int window = 0;

  std::optional<PerMessageDeflateOfferAccept> operator()(
      const std::vector<PerMessageDeflateOffer>& offers) const {
    PerMessageDeflateOfferAccept accept;
    accept.offer = offers.front();
    accept.requestNoContextTakeover = requestNoTakeover;
    accept.requestMaxWindowBits = requestWindow;
    if (noTakeover) accept.noContextTakeover = true;
    accept.windowBits = window;
    return accept;
  }
};

void serve(std::uint16_t port, const Demand& demand) {
  WebSocketServerFactory factory("ws://127.0.0.1:" + std::to_string(port));
  factory.setProtocol<Echo>();
  ServerOptions options;
  options.maxMessagePayloadSize = 0;
  options.failByDrop = false;
  options.perMessageCompressionAccept = demand;
  factory.setProtocolOptions(options);
  factory.listen();
  std::cout << "listening on ws://127.0.0.1:" << factory.port() << std::endl;
  factory.run();
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  Demand demand;
  CLI::App app("An echo server that demands compression parameters");
  app.add_option("--port", port, "0: any free one");
  app.add_flag("--request-no-takeover", demand.requestNoTakeover, "demand client_no_context_takeover");
  app.add_option("--request-window", demand.requestWindow, "demand client_max_window_bits");
  app.add_flag("--no-takeover", demand.noTakeover, "keep to server_no_context_takeover");
  app.add_option("--window", demand.window, "keep to server_max_window_bits");
  CLI11_PARSE(app, argc, argv);
  try {
    serve(port, demand);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "interop_server: " << error.what() << std::endl;
    return 1;
  }
}
