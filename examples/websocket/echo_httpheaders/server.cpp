// HTTP headers of the opening handshake, both ways: the server reads those of the client and adds some to its
// answer.
#include <autobahn/websocket/server.hpp>
#include <string>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;

namespace {

class Server final : public WebSocketServerProtocol {
 public:
  ConnectDecision onConnect(const ConnectionRequest& request) override {
    user_ = request.headers.get("X-User");
    ConnectionAccept accept;
    accept.headers.add("X-Greeting", "hello " + (user_.empty() ? "stranger" : user_));
    // Several headers of one name stay several.
    accept.headers.add("Set-Cookie", "seen=yes; HttpOnly; SameSite=Strict");
    accept.headers.add("Set-Cookie", "lang=en; SameSite=Strict");
    return accept;
  }
  void onMessage(std::string_view payload, bool isBinary) override {
    sendMessage(user_ + " said: " + std::string(payload), isBinary);
  }

 private:
  std::string user_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Reads and adds headers in the opening handshake.", "echo_httpheaders_server"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  return examples::run(app, argc, argv, [&] {
    // Headers given here are in every answer.
    WebSocketServerFactory factory(arguments.url(), {}, WebSocketServerFactory::defaultServer(),
                                   {{"X-Service", "echo"}});
    factory.setProtocol<Server>();
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
