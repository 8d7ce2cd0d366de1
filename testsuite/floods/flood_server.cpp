// The echo server that is flooded: WebSocket and RawSocket on one loop, with limits small enough that what
// goes past them shows.
#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <autobahn/rawsocket/server.hpp>
#include <autobahn/websocket/server.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <iostream>
#include <string_view>
#include <system_error>

namespace {

using namespace autobahn;

struct Limits {
  std::size_t messageSize = std::size_t{1} << 20;
  std::size_t highWatermark = std::size_t{1} << 20;
};

class WebSocketEcho final : public websocket::WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
};

class RawSocketEcho final : public rawsocket::RawSocketServerProtocol {
 public:
  void onMessage(std::string_view payload) override { sendMessage(payload); }
};

/// What both protocols' options call the same.
template <class Options>
Options limited(const Limits& limits) {
  Options options;
  options.maxMessagePayloadSize = limits.messageSize;
  options.sendBufferHighWatermark = limits.highWatermark;
  options.sendBufferLowWatermark = limits.highWatermark / 4;
  return options;
}

void serve(const Limits& limits, bool isCompressing) {
  asio::io_context io(1);
  websocket::WebSocketServerFactory webSockets(io, "ws://127.0.0.1:0");
  webSockets.setProtocol<WebSocketEcho>();
  auto options = limited<websocket::ServerOptions>(limits);
  if (isCompressing) options.perMessageCompressionAccept = websocket::acceptPerMessageDeflate();
  webSockets.setProtocolOptions(options);
  rawsocket::RawSocketServerFactory rawSockets(io, "rs://127.0.0.1:0",
                                               limited<rawsocket::ServerOptions>(limits));
  rawSockets.setProtocol<RawSocketEcho>();
  std::cout << "listening on " << webSockets.listen().url << "\nlistening on " << rawSockets.listen().url
            << "\nready" << std::endl;
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const std::error_code&, int) {
    webSockets.drain(std::chrono::milliseconds(500));
    rawSockets.drain(std::chrono::milliseconds(500));
  });
  io.run();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("An echo server to be flooded", "flood_server");
  Limits limits;
  app.add_option("--message-size", limits.messageSize, "octets of the largest message taken: a power of two");
  app.add_option("--watermark", limits.highWatermark, "octets that may wait for one peer");
  bool isCompressing = false;
  app.add_flag("--deflate", isCompressing, "take offers of permessage-deflate, with context takeover");
  CLI11_PARSE(app, argc, argv);
  try {
    serve(limits, isCompressing);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "flood_server: " << error.what() << '\n';
    return 1;
  }
}
