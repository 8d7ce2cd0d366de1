// ApplicationSession against a router that does what the test says.
#include <autobahn/wamp/session.hpp>

#include <gmock/gmock.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/use_future.hpp>
#include <future>

#include "../testing/session_peers.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::makeWelcome;
using testing::ScriptedTest;
using testing::TestSession;

message::Result resultOf(Id request, List args, bool isProgress = false) {
  message::Result result;
  result.request = request;
  result.payload = Payload(std::move(args));
  if (isProgress) result.details.progress = true;
  return result;
}

message::Error errorOf(int requestType, Id request, std::string_view uri, List args = {}) {
  message::Error error;
  error.requestType = requestType;
  error.request = request;
  error.error = uri;
  error.payload = Payload(std::move(args));
  return error;
}

message::Invocation invocationOf(Id request, Id registration, List args = {}) {
  message::Invocation invocation;
  invocation.request = request;
  invocation.registration = registration;
  invocation.payload = Payload(std::move(args));
  return invocation;
}

class SessionTest : public ScriptedTest {
 protected:
  /// Answers the REGISTER that was just sent.
  void confirmRegistration(Id registration = 7) {
    message::Registered registered;
    registered.request = router->last<message::Register>().request;
    registered.registration = registration;
    routerSends(registered);
  }
  void confirmSubscription(Id subscription = 5) {
    message::Subscribed subscribed;
    subscribed.request = router->last<message::Subscribe>().request;
    subscribed.subscription = subscription;
    routerSends(subscribed);
  }
};

TEST_F(SessionTest, JoinsLeavesAndDisconnects) {
  start({}, false);
  const auto& hello = router->last<message::Hello>();
  EXPECT_EQ(*hello.realm, "realm1");
  EXPECT_TRUE(hello.details.roles.has(Role::callee, Feature::callCanceling));
  EXPECT_FALSE(session->isAttached());
  routerSends(makeWelcome());
  ASSERT_EQ(session->joined.size(), 1u);
  EXPECT_EQ(session->joined[0].session, 1001u);
  EXPECT_EQ(session->joined[0].realm, "realm1");
  EXPECT_EQ(session->joined[0].transport.type, "local");
  EXPECT_TRUE(session->isAttached());
  EXPECT_TRUE(session->features().has(Role::caller, Feature::callTimeout));

  session->leave();
  run();
  EXPECT_EQ(router->last<message::Goodbye>().reason, close::kNormal);
  message::Goodbye goodbye;
  goodbye.reason = close::kGoodbyeAndOut;
  routerSends(goodbye);
  ASSERT_EQ(session->left.size(), 1u);
  EXPECT_EQ(session->left[0].reason, close::kGoodbyeAndOut);
  EXPECT_TRUE(router->isClosed);
  EXPECT_EQ(session->disconnects, 1);
  EXPECT_FALSE(session->isConnected());
}

TEST_F(SessionTest, CallsWithNativeTypes) {
  int sum = 0;
  std::string failure;
  start([&](TestSession& self) -> asio::awaitable<void> {
    sum = co_await self.call<int>("com.myapp.add2", 2, 3);
    try {
      co_await self.call<int>("com.myapp.add2", 2, "x");
    } catch (const ApplicationError& error) {
      failure = error.errorMessage();
    }
  });
  const auto& call = router->last<message::Call>();
  EXPECT_EQ(call.request, 1u);
  EXPECT_EQ(call.procedure, "com.myapp.add2");
  EXPECT_EQ(call.payload.args(), (List{2, 3}));
  routerSends(resultOf(1, {5}));
  EXPECT_EQ(sum, 5);
  EXPECT_EQ(router->last<message::Call>().request, 2u);
  routerSends(errorOf(message::Call::kCode, 2, "com.myapp.error", {"no", 1}));
  EXPECT_EQ(failure, "com.myapp.error: no 1");
  EXPECT_TRUE(session->isDone);
}

TEST_F(SessionTest, CallsWithCallbackAndFuture) {
  start();
  std::string error;
  int result = 0;
  session->call<int>("com.myapp.a", CallArgs{}, CallOptions{}, [&](std::exception_ptr failed, int value) {
    EXPECT_FALSE(failed);
    result = value;
  });
  auto future = session->call<std::string>("com.myapp.b", CallArgs{{1}, {{"k", 2}}}, {}, asio::use_future);
  run();
  EXPECT_EQ(router->last<message::Call>().payload.kwargs(), (Dict{{"k", 2}}));
  routerSends(resultOf(2, {"two"}));
  routerSends(resultOf(1, {1}));
  EXPECT_EQ(result, 1);
  EXPECT_EQ(future.get(), "two");
}

TEST_F(SessionTest, AResultOfAnotherTypeNamesIt) {
  start();
  auto future = session->call<int>("com.myapp.a", CallArgs{}, {}, asio::use_future);
  run();
  routerSends(resultOf(1, {"five"}));
  try {
    future.get();
    FAIL();
  } catch (const ConversionError& error) {
    EXPECT_THAT(error.what(), HasSubstr("result 1: an integer"));
  }
}

TEST_F(SessionTest, RunsFunctionsAndCoroutinesAsEndpoints) {
  start([](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.add2", [](int x, int y) { return x + y; });
    co_await self.registerProcedure(
        "com.myapp.slow",
        [&self](std::string_view text, CallDetails details) -> asio::awaitable<std::string> {
          asio::steady_timer timer(self.executor(), std::chrono::milliseconds(0));
          co_await timer.async_wait(asio::use_awaitable);
          co_return std::string(text) + details.procedure;
        });
  });
  confirmRegistration(7);
  confirmRegistration(8);
  EXPECT_TRUE(session->isDone);
  EXPECT_EQ(session->registrations().size(), 2u);
  routerSends(invocationOf(1, 7, {2, 3}));
  EXPECT_EQ(router->last<message::Yield>().payload.args(), (List{5}));
  routerSends(invocationOf(2, 8, {"from "}));
  io.restart();
  while (router->received.size() < 5 && io.run_one() > 0) {
  }
  EXPECT_EQ(router->last<message::Yield>().payload.args(), (List{"from com.myapp.slow"}));
}

TEST_F(SessionTest, EndpointsFailWithTheRightError) {
  start([](TestSession& self) -> asio::awaitable<void> {
    self.define<std::out_of_range>("com.myapp.range");
    co_await self.registerProcedure("com.myapp.f", [](int what) {
      if (what == 1) throw ApplicationError("com.myapp.own", {1, "x"});
      if (what == 2) throw std::out_of_range("too far");
      if (what == 3) throw std::runtime_error("broken");
    });
  });
  confirmRegistration();
  struct Case {
    Value argument;
    std::string uri;
    std::string text;
    std::size_t userErrors;
  };
  const std::vector<Case> cases = {{1, "com.myapp.own", "1", 0},
                                   {2, "com.myapp.range", "\"too far\"", 0},
                                   {3, "wamp.error.runtime_error", "\"broken\"", 1},
                                   {"a", "wamp.error.invalid_argument", "\"argument 1: an integer", 1}};
  Id request = 0;
  for (const Case& each : cases) {
    routerSends(invocationOf(++request, 7, {each.argument}));
    const auto& error = router->last<message::Error>();
    EXPECT_EQ(error.requestType, message::Invocation::kCode);
    EXPECT_EQ(error.request, request);
    EXPECT_EQ(error.error, each.uri);
    EXPECT_THAT(error.payload.args()[0].toString(), ::testing::StartsWith(each.text));
    EXPECT_EQ(session->userErrors.size(), each.userErrors);
  }
}

TEST_F(SessionTest, SeveralHandlersOfOneSubscription) {
  std::vector<std::string> log;
  Subscription first;
  Subscription second;
  start([&](TestSession& self) -> asio::awaitable<void> {
    first = co_await self.subscribe("com.myapp.t", [&](int n) {
      log.push_back("first " + std::to_string(n));
      // Takes the second away while the event is being dispatched.
      if (n == 2) self.unsubscribe(second, [](std::exception_ptr, std::size_t left) { EXPECT_EQ(left, 1u); });
    });
    second =
        co_await self.subscribe("com.myapp.t", [&](int n, EventDetails details) -> asio::awaitable<void> {
          log.push_back("second " + std::to_string(n) + details.topic);
          co_return;
        });
  });
  confirmSubscription(5);
  confirmSubscription(5);
  message::Event event;
  event.subscription = 5;
  event.publication = 99;
  for (int n = 1; n <= 3; ++n) {
    event.payload = Payload({n});
    routerSends(event);
  }
  EXPECT_THAT(log, ElementsAre("first 1", "second 1com.myapp.t", "first 2", "first 3"));
  EXPECT_FALSE(second.isActive());
  event.payload = Payload({"x"});
  routerSends(event);
  ASSERT_EQ(session->userErrors.size(), 1u);
  EXPECT_THAT(session->userErrors[0], HasSubstr("argument 1: an integer"));
  EXPECT_EQ(router->count<message::Unsubscribe>(), 0u);
}

TEST_F(SessionTest, PublishesAndWaitsForTheAcknowledgement) {
  Publication publication;
  start([&](TestSession& self) -> asio::awaitable<void> {
    self.publish("com.myapp.t", 1, "x");
    const PublishOptions toMeToo{.excludeMe = false};
    publication = co_await self.publishAcknowledged("com.myapp.t", 2, toMeToo);
  });
  const auto& publish = router->last<message::Publish>();
  EXPECT_EQ(publish.request, 2u);
  EXPECT_EQ(publish.options.excludeMe, false);
  EXPECT_EQ(publish.options.acknowledge, true);
  message::Published published;
  published.request = 2;
  published.publication = kMaxId;
  routerSends(published);
  EXPECT_EQ(publication.id, kMaxId);
}

TEST_F(SessionTest, EverythingPendingFailsWithTransportLost) {
  std::vector<std::string> log;
  const auto note = [&](std::string what) {
    return [&log, what](std::exception_ptr failed, auto&&...) {
      try {
        std::rethrow_exception(failed);
      } catch (const TransportLost&) {
        log.push_back(what);
      }
    };
  };
  start();
  session->call<int>("com.a", CallArgs{}, {}, note("call"));
  session->publish("com.a", CallArgs{}, {}, note("publish"));
  session->subscribe(
      "com.a", [] {}, {}, note("subscribe"));
  session->registerProcedure(
      "com.a", [] {}, {}, note("register"));
  run();
  router->transport->close();
  run();
  EXPECT_THAT(log, ::testing::UnorderedElementsAre("call", "publish", "subscribe", "register"));
  ASSERT_EQ(session->left.size(), 1u);
  EXPECT_EQ(session->left[0].reason, close::kTransportLost);
  EXPECT_EQ(session->disconnects, 1);
}

TEST_F(SessionTest, CancelsByControlAndIgnoresTheLateResult) {
  start();
  CallOptions options;
  options.control.emplace();
  const CallControl control = *options.control;
  auto future = session->call<int>("com.myapp.a", CallArgs{}, options, asio::use_future);
  run();
  control.cancel(CancelMode::skip);
  run();
  EXPECT_EQ(router->last<message::Cancel>().options.mode, CancelMode::skip);
  try {
    future.get();
    FAIL();
  } catch (const ApplicationError& error) {
    EXPECT_EQ(error.error(), error::kCanceled);
  }
  routerSends(resultOf(1, {1}));
  EXPECT_TRUE(session->isAttached());
  // It was the last answer: another one is a violation.
  routerSends(resultOf(1, {1}));
  EXPECT_EQ(router->last<message::Abort>().reason, error::kProtocolViolation);
}

TEST_F(SessionTest, CancelsBySlotAndWaitsForTheCalleeWithKill) {
  asio::cancellation_signal signal;
  start();
  CallOptions options;
  options.cancelMode = CancelMode::kill;
  std::string outcome;
  session->call<int>("com.myapp.a", CallArgs{}, options,
                     asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failed, int value) {
                       EXPECT_FALSE(failed);
                       outcome = std::to_string(value);
                     }));
  run();
  signal.emit(asio::cancellation_type::terminal);
  run();
  EXPECT_EQ(router->last<message::Cancel>().options.mode, CancelMode::kill);
  EXPECT_EQ(outcome, "");
  routerSends(resultOf(1, {3}));
  EXPECT_EQ(outcome, "3");
}

TEST_F(SessionTest, InterruptCancelsARunningCoroutine) {
  start([](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.f", [&self]() -> asio::awaitable<int> {
      asio::steady_timer timer(self.executor(), std::chrono::hours(1));
      co_await timer.async_wait(asio::use_awaitable);
      co_return 1;
    });
  });
  confirmRegistration();
  routerSends(invocationOf(1, 7));
  message::Interrupt interrupt;
  interrupt.request = 1;
  routerSends(interrupt);
  EXPECT_EQ(router->last<message::Error>().error, error::kCanceled);
  EXPECT_TRUE(session->userErrors.empty());
}

TEST_F(SessionTest, ATimeoutBeyondTheClockNeverPasses) {
  start([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.f", [&self]() -> asio::awaitable<int> {
      asio::steady_timer timer(self.executor(), std::chrono::hours(1));
      co_await timer.async_wait(asio::use_awaitable);
      co_return 1;
    });
  });
  confirmRegistration();
  message::Invocation invocation = invocationOf(1, 7);
  invocation.details.timeout = std::chrono::milliseconds::max();
  const std::size_t before = router->received.size();
  routerSends(invocation);
  EXPECT_EQ(router->received.size(), before);  // it runs, and nobody has interrupted it
}

TEST_F(SessionTest, LeavingCancelsWhatRuns) {
  bool isCanceled = false;
  start([&](TestSession& self) -> asio::awaitable<void> {
    try {
      asio::steady_timer timer(self.executor(), std::chrono::hours(1));
      co_await timer.async_wait(asio::use_awaitable);
    } catch (const std::system_error&) {
      isCanceled = true;
      throw;
    }
  });
  message::Goodbye goodbye;
  goodbye.reason = close::kSystemShutdown;
  routerSends(goodbye);
  EXPECT_EQ(router->last<message::Goodbye>().reason, close::kGoodbyeAndOut);
  EXPECT_TRUE(isCanceled);
  EXPECT_TRUE(session->userErrors.empty());
  EXPECT_EQ(session->left[0].reason, close::kSystemShutdown);
}

TEST_F(SessionTest, ProgressiveResultsBothWays) {
  std::vector<int> seen;
  int sum = 0;
  start([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.f", [](int n, CallDetails details) {
      for (int i = 0; i < n; ++i) details.progress(i);
      return n;
    });
    CallOptions options;
    options.onProgress = [&](CallResult result) { seen.push_back(convert<int>(result.results.at(0))); };
    sum = co_await self.call<int>("com.myapp.g", 1, options);
  });
  confirmRegistration();
  EXPECT_EQ(router->last<message::Call>().options.receiveProgress, true);
  routerSends(resultOf(2, {10}, true));
  routerSends(resultOf(2, {20}, true));
  routerSends(resultOf(2, {30}));
  EXPECT_THAT(seen, ElementsAre(10, 20));
  EXPECT_EQ(sum, 30);

  auto invocation = invocationOf(1, 7, {2});
  invocation.details.receiveProgress = true;
  routerSends(invocation);
  EXPECT_EQ(router->count<message::Yield>(), 3u);
  routerSends(invocationOf(2, 7, {2}));  // this caller takes none
  EXPECT_EQ(router->count<message::Yield>(), 4u);
}

TEST_F(SessionTest, RevocationsAreTold) {
  std::string log;
  start([&](TestSession& self) -> asio::awaitable<void> {
    Registration registration = co_await self.registerProcedure("com.myapp.f", [] {});
    // It takes itself away while it runs.
    registration.onUnregister([&log, registration](const std::string& reason) {
      registration.onUnregister(nullptr);
      log += "registration " + reason;
    });
  });
  confirmRegistration();
  message::Unregistered revoked;
  revoked.details.registration = 7;
  revoked.details.reason = Text("com.myapp.why");
  routerSends(revoked);
  EXPECT_EQ(log, "registration com.myapp.why");
  EXPECT_TRUE(session->registrations().empty());
}

TEST_F(SessionTest, PrefixesStandForUris) {
  start();
  session->prefix("api", "com.myapp");
  EXPECT_EQ(session->resolve("api:add2"), "com.myapp.add2");
  EXPECT_EQ(session->resolve("other:add2"), "other:add2");
  session->publish("api:t");
  run();
  EXPECT_EQ(router->last<message::Publish>().topic, "com.myapp.t");
  session->prefix("api", "");
  EXPECT_EQ(session->resolve("api:add2"), "api:add2");
}

TEST_F(SessionTest, OperationsBeforeJoiningSayWhatToDo) {
  start({}, false);
  try {
    session->publish("com.myapp.t");
    FAIL();
  } catch (const SessionNotReady& error) {
    EXPECT_THAT(error.what(), HasSubstr("onJoin"));
  }
  const auto alone = std::make_shared<TestSession>();
  EXPECT_THROW(static_cast<void>(alone->call("com.myapp.f")), SessionNotReady);
}

TEST_F(SessionTest, LocalTimeoutWhenTheRouterKnowsNone) {
  start({}, false);
  auto welcome = makeWelcome();
  welcome.details.roles = Roles();
  welcome.details.roles.add(Role::dealer);
  routerSends(welcome);
  CallOptions options;
  options.timeout = std::chrono::milliseconds(1);
  auto future = session->call<int>("com.myapp.f", CallArgs{}, options, asio::use_future);
  io.restart();
  while (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready && io.run_one() > 0) {
  }
  try {
    future.get();
    FAIL();
  } catch (const ApplicationError& error) {
    EXPECT_EQ(error.error(), error::kTimeout);
  }
  EXPECT_EQ(router->count<message::Cancel>(), 0u);  // nor canceling
}

}  // namespace
}  // namespace autobahn::wamp
