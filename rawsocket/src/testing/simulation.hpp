// Connections over a fake network and a fake clock: every time-out, loss and split without a socket or a
// sleep.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../client_session.hpp"
#include "../connection_set.hpp"
#include "loopback.hpp"
#include "util/src/net/testing/fake_dialer.hpp"
#include "util/src/net/testing/fake_loop.hpp"
#include "util/src/net/testing/fake_stream.hpp"

namespace autobahn::inline v0::rawsocket::testing {

using util::testing::FakeDialer;
using util::testing::FakeLoop;
using util::testing::FakeStream;

/// A server's host on the fake loop: every connection gets the script's protocol.
class FakeServer : public ConnectionSet, public std::enable_shared_from_this<FakeServer> {
 public:
  FakeServer(FakeLoop& loop, std::shared_ptr<Script> script) : loop_(loop), script_(std::move(script)) {}

  void serve(std::unique_ptr<FakeStream> stream) {
    control = stream->control;
    auto connection =
        std::make_shared<Connection>(loop_, std::move(stream), Engine(options), shared_from_this());
    add(connection);
    connection->start();
  }
  std::shared_ptr<RawSocketProtocol> protocolFor(const HandshakeRequest&) override {
    return std::make_shared<ScriptedServer>(script_);
  }

  std::shared_ptr<ServerOptions> options = std::make_shared<ServerOptions>();
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
      if (serverAnswers) return server->serve(std::move(stream));
      silent.push_back(std::move(stream));
    };
    serverScript->onMessage = [](RawSocketProtocol& protocol, std::string_view payload) {
      protocol.sendMessage(payload);
    };
  }
  ~Simulation() override {
    if (session) session->terminate("the test is over");
    server->terminateAll("the test is over");
    loop.settle();
  }

  std::shared_ptr<ClientSession> newSession() {
    finished = false;
    session =
        std::make_shared<ClientSession>(loop, clientOptions, std::make_shared<ScriptedClient>(clientScript),
                                        [this](ClientSession&) { finished = true; });
    return session;
  }
  void connect() { newSession()->dial(dialer, {.host = "localhost", .port = 80}, std::chrono::seconds(30)); }
  /// Until both ends are over and nothing waits any more.
  void runToTheEnd() {
    ASSERT_TRUE(loop.advanceUntil([&] { return finished && server->size() == 0 && loop.idle(); }));
    session.reset();
    loop.settle();
    EXPECT_EQ(serverScript->alive + clientScript->alive, 0);
    EXPECT_TRUE(server->control == nullptr || server->control->destroyed);
  }

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

}  // namespace autobahn::inline v0::rawsocket::testing
