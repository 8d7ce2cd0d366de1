// Connections over a fake network and a fake clock: every time-out, loss and split without a socket or a
// sleep.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../backoff.hpp"
#include "../client_session.hpp"
#include "../connection_set.hpp"
#include "../handshake.hpp"
#include "loopback.hpp"
#include "util/src/net/testing/fake_dialer.hpp"
#include "util/src/net/testing/fake_loop.hpp"
#include "util/src/net/testing/fake_stream.hpp"

namespace autobahn::inline v0::websocket::testing {

using util::testing::FakeDialer;
using util::testing::FakeLink;
using util::testing::FakeLoop;
using util::testing::FakeStream;

/// A server's host on the fake loop: every connection gets the script's protocol.
class FakeServer : public ConnectionSet, public std::enable_shared_from_this<FakeServer> {
 public:
  FakeServer(FakeLoop& loop, std::shared_ptr<Script> script) : loop_(loop), script_(std::move(script)) {}

  void serve(std::unique_ptr<FakeStream> stream) {
    control = stream->control;
    auto connection =
        std::make_shared<Connection>(loop_, std::move(stream), Engine(options, identity), shared_from_this());
    add(connection);
    connection->start();
  }
  std::shared_ptr<WebSocketProtocol> protocolFor(const ConnectionRequest&) override {
    return std::make_shared<ScriptedServer>(script_);
  }
  ConnectDecision decide(WebSocketProtocol& protocol, const ConnectionRequest& request) override {
    if (script_->onConnect)
      return script_->onConnect(static_cast<WebSocketServerProtocol&>(protocol), request);
    return ConnectionAccept{};
  }

  std::shared_ptr<ServerOptions> options = std::make_shared<ServerOptions>();
  std::shared_ptr<ServerIdentity> identity = std::make_shared<ServerIdentity>();
  std::shared_ptr<FakeStream::Control> control;  ///< of the last stream

 private:
  FakeLoop& loop_;
  std::shared_ptr<Script> script_;
};

/// A server and a client session with a network between them.
class Simulation : public ::testing::Test {
 protected:
  Simulation() {
    dialer.plan = [this](std::size_t) { return outcome; };
    dialer.onConnected = [this](std::unique_ptr<FakeStream> stream) {
      if (serverAnswers) {
        server->serve(std::move(stream));
      } else {
        silent.push_back(std::move(stream));
      }
    };
    serverScript->onMessage = [](WebSocketProtocol& protocol, std::string_view payload, bool isBinary) {
      protocol.sendMessage(payload, isBinary);
    };
  }
  ~Simulation() override {
    if (session) session->terminate("the test is over");
    server->terminateAll("the test is over");
    loop.settle();
  }

  void connect(std::optional<ReconnectOptions> reconnect = {}) {
    ClientPlan plan;
    plan.options = clientOptions;
    plan.request.host = "localhost";
    plan.request.port = 80;
    plan.timeout = std::chrono::seconds(30);
    plan.build = [this] { return std::make_shared<ScriptedClient>(clientScript); };
    session = std::make_shared<ClientSession>(loop, dialer, std::move(plan), std::move(reconnect),
                                              [this](ClientSession&) { finished = true; });
    session->start();
  }
  bool opened() const { return clientScript->opened == 1 && serverScript->opened == 1; }

  FakeLoop loop;
  std::shared_ptr<Script> serverScript = std::make_shared<Script>();
  std::shared_ptr<Script> clientScript = std::make_shared<Script>();
  std::shared_ptr<FakeServer> server = std::make_shared<FakeServer>(loop, serverScript);
  std::shared_ptr<ClientOptions> clientOptions = std::make_shared<ClientOptions>();
  FakeDialer dialer{loop};
  FakeDialer::Outcome outcome;
  bool serverAnswers = true;
  std::vector<std::unique_ptr<FakeStream>> silent;  ///< connections nobody answers
  std::shared_ptr<ClientSession> session;
  bool finished = false;
};

}  // namespace autobahn::inline v0::websocket::testing
