// The smallest program of somebody else's project: an echo server and a client of it, with public headers
// only.
#include <asio/io_context.hpp>
#include <autobahn/util/version.hpp>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/server.hpp>
#include <iostream>

namespace ws = autobahn::websocket;

struct Echo : ws::WebSocketServerProtocol {
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
};

struct Greeter : ws::WebSocketClientProtocol {
  Greeter(std::string* answer, asio::io_context* io) : answer_(answer), io_(io) {}
  void onOpen() override { sendMessage("hello"); }
  void onMessage(std::string_view payload, bool) override {
    *answer_ = payload;
    sendClose();
  }
  void onClose(bool, std::uint16_t, const std::string&) override { io_->stop(); }

 private:
  std::string* answer_;
  asio::io_context* io_;
};

int main() {
  asio::io_context io;
  ws::WebSocketServerFactory server(io, "ws://127.0.0.1:0");
  server.setProtocol<Echo>();
  const std::string url = server.listen().url;
  std::string answer;
  ws::WebSocketClientFactory client(io, url);
  client.setProtocol<Greeter>(&answer, &io);
  client.connect();
  io.run();
  std::cout << "autobahn " << autobahn::util::version() << " answered " << answer << '\n';
  return answer == "hello" ? 0 : 1;
}
