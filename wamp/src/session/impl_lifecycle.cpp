// How sessions begin and end.
#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <autobahn/util/version.hpp>
#include <autobahn/wamp/client_authenticator.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "impl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// The router is to answer GOODBYE within this time, or the transport is closed without.
constexpr std::chrono::seconds kLeaveTimeout(5);

std::string stringOf(const std::optional<Text>& text) { return text ? text->string() : std::string(); }

message::Hello makeHello(const std::optional<std::string>& realm, JoinOptions options) {
  message::Hello hello;
  if (realm) hello.realm = Text(*realm);
  auto& details = hello.details;
  details.roles = clientRoles();
  details.agent = Text("AutobahnCpp-" + std::string(util::version()));
  if (!options.authmethods.empty()) {
    details.authmethods.emplace(options.authmethods.begin(), options.authmethods.end());
  }
  if (options.authid) details.authid = Text(*options.authid);
  if (options.authrole) details.authrole = Text(*options.authrole);
  if (!options.authextra.empty()) details.authextra = std::move(options.authextra);
  if (options.resumable) details.resumable = true;
  details.resumeSession = options.resumeSession;
  if (options.resumeToken) details.resumeToken = Text(*options.resumeToken);
  return hello;
}

SessionDetails makeDetails(message::Welcome& welcome) {
  auto& given = welcome.details;
  SessionDetails details;
  details.realm = stringOf(given.realm);
  details.session = welcome.session;
  details.authid = stringOf(given.authid);
  details.authrole = stringOf(given.authrole);
  details.authmethod = stringOf(given.authmethod);
  details.authprovider = stringOf(given.authprovider);
  if (given.authextra) details.authextra = *given.authextra;
  details.resumed = given.resumed.value_or(false);
  details.resumable = given.resumable.value_or(false);
  details.resumeToken = stringOf(given.resumeToken);
  details.agent = stringOf(given.agent);
  details.roles = given.roles;
  if (given.custom) details.custom = *given.custom;
  return details;
}

std::string whatOf(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

asio::awaitable<CallResult> withoutResult(asio::awaitable<void> work) {
  co_await std::move(work);
  co_return CallResult();
}

}  // namespace

SessionImpl::SessionImpl(ApplicationSession& owner, ComponentConfig configuration)
    : config(std::move(configuration)),
      core([this](const Message& message) {
        if (!transport) throw TransportLost("the session has no transport");
        transport->send(message);
      }),
      owner_(owner) {}

asio::any_io_executor SessionImpl::requireExecutor() const {
  if (!executor) throw SessionNotReady("the session has had no transport yet");
  return executor;
}

void SessionImpl::opened(std::shared_ptr<Transport> newTransport) {
  if (transport) throw InvalidState("the session has a transport already");
  transport = std::move(newTransport);
  executor = transport->executor();
  isDisconnecting_ = false;
  wasDisconnected = false;
  lastEnd.reset();
  guard("onConnect", [&] { owner_.onConnect(); });
}

void SessionImpl::received(Message message) {
  SessionEvent event = core.receive(std::move(message));
  std::visit([this](auto& each) { handle(each); }, event);
}

void SessionImpl::receivedBad(const std::string& problem) {
  event::Violated violated = core.violate(problem);
  handle(violated);
}

void SessionImpl::closed(const std::string& reason) {
  transport = nullptr;
  leaveTimer_ = nullptr;
  const SessionState before = core.state();
  core.transportLost();
  if (mayGoOn(before)) {
    suspend(reason);
  } else if (before != SessionState::idle && before != SessionState::over) {
    endSession({std::string(close::kTransportLost), reason}, EndedBy::transport,
               std::make_exception_ptr(TransportLost("the transport was lost: " + reason)));
  }
  guard("onDisconnect", [&] { owner_.onDisconnect(); });
}

bool SessionImpl::mayGoOn(SessionState before) const {
  if (wasDisconnected || resumeToken_.empty()) return false;
  // Also when the router has not answered yet whether it may.
  return before == SessionState::joined || (before == SessionState::joining && core.isSuspended());
}

// What was under way may have got through or not: it fails, as at the end of a session.
void SessionImpl::suspend(const std::string& reason) {
  core.suspend();
  const CloseDetails why{std::string(close::kTransportLost), reason};
  lastEnd = SessionEnd{why, EndedBy::transport};
  ++epoch_;
  const auto lost = std::make_exception_ptr(TransportLost("the transport was lost: " + reason));
  for (auto& request : core.takePending()) failPending(std::move(request), lost);
  cancelRunning();
}

void SessionImpl::askToGoOn(JoinOptions& options) const {
  if (!core.isSuspended() || !options.resumable || options.resumeSession) return;
  options.resumeSession = core.session();
  options.resumeToken = resumeToken_;
}

void SessionImpl::join(std::optional<std::string> realm, JoinOptions options) {
  requireTransport();
  askToGoOn(options);
  const bool choosesMethods = options.authmethods.empty();
  for (const auto& each : config.authenticators) {
    if (choosesMethods) {
      for (std::string& method : each->methods()) options.authmethods.push_back(std::move(method));
    }
    each->prepare(options, *transport);
  }
  offered_ = options.authmethods;
  answeredBy_ = nullptr;
  core.join(makeHello(realm, std::move(options)));
  details = SessionDetails();
  if (realm) details.realm = *realm;
  ++epoch_;
}

void SessionImpl::leave(std::string_view reason, std::string_view message) {
  requireTransport();
  core.leave(reason, message);
  armLeaveTimer();
}

void SessionImpl::armLeaveTimer() {
  leaveTimer_ = std::make_unique<asio::steady_timer>(executor, kLeaveTimeout);
  leaveTimer_->async_wait([weak = owner_.weak_from_this(), epoch = epoch_](std::error_code error) {
    const auto session = weak.lock();
    if (error || !session) return;
    SessionImpl& impl = *session->impl_;
    if (epoch == impl.epoch_ && impl.core.state() == SessionState::leaving && impl.transport) {
      impl.transport->close();
    }
  });
}

void SessionImpl::disconnect() {
  if (!transport) return;
  wasDisconnected = true;
  if (core.state() == SessionState::joined) {
    isDisconnecting_ = true;
    try {
      leave(close::kNormal, {});
      return;
    } catch (const Error&) {  // it is going anyway
    }
  }
  if (core.state() != SessionState::leaving) {
    transport->close();
  } else {
    isDisconnecting_ = true;
  }
}

void SessionImpl::handle(event::Challenged& challenged) {
  Challenge challenge{challenged.challenge.method.string(), std::move(challenged.challenge.extra)};
  try {
    if (!offered_.empty() && !wasOffered(challenge.method)) {
      throw ProtocolError("a challenge for \"" + challenge.method + "\", which was not offered");
    }
    if (ClientAuthenticator* authenticator = authenticatorFor(challenge.method)) {
      answeredBy_ = authenticator;
      answerChallenge(authenticator->answer(std::move(challenge)));
    } else {
      answerChallenge(owner_.onChallenge(std::move(challenge)));
    }
  } catch (...) {
    refuseChallenge(std::current_exception());
  }
}

bool SessionImpl::wasOffered(std::string_view method) const {
  return std::find(offered_.begin(), offered_.end(), method) != offered_.end();
}

// Never one that was not offered: a router must not have a ticket that was meant for another.
ClientAuthenticator* SessionImpl::authenticatorFor(std::string_view method) const {
  if (!wasOffered(method)) return nullptr;
  for (const auto& each : config.authenticators) {
    const auto methods = each->methods();
    if (std::find(methods.begin(), methods.end(), method) != methods.end()) return each.get();
  }
  return nullptr;
}

namespace {
asio::awaitable<CallResult> intoAnswer(asio::awaitable<ChallengeAnswer> work,
                                       std::shared_ptr<ChallengeAnswer> answer) {
  *answer = co_await std::move(work);
  co_return CallResult();
}
}  // namespace

void SessionImpl::answerChallenge(MaybeAwaitable<ChallengeAnswer> answer) {
  if (answer.isReady()) return sendAnswer(answer.takeValue());
  auto result = std::make_shared<ChallengeAnswer>();
  spawn(intoAnswer(answer.takeAwaitable(), result), result,
        [this, result, epoch = epoch_](std::exception_ptr why, CallResult) {
          if (epoch != epoch_ || core.state() != SessionState::joining) return;
          if (why) return refuseChallenge(why);
          sendAnswer(*result);
        });
}

void SessionImpl::sendAnswer(const ChallengeAnswer& answer) {
  message::Authenticate message;
  message.signature = answer.signature;
  message.extra = answer.extra;
  try {
    core.authenticate(message);
  } catch (const TransportLost&) {  // onClose comes
  } catch (...) {
    refuseChallenge(std::current_exception());
  }
}

void SessionImpl::refuseChallenge(std::exception_ptr why) {
  refuseWelcome(error::kCannotAuthenticate, whatOf(why));
}

void SessionImpl::refuseWelcome(std::string_view reason, const std::string& message) {
  core.abort(reason, message);
  endSession({std::string(reason), message}, EndedBy::abort,
             std::make_exception_ptr(ApplicationError(reason, {message})));
}

// Who says welcome has proved nothing yet: what it says of the method must not spare it the proof.
bool SessionImpl::welcomeIsGood() {
  const std::string method = details.authmethod.empty() ? "anonymous" : details.authmethod;
  ClientAuthenticator* authenticator = answeredBy_ != nullptr ? answeredBy_ : authenticatorFor(method);
  if (authenticator == nullptr && !config.authenticators.empty() && !wasOffered(method)) {
    refuseWelcome(error::kAuthenticationFailed, "welcomed by \"" + method + "\", which was not offered");
    return false;
  }
  try {
    if (const auto problem = authenticator == nullptr ? std::nullopt : authenticator->checkWelcome(details)) {
      refuseWelcome(error::kAuthenticationFailed, *problem);
      return false;
    }
    owner_.onWelcome(details);
    return true;
  } catch (const ApplicationError& error) {
    refuseWelcome(error.error(), error.what());
  } catch (...) {
    refuseWelcome(error::kAuthenticationFailed, whatOf(std::current_exception()));
  }
  return false;
}

void SessionImpl::handle(event::Joined& joined) {
  const std::string asked = details.realm;
  details = makeDetails(joined.welcome);
  if (details.realm.empty()) details.realm = asked;
  details.transport = transport->details();
  resumeToken_ = details.resumable ? details.resumeToken : std::string();
  const auto epoch = epoch_;
  if (!welcomeIsGood()) return;
  if (epoch == epoch_ && core.state() == SessionState::joined) runOnJoin();
}

void SessionImpl::runOnJoin() {
  guard("onJoin", [&] {
    spawn(withoutResult(owner_.onJoin(details)), nullptr,
          [this, epoch = epoch_](std::exception_ptr why, CallResult) {
            if (why && epoch == epoch_ && core.state() == SessionState::joined) report(why, "onJoin");
          });
  });
}

void SessionImpl::spawn(asio::awaitable<CallResult> work, std::shared_ptr<void> keep, Done done,
                        std::shared_ptr<RunningHandler> running) {
  running_.insert(running);
  // The session lives in the completion handler, so `this` in `done` is good.
  asio::co_spawn(executor, std::move(work),
                 asio::bind_cancellation_slot(
                     running->signal.slot(),
                     [this, session = owner_.shared_from_this(), keep = std::move(keep),
                      done = std::move(done), running](std::exception_ptr why, CallResult result) {
                       running_.erase(running);
                       done(std::move(why), std::move(result));
                     }));
}

void SessionImpl::handle(event::Left& left) {
  const CloseDetails why{std::move(left.reason), std::move(left.message)};
  endSession(why, left.wasAborted ? EndedBy::abort : EndedBy::goodbye,
             std::make_exception_ptr(ApplicationError(why.reason, {"the session has ended"})));
  if (isDisconnecting_ && transport) transport->close();
}

void SessionImpl::handle(event::Violated& violated) {
  owner_.log().error("protocol violation by the router", {{"problem", violated.reason}});
  const CloseDetails why{std::string(error::kProtocolViolation), violated.reason};
  endSession(why, EndedBy::abort, std::make_exception_ptr(ProtocolError(violated.reason)));
  if (transport) transport->close();
}

void SessionImpl::handle(event::Answered& answered) {
  Request& request = answered.request;
  if (!request.waiting) return;
  if (auto* error = std::get_if<message::Error>(&answered.answer)) {
    return failPending(std::move(request), exceptionOf(*error));
  }
  switch (request.code) {
    case message::Call::kCode:
      finishCall(static_cast<PendingCall&>(*request.waiting), std::get<message::Result>(answered.answer));
      break;
    case message::Register::kCode:
      static_cast<PendingOf<Registration>&>(*request.waiting)
          .done.succeed(Registration(request.registration));
      break;
    case message::Subscribe::kCode:
      static_cast<PendingOf<Subscription>&>(*request.waiting)
          .done.succeed(Subscription(request.subscription));
      break;
    case message::Publish::kCode: {
      auto& pending = static_cast<PendingPublish&>(*request.waiting);
      const Id id = std::get<message::Published>(answered.answer).publication;
      pending.done.succeed({id, std::move(pending.topic)});
      break;
    }
    case message::Unregister::kCode:
      static_cast<PendingOf<std::monostate>&>(*request.waiting).done.succeed({});
      break;
    default:  // UNSUBSCRIBE
      static_cast<PendingOf<std::size_t>&>(*request.waiting).done.succeed(0);
  }
}

void SessionImpl::failPending(Request request, const std::exception_ptr& why) {
  if (!request.waiting) return;
  switch (request.code) {
    case message::Call::kCode: {
      auto& call = static_cast<PendingCall&>(*request.waiting);
      call.settle();
      return call.done.fail(why);
    }
    case message::Register::kCode:
      return static_cast<PendingOf<Registration>&>(*request.waiting).done.fail(why);
    case message::Subscribe::kCode:
      return static_cast<PendingOf<Subscription>&>(*request.waiting).done.fail(why);
    case message::Publish::kCode:
      return static_cast<PendingPublish&>(*request.waiting).done.fail(why);
    case message::Unregister::kCode:
      return static_cast<PendingOf<std::monostate>&>(*request.waiting).done.fail(why);
    default:
      return static_cast<PendingOf<std::size_t>&>(*request.waiting).done.fail(why);
  }
}

void SessionImpl::endSession(const CloseDetails& why, EndedBy by, const std::exception_ptr& forPending) {
  leaveTimer_ = nullptr;
  lastEnd = SessionEnd{why, by};
  auto pending = core.takePending();
  core.clear();
  resumeToken_.clear();
  ++epoch_;
  for (auto& request : pending) failPending(std::move(request), forPending);
  cancelRunning();
  guard("onLeave", [&] { owner_.onLeave(why); });
}

void SessionImpl::cancelRunning() {
  const auto running = running_;  // they leave it as they end
  for (const auto& each : running) each->signal.emit(asio::cancellation_type::terminal);
  invocations_.clear();
}

}  // namespace autobahn::inline v0::wamp
