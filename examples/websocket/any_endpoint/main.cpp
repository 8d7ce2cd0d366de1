// One client for ws, wss and Unix sockets: only the URL differs.
//   any_endpoint ws://127.0.0.1:9000 wss://localhost:9443/ ws+unix:///tmp/example.sock:/echo
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/url.hpp>
#include <iostream>
#include <vector>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

class Client final : public examples::Client {
 public:
  using examples::Client::Client;

  void onOpen() override { sendMessage("hello"); }
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    const TransportDetails transport = transportDetails();
    std::cout << peer() << (transport.tls ? " (" + transport.tls->version + ')' : "") << ": " << payload
              << '\n';
    conclude(true);
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Says hello to each endpoint in turn and shows the answer.", "any_endpoint"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  std::vector<std::string> urls;
  app.add_option("urls", urls, "ws://…, wss://… or ws+unix://…; instead of --url");
  return examples::run(app, argc, argv, [&] {
    if (urls.empty()) urls.push_back(arguments.url);
    for (const std::string& url : urls) parseUrl(url);  // all or none: throws for one that is wrong
    for (const std::string& url : urls) {
      WebSocketClientFactory factory(url);
      examples::Outcome outcome;
      factory.setProtocol<Client>(&outcome);
      factory.connect(arguments.connectOptions());
      factory.run();
      if (!outcome.ok) throw std::runtime_error(url + ": " + outcome.problem);
    }
    return 0;
  });
}
