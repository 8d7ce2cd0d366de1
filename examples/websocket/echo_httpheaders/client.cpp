// HTTP headers of the opening handshake, both ways: the client adds its own and reads those of the server's
// answer.
#include <autobahn/websocket/client.hpp>
#include <iostream>
#include <string>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

class Client final : public examples::Client {
 public:
  using examples::Client::Client;

  // For headers that are known late; those known before are given to the factory.
  void onConnecting(ClientRequest& request, const TransportDetails& transport) override {
    request.headers.add("X-Local-Address", transport.local);
  }
  void onConnect(const ConnectionResponse& response) override {
    for (const auto& [name, value] : response.headers) std::cout << name << ": " << value << '\n';
    if (!response.headers.contains("X-Greeting")) throw std::runtime_error("the server did not greet");
  }
  void onOpen() override { sendMessage("hello"); }
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    std::cout << '\n' << payload << '\n';
    conclude(true);
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Adds headers to the opening handshake and shows those of the answer.",
               "echo_httpheaders_client"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  std::string user = "alice";
  app.add_option("--user", user, "value of the header X-User (default: alice)");
  return examples::run(app, argc, argv, [&] {
    WebSocketClientFactory factory(arguments.url, {}, {}, WebSocketClientFactory::defaultUserAgent(),
                                   {{"X-User", user}});
    examples::Outcome outcome;
    factory.setProtocol<Client>(&outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
