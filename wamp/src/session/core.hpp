// The client's side of a WAMP session without I/O, time or user code: messages and operations in, messages
// and events out. It numbers requests, knows what is pending, active and under way, and which message may
// come when.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "states.hpp"

namespace autobahn::inline v0::wamp {

/// What waits for the answer to a request; the session's own affair.
class PendingRequest {
 public:
  PendingRequest() = default;
  PendingRequest(const PendingRequest&) = delete;
  PendingRequest& operator=(const PendingRequest&) = delete;
  virtual ~PendingRequest() = default;
};

/// A request that was sent. SUBSCRIBE and REGISTER have the state that their success makes active.
struct Request {
  int code = 0;
  std::shared_ptr<PendingRequest> waiting{};
  std::shared_ptr<SubscriptionState> subscription{};
  std::shared_ptr<RegistrationState> registration{};
};

/// What a message from the router means. Nothing is left to be said to the router but what the application
/// answers.
namespace event {
/// Nothing to do.
struct Nothing {};
struct Challenged {
  message::Challenge challenge;
};
struct Joined {
  message::Welcome welcome;
};
/// The session is over: GOODBYE was received (and answered), or ABORT.
struct Left {
  std::string reason;
  std::string message;
  bool wasAborted = false;
  bool wasJoined = false;
};
/// The final answer to a request: SUBSCRIBED, RESULT, ERROR, … It is no longer pending.
struct Answered {
  Request request;
  Message answer;
};
/// A progressive result.
struct Progressed {
  std::shared_ptr<PendingRequest> waiting;
  message::Result result;
};
struct Published {
  std::vector<std::shared_ptr<SubscriptionState>> handlers;
  message::Event event;
};
struct Invoked {
  std::shared_ptr<RegistrationState> registration;
  message::Invocation invocation;
};
struct Interrupted {
  Id invocation = 0;
  CancelMode mode = CancelMode::killnowait;
};
/// The router took them away; they are no longer active.
struct Revoked {
  std::vector<std::shared_ptr<SubscriptionState>> subscriptions;
  std::shared_ptr<RegistrationState> registration;
  std::string reason;
};
/// The router broke the protocol: ABORT was sent, the session is over, the transport is to be closed.
struct Violated {
  std::string reason;
  bool wasJoined = false;
};
}  // namespace event

using SessionEvent = std::variant<event::Nothing, event::Challenged, event::Joined, event::Left,
                                  event::Answered, event::Progressed, event::Published, event::Invoked,
                                  event::Interrupted, event::Revoked, event::Violated>;

/// Where a session is.
enum class SessionState : std::uint8_t { idle, joining, joined, leaving, over };

/// One session after another on one transport.
class SessionCore {
 public:
  /// Sends, or throws (TransportLost, SerializationError): then the operation has not happened.
  using Send = std::function<void(const Message&)>;

  explicit SessionCore(Send send) : send_(std::move(send)) {}

  SessionState state() const { return state_; }
  Id session() const { return session_; }
  /// The router's, once joined.
  const Roles& routerRoles() const { return routerRoles_; }

  /// Sends HELLO. InvalidState unless there is no session. One that is suspended is kept until the router has
  /// answered, if it is the one that HELLO would go on with.
  void join(const message::Hello& hello);
  /// Answers a challenge; nothing when the session has ended meanwhile.
  void authenticate(const message::Authenticate& answer);
  /// Sends ABORT; the session is over.
  void abort(std::string_view reason, std::string_view message);
  /// Sends GOODBYE; `Left` follows. SessionNotReady when there is none to leave.
  void leave(std::string_view reason, std::string_view message);
  /// The transport is gone.
  void transportLost();
  /// The transport is gone, and the router has promised to keep the session: so do we, but for what is under
  /// way. What was pending is to be taken out.
  void suspend();
  /// There is a session without a transport, or one that the router is being asked about.
  bool isSuspended() const { return isSuspended_; }
  /// A message could not be read: as a violation.
  event::Violated violate(const std::string& reason);

  /// Sends a request under the next ID and keeps it as pending. SessionNotReady when not joined.
  template <class M>
  Id request(M message, Request request) {
    requireJoined();
    message.request = nextId_;
    request.code = M::kCode;
    send_(message);
    pending_.emplace(nextId_, std::move(request));
    return nextId_++;
  }
  /// Sends a PUBLISH to which there is no answer.
  void publish(message::Publish message);
  /// Sends what is no request. SessionNotReady when not joined.
  void send(const Message& message);
  /// Sends more arguments of a progressive call. False when it is over.
  bool continueCall(Id call, message::Call message);
  /// Sends CANCEL. `isForgotten`: the call's answer is not waited for, and ignored when it comes. Returns
  /// what waited, when it is forgotten.
  std::shared_ptr<PendingRequest> cancel(Id call, CancelMode mode, bool isSent, bool isForgotten);
  bool isPending(Id request) const { return pending_.contains(request); }

  /// Takes one handler away. True when it was the last of the subscription and UNSUBSCRIBE was sent with
  /// `request`. False: nothing was to be sent; `handlersLeft` tells how many there are.
  bool unsubscribe(const std::shared_ptr<SubscriptionState>& handler, Request request,
                   std::size_t& handlersLeft);
  void unregister(const std::shared_ptr<RegistrationState>& registration, Request request);

  /// Answer an invocation, or send a progressive result. False, and nothing is sent, when it is over. A final
  /// answer that cannot be sent leaves the invocation to be answered by another one.
  bool yield(const message::Yield& message);
  bool fail(const message::Error& message);
  bool isInvoked(Id invocation) const { return invocations_.contains(invocation); }

  /// A message has arrived.
  SessionEvent receive(Message message);

  /// All that is pending, which it no longer is.
  std::vector<Request> takePending();
  /// Ends all registrations and subscriptions and invocations: they went with the session.
  void clear();

  std::vector<std::shared_ptr<SubscriptionState>> subscriptions() const;
  std::vector<std::shared_ptr<RegistrationState>> registrations() const;

 private:
  void requireJoined() const;
  SessionEvent receiveOpening(Message& message);
  SessionEvent receiveJoined(Message& message);
  SessionEvent take(message::Welcome& message);
  SessionEvent take(message::Abort& message);
  SessionEvent take(message::Goodbye& message);
  SessionEvent take(message::Result& message);
  SessionEvent take(message::Error& message);
  SessionEvent take(message::Subscribed& message);
  SessionEvent take(message::Registered& message);
  SessionEvent take(message::Unsubscribed& message);
  SessionEvent take(message::Unregistered& message);
  SessionEvent take(message::Published& message);
  SessionEvent take(message::Event& message);
  SessionEvent take(message::Invocation& message);
  SessionEvent take(message::Interrupt& message);
  template <class M>
  SessionEvent answer(int requestCode, M& message);
  SessionEvent revoke(const message::Unsubscribed& message);
  SessionEvent revoke(const message::Unregistered& message);

  SessionEvent unknown(const std::string& what);
  bool isSubscribing(const std::string& topic, Match match) const;
  void endUnused();

  Send send_;
  SessionState state_ = SessionState::idle;
  bool isChallenged_ = false;  ///< and not answered yet
  bool isSuspended_ = false;
  /// Messages have been lost in the past: what the router speaks of need not be known here.
  bool isResumed_ = false;
  Id session_ = 0;
  Roles routerRoles_;
  Id nextId_ = 1;
  std::unordered_map<Id, Request> pending_;
  std::unordered_set<Id> forgotten_;  ///< calls that were canceled and whose answer is still to come
  std::unordered_map<Id, std::vector<std::shared_ptr<SubscriptionState>>> subscriptions_;
  std::unordered_map<Id, std::shared_ptr<RegistrationState>> registrations_;
  /// Without handlers, but a SUBSCRIBE that will get the same ID is under way: were UNSUBSCRIBE sent now, the
  /// router would take it for both.
  std::vector<std::shared_ptr<SubscriptionState>> unused_;
  /// Ended by us, not yet confirmed: their messages may still come. By ID, with the number of requests.
  std::unordered_map<Id, int> retiringSubscriptions_;
  std::unordered_map<Id, int> retiringRegistrations_;
  std::unordered_map<Id, Id> invocations_;  ///< under way, by ID: the registration
};

}  // namespace autobahn::inline v0::wamp
