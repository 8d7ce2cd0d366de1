// A client of the router under test, who believes nothing: keeps account of what it has asked for and holds
// every message it is sent against that.
#pragma once

#include <autobahn/wamp/router.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::fuzz {

/// What all peers of one router have seen.
struct RouterWitness {
  std::string finding{};  ///< the first; nothing may be thrown while the router sends
  std::map<wamp::Id, std::string> subscriptions{};  ///< how they match and what
  std::map<wamp::Id, std::string> registrations{};
  std::set<wamp::Id> publications{};
  std::map<std::int64_t, const void*> excluded{};  ///< by number of the event: whom it must not reach

  void note(bool holds, const std::string& what) {
    if (!holds && finding.empty()) finding = what;
  }
};

/// What a session may hold.
struct PeerLimits {
  static constexpr std::size_t kSubscriptions = 5;
  static constexpr std::size_t kRegistrations = 5;
  static constexpr std::size_t kCalls = 4;
};

class RouterPeer final : public wamp::RouterTransport {
 public:
  RouterPeer(wamp::Router& router, RouterWitness& witness, std::string_view serializer);
  ~RouterPeer() override { hangUp(); }
  RouterPeer(const RouterPeer&) = delete;
  RouterPeer& operator=(const RouterPeer&) = delete;

  // ---- RouterTransport
  void send(wamp::RoutedMessage& routed) override;
  void close() override;

  // ---- What it does
  void say(wamp::Message message);
  void hangUp();
  /// For requests that are answered at once: `type` as in ERROR.
  /// `about`: the subscription or registration that is to go.
  wamp::Id ask(int type, wamp::Id about = 0) {
    requests_[{type, ++lastRequest_}] = about;
    return lastRequest_;
  }
  /// With an ID that may have been used.
  void asksAgain(int type, wamp::Id request) { requests_[{type, request}] = 0; }
  /// Beyond the last one.
  wamp::Id nextRequest() { return ++lastRequest_; }
  void startsCall(wamp::Id request, bool wantsProgress) { calls_[request] = wantsProgress; }
  /// One more part of a call's arguments; when the call is over it is nothing, or another call.
  void continuesCall(wamp::Id request) {
    if (!calls_.contains(request)) doubtful_.insert(request);
  }
  void answers(wamp::Id invocation) { invocations_.erase(invocation); }

  // ---- What it knows
  bool isJoined() const { return session_ != 0; }
  bool isClosed() const { return isClosed_; }
  wamp::Id lastRequest() const { return lastRequest_; }
  const std::map<wamp::Id, bool>& calls() const { return calls_; }
  const std::set<wamp::Id>& subscriptions() const { return subscriptions_; }
  const std::set<wamp::Id>& registrations() const { return registrations_; }
  const std::set<wamp::Id>& invocations() const { return invocations_; }
  wamp::Id session() const { return session_; }
  /// Nothing is open that is answered at once, and nothing is above the limits.
  void checkAccount() const;

  /// What the next SUBSCRIBED and REGISTERED are about: how it matches, and what.
  std::string asked{};

 private:
  void take(const wamp::message::Welcome& welcome);
  void take(const wamp::message::Abort& abort);
  void take(const wamp::message::Goodbye& goodbye);
  void take(const wamp::message::Error& error);
  void take(const wamp::message::Published& published);
  void take(const wamp::message::Subscribed& subscribed);
  void take(const wamp::message::Unsubscribed& unsubscribed);
  void take(const wamp::message::Event& event);
  void take(const wamp::message::Result& result);
  void take(const wamp::message::Registered& registered);
  void take(const wamp::message::Unregistered& unregistered);
  void take(const wamp::message::Invocation& invocation);
  void take(const wamp::message::Interrupt& interrupt);
  template <class Other>
  void take(const Other&) {
    witness_.note(false, "a message that no router sends");
  }
  /// What it was about.
  wamp::Id answered(int type, wamp::Id request);
  /// Whoever gets this ID gets it for the same that was `asked` for.
  void noteId(std::map<wamp::Id, std::string>& known, wamp::Id id, std::string_view whose);
  /// The final answer of a call. False: there is none.
  bool endCall(wamp::Id request) { return calls_.erase(request) == 1 || doubtful_.erase(request) == 1; }
  void endSession();

  RouterWitness& witness_;
  std::unique_ptr<wamp::Serializer> serializer_;
  std::shared_ptr<wamp::RouterSession> routerSide_;
  wamp::Id session_ = 0;
  bool hasSaidHello_ = false;
  bool isOver_ = false;    ///< the router has said ABORT, or GOODBYE by itself: nothing follows
  bool isClosed_ = false;  ///< by the router
  bool isGone_ = false;
  bool isLeaving_ = false;  ///< we have said GOODBYE
  wamp::Id lastRequest_ = 0;
  wamp::Id lastInvocation_ = 0;
  std::map<std::pair<int, wamp::Id>, wamp::Id> requests_;
  std::map<wamp::Id, bool> calls_;  ///< whether progress is wanted
  std::set<wamp::Id> doubtful_;     ///< may be calls
  std::set<wamp::Id> subscriptions_;
  std::set<wamp::Id> registrations_;
  std::set<wamp::Id> invocations_;  ///< not answered
};

}  // namespace autobahn::fuzz
