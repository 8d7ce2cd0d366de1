// Tests of the router that read like a script:
//
//   RouterScript router;
//   Client a(router), b(router);
//   a.join();
//   const Id sum = a.registerProcedure("com.sum");
//   const Id call = b.call("com.sum", {1, 2});
//   const auto invocation = a.expect<message::Invocation>();
//   a.yield(invocation, {3});
//   EXPECT_EQ(b.expect<message::Result>().payload.args(), List{3});
#pragma once

#include <gtest/gtest.h>

#include <autobahn/wamp/router.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "../../testing/messages.hpp"

namespace autobahn::wamp::router::testing {

using wamp::testing::toJson;

/// A router with the realm "realm1" and clocks that stand still until they are moved. On the wall it is
/// 2019-12-20 at the beginning.
class RouterScript {
 public:
  explicit RouterScript(RealmOptions realm = {}, RouterOptions options = {}) : router_(std::move(options)) {
    tell();
    if (realm.name.empty()) realm.name = "realm1";
    router_.addRealm(std::move(realm));
  }

  Router& operator*() { return router_; }
  Router* operator->() { return &router_; }

  /// Lets time pass, waking the router at each deadline in between.
  void pass(std::chrono::milliseconds duration) {
    const auto end = now_ + duration;
    for (auto next = router_.nextDeadline(); next && *next <= end; next = router_.nextDeadline()) {
      now_ = std::max(now_, *next);
      tell();
      router_.handleTimeout();
    }
    now_ = end;
    tell();
  }
  /// The same at once, as on a machine that has slept: what was due in between comes late, and together.
  void leap(std::chrono::milliseconds duration) {
    now_ += duration;
    tell();
    router_.handleTimeout();
  }

 private:
  void tell() { router_.setTime(now_, kFirstDay + (now_ - kStart)); }

  static constexpr std::chrono::steady_clock::time_point kStart{std::chrono::hours(1)};
  static constexpr std::chrono::system_clock::time_point kFirstDay{std::chrono::hours(24 * 365 * 50)};

  Router router_;
  std::chrono::steady_clock::time_point now_ = kStart;
};

/// All features of all client roles.
inline Roles allRoles() {
  Roles roles;
  for (const Role role : {Role::subscriber, Role::publisher, Role::caller, Role::callee}) {
    roles.add(role);
    for (std::size_t i = 0; i < kFeatureCount; ++i) roles.add(role, static_cast<Feature>(i));
  }
  return roles;
}
/// The four roles of a client without any feature.
inline Roles plainRoles() {
  Roles roles;
  for (const Role role : {Role::subscriber, Role::publisher, Role::caller, Role::callee}) roles.add(role);
  return roles;
}

/// A client. What it sends and what it gets goes through a serializer, so that all of it is checked; its
/// transport gives messages back when they are asked for.
class Client : public RouterTransport {
 public:
  /// `serializer`: its ID; empty: messages are passed as they are, as in one process.
  explicit Client(RouterScript& router, std::string_view serializer = "json")
      : serializer_(makeSerializer(serializer)), session_(router->attach(*this)) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() override { hangUp(); }

  // ---- RouterTransport
  void send(RoutedMessage& message) override {
    EXPECT_FALSE(isClosed_) << "sent after close: " << toJson(message.message());
    if (!serializer_) return received_.push_back(message.take());
    const RoutedMessage::Bytes& bytes = message.bytes(*serializer_);
    if (bytes.problem) {
      ++undeliverable_;
      return session_->undeliverable(message.message(), error::kInvalidPayload, *bytes.problem);
    }
    received_.push_back(wamp::testing::unserialize(*serializer_, bytes.buffer.view()));
    if (onReceive) onReceive();
  }
  void close() override { isClosed_ = true; }
  PeerDetails peerDetails() const override { return peer; }

  // ---- What it does
  void say(Message message) {
    if (!serializer_) return session_->receive(std::move(message));
    session_->receive(
        wamp::testing::unserialize(*serializer_, wamp::testing::serialize(*serializer_, message)));
  }
  /// As it stands on the wire.
  void sayJson(std::string_view json) {
    const std::unique_ptr<Serializer> reader = makeSerializer("json");
    std::vector<Message> messages;
    if (Problem problem = reader->unserialize(json, false, messages)) return session_->violation(*problem);
    for (Message& each : messages) session_->receive(std::move(each));
  }
  void hello(const Roles& roles = allRoles(), std::string_view realm = "realm1") {
    say(message::Hello{.realm = Text(realm), .details = {.roles = roles}});
  }
  /// HELLO and WELCOME.
  Id join(const Roles& roles = allRoles(), std::string_view realm = "realm1") {
    hello(roles, realm);
    return id_ = expect<message::Welcome>().session;
  }
  /// The connection is gone.
  void hangUp() {
    if (!isGone_) session_->transportClosed();
    isGone_ = true;
  }
  Id nextRequest() { return ++lastRequest_; }

  Id askSubscribe(std::string_view topic, message::Subscribe::Options options = {}) {
    say(message::Subscribe{.request = nextRequest(), .options = std::move(options), .topic = Text(topic)});
    return lastRequest_;
  }
  /// The subscription's ID.
  Id subscribe(std::string_view topic, message::Subscribe::Options options = {}) {
    const Id request = askSubscribe(topic, std::move(options));
    const auto answer = expect<message::Subscribed>();
    EXPECT_EQ(answer.request, request);
    return answer.subscription;
  }
  Id subscribe(std::string_view topic, Match match) { return subscribe(topic, {.match = match}); }
  Id askUnsubscribe(Id subscription) {
    say(message::Unsubscribe{.request = nextRequest(), .subscription = subscription});
    return lastRequest_;
  }
  void unsubscribe(Id subscription) {
    const Id request = askUnsubscribe(subscription);
    EXPECT_EQ(expect<message::Unsubscribed>().request, request);
  }
  Id publish(std::string_view topic, List args = {}, message::Publish::Options options = {}) {
    say(message::Publish{.request = nextRequest(),
                         .options = std::move(options),
                         .topic = Text(topic),
                         .payload = Payload(std::move(args))});
    return lastRequest_;
  }

  Id askRegister(std::string_view procedure, message::Register::Options options = {}) {
    say(message::Register{
        .request = nextRequest(), .options = std::move(options), .procedure = Text(procedure)});
    return lastRequest_;
  }
  /// The registration's ID.
  Id registerProcedure(std::string_view procedure, message::Register::Options options = {}) {
    const Id request = askRegister(procedure, std::move(options));
    const auto answer = expect<message::Registered>();
    EXPECT_EQ(answer.request, request);
    return answer.registration;
  }
  Id askUnregister(Id registration) {
    say(message::Unregister{.request = nextRequest(), .registration = registration});
    return lastRequest_;
  }
  void unregister(Id registration) {
    const Id request = askUnregister(registration);
    EXPECT_EQ(expect<message::Unregistered>().request, request);
  }
  Id call(std::string_view procedure, List args = {}, message::Call::Options options = {}, Dict kwargs = {}) {
    say(message::Call{.request = nextRequest(),
                      .options = std::move(options),
                      .procedure = Text(procedure),
                      .payload = Payload(std::move(args), std::move(kwargs))});
    return lastRequest_;
  }
  /// One more part of a call's arguments.
  void continueCall(Id request, std::string_view procedure, List args, bool isLast) {
    message::Call call{.request = request, .procedure = Text(procedure), .payload = Payload(std::move(args))};
    if (!isLast) call.options.progress = true;
    say(std::move(call));
  }
  void cancel(Id call, std::optional<CancelMode> mode = {}) {
    say(message::Cancel{.request = call, .options = {.mode = mode}});
  }
  void yield(Id invocation, List args = {}) {
    say(message::Yield{.request = invocation, .payload = Payload(std::move(args))});
  }
  void yieldProgress(Id invocation, List args = {}) {
    say(message::Yield{
        .request = invocation, .options = {.progress = true}, .payload = Payload(std::move(args))});
  }
  void fail(Id invocation, std::string_view uri = "com.error", List args = {}) {
    say(message::Error{.requestType = message::Invocation::kCode,
                       .request = invocation,
                       .error = Text(uri),
                       .payload = Payload(std::move(args))});
  }

  // ---- What it hears
  /// The next message, which must be a T.
  template <class T>
  T expect() {
    if (received_.empty()) {
      ADD_FAILURE() << "nothing came where a message of code " << T::kCode << " was expected";
      return {};
    }
    Message next = std::move(received_.front());
    received_.pop_front();
    if (T* message = std::get_if<T>(&next)) return std::move(*message);
    ADD_FAILURE() << "code " << T::kCode << " expected, got " << toJson(next);
    return {};
  }
  /// The next message, an ERROR to `request`; its URI.
  std::string expectError(int requestType, Id request) {
    const auto error = expect<message::Error>();
    EXPECT_EQ(error.requestType, requestType);
    EXPECT_EQ(error.request, request);
    return error.error.string();
  }
  /// The URI of the ERROR that the call was answered with.
  std::string expectCallError(Id request) { return expectError(message::Call::kCode, request); }
  /// The arguments of the RESULT that the call was answered with.
  List expectResult(Id request) {
    const auto result = expect<message::Result>();
    EXPECT_EQ(result.request, request);
    EXPECT_FALSE(result.details.progress.value_or(false));
    return result.payload.args();
  }
  /// That it was aborted for a violation of the protocol; why.
  std::string expectViolation() {
    const auto abort = expect<message::Abort>();
    EXPECT_EQ(abort.reason, error::kProtocolViolation);
    EXPECT_TRUE(isClosed_);
    expectNothing();
    return abort.details.message.value_or(Text()).string();
  }
  void expectNothing() {
    for (const Message& each : received_) ADD_FAILURE() << "not expected: " << toJson(each);
    received_.clear();
  }
  std::deque<Message>& received() { return received_; }

  Id id() const { return id_; }
  bool isClosed() const { return isClosed_; }
  int undeliverable() const { return undeliverable_; }
  RouterSession& session() { return *session_; }

  /// Told to the router; set it before `hello`.
  PeerDetails peer{.type = "test", .peer = "test:1"};
  /// Called in the middle of the router's sending.
  std::function<void()> onReceive;

 private:
  std::unique_ptr<Serializer> serializer_;
  std::shared_ptr<RouterSession> session_;
  std::deque<Message> received_;
  Id id_ = 0;
  Id lastRequest_ = 0;
  bool isClosed_ = false;
  bool isGone_ = false;
  int undeliverable_ = 0;
};

/// A client that has joined.
class Member : public Client {
 public:
  explicit Member(RouterScript& router, const Roles& roles = allRoles(), std::string_view serializer = "json")
      : Client(router, serializer) {
    join(roles);
  }
};

}  // namespace autobahn::wamp::router::testing
