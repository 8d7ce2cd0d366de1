// The other end of wrapping_server: a local TCP port; what connects there comes out at the service. So
// telnet, ssh or a database client reach through whatever lets WebSockets through.
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <autobahn/websocket/client.hpp>
#include <csignal>
#include <iostream>

#include "bridge.hpp"
#include "common/client.hpp"
#include "common/program.hpp"

using namespace autobahn::websocket;
using asio::ip::tcp;

namespace {

class Bridge final : public WebSocketClientProtocol {
 public:
  explicit Bridge(wrapping::Socket socket) : socket_(std::move(socket)) {}

  void onOpen() override {
    asio::co_spawn(executor(), wrapping::copyToWebSocket(shared_from_this(), socket_), asio::detached);
  }
  asio::awaitable<void> onMessageAsync(Message message) override {
    return wrapping::writeToSocket(std::move(message.payload), socket_);
  }
  void onClose(bool wasClean, std::uint16_t /*code*/, const std::string& reason) override {
    if (!wasClean) std::cerr << "lost: " << reason << '\n';
    wrapping::closeSocket(socket_);
  }

 private:
  wrapping::Socket socket_;
};

/// Every TCP connection gets a WebSocket connection of its own.
void accept(tcp::acceptor& acceptor, WebSocketClientFactory& factory, const ConnectOptions& options) {
  acceptor.async_accept([&](std::error_code error, tcp::socket socket) {
    if (error) return;
    factory.setProtocol<Bridge>(std::make_shared<tcp::socket>(std::move(socket)));
    factory.connect(options);
    accept(acceptor, factory, options);
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A local TCP port that leads through a WebSocket to a service.", "wrapping_client"};
  examples::ClientArguments arguments;
  arguments.addTo(app);
  std::uint16_t port = 2323;
  app.add_option("--port", port, "local TCP port; 0 for any free one (default: 2323)");
  return examples::run(app, argc, argv, [&] {
    asio::io_context io(1);
    WebSocketClientFactory factory(io, arguments.url, {}, {"binary"});
    const ConnectOptions options = arguments.connectOptions();
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
    accept(acceptor, factory, options);
    asio::signal_set end(io, SIGINT, SIGTERM);
    end.async_wait([&](std::error_code, int) { io.stop(); });
    std::cout << "listening on tcp://127.0.0.1:" << acceptor.local_endpoint().port() << std::endl;
    io.run();
    return 0;
  });
}
