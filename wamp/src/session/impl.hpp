// What is behind ApplicationSession: the core, the transport, and the user's code that is waiting or running.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/wamp/payload_codec.hpp>
#include <autobahn/wamp/session.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core.hpp"

namespace autobahn::inline v0::wamp {

/// What a CallControl steers; empty functions before the call is sent and after its end.
class CallControlState {
 public:
  std::function<void(std::optional<CancelMode>)> cancel;
  std::function<bool(CallArgs, bool)> send;
};

/// A coroutine of the user's that runs.
struct RunningHandler {
  asio::cancellation_signal signal;
  bool isInterrupted = false;
  bool isLate = false;                        ///< interrupted because its time is over
  std::unique_ptr<asio::steady_timer> timer;  ///< of a call whose time-out is left to the callee
};

/// A request whose completion handler takes a T.
template <class T>
struct PendingOf final : PendingRequest {
  explicit PendingOf(Completion<T> completion) : done(std::move(completion)) {}
  Completion<T> done;
};

/// A PUBLISH that is to be acknowledged.
struct PendingPublish final : PendingRequest {
  explicit PendingPublish(Completion<Publication> completion) : done(std::move(completion)) {}
  Completion<Publication> done;
  std::string topic;
};

/// A call under way.
struct PendingCall final : PendingRequest {
  explicit PendingCall(Completion<CallResult> completion) : done(std::move(completion)) {}
  ~PendingCall() override;
  /// Ends what could still act on the call.
  void settle();

  Completion<CallResult> done;
  Id id = 0;
  std::string procedure;
  std::function<void(CallResult)> onProgress;
  CancelMode cancelMode = CancelMode::killnowait;
  std::shared_ptr<CallControlState> control;
  std::unique_ptr<asio::steady_timer> timer;
};

/// Binds a CallControl to a call.
class CallBinding {
 public:
  static const std::shared_ptr<CallControlState>& of(const CallControl& control) { return control.state_; }
};

/// Time-outs beyond it never pass, and clocks cannot count them.
inline constexpr std::chrono::milliseconds kLongestTimeout = std::chrono::hours(24 * 365);

/// How a session ended.
enum class EndedBy : std::uint8_t { goodbye, abort, transport };
struct SessionEnd {
  CloseDetails details;
  EndedBy by = EndedBy::goodbye;
};

/// The door to a session's inside for what runs sessions.
class SessionAccess {
 public:
  static SessionImpl& of(ApplicationSession& session) { return *session.impl_; }
};

/// One session's inside.
class SessionImpl {
 public:
  SessionImpl(ApplicationSession& owner, ComponentConfig configuration);
  SessionImpl(const SessionImpl&) = delete;
  SessionImpl& operator=(const SessionImpl&) = delete;
  ~SessionImpl() = default;

  // ---- impl_lifecycle.cpp
  void opened(std::shared_ptr<Transport> newTransport);
  void received(Message message);
  void receivedBad(const std::string& problem);
  void closed(const std::string& reason);
  void join(std::optional<std::string> realm, JoinOptions options);
  void leave(std::string_view reason, std::string_view message);
  void disconnect();
  Roles features() const;
  asio::any_io_executor requireExecutor() const;

  // ---- impl_caller.cpp
  void startCall(std::string procedure, CallArgs args, CallOptions options, Completion<CallResult> done);
  void cancelCall(PendingCall& call, std::optional<CancelMode> mode, std::string_view error);

  // ---- impl_callee.cpp
  void startRegister(std::string procedure, std::shared_ptr<Endpoint> endpoint, RegisterOptions options,
                     Completion<Registration> done);
  void startUnregister(const Registration& registration, Completion<std::monostate> done);

  // ---- impl_pubsub.cpp
  void publish(const std::string& topic, CallArgs args, PublishOptions options);
  void startPublish(std::string topic, CallArgs args, PublishOptions options, Completion<Publication> done);
  void startSubscribe(std::string topic, std::shared_ptr<EventHandler> handler, SubscribeOptions options,
                      Completion<Subscription> done);
  void startUnsubscribe(const Subscription& subscription, Completion<std::size_t> done);

  // ---- impl_errors.cpp
  /// Calls what is the user's; exceptions go to `onUserError`.
  template <class F>
  void guard(std::string_view where, F&& function) {
    try {
      function();
    } catch (...) {
      report(std::current_exception(), where);
    }
  }
  void report(std::exception_ptr thrown, std::string_view where);
  std::string resolve(std::string_view uri) const;

  /// How the last session on this transport ended, or was refused.
  std::optional<SessionEnd> lastEnd;
  /// The application has asked for the transport's end.
  bool wasDisconnected = false;

  ComponentConfig config;
  std::shared_ptr<Transport> transport;
  asio::any_io_executor executor;
  SessionCore core;
  SessionDetails details;
  std::shared_ptr<PayloadCodec> codec;
  std::map<std::string, std::string, std::less<>> prefixes;

  struct DefinedError {
    std::string uri;
    detail::ExceptionToArgs toArgs;
    detail::ErrorToException toException;
  };
  std::vector<DefinedError> definedErrors;

 private:
  using Done = std::function<void(std::exception_ptr, CallResult)>;

  // ---- impl_lifecycle.cpp
  void handle(event::Nothing&) {}
  void handle(event::Challenged& challenged);
  void handle(event::Joined& joined);
  void handle(event::Left& left);
  void handle(event::Answered& answered);
  void handle(event::Progressed& progressed);
  void handle(event::Published& published);
  void handle(event::Invoked& invoked);
  void handle(event::Interrupted& interrupted);
  void handle(event::Revoked& revoked);
  void handle(event::Violated& violated);
  void answerChallenge(MaybeAwaitable<ChallengeAnswer> answer);
  void sendAnswer(const ChallengeAnswer& answer);
  void refuseChallenge(std::exception_ptr why);
  bool wasOffered(std::string_view method) const;
  ClientAuthenticator* authenticatorFor(std::string_view method) const;
  bool mayGoOn(SessionState before) const;
  void suspend(const std::string& reason);
  void askToGoOn(JoinOptions& options) const;
  void refuseWelcome(std::string_view reason, const std::string& message);
  bool welcomeIsGood();
  void runOnJoin();
  void endSession(const CloseDetails& why, EndedBy by, const std::exception_ptr& forPending);
  void failPending(Request request, const std::exception_ptr& why);
  void cancelRunning();
  void armLeaveTimer();
  /// Runs a coroutine of the user's; `keep` lives until it has ended.
  void spawn(asio::awaitable<CallResult> work, std::shared_ptr<void> keep, Done done,
             std::shared_ptr<RunningHandler> running = std::make_shared<RunningHandler>());

  // ---- impl_caller.cpp
  void finishCall(PendingCall& call, message::Result& result);
  CallResult unpackResult(const std::string& procedure, message::Result& result);
  bool continueCall(const PendingCall& call, CallArgs args, bool moreToCome);
  void bindControl(const std::shared_ptr<PendingCall>& call, const CallOptions& options);
  void armTimer(const std::shared_ptr<PendingCall>& call, std::chrono::milliseconds timeout);

  // ---- impl_callee.cpp
  CallDetails detailsOf(const event::Invoked& invoked) const;
  void runEndpoint(const std::shared_ptr<Endpoint>& endpoint, const std::string& procedure,
                   message::Invocation& invocation, CallDetails callDetails);
  struct InvocationKey {
    Id id = 0;
    std::uint64_t epoch = 0;
    bool isProgress = false;  ///< of a part of a progressive invocation but the last
    bool takesProgress = false;
    std::string procedure;
  };
  bool yield(const InvocationKey& key, bool isProgress, CallResult result);
  void finishInvocation(const InvocationKey& key, CallResult result);
  void failInvocation(const InvocationKey& key, std::exception_ptr why,
                      const RunningHandler* running = nullptr);
  void armTimer(const std::shared_ptr<RunningHandler>& running, std::chrono::milliseconds timeout);
  void interrupt(RunningHandler& running);
  void forgetInvocation(Id invocation, const std::shared_ptr<RunningHandler>& running);
  void sendError(const InvocationKey& key, const std::string& uri, CallArgs args);
  bool isRunning(const InvocationKey& key) const;

  // ---- impl_pubsub.cpp
  message::Publish makePublish(const std::string& topic, CallArgs args, PublishOptions options);
  void runEventHandler(const std::shared_ptr<SubscriptionState>& state, CallArgs args, EventDetails event);

  // ---- impl_errors.cpp
  struct Packed {
    Payload payload;
    Rare<message::Passthru> passthru;
  };
  Packed pack(bool isOriginating, std::string_view uri, CallArgs args,
              const std::optional<message::Passthru>& given = {});
  CallArgs unpack(bool isOriginating, std::string_view uri, Payload payload,
                  const Rare<message::Passthru>& passthru);
  std::exception_ptr exceptionOf(message::Error& error);
  bool routerHas(Role role, Feature feature) const { return core.routerRoles().has(role, feature); }
  void requireTransport() const;

  ApplicationSession& owner_;
  std::uint64_t epoch_ = 0;  ///< counts sessions, since request IDs begin anew with each
  bool isDisconnecting_ = false;
  /// By which the router would let the session go on after its transport; empty: it would not.
  std::string resumeToken_;
  std::vector<std::string> offered_;           ///< authmethods of the HELLO
  ClientAuthenticator* answeredBy_ = nullptr;  ///< the one that has answered a CHALLENGE
  std::unique_ptr<asio::steady_timer> leaveTimer_;
  std::unordered_multimap<Id, std::shared_ptr<RunningHandler>> invocations_;
  std::unordered_set<std::shared_ptr<RunningHandler>> running_;  ///< all of the user's coroutines
};

/// The features that our sessions announce, by role.
Roles clientRoles();

}  // namespace autobahn::inline v0::wamp
