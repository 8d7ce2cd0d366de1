// A client that reaches its server through a proxy: HTTP CONNECT or SOCKS5.
#include <autobahn/websocket/client.hpp>

#include "common/client.hpp"
#include "common/program.hpp"
#include "common/proxy.hpp"

using namespace autobahn::websocket;

int main(int argc, char** argv) {
  CLI::App app{"Connects through a proxy and shows the first message.", "behind_proxy_client"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  std::string proxy;
  app.add_option("--proxy", proxy, "http://[user:password@]host:port or socks5://… (default: none)");
  return examples::run(app, argc, argv, [&] {
    WebSocketClientFactory factory(arguments.url, {}, {}, WebSocketClientFactory::defaultUserAgent(), {},
                                   examples::parseProxy(proxy));
    examples::Outcome outcome;
    factory.setProtocol<examples::FirstMessagePrinter>(&outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
