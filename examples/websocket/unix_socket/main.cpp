// WebSocket over a Unix socket: no port, and the file's permissions say who may connect.
#include <asio/io_context.hpp>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/server.hpp>
#include <autobahn/websocket/url.hpp>
#include <filesystem>
#include <iostream>

#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;

namespace {

class Server final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
};

class Client final : public examples::Client {
 public:
  using examples::Client::Client;

  void onOpen() override { sendMessage("no port needed"); }
  void onMessage(std::string_view payload, bool /*isBinary*/) override {
    std::cout << peer() << " says: " << payload << '\n';
    conclude(true);
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Server and client over a Unix socket, in one program.", "unix_socket"};
  std::string path = "example.sock";
  app.add_option("--unix", path, "path of the socket (default: example.sock)");
  return examples::run(app, argc, argv, [&] {
    const std::string url = createUnixUrl(std::filesystem::absolute(path).string(), false, "/echo");
    asio::io_context io(1);
    WebSocketServerFactory server(io, url);
    server.setProtocolAt<Server>("/echo");
    ListenOptions options;
    options.unixMode = 0600;  // ours alone
    server.listen(options);
    std::cout << "listening on " << url << '\n';
    WebSocketClientFactory client(io, url);
    examples::Outcome outcome;
    client.setProtocol<Client>(&outcome);
    client.connect();
    while (client.connectionCount() != 0) io.run_one();
    return outcome.exitCode();
  });
}
