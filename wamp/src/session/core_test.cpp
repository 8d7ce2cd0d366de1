// The session core: which message may come when, and what becomes of it.
#include "core.hpp"

#include <gmock/gmock.h>

#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <deque>

#include "../testing/messages.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::HasSubstr;

struct Waiting final : PendingRequest {};

class CoreTest : public ::testing::Test {
 protected:
  /// A message from JSON, as routers send it.
  static Message read(std::string_view json) {
    const auto serializer = makeSerializer("json");
    std::vector<Message> messages;
    const Problem problem = serializer->unserialize(json, false, messages);
    EXPECT_FALSE(problem) << *problem;
    EXPECT_EQ(messages.size(), 1u);
    return messages.at(0);
  }
  SessionEvent receive(std::string_view json) { return core.receive(read(json)); }
  /// What was sent last, as JSON.
  std::string sent() {
    const auto serializer = makeSerializer("json");
    return testing::serialize(*serializer, messages.back());
  }
  void join() {
    message::Hello hello;
    hello.realm = Text("realm1");
    hello.details.roles.add(Role::caller);
    core.join(hello);
    receive(R"([2,9,{"roles":{"broker":{},"dealer":{"features":{"call_canceling":true}}}}])");
  }
  static Request waiting() {
    Request request;
    request.waiting = std::make_shared<Waiting>();
    return request;
  }
  Id call() { return core.request(message::Call{.procedure = Text("com.f")}, waiting()); }
  std::shared_ptr<SubscriptionState> subscribe(Id subscription) {
    Request request = waiting();
    request.subscription = std::make_shared<SubscriptionState>();
    const auto state = request.subscription;
    const Id id = core.request(message::Subscribe{.topic = Text("com.t")}, std::move(request));
    receive("[33," + std::to_string(id) + "," + std::to_string(subscription) + "]");
    return state;
  }
  std::shared_ptr<RegistrationState> registerOne(Id registration) {
    Request request = waiting();
    request.registration = std::make_shared<RegistrationState>();
    const auto state = request.registration;
    const Id id = core.request(message::Register{.procedure = Text("com.f")}, std::move(request));
    receive("[65," + std::to_string(id) + "," + std::to_string(registration) + "]");
    return state;
  }

  std::deque<Message> messages;
  bool isBroken = false;
  SessionCore core{[this](const Message& message) {
    if (isBroken) throw SerializationError("not to be written");
    messages.push_back(message);
  }};
};

template <class E>
bool is(const SessionEvent& event) {
  return std::holds_alternative<E>(event);
}

TEST_F(CoreTest, RefusesWhatRoutersDoNotSendNow) {
  struct Case {
    const char* when;  ///< "idle", "joining", "joined"
    const char* message;
    const char* reason;
  };
  const Case cases[] = {
      {"idle", R"([2,9,{"roles":{"broker":{}}}])", "WELCOME"},
      {"idle", R"([4,"ticket",{}])", "CHALLENGE"},
      {"joining", "[50,1,{}]", "RESULT"},
      {"joining", R"([6,{},"wamp.close.normal"])", "GOODBYE"},
      {"joining", R"([1,"realm1",{"roles":{"caller":{}}}])", "HELLO"},
      {"joined", R"([2,9,{"roles":{"broker":{}}}])", "WELCOME"},
      {"joined", R"([4,"ticket",{}])", "CHALLENGE"},
      {"joined", R"([48,1,{},"com.f"])", "CALL"},
      {"joined", R"([16,1,{},"com.t"])", "PUBLISH"},
      {"joined", "[70,1,{}]", "YIELD"},
      {"joined", "[50,1,{}]", "RESULT for 1, which is no pending CALL"},
      {"joined", R"([50,1,{"progress":true}])", "RESULT for 1"},
      {"joined", R"([8,48,1,{},"com.e"])", "ERROR for 1, which is no pending CALL"},
      {"joined", "[33,1,5]", "SUBSCRIBED for 1"},
      {"joined", "[35,1]", "UNSUBSCRIBED for 1"},
      {"joined", "[65,1,5]", "REGISTERED for 1"},
      {"joined", "[67,1]", "UNREGISTERED for 1"},
      {"joined", "[17,1,5]", "PUBLISHED for 1"},
      {"joined", "[36,5,6,{}]", "EVENT for 5, which is no active subscription"},
      {"joined", "[68,1,5,{}]", "INVOCATION for 5, which is no active registration"},
      {"joined", R"([35,0,{"subscription":5}])", "UNSUBSCRIBED for 5"},
      {"joined", R"([67,0,{"registration":5}])", "UNREGISTERED for 5"},
  };
  for (const Case& each : cases) {
    SessionCore fresh([this](const Message& message) { messages.push_back(message); });
    const std::string_view when = each.when;
    message::Hello hello;
    hello.details.roles.add(Role::caller);
    if (when != "idle") fresh.join(hello);
    if (when == "joined") fresh.receive(read(R"([2,9,{"roles":{"broker":{}}}])"));
    const SessionEvent event = fresh.receive(read(each.message));
    ASSERT_TRUE(is<event::Violated>(event)) << each.message;
    EXPECT_THAT(std::get<event::Violated>(event).reason, HasSubstr(each.reason));
    const auto& abort = std::get<message::Abort>(messages.back());
    EXPECT_EQ(abort.reason, error::kProtocolViolation);
    EXPECT_THAT(std::string(abort.details.message->view()), HasSubstr(each.reason));
    EXPECT_EQ(fresh.state(), SessionState::over);
    // What follows is not looked at.
    EXPECT_TRUE(is<event::Nothing>(fresh.receive(read(each.message))));
  }
}

TEST_F(CoreTest, NumbersRequestsFromOneAndUsesNoNumberForWhatCannotBeSent) {
  EXPECT_THROW(call(), SessionNotReady);
  join();
  EXPECT_EQ(call(), 1u);
  isBroken = true;
  EXPECT_THROW(call(), SerializationError);
  isBroken = false;
  core.publish(message::Publish{.topic = Text("com.t")});
  EXPECT_EQ(sent(), R"([16,2,{},"com.t"])");
  EXPECT_EQ(call(), 3u);
  receive("[6,{},\"wamp.close.normal\"]");
  core.clear();
  core.takePending();
  join();
  EXPECT_EQ(call(), 1u);
}

TEST_F(CoreTest, TakesTheGreatestIds) {
  join();
  const auto subscription = subscribe(kMaxId);
  EXPECT_EQ(subscription->id, kMaxId);
  const auto event = receive("[36,9007199254740992,9007199254740992,{}]");
  ASSERT_TRUE(is<event::Published>(event));
  const auto registration = registerOne(kMaxId);
  ASSERT_TRUE(is<event::Invoked>(receive("[68,9007199254740992,9007199254740992,{}]")));
  EXPECT_TRUE(core.yield(message::Yield{.request = kMaxId}));
  EXPECT_EQ(sent(), "[70,9007199254740992,{}]");
}

TEST_F(CoreTest, AnswersOnceAndOnlyTheRightRequest) {
  join();
  const Id id = call();
  const auto progress = receive(R"([50,1,{"progress":true},[1]])");
  ASSERT_TRUE(is<event::Progressed>(progress));
  EXPECT_TRUE(core.isPending(id));
  const auto answered = receive("[50,1,{},[2]]");
  ASSERT_TRUE(is<event::Answered>(answered));
  EXPECT_EQ(std::get<event::Answered>(answered).request.code, message::Call::kCode);
  EXPECT_FALSE(core.isPending(id));
}

TEST_F(CoreTest, AnErrorOfAnotherTypeOfRequestIsAViolation) {
  join();
  call();
  EXPECT_TRUE(is<event::Violated>(receive(R"([8,32,1,{},"com.e"])")));
}

TEST_F(CoreTest, AnErrorForAnUnacknowledgedPublishIsPassedOver) {
  join();
  core.publish(message::Publish{.topic = Text("com.t")});
  EXPECT_TRUE(is<event::Nothing>(receive(R"([8,16,1,{},"com.e"])")));
  EXPECT_TRUE(is<event::Violated>(receive(R"([8,16,2,{},"com.e"])")));
}

TEST_F(CoreTest, CancelForgetsTheCallAndIgnoresItsAnswerOnce) {
  join();
  for (const char* answer : {"[50,1,{}]", R"([8,48,2,{},"wamp.error.canceled"])"}) {
    const Id id = call();
    EXPECT_NE(core.cancel(id, CancelMode::skip, true, true), nullptr);
    EXPECT_EQ(sent(), "[49," + std::to_string(id) + R"(,{"mode":"skip"}])");
    EXPECT_TRUE(is<event::Nothing>(receive(R"([50,)" + std::to_string(id) + R"(,{"progress":true}])")));
    EXPECT_TRUE(is<event::Nothing>(receive(answer)));
    EXPECT_EQ(core.cancel(id, CancelMode::skip, true, true), nullptr);
  }
  EXPECT_TRUE(is<event::Violated>(receive("[50,1,{}]")));
}

TEST_F(CoreTest, WhatCrossesAnUnsubscribeOrUnregisterIsNoViolation) {
  join();
  const auto subscription = subscribe(5);
  std::size_t left = 9;
  Request request = waiting();
  request.subscription = subscription;
  EXPECT_TRUE(core.unsubscribe(subscription, request, left));
  EXPECT_EQ(sent(), "[34,2,5]");
  EXPECT_TRUE(is<event::Nothing>(receive("[36,5,6,{}]")));
  EXPECT_TRUE(is<event::Nothing>(receive(R"([35,0,{"subscription":5}])")));
  EXPECT_TRUE(is<event::Answered>(receive("[35,2]")));

  const auto registration = registerOne(7);
  request = waiting();
  request.registration = registration;
  core.unregister(registration, request);
  EXPECT_TRUE(is<event::Nothing>(receive("[68,1,7,{}]")));
  EXPECT_EQ(sent(), R"([8,68,1,{},"wamp.error.unavailable"])");
  EXPECT_TRUE(is<event::Answered>(receive("[67,4]")));
  EXPECT_TRUE(is<event::Violated>(receive("[36,5,6,{}]")));
}

TEST_F(CoreTest, AnUnsubscribeDoesNotTakeAPendingSubscribeWithIt) {
  join();
  const auto first = subscribe(5);
  for (const bool succeeds : {true, false}) {
    Request request = waiting();
    request.subscription = std::make_shared<SubscriptionState>();
    const auto second = request.subscription;
    const Id id = core.request(message::Subscribe{.topic = Text("com.t")}, std::move(request));
    std::size_t left = 9;
    const auto last = succeeds ? first : core.subscriptions().at(0);
    EXPECT_FALSE(core.unsubscribe(last, waiting(), left));
    EXPECT_EQ(left, 0u);
    EXPECT_TRUE(is<event::Nothing>(receive("[36,5,6,{}]")));
    if (succeeds) {
      receive("[33," + std::to_string(id) + ",5]");
      EXPECT_TRUE(is<event::Published>(receive("[36,5,6,{}]")));
      EXPECT_TRUE(second->isActive);
    } else {
      receive("[8,32," + std::to_string(id) + R"(,{},"com.e"])");
      EXPECT_EQ(sent(), "[34," + std::to_string(id + 1) + ",5]");
      EXPECT_TRUE(is<event::Answered>(receive("[35," + std::to_string(id + 1) + "]")));
    }
  }
}

TEST_F(CoreTest, InvocationsAreAnsweredOnce) {
  join();
  registerOne(7);
  EXPECT_TRUE(is<event::Invoked>(receive("[68,1,7,{}]")));
  EXPECT_TRUE(core.yield(message::Yield{.request = 1, .options = {.progress = true}}));
  EXPECT_TRUE(core.yield(message::Yield{.request = 1}));
  EXPECT_FALSE(core.yield(message::Yield{.request = 1}));
  message::Error error;
  error.request = 1;
  EXPECT_FALSE(core.fail(error));
  // It crossed our answer.
  EXPECT_TRUE(is<event::Nothing>(receive("[69,1,{}]")));
  EXPECT_TRUE(is<event::Invoked>(receive("[68,2,7,{}]")));
  const auto interrupted = receive(R"([69,2,{"mode":"kill"}])");
  ASSERT_TRUE(is<event::Interrupted>(interrupted));
  EXPECT_EQ(std::get<event::Interrupted>(interrupted).mode, CancelMode::kill);
}

TEST_F(CoreTest, AnAnswerThatCannotBeSentLeavesTheInvocationOpen) {
  join();
  registerOne(7);
  receive("[68,1,7,{}]");
  isBroken = true;
  EXPECT_THROW(core.yield(message::Yield{.request = 1}), SerializationError);
  isBroken = false;
  EXPECT_TRUE(core.isInvoked(1));
}

TEST_F(CoreTest, LeavingAndBeingToldToLeave) {
  join();
  const auto subscription = subscribe(5);
  const Id id = call();
  core.leave(close::kNormal, "enough");
  EXPECT_EQ(sent(), R"([6,{"message":"enough"},"wamp.close.normal"])");
  EXPECT_THROW(call(), SessionNotReady);
  EXPECT_TRUE(is<event::Nothing>(receive("[36,5,6,{}]")));
  EXPECT_TRUE(is<event::Answered>(receive("[50," + std::to_string(id) + ",{}]")));
  const auto left = receive(R"([6,{},"wamp.close.goodbye_and_out"])");
  ASSERT_TRUE(is<event::Left>(left));
  EXPECT_EQ(sent(), R"([6,{"message":"enough"},"wamp.close.normal"])");
  core.clear();
  EXPECT_FALSE(subscription->isActive);

  join();
  const auto toldTo = receive(R"([6,{"message":"bye"},"wamp.close.system_shutdown"])");
  ASSERT_TRUE(is<event::Left>(toldTo));
  EXPECT_EQ(std::get<event::Left>(toldTo).message, "bye");
  EXPECT_EQ(sent(), R"([6,{},"wamp.close.goodbye_and_out"])");
}

TEST_F(CoreTest, SubscriptionsAreSharedByHandlers) {
  join();
  const auto first = subscribe(5);
  const auto second = subscribe(5);
  auto event = receive("[36,5,6,{}]");
  EXPECT_EQ(std::get<event::Published>(event).handlers.size(), 2u);
  std::size_t left = 9;
  EXPECT_FALSE(core.unsubscribe(first, waiting(), left));
  EXPECT_EQ(left, 1u);
  EXPECT_THROW(core.unsubscribe(first, waiting(), left), InvalidState);
  const auto revoked = receive(R"([35,0,{"subscription":5,"reason":"com.why"}])");
  ASSERT_TRUE(is<event::Revoked>(revoked));
  EXPECT_EQ(std::get<event::Revoked>(revoked).reason, "com.why");
  EXPECT_FALSE(second->isActive);
}

}  // namespace
}  // namespace autobahn::wamp
