// A client that reaches its server through a proxy: HTTP CONNECT or SOCKS5.
#include <autobahn/websocket/client.hpp>
#include <iostream>

#include "common/client.hpp"
#include "common/program.hpp"
#include "common/proxy.hpp"

using namespace autobahn::websocket;

namespace {

class Client final : public WebSocketClientProtocol {
 public:
  explicit Client(examples::Outcome* outcome) : outcome_(outcome) {}

  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    std::cout << payload << '\n';
    outcome_->ok = true;
    sendClose();
  }
  void onClose(bool /*wasClean*/, std::uint16_t /*code*/, const std::string& reason) override {
    outcome_->problem = reason;
  }

 private:
  examples::Outcome* outcome_;
};

}  // namespace

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
    factory.setProtocol<Client>(&outcome);
    factory.connect(arguments.connectOptions());
    factory.run();
    return outcome.exitCode();
  });
}
