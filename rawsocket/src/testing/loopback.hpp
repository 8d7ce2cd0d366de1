// A server and clients of ours over real sockets on 127.0.0.1, in one thread: the fixture of the I/O tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <autobahn/rawsocket/client.hpp>
#include <autobahn/rawsocket/server.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace autobahn::inline v0::rawsocket::testing {

/// What a protocol object of a test saw, and what it is to do.
struct Script {
  std::function<void(RawSocketProtocol&)> onOpen;
  std::function<void(RawSocketProtocol&, std::string_view)> onMessage;
  std::function<void(RawSocketProtocol&, std::string_view)> onPing;
  std::function<void(RawSocketProtocol&, std::string_view)> onPong;
  std::function<void(RawSocketProtocol&)> onDrain;
  std::function<void(RawSocketProtocol&)> onClose;

  int opened = 0;
  int closed = 0;
  int alive = 0;  ///< protocol objects that exist
  std::vector<std::string> messages;
  CloseInfo close;
};

/// A protocol object that does what its script says.
template <class Base>
class Scripted final : public Base {
 public:
  explicit Scripted(std::shared_ptr<Script> script) : script_(std::move(script)) { ++script_->alive; }
  ~Scripted() override { --script_->alive; }

  void onOpen() override {
    ++script_->opened;
    if (script_->onOpen) script_->onOpen(*this);
  }
  void onMessage(std::string_view payload) override {
    script_->messages.emplace_back(payload);
    if (script_->onMessage) script_->onMessage(*this, payload);
  }
  void onPing(std::string_view payload) override {
    if (script_->onPing) script_->onPing(*this, payload);
  }
  void onPong(std::string_view payload) override {
    if (script_->onPong) script_->onPong(*this, payload);
  }
  void onDrain() override {
    if (script_->onDrain) script_->onDrain(*this);
  }
  void onClose(bool wasClean, const std::string& reason) override {
    ++script_->closed;
    script_->close = {wasClean, reason};
    if (script_->onClose) script_->onClose(*this);
  }

 private:
  std::shared_ptr<Script> script_;
};
using ScriptedServer = Scripted<RawSocketServerProtocol>;
using ScriptedClient = Scripted<RawSocketClientProtocol>;

/// A peer that sends any bytes it is told to, connected to 127.0.0.1 from the start.
class RawPeer {
 public:
  RawPeer(asio::io_context& io, std::uint16_t port) : socket(io) {
    socket.connect({asio::ip::address_v4::loopback(), port});
  }

  /// Queues bytes; they leave while the loop runs.
  void send(std::string bytes) {
    auto owned = std::make_shared<std::string>(std::move(bytes));
    asio::async_write(socket, asio::buffer(*owned), [owned](std::error_code, std::size_t) {});
  }
  /// Collects what arrives into `received` until the server ends the connection.
  void read() {
    socket.async_read_some(asio::buffer(buffer_), [this](std::error_code error, std::size_t size) {
      received.append(buffer_.data(), size);
      if (!error) return read();
      ended = true;
      wasReset = error == asio::error::connection_reset;
    });
  }

  asio::ip::tcp::socket socket;
  std::string received;
  bool ended = false;
  bool wasReset = false;

 private:
  std::array<char, 16384> buffer_;
};

class Loopback : public ::testing::Test {
 protected:
  Loopback() {
    server.setProtocol<ScriptedServer>(serverScript);
    serverScript->onMessage = [](RawSocketProtocol& protocol, std::string_view payload) {
      protocol.sendMessage(payload);
    };
  }

  /// Listens and makes a client for the server's address.
  void listen(ListenOptions options = {}, ClientOptions clientOptions = {}) {
    makeClient(server.listen(std::move(options)).url, clientOptions);
  }
  void makeClient(const std::string& url, ClientOptions options = {}) {
    client = std::make_unique<RawSocketClientFactory>(io, url, options);
    client->setProtocol<ScriptedClient>(clientScript);
  }
  /// Runs the loop until `done`; fails the test when that takes unreasonably long.
  void runUntil(const std::function<bool()>& done) {
    asio::steady_timer guard(io, std::chrono::seconds(30));
    bool late = false;
    guard.async_wait([&](std::error_code error) { late = !error; });
    io.restart();
    while (!done() && !late) io.run_one();
    ASSERT_FALSE(late) << "nothing happened for too long";
    guard.cancel();
    io.poll();
  }
  void runUntilClosed() {
    runUntil([this] { return clientScript->closed != 0 && serverScript->closed != 0; });
    runUntil([this] { return server.connectionCount() == 0 && client->connectionCount() == 0; });
    EXPECT_EQ(clientScript->alive + serverScript->alive, 0);
  }
  /// Sends `bytes` to a fresh server connection and returns all that comes back until it ends.
  std::string exchange(const std::string& bytes) {
    if (server.port() == 0) server.listen();
    RawPeer peer(io, server.port());
    peer.read();
    peer.send(bytes);
    runUntil([&] { return peer.ended; });
    peer.socket.close();
    runUntil([&] { return server.connectionCount() == 0; });
    return peer.received;
  }

  std::shared_ptr<Script> serverScript = std::make_shared<Script>();
  std::shared_ptr<Script> clientScript = std::make_shared<Script>();
  asio::io_context io{1};
  RawSocketServerFactory server{io, "rs://127.0.0.1:0"};
  std::unique_ptr<RawSocketClientFactory> client;
};

}  // namespace autobahn::inline v0::rawsocket::testing
