// ApplicationRunner and Component against a router that comes and goes.
#include <autobahn/wamp/runner.hpp>

#include <gmock/gmock.h>

#include <asio/steady_timer.hpp>
#include <autobahn/wamp/component.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <csignal>
#include <thread>

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

class Joining : public ApplicationSession {
 public:
  Joining(ComponentConfig config, std::function<asio::awaitable<void>(ApplicationSession&)> body)
      : ApplicationSession(std::move(config)), body_(std::move(body)) {}
  asio::awaitable<void> onJoin(SessionDetails) override { co_await body_(*this); }

 private:
  std::function<asio::awaitable<void>(ApplicationSession&)> body_;
};

/// A router on a thread of its own.
class RouterThread {
 public:
  explicit RouterThread(bool resumesSessions = false) {
    RealmOptions realm{.name = "realm1"};
    realm.experimental.sessionResumption = resumesSessions;
    server_.router().addRealm(std::move(realm));
    RouterListenOptions options;
    options.longPollPath = "/lp";
    const RouterListener web = server_.listen("ws://127.0.0.1:0", options);
    url = web.url;
    pollUrl = "http://127.0.0.1:" + std::to_string(web.port) + "/lp";
    rawUrl = server_.listen("rs://127.0.0.1:0").url;
    thread_ = std::thread([this] {
      const auto work = asio::make_work_guard(server_.context());
      server_.context().run();
    });
  }
  ~RouterThread() {
    server_.stop();
    thread_.join();
  }

  std::string url;
  std::string rawUrl;
  std::string pollUrl;

 private:
  RouterServer server_;
  std::thread thread_;
};

websocket::ReconnectOptions quick(int most = 50) {
  websocket::ReconnectOptions options;
  options.maxRetries = most;
  options.initialRetryDelay = 1ms;
  options.maxRetryDelay = 2ms;
  return options;
}

TransportConfig quickly(std::string url, int most = 50) {
  TransportConfig transport(std::move(url));
  transport.retry = quick(most);
  return transport;
}

// Nobody listens on it any more.
std::string deadUrl() {
  asio::io_context io;
  RouterServer server(io);
  return server.listen("ws://127.0.0.1:0").url;
}

TEST(ApplicationRunner, RunsASessionUntilItLeaves) {
  RouterThread router;
  for (const std::string& url : {router.url, router.rawUrl, router.pollUrl}) {
    ApplicationRunner runner(url, "realm1", {.extra = 5});
    int sum = 0;
    const int code = runner.run<Joining>([&](ApplicationSession& self) -> asio::awaitable<void> {
      co_await self.registerProcedure("com.add", [](int x, int y) { return x + y; });
      const int x = convert<int>(self.config().extra);
      sum = co_await self.call<int>("com.add", x, 3);
      self.leave();
    });
    EXPECT_EQ(code, 0);
    EXPECT_EQ(sum, 8);
  }
}

TEST(ApplicationRunner, ExitCodesTellFailures) {
  util::setLogLevel(util::Level::critical);
  RouterThread router;
  const auto idle = [](ApplicationSession&) -> asio::awaitable<void> { co_return; };
  EXPECT_EQ(ApplicationRunner(deadUrl(), "realm1").run<Joining>(idle), 1);
  EXPECT_EQ(ApplicationRunner(router.url, "no.such.realm").run<Joining>(idle), 1);
  EXPECT_EQ(ApplicationRunner("http://127.0.0.1", "realm1").run<Joining>(idle), 1);
  RunnerOptions again{.autoReconnect = true, .retry = quick(2)};
  EXPECT_EQ(ApplicationRunner(deadUrl(), "realm1", again).run<Joining>(idle), 1);
  util::setLogLevel(util::Level::info);
}

TEST(ApplicationRunner, SignalsAndStopEndItInOrder) {
  RouterThread router;
  for (const bool bySignal : {true, false}) {
    ApplicationRunner runner(router.url, "realm1");
    std::thread stopper;
    const int code = runner.run<Joining>([&](ApplicationSession&) -> asio::awaitable<void> {
      if (bySignal) {
        ::raise(SIGINT);
      } else {
        stopper = std::thread([&] { runner.stop(); });
      }
      co_return;
    });
    if (stopper.joinable()) stopper.join();
    EXPECT_EQ(code, 0);
  }
}

/// Loses its transport twice, and goes on.
class GoingOn : public ApplicationSession {
 public:
  GoingOn(ComponentConfig config, std::vector<std::string>& log)
      : ApplicationSession(std::move(config)), log_(log) {}
  void onConnect() override { join(config().realm, {.resumable = true}); }
  asio::awaitable<void> onJoin(SessionDetails details) override {
    log_.push_back(details.resumed ? "resumed" : "new");
    if (!details.resumed) {
      co_await subscribe("com.t", [this](const std::string& text) { handle(text); });
      id_ = details.session;
    }
    EXPECT_EQ(details.session, id_);
    const PublishOptions toMeToo{.excludeMe = false};
    publish("com.t", "event" + std::to_string(++joins_), toMeToo);
  }
  void onLeave(const CloseDetails& details) override {
    log_.push_back(details.reason);
    ApplicationSession::onLeave(details);
  }

 private:
  void handle(const std::string& text) {
    log_.push_back(text);
    if (joins_ < 3) {
      transport()->abort();
    } else {
      leave();
    }
  }

  std::vector<std::string>& log_;
  Id id_ = 0;
  int joins_ = 0;
};

TEST(ApplicationRunner, GoesOnWithASessionThatMayDoSo) {
  RouterThread router(true);
  for (const std::string& url : {router.url, router.rawUrl}) {
    std::vector<std::string> log;
    RunnerOptions again{.autoReconnect = true, .retry = quick(5)};
    EXPECT_EQ(ApplicationRunner(url, "realm1", again).run<GoingOn>(std::ref(log)), 0);
    EXPECT_THAT(log, ElementsAre("new", "event1", "resumed", "event2", "resumed", "event3",
                                 "wamp.close.goodbye_and_out"))
        << url;
  }
}

class ComponentTest : public ::testing::Test {
 protected:
  /// Runs the loop until the component has ended.
  int finish(Component& component) {
    std::optional<int> code;
    io.restart();
    component.start(io, [&](int result) { code = result; });
    asio::steady_timer limit(io, 10s);
    bool isLate = false;
    limit.async_wait([&](std::error_code error) { isLate = !error; });
    while (!code && !isLate) io.run_one();
    EXPECT_FALSE(isLate);
    limit.cancel();
    io.poll();
    return code.value_or(-1);
  }

  asio::io_context io{1};
  std::vector<std::string> log;
};

TEST_F(ComponentTest, FallsOverToTheNextTransport) {
  RouterThread router;
  Component component({.transports = {quickly(deadUrl()), quickly(router.rawUrl)}, .realm = "realm1"});
  component.onConnectFailure([&](const ConnectionLoss& loss) {
    log.push_back(loss.reason + (loss.willRetry ? " retries" : ""));
    EXPECT_EQ(loss.retryDelay, 0ms);
  });
  component.registerProcedure("com.add", [](int x, int y) { return x + y; });
  component.onReady([&](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
    const int sum = co_await session.call<int>("com.add", 2, 3);
    log.push_back(component.transportInfo().type + " " + std::to_string(sum));
    component.close();
  });
  EXPECT_EQ(finish(component), 0);
  EXPECT_THAT(log, ElementsAre("unreachable retries", "rawsocket 5"));
}

TEST_F(ComponentTest, RegistersAndSubscribesAgainAfterALoss) {
  RouterThread router;
  Component component({.transports = {quickly(router.url)}, .realm = "realm1"});
  component.registerProcedure("com.f", [] { return 1; });
  component.subscribe("com.t", [&](std::string text) { log.push_back("event " + text); });
  int joined = 0;
  component.onReady([&](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
    ++joined;
    EXPECT_EQ(session.registrations().size(), 1u);
    EXPECT_EQ(session.subscriptions().size(), 1u);
    const PublishOptions toMeToo{.excludeMe = false};
    co_await session.publishAcknowledged("com.t", joined, toMeToo);
    if (joined < 3) {
      session.transport()->abort();
    } else {
      component.close("com.myapp.enough");
    }
  });
  component.onClose([&](const ConnectionLoss& loss) {
    log.push_back(loss.reason);
    return false;
  });
  component.onUserError([](auto, auto) {});  // the events are integers
  EXPECT_EQ(finish(component), 0);
  EXPECT_EQ(joined, 3);
  EXPECT_THAT(log, ElementsAre("lost", "lost", "closed"));
}

TEST_F(ComponentTest, CloseEndsAWaitForTheNextAttempt) {
  TransportConfig slow(deadUrl());
  slow.retry.initialRetryDelay = 1h;
  slow.retry.maxRetryDelay = 1h;
  Component component({.transports = {slow}, .realm = "realm1"});
  component.onClose([&](const ConnectionLoss& loss) {
    log.push_back(loss.reason + (loss.willRetry ? " retries" : ""));
    component.close();
    return false;
  });
  EXPECT_EQ(finish(component), 0);
  EXPECT_THAT(log, ElementsAre("unreachable retries", "closed"));
  EXPECT_FALSE(component.isRetrying());
}

TEST_F(ComponentTest, TheCloseHandlerEndsTheRetries) {
  Component component({.transports = {quickly(deadUrl())}, .realm = "realm1"});
  component.onClose([&](const ConnectionLoss& loss) {
    log.push_back(loss.reason + std::to_string(loss.retryCount));
    return log.size() == 2;
  });
  EXPECT_EQ(finish(component), 1);
  EXPECT_THAT(log, ElementsAre("unreachable1", "unreachable2"));
}

TEST_F(ComponentTest, ARefusalIsFinalAndSoIsWhatCannotWork) {
  RouterThread router;
  Component refused({.transports = {quickly(router.url)}, .realm = "no.such.realm"});
  refused.onClose([&](const ConnectionLoss& loss) {
    log.push_back(loss.reason + " " + loss.closeReason);
    return false;
  });
  EXPECT_EQ(finish(refused), 1);
  Component impossible({.transports = {quickly("ftp://127.0.0.1")}, .realm = "realm1"});
  impossible.onInternalError([&](const std::string&) { log.push_back("internal"); });
  impossible.onClose([&](const ConnectionLoss& loss) {
    log.push_back(loss.reason);
    return false;
  });
  util::setLogLevel(util::Level::critical);
  EXPECT_EQ(finish(impossible), 1);
  util::setLogLevel(util::Level::info);
  EXPECT_THAT(log, ElementsAre("closed wamp.error.no_such_realm", "internal", "unsupported"));
}

/// Destroys a component from inside the callback of its name.
class Vanishing {
 public:
  Vanishing(asio::io_context& io, const std::string& url, std::string where)
      : io_(io), where_(std::move(where)) {
    const bool isUnreachable = where_ == "onConnectFailure" || where_ == "onClose of an attempt";
    component_.emplace(
        ComponentOptions{.transports = {quickly(isUnreachable ? deadUrl() : url)}, .realm = "realm1"});
    component_->onConnect([this](auto&) { at("onConnect"); });
    component_->onJoin([this](auto&, auto) -> asio::awaitable<void> {
      at("onJoin");
      co_return;
    });
    component_->onLeave([this](auto&, auto&) { at("onLeave"); });
    component_->onDisconnect([this](auto&) { at("onDisconnect"); });
    component_->onConnectFailure([this](auto&) { at("onConnectFailure"); });
    component_->onClose([this](auto&) {
      if (!at("onClose of an attempt")) at("onClose");
      return true;
    });
    component_->onUserError([this](auto, auto) { at("onUserError"); });
    component_->registerProcedure("com.vanish", [this] { at("a procedure"); });
    component_->subscribe("com.vanish", [this] { at("an event handler"); });
    component_->onReady([this](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
      const auto alive = session.shared_from_this();
      if (at("onReady")) co_return;
      const PublishOptions toMeToo{.excludeMe = false};
      session.publish("com.vanish", toMeToo);
      co_await session.call("com.vanish");
      if (at("onReady, later")) co_return;
      if (where_ == "onUserError") throw std::runtime_error("for onUserError");
      session.leave();
    });
    component_->start(io_, [this](int) { hasEnded_ = true; });
  }
  /// Runs until nothing is left.
  void run() { io_.run(); }
  bool hasVanished() const { return !component_; }
  const std::vector<std::string>& after() const { return after_; }

 private:
  bool at(const std::string& callback) {
    if (!component_) after_.push_back(callback);
    if (callback != where_ || !component_) return false;
    component_.reset();
    return true;
  }

  asio::io_context& io_;
  std::string where_;
  std::optional<Component> component_;
  std::vector<std::string> after_;
  bool hasEnded_ = false;
};

TEST_F(ComponentTest, MayBeDestroyedInEachOfItsCallbacks) {
  for (const char* where :
       {"onConnect", "onJoin", "onReady", "onReady, later", "onLeave", "onDisconnect", "onConnectFailure",
        "onClose of an attempt", "onClose", "onUserError", "a procedure", "an event handler"}) {
    for (std::string RouterThread::*way :
         {&RouterThread::url, &RouterThread::rawUrl, &RouterThread::pollUrl}) {
      // A router of its own: one does not notice at once when a long-poll client is gone.
      const RouterThread router;
      const std::string& url = router.*way;
      SCOPED_TRACE(url + " " + where);
      asio::io_context own(1);
      Vanishing vanishing(own, url, where);
      vanishing.run();
      EXPECT_TRUE(vanishing.hasVanished());
      EXPECT_THAT(vanishing.after(), ElementsAre());
    }
  }
}

TEST_F(ComponentTest, ASessionThatCannotBeMadeIsTheEnd) {
  int made = 0;
  ApplicationRunner runner(deadUrl(), "realm1");
  util::setLogLevel(util::Level::critical);
  EXPECT_EQ(runner.run([&](const ComponentConfig&) -> std::shared_ptr<ApplicationSession> {
    ++made;
    throw 5;
  }),
            1);
  util::setLogLevel(util::Level::info);
  EXPECT_EQ(made, 1);
}

TEST(RunComponents, RunsSeveralUntilAllHaveEnded) {
  RouterThread router;
  Component callee({.transports = {router.url}, .realm = "realm1"});
  Component caller({.transports = {router.rawUrl}, .realm = "realm1"});
  callee.registerProcedure("com.add", [](int x, int y) { return x + y; });
  int sum = 0;
  // The caller may be first.
  caller.onReady([&](ApplicationSession& session, SessionDetails) -> asio::awaitable<void> {
    asio::steady_timer timer(session.executor());
    while (sum == 0) {
      bool isMissing = false;
      try {
        sum = co_await session.call<int>("com.add", 2, 3);
      } catch (const ApplicationError&) {
        isMissing = true;
      }
      timer.expires_after(1ms);
      if (isMissing) co_await timer.async_wait(asio::use_awaitable);
    }
    caller.close();
    callee.close();
  });
  EXPECT_EQ(run({callee, caller}), 0);
  EXPECT_EQ(sum, 5);
}

}  // namespace
}  // namespace autobahn::wamp
