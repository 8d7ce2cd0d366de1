// Remote procedure calls within one realm (basic profile, remote procedure calls; advanced profile, rpc_*).
#pragma once

#include <autobahn/wamp/message_rpc.hpp>
#include <autobahn/wamp/message_session.hpp>
#include <autobahn/wamp/router/authorizer.hpp>
#include <autobahn/wamp/router/options.hpp>
#include <autobahn/wamp/router/statistics.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker.hpp"
#include "call.hpp"
#include "deadlines.hpp"
#include "outbox.hpp"
#include "session.hpp"
#include "uri_map.hpp"

namespace autobahn::inline v0::wamp::router {

/// No I/O, no clock: messages of sessions in, messages for sessions into the outbox. A call gets exactly one
/// final answer, whatever races: it is in its caller's table until then, and whoever takes it out answers.
///
/// Functions that return a Problem report a violation of the protocol by the session, which is to be aborted.
class Dealer {
 public:
  /// `broker` publishes what becomes of registrations. `deadlines`: of the calls of all realms. All
  /// references outlive it.
  Dealer(const RealmOptions& options, const Clock& clock, Outbox& out, Broker& broker,
         Deadlines<Call>& deadlines);
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;

  /// Ends a call that has taken too long.
  void handleTimeout(Call& call);

  void registerProcedure(Session& session, const message::Register& request);
  void unregister(Session& session, const message::Unregister& request);

  /// What a CALL of this ID is: the beginning of a call, one more part of a call's arguments, or a violation,
  /// because a call of this ID is not answered yet and expects nothing more.
  enum class CallPart : std::uint8_t { first, further, clash };
  static CallPart partOf(const Session& session, Id request);
  /// One more part of a call's arguments.
  Problem continueCall(Session& session, message::Call request);
  Problem call(Session& session, message::Call request, const Permission& permission);
  /// Answers a CALL by an ERROR. `uri` lives for ever.
  void refuseCall(Session& session, const message::Call& request, std::string_view uri,
                  std::string_view why = {});
  void cancel(Session& session, const message::Cancel& request);
  /// Ends a call by an ERROR, interrupting the callee. `uri` lives for ever. False: it has been answered.
  bool fail(Session& session, Id request, std::string_view uri, std::string_view why);
  /// An INVOCATION could not be written for its callee: ends the call by an ERROR. `uri` lives for ever.
  void failInvocation(Session& callee, Id invocation, std::string_view uri, std::string_view why);
  Problem yield(Session& session, message::Yield answer);
  /// The ERROR of a callee.
  Problem error(Session& session, message::Error answer);

  /// Ends all that a session has here: its calls are canceled, its callers are told, its registrations go.
  void leave(Session& session);
  /// Ends all calls that a callee is at work on: nobody knows which of them, or of their answers, have got
  /// through. Calls that come then wait for it.
  void failInvocations(Session& callee, std::string_view why);
  /// Takes registrations away: from `session`, or from all callees when it is nullptr. Calls on their way are
  /// still answered. False: no such registration, or not the session's.
  bool revoke(Id registration, Session* session, std::string_view reason);

  UriMap<Registration*>& registrations() { return byUri_; }
  /// By ID, or nullptr.
  const Registration* find(Id id) const;
  /// How calls have ended until now.
  const CallStatistics& statistics() const { return statistics_; }
  /// Calls that wait for a callee that is not busy.
  std::size_t waitingCalls() const;

 private:
  static constexpr std::string_view kTooManyWait = "all are busy, and too many calls wait";

  // Registering
  std::string_view whyNotShared(const Registration& registration, const Session& session,
                                Invoke invoke) const;
  Registration& create(const message::Register& request, Invoke invoke);
  void addCallee(Registration& registration, Session& session, const message::Register::Options& options);
  void removeCallee(Session& session, Registration& registration);
  void removeRegistration(Registration& registration);
  void tellRevoked(Id registration, const std::vector<Session*>& callees, std::string_view reason);

  // Calling
  Call& remember(Session& session, const message::Call& request);
  void invoke(Call& call, Registration& registration, Callee& callee, message::Call request,
              const Permission& permission);
  void keepForOthers(Call& call, const message::Call& request, const Permission& permission);
  void setTimeout(Call& call, std::chrono::milliseconds timeout);
  std::string_view whyNotCalled(const Session& session, const message::Call& request,
                                const Permission& permission, std::string& why) const;
  /// What a call keeps while it waits counts for its caller.
  static void count(Call& call);
  void refuseTooLarge(Session& session, const message::Call& request);
  static void noteAnsweredEarly(Session& session, Id request);

  // Waiting
  void wait(Session& session, message::Call request, Registration& registration, const Permission& permission,
            Routing routing);
  void invokeKept(Call& call, Registration& registration, Callee& callee);
  void serveWaiting(Registration& registration, Callee& callee);
  void routeWaiting(Registration& registration);
  void endWaiting(Registration& registration);

  // Re-routing
  bool knowsReroute(const Session& callee) const;
  bool mayReroute(const Session& session, const Call& call, const message::Error& answer) const;
  void reroute(Session& session, Call& call);

  // Answering
  static Problem findAnswered(const Session& session, Id invocation, Call*& call);
  void sendProgress(Call& call, message::Yield answer);
  void finish(Call& call);
  void finishWithError(Call& call, std::string_view uri, std::string_view why);
  void interrupt(Call& call, CancelMode mode, std::string_view reason);
  void freeSlot(Session& callee, Id invocation);
  void abandon(Call& call);
  void cancelAtOnce(Call& call, bool doesInterrupt, std::string_view uri, std::string_view why);

  const RealmOptions& options_;
  const Clock& clock_;
  Outbox& out_;
  Broker& broker_;
  UriMap<Registration*> byUri_;
  std::unordered_map<Id, std::unique_ptr<Registration>> byId_;
  Id lastRegistration_ = 0;
  std::uint64_t lastCallee_ = 0;
  Deadlines<Call>& deadlines_;
  CallStatistics statistics_;
};

}  // namespace autobahn::inline v0::wamp::router
