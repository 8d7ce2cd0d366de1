// Sessions of the router's own process: who may go first, who may be slow.
#include <gmock/gmock.h>

#include <asio/steady_timer.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../testing/session_peers.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using testing::TestSession;

/// A handler that keeps what it hears, and does nothing by itself.
class Listener : public TransportHandler {
 public:
  void onOpen(std::shared_ptr<Transport> opened) override { transport = std::move(opened); }
  void onMessage(Message message) override {
    received.push_back(std::move(message));
    if (received.size() == throwsAt) throw std::runtime_error("the handler's own");
  }
  void onBadMessage(const std::string&) override {}
  void onClose(bool wasClean, const std::string& reason) override {
    closed.push_back((wasClean ? "clean: " : "") + reason);
    transport = nullptr;
  }
  void say(Message message) { transport->send(message); }

  std::shared_ptr<Transport> transport;
  std::vector<Message> received;
  std::vector<std::string> closed;
  std::size_t throwsAt = 0;
};

/// Runs what can run without waiting.
void poll(asio::io_context& io) {
  io.restart();
  while (io.poll() > 0) {
  }
}

template <class Condition>
void runUntil(asio::io_context& io, Condition isDone) {
  bool isLate = false;
  asio::steady_timer limit(io, std::chrono::seconds(10));
  limit.async_wait([&](std::error_code error) { isLate = !error; });
  io.restart();
  while (!isDone() && !isLate) io.run_one();
  EXPECT_FALSE(isLate) << "it did not come about";
}

message::Event event(std::string text) { return {.payload = Payload({std::move(text)})}; }

// ---- The pair by itself

class LocalPair : public ::testing::Test {
 protected:
  void connect(std::size_t maxWaitingMessages = 0, std::size_t maxWaitingOctets = 0) {
    connectLocally({first.get_executor(), one},
                   {second->get_executor(), other, maxWaitingMessages, maxWaitingOctets});
    poll(first);
    poll(*second);
  }

  asio::io_context first{1};
  std::optional<asio::io_context> second{std::in_place, 1};
  std::shared_ptr<Listener> one = std::make_shared<Listener>();
  std::shared_ptr<Listener> other = std::make_shared<Listener>();
};

TEST_F(LocalPair, CloseArrivesAfterWhatWasSent) {
  connect();
  one->say(event("last"));
  one->transport->close();
  EXPECT_THROW(one->say(event("too late")), TransportLost);
  poll(*second);
  poll(first);
  EXPECT_EQ(other->received.size(), 1U);
  EXPECT_THAT(one->closed, ElementsAre("clean: closed"));
  EXPECT_THAT(other->closed, ElementsAre("clean: the peer closed the transport"));
}

TEST_F(LocalPair, TheOtherLoopMayGo) {
  connect();
  one->say(event("on its way"));
  const std::weak_ptr<Listener> weak = std::exchange(other, nullptr);
  second.reset();
  EXPECT_TRUE(weak.expired());
  poll(first);
  EXPECT_THAT(one->closed, ElementsAre("the peer's event loop is gone"));
}

TEST_F(LocalPair, SendingToALoopThatIsGoneFails) {
  connect();
  second.reset();
  EXPECT_THROW(one->say(event("too late")), TransportLost);
  poll(first);
  EXPECT_THAT(one->closed, ElementsAre("the peer's event loop is gone"));
}

TEST_F(LocalPair, ALoopMayBeGoneBeforeTheStart) {
  connectLocally({first.get_executor(), one}, {second->get_executor(), other});
  second.reset();
  poll(first);
  EXPECT_THAT(one->closed, ElementsAre("the peer's event loop is gone"));
  EXPECT_THAT(other->closed, ElementsAre());
}

TEST_F(LocalPair, WhoIsTooSlowIsEnded) {
  connect(3);
  for (int i = 0; i < 3; ++i) one->say(event("x"));
  EXPECT_THROW(one->say(event("x")), TransportLost);
  poll(first);
  poll(*second);
  EXPECT_EQ(other->received.size(), 3U);
  EXPECT_THAT(one->closed, ElementsAre("the peer is too slow"));
  EXPECT_THAT(other->closed, ElementsAre("too slow: too much was waiting"));
}

TEST_F(LocalPair, OctetsThatWaitAreCountedToo) {
  connect(0, 100);
  const Payload payload = Payload::encoded(Encoding::json, "[\"" + std::string(46, 'x') + "\"]");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2; ++i) one->say(message::Event{.payload = payload});
    poll(*second);
  }
  EXPECT_EQ(other->received.size(), 6U);
  for (int i = 0; i < 2; ++i) one->say(message::Event{.payload = payload});
  EXPECT_THROW(one->say(message::Event{.payload = payload}), TransportLost);
}

TEST_F(LocalPair, AnExceptionOfTheHandlerCostsNothingElse) {
  connect();
  other->throwsAt = 2;
  for (int i = 0; i < 5; ++i) one->say(event(std::to_string(i)));
  one->transport->close();
  poll(*second);
  ASSERT_EQ(other->received.size(), 5U);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(std::get<message::Event>(other->received[static_cast<std::size_t>(i)]).payload,
              Payload({std::to_string(i)}));
  }
  EXPECT_EQ(other->closed.size(), 1U);
}

// ---- With a router

class LocalSessions : public ::testing::Test {
 protected:
  std::shared_ptr<TestSession> join(RouterServer& server, asio::io_context& loop) {
    auto session = std::make_shared<TestSession>();
    server.connectLocal(session, loop.get_executor());
    return session;
  }
  static void expectLost(TestSession& session) {
    ASSERT_EQ(session.left.size(), 1U);
    EXPECT_EQ(session.left[0].reason, close::kTransportLost);
    EXPECT_EQ(session.disconnects, 1);
    EXPECT_THROW(session.publish("com.topic"), Error);
  }

  asio::io_context io{1};
};

TEST_F(LocalSessions, TheServerMayGoFirst) {
  std::optional<RouterServer> server(std::in_place, io);
  server->router().addRealm({.name = "realm1"});
  const auto session = join(*server, io);
  const auto late = std::make_shared<TestSession>();
  runUntil(io, [&] { return session->isDone; });
  server->connectLocal(late);
  server.reset();
  poll(io);
  expectLost(*session);
  EXPECT_EQ(late->disconnects, 1);
}

TEST_F(LocalSessions, TheServerMayGoFirstWithItsLoop) {
  std::optional<RouterServer> server(std::in_place);
  server->router().addRealm({.name = "realm1"});
  std::thread routing([&] { server->run(); });
  const auto session = join(*server, io);
  runUntil(io, [&] { return session->isDone; });
  server->stop();
  routing.join();
  session->publish("com.topic");  // nobody reads it
  const auto late = join(*server, io);
  server.reset();
  poll(io);
  expectLost(*session);
  EXPECT_EQ(late->disconnects, 1);
}

TEST_F(LocalSessions, TheirLoopMayGoFirst) {
  RouterServer server(io);
  server.router().addRealm({.name = "realm1"});
  std::optional<asio::io_context> loop(std::in_place, 1);
  auto session = join(server, *loop);
  while (!session->isDone) {
    poll(*loop);
    poll(io);
  }
  EXPECT_EQ(server.router().sessionCount("realm1"), 1U);
  session = nullptr;
  loop.reset();
  poll(io);
  EXPECT_EQ(server.router().sessionCount("realm1"), 0U);
  EXPECT_EQ(server.connectionCount(), 0U);
}

TEST_F(LocalSessions, DrainWaitsForThem) {
  RouterServer server(io);
  server.router().addRealm({.name = "realm1"});
  const auto session = join(server, io);
  runUntil(io, [&] { return session->isDone; });
  bool isDrained = false;
  server.drain(std::chrono::hours(1), [&] {
    isDrained = true;
    EXPECT_EQ(session->left.size(), 1U);
    EXPECT_EQ(server.connectionCount(), 0U);
  });
  runUntil(io, [&] { return isDrained && session->disconnects == 1; });
  EXPECT_EQ(session->left.at(0).reason, close::kSystemShutdown);
  io.restart();
  io.run();  // nothing keeps the loop
}

TEST_F(LocalSessions, DrainDropsThoseThatDoNotAnswer) {
  RouterServer server(io, {.goodbyeTimeout = std::chrono::hours(1)});
  server.router().addRealm({.name = "realm1"});
  const auto mute = std::make_shared<Listener>();
  server.connectLocal(mute);
  runUntil(io, [&] { return mute->transport != nullptr; });
  mute->say(
      message::Hello{.realm = Text("realm1"), .details = {.roles = testing::makeWelcome().details.roles}});
  runUntil(io, [&] { return mute->received.size() == 1; });
  int drained = 0;
  server.drain(std::chrono::milliseconds(1), [&] { ++drained; });
  server.drain(std::chrono::milliseconds(1), [&] { ++drained; });
  runUntil(io, [&] { return drained == 2 && !mute->closed.empty(); });
  EXPECT_TRUE(std::holds_alternative<message::Goodbye>(mute->received.at(1)));
}

TEST_F(LocalSessions, ManyComeAndGo) {
  RouterServer server(io);
  server.router().addRealm({.name = "realm1"});
  for (int i = 0; i < 200; ++i) {
    const auto session = join(server, io);
    runUntil(io, [&] { return session->isDone; });
    session->disconnect();
    runUntil(io, [&] { return session->disconnects == 1 && server.connectionCount() == 0; });
  }
}

// ---- Time

/// Allows everything, some time later.
class LateAuthorizer : public Authorizer {
 public:
  LateAuthorizer(asio::io_context& io, std::chrono::milliseconds delay) : timer_(io), delay_(delay) {}
  std::optional<Permission> decide(const AuthorizationRequest& request) override {
    return request.action == Action::call ? std::nullopt : std::optional(Permission::allowed());
  }
  void decideLater(const AuthorizationRequest&, Answer answer) override {
    timer_.expires_after(delay_);
    timer_.async_wait([answer = std::move(answer)](std::error_code) { answer(Permission::allowed()); });
  }

 private:
  asio::steady_timer timer_;
  std::chrono::milliseconds delay_;
};

TEST_F(LocalSessions, TimeLimitsOfCallsBeginWithALatePermission) {
  RouterServer server(io);
  server.router().addRealm(
      {.name = "realm1", .authorizer = std::make_shared<LateAuthorizer>(io, std::chrono::milliseconds(20))});
  const auto callee = std::make_shared<Listener>();
  server.connectLocal(callee);
  runUntil(io, [&] { return callee->transport != nullptr; });
  callee->say(
      message::Hello{.realm = Text("realm1"), .details = {.roles = testing::makeWelcome().details.roles}});
  callee->say(message::Register{.request = 1, .procedure = Text("com.never")});
  // The one that asks is the only one whose input wakes the router.
  callee->say(message::Call{
      .request = 2, .options = {.timeout = std::chrono::milliseconds(10)}, .procedure = Text("com.never")});
  runUntil(io, [&] {
    return !callee->received.empty() && std::holds_alternative<message::Error>(callee->received.back());
  });
  ASSERT_GE(callee->received.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<message::Invocation>(callee->received.at(2)));
  EXPECT_EQ(std::get<message::Error>(callee->received.back()).error, error::kTimeout);
}

TEST_F(LocalSessions, WhoDoesNotJoinInTimeIsSentAway) {
  RouterServer server(io, {.joinTimeout = std::chrono::milliseconds(5)});
  const auto mute = std::make_shared<Listener>();
  server.connectLocal(mute);
  runUntil(io, [&] { return !mute->closed.empty(); });
  ASSERT_EQ(mute->received.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<message::Abort>(mute->received[0]));
}

}  // namespace
}  // namespace autobahn::wamp
