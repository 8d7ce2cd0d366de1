// ws: a WebSocket client for the command line.
#include <chrono>

#include "common/proxy.hpp"
#include "session.hpp"

int main(int argc, char** argv) {
  using namespace autobahn::websocket;
  CLI::App app{
      "A WebSocket client. With -m, --binary, --ping or --wait it does that and ends; otherwise lines of "
      "standard\n"
      "input are sent and messages are shown, with the commands /ping, /close, /binary, /help.",
      "ws"};
  ws::Settings settings;
  settings.addTo(app);
  return examples::run(app, argc, argv, [&] {
    settings.resolve();
    WebSocketClientFactory factory(settings.url, settings.origin, settings.subprotocols,
                                   WebSocketClientFactory::defaultUserAgent(), settings.parsedHeaders(),
                                   examples::parseProxy(settings.proxy));
    const auto timeout = std::chrono::milliseconds(static_cast<long>(settings.task.timeout * 1000));
    ClientOptions options;
    options.maxMessagePayloadSize = 0;
    options.openHandshakeTimeout = timeout;
    options.perMessageCompressionOffers = examples::deflateOffers(settings.deflate);
    options.perMessageCompressionAccept = examples::deflateResponse(settings.deflate);
    factory.setProtocolOptions(options);
    examples::Outcome outcome;
    factory.setProtocol<ws::Session>(&settings.task, &outcome);
    ConnectOptions connect;
    connect.timeout = timeout;
    if (factory.isSecure()) connect.tls = settings.tls;
    factory.connect(connect);
    factory.run();
    return outcome.exitCode();
  });
}
