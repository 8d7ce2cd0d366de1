// A client that does random things, message by message, and watches that every answer is one and right.
#pragma once

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/transport.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../testing/messages.hpp"
#include "../../testing/session_peers.hpp"

namespace autobahn::wamp::testing {

/// Calls, publishes, subscribes and registers, several requests at a time; answers what it is called for at
/// once, later, in parts or with an error. All of it in the thread of `io`.
class RandomClient : public TransportHandler, public std::enable_shared_from_this<RandomClient> {
 public:
  RandomClient(asio::io_context& io, unsigned seed, std::string name)
      : io_(io), random_(seed), name_(std::move(name)) {}

  /// Called when the transport is gone.
  std::function<void()> onGone;
  /// For those who look for what it waits for. In the thread of `io`.
  std::string state() const {
    std::string text = name_ + ": " + (transport_ ? transport_->details().type : "not connected") + ", " +
                       std::to_string(stepsLeft_) + " steps left, waits for";
    for (const auto& entry : open_) {
      text += " " + std::to_string(entry.second) + ":" + std::to_string(entry.first);
    }
    return text;
  }
  /// Calls that got their answer.
  int answeredCalls() const { return answeredCalls_; }

  // ---- TransportHandler
  void onOpen(std::shared_ptr<Transport> transport) override {
    transport_ = std::move(transport);
    say(makeHello());
  }
  void onMessage(Message message) override {
    std::visit([this](auto& each) { hear(each); }, message);
    heardOne();
  }
  void onBadMessage(const std::string& problem) override { ADD_FAILURE() << name_ << ": " << problem; }
  void onClose(bool, const std::string& reason) override {
    transport_ = nullptr;
    if (!isLeaving_) ADD_FAILURE() << name_ << " was closed: " << reason;
    if (onGone) onGone();
  }

 protected:
  virtual void joined() = 0;
  virtual void heardOne() {}
  virtual void subscribed(Id /*request*/, Id /*subscription*/) {}
  virtual void heardEvent(const message::Event& event) { (void)event; }
  /// The steps are done, and all is answered.
  virtual void played() {}
  /// Publishes to a topic of its own choice; false: it has none.
  virtual bool publishOwn() { return false; }

  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool isOneIn(int count) { return pick(count) == 0; }
  const std::string& name() const { return name_; }
  asio::io_context& io() { return io_; }
  std::shared_ptr<Transport> transport() { return transport_; }
  void say(const Message& message) {
    if (!transport_) return;
    try {
      transport_->send(message);
    } catch (const TransportLost&) {
      // The other end has begun to close it: onClose comes, or has been expected.
    }
  }
  Id nextRequest() { return ++lastRequest_; }
  /// A request that is to be answered once.
  template <class Request>
  void ask(Request request) {
    open_[request.request] = Request::kCode;
    say(std::move(request));
  }
  /// Takes so many steps; `played` comes after the last one.
  void startPlaying(int steps) {
    stepsLeft_ = steps;
    isPlaying_ = true;
    playSoon();
  }
  /// The end of the transport is expected from now on.
  void setLeaving() { isLeaving_ = true; }

 private:
  static constexpr std::size_t kMaxOpen = 8;

  /// `run(*this)` in a later turn of the loop, if this is still there.
  template <class Run>
  void later(Run run, int turns = 1) {
    asio::post(io_, [weak = weak_from_this(), run = std::move(run), turns]() mutable {
      const auto self = weak.lock();
      if (!self) return;
      if (turns > 1) return self->later(std::move(run), turns - 1);
      run(*self);
    });
  }

  // ---- What it hears

  void hear(const message::Welcome&) { joined(); }
  void hear(const message::Subscribed& answer) {
    settle(answer.request, message::Subscribe::kCode);
    active_.insert(answer.subscription);
    if (topics_.erase(answer.request) > 0) comeAndGo_.push_back(answer.subscription);
    subscribed(answer.request, answer.subscription);
  }
  void hear(const message::Unsubscribed& answer) {
    const auto found = unsubscribes_.find(answer.request);
    if (found != unsubscribes_.end()) active_.erase(found->second);
    settle(answer.request, message::Unsubscribe::kCode);
  }
  void hear(const message::Registered& answer) {
    settle(answer.request, message::Register::kCode);
    registrations_.push_back(answer.registration);
  }
  void hear(const message::Unregistered& answer) { settle(answer.request, message::Unregister::kCode); }
  void hear(const message::Published& answer) { settle(answer.request, message::Publish::kCode); }
  void hear(const message::Event& event) {
    EXPECT_TRUE(active_.contains(event.subscription)) << name_ << ": not subscribed to that";
    heardEvent(event);
  }
  void hear(const message::Result& result) {
    const auto call = calls_.find(result.request);
    if (call == calls_.end()) return void(ADD_FAILURE() << name_ << ": a result of no open call");
    EXPECT_EQ(result.payload.args().at(0).asString(), call->second.payload) << name_ << ": of another call";
    if (result.details.progress.value_or(false)) {
      EXPECT_EQ(result.payload.args().at(1).asInt64(), call->second.parts++) << name_;
    } else {
      endCall(result.request);
    }
  }
  void hear(const message::Error& error) {
    if (error.requestType == message::Call::kCode) return endCall(error.request);
    settle(error.request, error.requestType);
  }
  void hear(const message::Invocation& invocation) { answer(invocation); }
  void hear(const message::Interrupt&) {}
  void hear(const message::Goodbye&) {
    if (transport_) transport_->close();
  }
  template <class Other>
  void hear(const Other& other) {
    if (!isLeaving_) ADD_FAILURE() << name_ << ": " << toJson(Message(other));
  }

  void settle(Id request, int code) {
    const auto found = open_.find(request);
    if (found == open_.end() || found->second != code) {
      return void(ADD_FAILURE() << name_ << ": request " << request << " answered once too often");
    }
    open_.erase(found);
    playSoon();
  }
  void endCall(Id request) {
    ++answeredCalls_;
    calls_.erase(request);
    settle(request, message::Call::kCode);
  }

  // ---- As callee

  void answer(const message::Invocation& invocation) {
    const Id request = invocation.request;
    const std::string payload = invocation.payload.args().at(0).asString();
    const int turns = isOneIn(2) ? 0 : 1 + pick(4);
    if (isOneIn(4)) {
      const std::string_view uri = isOneIn(2) ? error::kUnavailable : std::string_view("com.error");
      return respond(
          turns,
          message::Error{.requestType = message::Invocation::kCode, .request = request, .error = Text(uri)});
    }
    const int parts = invocation.details.receiveProgress.value_or(false) ? pick(4) : 0;
    for (int i = 0; i < parts; ++i) {
      respond(turns,
              message::Yield{
                  .request = request, .options = {.progress = true}, .payload = Payload(List{payload, i})});
    }
    respond(turns, message::Yield{.request = request, .payload = Payload(List{payload})});
  }
  void respond(int turns, Message answer) {
    if (turns == 0) return say(answer);
    later([answer = std::move(answer)](RandomClient& self) { self.say(answer); }, turns);
  }

  // ---- What it does

  void playSoon() {
    if (std::exchange(willPlay_, true)) return;
    later([](RandomClient& self) {
      self.willPlay_ = false;
      self.play();
    });
  }
  void play() {
    if (!isPlaying_ || isLeaving_ || !transport_) return;
    if (stepsLeft_ == 0 && open_.empty()) return played();
    if (stepsLeft_ == 0 || open_.size() >= kMaxOpen) return;
    --stepsLeft_;
    act();
    playSoon();
  }
  void act() {
    const int chance = pick(100);
    if (chance < 35 && publishOwn()) return;
    if (chance < 70) return call();
    if (chance < 76) return cancel();
    if (chance < 84) return registerSome();
    if (chance < 88) return unregister();
    if (chance < 92) return subscribe();
    if (chance < 95) return unsubscribe();
    message::Publish publish{.request = nextRequest(), .topic = Text("com.d." + std::to_string(pick(3)))};
    publish.options.acknowledge = true;
    ask(std::move(publish));
  }
  void call() {
    message::Call call{.request = nextRequest(), .procedure = Text("com.p." + std::to_string(pick(6)))};
    if (isOneIn(2)) call.options.receiveProgress = true;
    if (isOneIn(8)) call.options.timeout = std::chrono::milliseconds(1 + pick(5));
    if (isOneIn(5)) call.options.rkey = Text(std::to_string(pick(3)));
    const std::string payload = name_ + " " + std::to_string(call.request);
    call.payload = Payload(List{payload});
    calls_[call.request] = {payload, 0};
    ask(std::move(call));
  }
  void cancel() {
    if (calls_.empty()) return;
    const Id request = std::next(calls_.begin(), pick(static_cast<int>(calls_.size())))->first;
    const CancelMode modes[] = {CancelMode::skip, CancelMode::kill, CancelMode::killnowait};
    say(message::Cancel{.request = request, .options = {.mode = modes[pick(3)]}});
  }
  void registerSome() {
    const int number = pick(5);
    const Invoke policies[] = {Invoke::single, Invoke::roundrobin, Invoke::random, Invoke::first,
                               Invoke::last};
    message::Register request{.request = nextRequest(), .procedure = Text("com.p." + std::to_string(number))};
    request.options.invoke = policies[number];
    if (isOneIn(2)) request.options.concurrency = static_cast<std::uint64_t>(1 + pick(2));
    ask(std::move(request));
  }
  void unregister() {
    if (registrations_.empty()) return;
    ask(message::Unregister{.request = nextRequest(), .registration = take(registrations_)});
  }
  void subscribe() {
    message::Subscribe request{.request = nextRequest(), .topic = Text("com.d." + std::to_string(pick(3)))};
    topics_.insert(request.request);
    ask(std::move(request));
  }
  void unsubscribe() {
    if (comeAndGo_.empty()) return;
    const Id subscription = take(comeAndGo_);
    const Id request = nextRequest();
    unsubscribes_[request] = subscription;
    ask(message::Unsubscribe{.request = request, .subscription = subscription});
  }
  Id take(std::vector<Id>& all) {
    std::swap(all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))], all.back());
    const Id taken = all.back();
    all.pop_back();
    return taken;
  }

  struct OpenCall {
    std::string payload;
    int parts = 0;
  };

  asio::io_context& io_;
  std::mt19937 random_;
  std::string name_;
  std::shared_ptr<Transport> transport_;
  Id lastRequest_ = 0;
  std::map<Id, int> open_;  ///< requests without an answer: their codes
  std::map<Id, OpenCall> calls_;
  std::map<Id, Id> unsubscribes_;  ///< by request
  std::set<Id> topics_;            ///< SUBSCRIBEs of topics that come and go
  std::set<Id> active_;            ///< subscriptions
  std::vector<Id> comeAndGo_;      ///< subscriptions
  std::vector<Id> registrations_;
  int stepsLeft_ = 0;
  int answeredCalls_ = 0;
  bool isPlaying_ = false;
  bool willPlay_ = false;
  bool isLeaving_ = false;
};

}  // namespace autobahn::wamp::testing
