// A server and clients of ours over real sockets on 127.0.0.1, in one thread: the fixture of the I/O tests.
#pragma once

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/server.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "raw_client.hpp"

namespace autobahn::inline v0::websocket::testing {

/// What a protocol object of a test saw, and what it is to do.
struct Script {
  std::function<ConnectDecision(WebSocketServerProtocol&, const ConnectionRequest&)> onConnect;
  std::function<void(WebSocketProtocol&)> onOpen;
  std::function<void(WebSocketProtocol&, std::string_view, bool)> onMessage;
  std::function<void(WebSocketProtocol&)> onDrain;
  std::function<void(WebSocketProtocol&, const CloseInfo&)> onClose;
  std::function<void(ClientRequest&)> onConnecting;
  std::function<void(const ConnectionResponse&)> onResponse;

  int opened = 0;
  int closed = 0;
  int alive = 0;  ///< protocol objects that exist
  std::vector<std::string> messages;
  CloseInfo close;
};

/// A protocol object that does what its script says.
template <class Base>
class Scripted : public Base {
 public:
  explicit Scripted(std::shared_ptr<Script> script) : script_(std::move(script)) { ++script_->alive; }
  ~Scripted() override { --script_->alive; }

  void onOpen() override {
    ++script_->opened;
    if (script_->onOpen) script_->onOpen(*this);
  }
  void onMessage(std::string_view payload, bool isBinary) override {
    script_->messages.emplace_back(payload);
    if (script_->onMessage) script_->onMessage(*this, payload, isBinary);
  }
  void onDrain() override {
    if (script_->onDrain) script_->onDrain(*this);
  }
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override {
    ++script_->closed;
    script_->close = {wasClean, code, reason};
    if (script_->onClose) script_->onClose(*this, script_->close);
  }

 protected:
  std::shared_ptr<Script> script_;
};

class ScriptedServer : public Scripted<WebSocketServerProtocol> {
 public:
  using Scripted::Scripted;
  ConnectDecision onConnect(const ConnectionRequest& request) override {
    return script_->onConnect ? script_->onConnect(*this, request)
                              : WebSocketServerProtocol::onConnect(request);
  }
};

class ScriptedClient : public Scripted<WebSocketClientProtocol> {
 public:
  using Scripted::Scripted;
  void onConnecting(ClientRequest& request, const TransportDetails&) override {
    if (script_->onConnecting) script_->onConnecting(request);
  }
  void onConnect(const ConnectionResponse& response) override {
    if (script_->onResponse) script_->onResponse(response);
  }
};

class Loopback : public ::testing::Test {
 protected:
  Loopback() {
    server.setProtocol<ScriptedServer>(serverScript);
    serverScript->onMessage = [](WebSocketProtocol& protocol, std::string_view payload, bool isBinary) {
      protocol.sendMessage(payload, isBinary);
    };
  }

  /// Listens and makes a client for the server's port.
  void listen(ListenOptions options = {}) {
    server.listen(options);
    makeClient((server.isSecure() ? "wss://localhost:" : "ws://127.0.0.1:") + std::to_string(server.port()));
  }
  void makeClient(const std::string& url) {
    client = std::make_unique<WebSocketClientFactory>(io, url);
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
  }

  /// Sends `bytes` to a fresh server connection and returns all that comes back until it ends.
  std::string exchange(const std::string& bytes) {
    if (server.port() == 0) server.listen();
    RawClient raw(io, server.port());
    raw.read();
    raw.send(bytes);
    runUntil([&] { return raw.ended; });
    raw.socket().close();
    runUntil([&] { return server.connectionCount() == 0; });
    return raw.received;
  }

  std::shared_ptr<Script> serverScript = std::make_shared<Script>();
  std::shared_ptr<Script> clientScript = std::make_shared<Script>();
  asio::io_context io{1};
  WebSocketServerFactory server{io, "ws://127.0.0.1:0"};
  std::unique_ptr<WebSocketClientFactory> client;
};

}  // namespace autobahn::inline v0::websocket::testing
