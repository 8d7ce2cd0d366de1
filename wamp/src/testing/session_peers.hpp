// For tests of sessions: a router that does what the test says, and an event loop to run both on.
#pragma once

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/wamp/local_transport.hpp>
#include <autobahn/wamp/session.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace autobahn::wamp::testing {

/// The other end of a session's transport. Keeps what it gets; answers what it was told to.
class ScriptedRouter : public TransportHandler {
 public:
  void onOpen(std::shared_ptr<Transport> opened) override { transport = std::move(opened); }
  void onMessage(Message message) override {
    received.push_back(message);
    if (answer) answer(received.back());
  }
  void onBadMessage(const std::string& problem) override { ADD_FAILURE() << problem; }
  void onClose(bool, const std::string&) override {
    isClosed = true;
    transport = nullptr;
  }

  void send(const Message& message) { transport->send(message); }
  /// The last message received, which must be an M.
  template <class M>
  const M& last() const {
    return std::get<M>(received.back());
  }
  /// How many Ms were received.
  template <class M>
  std::size_t count() const {
    std::size_t found = 0;
    for (const auto& each : received) found += std::holds_alternative<M>(each) ? 1 : 0;
    return found;
  }

  std::shared_ptr<Transport> transport;
  std::deque<Message> received;
  std::function<void(const Message&)> answer;
  bool isClosed = false;
};

/// WELCOME of a router that can do everything.
inline message::Welcome makeWelcome(Id session = 1001) {
  message::Welcome welcome;
  welcome.session = session;
  for (const Role role : {Role::broker, Role::dealer}) {
    for (std::size_t i = 0; i < kFeatureCount; ++i) welcome.details.roles.add(role, static_cast<Feature>(i));
  }
  return welcome;
}

/// HELLO of a client that can do everything.
inline message::Hello makeHello() {
  message::Hello hello{.realm = Text("realm1")};
  for (const Role role : {Role::subscriber, Role::publisher, Role::caller, Role::callee}) {
    hello.details.roles.add(role);
    for (std::size_t i = 0; i < kFeatureCount; ++i) hello.details.roles.add(role, static_cast<Feature>(i));
  }
  return hello;
}

/// A session whose onJoin and callbacks are the test's.
class TestSession : public ApplicationSession {
 public:
  using Body = std::function<asio::awaitable<void>(TestSession&)>;

  explicit TestSession(Body onJoined = {}, ComponentConfig config = {"realm1"})
      : ApplicationSession(std::move(config)), body(std::move(onJoined)) {}

  asio::awaitable<void> onJoin(SessionDetails details) override {
    joined.push_back(details);
    if (body) co_await body(*this);
    isDone = true;
  }
  void onLeave(const CloseDetails& details) override {
    left.push_back(details);
    ApplicationSession::onLeave(details);
  }
  void onDisconnect() override { ++disconnects; }
  void onUserError(std::exception_ptr error, std::string_view where) override {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& thrown) {
      userErrors.push_back(std::string(where) + ": " + thrown.what());
    } catch (...) {
      userErrors.push_back(std::string(where) + ": ?");
    }
  }

  Body body;
  std::vector<SessionDetails> joined;
  std::vector<CloseDetails> left;
  std::vector<std::string> userErrors;
  int disconnects = 0;
  bool isDone = false;
};

/// A session and its scripted router, joined.
class ScriptedTest : public ::testing::Test {
 protected:
  /// Makes both, and joins the session when `joins`.
  std::shared_ptr<TestSession> start(TestSession::Body body = {}, bool joins = true) {
    session = std::make_shared<TestSession>(std::move(body));
    connectLocally({io.get_executor(), session}, {io.get_executor(), router});
    run();
    if (joins) {
      router->send(makeWelcome());
      run();
    }
    return session;
  }
  /// Runs all that can run without waiting.
  void run() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
  void routerSends(const Message& message) {
    router->send(message);
    run();
  }
  ~ScriptedTest() override {
    if (router->transport) router->transport->close();
    run();
  }

  asio::io_context io{1};
  std::shared_ptr<ScriptedRouter> router = std::make_shared<ScriptedRouter>();
  std::shared_ptr<TestSession> session;
};

}  // namespace autobahn::wamp::testing
