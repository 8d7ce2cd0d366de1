// A server behind proxies: who the client is, is taken from what trusted proxies say, and from nobody else.
#include <autobahn/websocket/server.hpp>
#include <iostream>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Server final : public WebSocketServerProtocol {
 public:
  ConnectDecision onConnect(const ConnectionRequest& request) override {
    // Empty unless trusted proxies vouch for an address: what others write into X-Forwarded-For is ignored.
    client_ = request.forwardedFor.empty() ? request.peer : request.forwardedFor;
    return ConnectionAccept{};
  }
  void onOpen() override { sendMessage("you are " + client_); }

 private:
  std::string client_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Tells clients their address, also through proxies.", "behind_proxy_server"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  ServerOptions options;
  app.add_option("--trusted", options.trustXForwardedFor,
                 "how many proxies in front append to X-Forwarded-For (default: 0)")
      ->check(CLI::Range(0, 100));
  bool expectsHeader = false;
  app.add_flag("--proxy-protocol", expectsHeader,
               "every connection starts with a PROXY header (HAProxy, v1 or v2)");
  std::uint16_t externalPort = 0;
  app.add_option("--external-port", externalPort, "the port that clients see (default: any)");
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url(), {}, WebSocketServerFactory::defaultServer(), {},
                                   externalPort);
    options.proxyProtocol = expectsHeader ? ProxyProtocol::required : ProxyProtocol::off;
    factory.setProtocolOptions(options);
    factory.setProtocol<Server>();
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
