// Any TCP service behind a WebSocket: every connection gets a TCP connection of its own to the service.
#include <asio/connect.hpp>
#include <autobahn/websocket/server.hpp>

#include "bridge.hpp"
#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn::websocket;
using asio::ip::tcp;

namespace {

class Bridge final : public WebSocketServerProtocol {
 public:
  Bridge(std::string host, std::string port) : host_(std::move(host)), port_(std::move(port)) {}

  // A coroutine: the handshake waits for the service, and is refused when that is not there.
  ConnectDecision onConnect(const ConnectionRequest& request) override {
    ConnectionAccept accept;
    if (!request.protocols.empty() && request.protocols.front() == "binary") accept.subprotocol = "binary";
    return connectToService(std::move(accept));
  }
  void onOpen() override {
    asio::co_spawn(executor(), wrapping::copyToWebSocket(shared_from_this(), socket_), asio::detached);
  }
  asio::awaitable<void> onMessageAsync(Message message) override {
    return wrapping::writeToSocket(std::move(message.payload), socket_);
  }
  void onClose(bool /*wasClean*/, std::uint16_t /*code*/, const std::string& /*reason*/) override {
    wrapping::closeSocket(socket_);
  }

 private:
  asio::awaitable<ConnectionAccept> connectToService(ConnectionAccept accept) {
    socket_ = std::make_shared<tcp::socket>(executor());
    tcp::resolver resolver(executor());
    std::error_code error;
    const auto found =
        co_await resolver.async_resolve(host_, port_, asio::redirect_error(asio::use_awaitable, error));
    if (!error)
      co_await asio::async_connect(*socket_, found, asio::redirect_error(asio::use_awaitable, error));
    if (error) throw ConnectionDeny(502, "the service is not there: " + error.message());
    co_return accept;
  }

  std::string host_;
  std::string port_;
  wrapping::Socket socket_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Makes a TCP service reachable by WebSocket.", "wrapping_server"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  std::string host = "127.0.0.1";
  std::string port;
  app.add_option("--to-host", host, "host of the service (default: 127.0.0.1)");
  app.add_option("--to-port", port, "port of the service")->required();
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    factory.setProtocol<Bridge>(host, port);
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
