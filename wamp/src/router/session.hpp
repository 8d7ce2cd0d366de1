// A session as broker and dealer see it.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <autobahn/wamp/router/session_info.hpp>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "outbox.hpp"

namespace autobahn::inline v0::wamp::router {

class Realm;
class SessionPort;
class Suspension;
struct Call;
struct Registration;
struct Subscription;

/// A place at a subscription: where the session stands in its list.
struct SubscriptionPlace {
  Subscription* subscription = nullptr;
  std::size_t position = 0;
};

/// The slot of a callee with limited concurrency that an invocation takes until it is answered.
struct Slot {
  Id registration = 0;
  std::uint64_t callee = 0;  ///< `Callee::serial`
};

/// What a session has asked to be published when it is gone.
struct Testament {
  std::string topic;
  message::Publish::Options options;
  Payload payload;
  std::size_t octets = 0;  ///< counted in `Session::waitingOctets`
};

/// A message that waits for the authorizer's answer to an earlier one.
struct Undecided {
  Message message;
  std::size_t octets = 0;  ///< counted in `Session::waitingOctets`
};

/// One member of a realm. What broker and dealer keep for it is kept in it, each touching its own part, so
/// that its leaving costs what it held and nothing else.
struct Session {
  explicit Session(SessionInfo who, SessionLimits atMost = {});
  ~Session();

  Id id() const { return info.session; }
  /// Whether so much more may wait.
  bool mayWait(std::size_t octets) const {
    return waitingOctets <= limits.waitingOctets && octets <= limits.waitingOctets - waitingOctets;
  }
  bool can(Role role, Feature feature) const { return info.roles.has(role, feature); }

  SessionInfo info;
  SessionLimits limits;
  message::Identity identity;  ///< what others see of it when it is disclosed

  // The realm's.
  Realm* realm = nullptr;
  SessionPort* port = nullptr;             ///< nullptr: it has left
  std::unique_ptr<Suspension> suspension;  ///< the port while there is no transport
  std::string resumeToken;                 ///< by which its client may come back once; empty: it may not
  Id lastRequest = 0;
  bool mayHaveLostRequests = false;  ///< resumed, and has sent no request since
  /// Received while the authorizer has not answered; the first is what it was asked about.
  std::list<Undecided> undecided;
  bool isAwaitingDecision = false;
  std::uint64_t lastQuestion = 0;  ///< of those to the authorizer that take time
  /// Of `undecided`, and of calls that wait (the dealer's).
  std::size_t waitingOctets = 0;
  std::vector<Testament> detachedTestaments;
  std::vector<Testament> destroyedTestaments;
  std::size_t askedTestaments = 0;  ///< that wait for the authorizer

  // The broker's.
  std::unordered_map<Id, SubscriptionPlace> subscriptions;

  // The dealer's: as callee,
  std::unordered_map<Id, Registration*> registrations;
  std::unordered_map<Id, Call*> invocations;  ///< to be answered by this session
  std::unordered_map<Id, Slot> slots;         ///< by invocation
  Id lastInvocation = 0;
  // as caller.
  std::unordered_map<Id, std::unique_ptr<Call>> calls;
  /// Progressive calls that were answered before their last part came: it is on its way. The latest few.
  std::vector<Id> answeredEarly;
};

/// The ERROR that answers a request.
void refuse(Outbox& out, Session& session, int requestType, Id request, std::string_view uri,
            std::string_view why = {});
/// "the topic com.app is …": an error URI's explanation, for limits.
std::string limitReached(std::string_view what, std::size_t limit);

}  // namespace autobahn::inline v0::wamp::router
