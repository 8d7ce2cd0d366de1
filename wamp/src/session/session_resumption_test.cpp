// Sessions that outlive their transports, the client's side.
#include <gmock/gmock.h>

#include <asio/detached.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "../testing/session_peers.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::makeWelcome;
using testing::ScriptedRouter;
using testing::TestSession;

class Resuming : public TestSession {
 public:
  using TestSession::TestSession;
  void onConnect() override { join(config().realm, {.resumable = isResumable}); }
  bool isResumable = true;
};

class SessionResumption : public testing::ScriptedTest {
 protected:
  void connect() {
    router = std::make_shared<ScriptedRouter>();
    connectLocally({io.get_executor(), resuming}, {io.get_executor(), router});
    run();
  }
  void welcome(Id id, const std::string& token, bool isResumed) {
    message::Welcome message = makeWelcome(id);
    if (isResumed) message.details.resumed = true;
    if (!token.empty()) {
      message.details.resumable = true;
      message.details.resumeToken = Text(token);
    }
    routerSends(message);
  }
  /// A session with a subscription (5), a registration (7) and a call that is not answered.
  void prepare() {
    resuming->body = [this](TestSession& self) -> asio::awaitable<void> {
      if (self.joined.size() > 1) co_return;
      subscription = co_await self.subscribe("com.t", [this](int number) { events.push_back(number); });
      registration = co_await self.registerProcedure("com.p", [] { return 8; });
      try {
        co_await self.call("com.slow");
      } catch (const TransportLost&) {
        ++callsLost;
      }
    };
    connect();
    welcome(1001, "token1", false);
    routerSends(message::Subscribed{.request = 1, .subscription = 5});
    routerSends(message::Registered{.request = 2, .registration = 7});
    ASSERT_EQ(router->last<message::Call>().request, 3U);
  }
  void lose() {
    router->transport->abort();
    run();
  }
  void sendEvent(Id id, int number) {
    message::Event event{.subscription = id, .publication = 1};
    event.payload = Payload(List{number});
    routerSends(event);
  }

  std::shared_ptr<Resuming> resuming = std::make_shared<Resuming>();
  Subscription subscription;
  Registration registration;
  std::vector<int> events;
  int callsLost = 0;
};

TEST_F(SessionResumption, SubscriptionsAndRegistrationsStay) {
  prepare();
  EXPECT_EQ(resuming->joined.at(0).resumeToken, "token1");
  lose();
  EXPECT_THAT(resuming->left, IsEmpty());
  EXPECT_EQ(resuming->disconnects, 1);
  EXPECT_FALSE(resuming->isAttached());
  EXPECT_EQ(resuming->sessionId(), 0U);
  EXPECT_TRUE(subscription.isActive());
  EXPECT_TRUE(registration.isActive());

  connect();
  const auto& details = router->last<message::Hello>().details;
  EXPECT_EQ(details.resumable, true);
  EXPECT_EQ(details.resumeSession, 1001U);
  EXPECT_EQ(details.resumeToken, Text("token1"));
  welcome(1001, "token2", true);
  ASSERT_EQ(resuming->joined.size(), 2U);
  EXPECT_TRUE(resuming->joined.at(1).resumed);
  EXPECT_EQ(resuming->sessionId(), 1001U);
  sendEvent(5, 1);
  EXPECT_THAT(events, ElementsAre(1));
  routerSends(message::Invocation{.request = 1, .registration = 7});
  EXPECT_EQ(router->last<message::Yield>().payload.args(), List{8});
  resuming->publish("com.t", {}, {.acknowledge = true});
  run();
  EXPECT_EQ(router->last<message::Publish>().request, 4U);  // they go on

  // And again, with the token of today.
  lose();
  connect();
  EXPECT_EQ(router->last<message::Hello>().details.resumeToken, Text("token2"));
}

TEST_F(SessionResumption, WhatWasPendingHasFailedAndLateAnswersAreOverlooked) {
  prepare();
  lose();
  EXPECT_EQ(callsLost, 1);
  connect();
  welcome(1001, "token2", true);
  message::Result result;
  result.request = 3;
  routerSends(result);
  routerSends(message::Subscribed{.request = 9, .subscription = 50});
  sendEvent(50, 1);
  routerSends(message::Unsubscribed{.request = 0, .details = {.subscription = 51}});
  routerSends(message::Invocation{.request = 4, .registration = 70});
  EXPECT_EQ(router->last<message::Error>().error, error::kUnavailable);
  EXPECT_TRUE(resuming->isAttached());
  EXPECT_THAT(resuming->left, IsEmpty());
  EXPECT_THAT(events, IsEmpty());
}

TEST_F(SessionResumption, ARouterThatHasForgottenItGivesANewOne) {
  prepare();
  lose();
  connect();
  welcome(1002, "token2", false);
  EXPECT_FALSE(resuming->joined.at(1).resumed);
  EXPECT_EQ(resuming->sessionId(), 1002U);
  EXPECT_FALSE(subscription.isActive());
  EXPECT_FALSE(registration.isActive());
  EXPECT_THAT(resuming->subscriptions(), IsEmpty());
  resuming->publish("com.t");
  run();
  EXPECT_EQ(router->last<message::Publish>().request, 1U);
  sendEvent(5, 1);  // of the old one: nobody has lost it
  EXPECT_EQ(router->last<message::Abort>().reason, error::kProtocolViolation);
}

TEST_F(SessionResumption, ASecondTryIsPossibleAndARefusalIsTheEnd) {
  prepare();
  lose();
  connect();
  lose();  // before WELCOME
  EXPECT_THAT(resuming->left, IsEmpty());
  EXPECT_TRUE(subscription.isActive());
  connect();
  EXPECT_EQ(router->last<message::Hello>().details.resumeToken, Text("token1"));
  routerSends(message::Abort{.reason = Text("wamp.error.no_such_realm")});
  ASSERT_EQ(resuming->left.size(), 1U);
  EXPECT_EQ(resuming->left.at(0).reason, "wamp.error.no_such_realm");
  EXPECT_FALSE(subscription.isActive());
  EXPECT_FALSE(registration.isActive());
}

TEST_F(SessionResumption, WhoDoesNotAskBeginsAnew) {
  prepare();
  lose();
  resuming->isResumable = false;
  connect();
  EXPECT_FALSE(router->last<message::Hello>().details.resumeSession);
  EXPECT_FALSE(subscription.isActive());
  welcome(1002, "", false);
  lose();
  EXPECT_EQ(resuming->left.size(), 1U);
}

TEST_F(SessionResumption, LeavingAndDisconnectingEndTheSession) {
  for (const bool leaves : {true, false}) {
    resuming = std::make_shared<Resuming>();
    prepare();
    if (leaves) {
      resuming->leave();
    } else {
      resuming->disconnect();
    }
    run();
    lose();  // instead of GOODBYE
    EXPECT_EQ(resuming->left.size(), 1U);
    EXPECT_FALSE(subscription.isActive());
    connect();
    EXPECT_FALSE(router->last<message::Hello>().details.resumeSession);
    router->transport->abort();
    run();
  }
}

TEST_F(SessionResumption, OfAnotherObjectIsPossibleWithTheToken) {
  struct Other : TestSession {
    void onConnect() override {
      join("realm1", {.resumable = true, .resumeSession = 77, .resumeToken = "of another process"});
    }
  };
  const auto other = std::make_shared<Other>();
  connectLocally({io.get_executor(), other}, {io.get_executor(), router});
  run();
  EXPECT_EQ(router->last<message::Hello>().details.resumeSession, 77U);
  welcome(77, "token", true);
  EXPECT_TRUE(other->joined.at(0).resumed);
  sendEvent(5, 1);  // of a subscription that this object has never seen
  EXPECT_TRUE(other->isAttached());
}

}  // namespace
}  // namespace autobahn::wamp
