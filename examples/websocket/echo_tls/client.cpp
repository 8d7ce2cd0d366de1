// Connects over TLS, shows what was negotiated and whose certificate the server has, and has one message
// echoed.
#include <autobahn/websocket/client.hpp>
#include <iostream>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

class Client final : public examples::Client {
 public:
  using examples::Client::Client;

  // TLS is up, the opening handshake not yet sent: the moment to look at the certificate. What is thrown here
  // ends the connection. (That the chain and the host name are right is checked already.)
  void onConnecting(ClientRequest& /*request*/, const TransportDetails& transport) override {
    if (!transport.tls) throw std::runtime_error("this connection is not secure");
    std::cout << transport.tls->version << ", " << transport.tls->cipher << '\n';
    if (const auto& certificate = transport.tls->peerCertificate) {
      std::cout << "certificate of " << certificate->subject << "\nSHA-256 " << certificate->sha256Fingerprint
                << '\n';
    }
  }
  void onOpen() override { sendMessage("over TLS"); }
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    std::cout << "echo: " << payload << '\n';
    conclude(payload == "over TLS");
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Has a message echoed over TLS.", "echo_tls_client"};
  examples::ClientArguments arguments;
  arguments.url = "wss://localhost:9443";
  arguments.addTo(app);
  return examples::run(app, argc, argv, [&] {
    WebSocketClientFactory factory(arguments.url);
    examples::Outcome outcome;
    factory.setProtocol<Client>(&outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
