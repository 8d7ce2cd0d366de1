// Procedures: registering, and running what is called.
#include <asio/error.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "impl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

std::optional<std::string> stringOf(const std::optional<Text>& text) {
  return text ? std::optional(text->string()) : std::nullopt;
}

message::Register makeRegister(const std::string& procedure, const RegisterOptions& options) {
  message::Register message;
  message.procedure = procedure;
  message.options.match = options.match;
  message.options.invoke = options.invoke;
  message.options.concurrency = options.concurrency;
  if (options.forceReregister) message.options.forceReregister = true;
  message.options.discloseCaller = options.discloseCaller;
  if (options.forwardTimeout) message.options.forwardTimeout = true;
  message.options.forwardFor = options.forwardFor;
  if (!options.custom.empty()) message.options.custom = options.custom;
  return message;
}

}  // namespace

Registration::Registration(std::shared_ptr<RegistrationState> state) : state_(std::move(state)) {}
Id Registration::id() const { return state_ ? state_->id : 0; }
std::string Registration::procedure() const { return state_ ? state_->procedure : std::string(); }
bool Registration::isActive() const { return state_ && state_->isActive; }
void Registration::onUnregister(std::function<void(const std::string&)> callback) const {
  if (state_) state_->onUnregister = std::move(callback);
}

void SessionImpl::startRegister(std::string procedure, std::shared_ptr<Endpoint> endpoint,
                                RegisterOptions options, Completion<Registration> done) {
  auto pending = std::make_shared<PendingOf<Registration>>(std::move(done));
  try {
    requireTransport();
    Request request;
    request.waiting = pending;
    request.registration = std::make_shared<RegistrationState>();
    request.registration->procedure = resolve(procedure);
    request.registration->endpoint = std::move(endpoint);
    auto message = makeRegister(request.registration->procedure, options);
    core.request(std::move(message), std::move(request));
  } catch (...) {
    pending->done.failLater(std::current_exception());
  }
}

void SessionImpl::startUnregister(const Registration& registration, Completion<std::monostate> done) {
  auto pending = std::make_shared<PendingOf<std::monostate>>(std::move(done));
  try {
    requireTransport();
    if (!registration.state()) throw InvalidState("the registration was never made");
    Request request;
    request.waiting = pending;
    request.registration = registration.state();
    core.unregister(registration.state(), std::move(request));
  } catch (...) {
    pending->done.failLater(std::current_exception());
  }
}

CallDetails SessionImpl::detailsOf(const event::Invoked& invoked) const {
  const auto& given = invoked.invocation.details;
  CallDetails call;
  call.registration = invoked.registration->id;
  call.procedure = given.procedure ? given.procedure->string() : invoked.registration->procedure;
  call.caller = given.caller.session;
  call.callerAuthid = stringOf(given.caller.authid);
  call.callerAuthrole = stringOf(given.caller.authrole);
  call.trustlevel = given.trustlevel;
  call.timeout = given.timeout;
  call.transactionHash = stringOf(given.transactionHash);
  if (given.passthru && given.passthru->encAlgo) call.encAlgo = given.passthru->encAlgo->string();
  call.passthru = given.passthru;
  call.forwardFor = given.forwardFor;
  if (given.custom) call.custom = *given.custom;
  call.receiveProgress = given.receiveProgress.value_or(false);
  call.moreToCome = given.progress.value_or(false);
  return call;
}

void SessionImpl::handle(event::Invoked& invoked) {
  CallDetails call = detailsOf(invoked);
  const InvocationKey key{invoked.invocation.request, epoch_, false, call.receiveProgress, call.procedure};
  call.yield = [weak = owner_.weak_from_this(), key](CallResult result) {
    const auto session = weak.lock();
    return session && session->impl_->yield(key, true, std::move(result));
  };
  call.isRunning = [weak = owner_.weak_from_this(), key] {
    const auto session = weak.lock();
    return session && session->impl_->isRunning(key);
  };
  runEndpoint(invoked.registration->endpoint, key.procedure, invoked.invocation, std::move(call));
}

void SessionImpl::runEndpoint(const std::shared_ptr<Endpoint>& endpoint, const std::string& procedure,
                              message::Invocation& invocation, CallDetails callDetails) {
  const InvocationKey key{invocation.request, epoch_, callDetails.moreToCome, callDetails.receiveProgress,
                          procedure};
  const auto timeout = callDetails.timeout;
  try {
    CallArgs args = unpack(false, procedure, std::move(invocation.payload), invocation.details.passthru);
    MaybeAwaitable<CallResult> result = endpoint->run(std::move(args), std::move(callDetails));
    if (result.isReady()) return finishInvocation(key, result.takeValue());
    // The handler is known to `invocations_` before it can end.
    auto running = std::make_shared<RunningHandler>();
    invocations_.emplace(key.id, running);
    if (timeout && timeout->count() > 0) armTimer(running, *timeout);
    spawn(
        result.takeAwaitable(), endpoint,
        [this, key, running](std::exception_ptr why, CallResult whole) {
          running->timer = nullptr;
          forgetInvocation(key.id, running);
          if (why) return failInvocation(key, why, running.get());
          finishInvocation(key, std::move(whole));
        },
        running);
  } catch (...) {
    failInvocation(key, std::current_exception());
  }
}

void SessionImpl::forgetInvocation(Id invocation, const std::shared_ptr<RunningHandler>& running) {
  const auto [begin, end] = invocations_.equal_range(invocation);
  for (auto each = begin; each != end; ++each) {
    if (each->second != running) continue;
    invocations_.erase(each);
    return;
  }
}

void SessionImpl::armTimer(const std::shared_ptr<RunningHandler>& running,
                           std::chrono::milliseconds timeout) {
  if (timeout > kLongestTimeout) return;
  running->timer = std::make_unique<asio::steady_timer>(executor, timeout);
  running->timer->async_wait(
      [this, weak = owner_.weak_from_this(), weakRunning = std::weak_ptr(running)](std::error_code error) {
        const auto session = weak.lock();
        const auto late = weakRunning.lock();
        if (error || !session || !late) return;
        late->isLate = true;
        interrupt(*late);
      });
}

void SessionImpl::interrupt(RunningHandler& running) {
  running.isInterrupted = true;
  running.signal.emit(asio::cancellation_type::terminal);
}

bool SessionImpl::isRunning(const InvocationKey& key) const {
  if (key.epoch != epoch_ || !core.isInvoked(key.id)) return false;
  const auto found = invocations_.find(key.id);
  return found == invocations_.end() || !found->second->isInterrupted;
}

bool SessionImpl::yield(const InvocationKey& key, bool isProgress, CallResult result) {
  if (key.epoch != epoch_) return false;
  message::Yield message;
  message.request = key.id;
  if (isProgress) message.options.progress = true;
  std::optional<message::Passthru> given;
  if (result.passthru) given = *result.passthru;
  Packed packed = pack(false, key.procedure, {std::move(result.results), std::move(result.kwresults)}, given);
  message.payload = std::move(packed.payload);
  message.options.passthru = std::move(packed.passthru);
  return core.yield(message);
}

void SessionImpl::finishInvocation(const InvocationKey& key, CallResult result) {
  if (key.isProgress && !key.takesProgress) return;  // the last part's result is the call's
  try {
    yield(key, key.isProgress, std::move(result));
  } catch (const TransportLost&) {  // onClose comes
  } catch (const SerializationError& error) {
    sendError(key, std::string(error::kInvalidPayload),
              {{"the result cannot be sent: " + std::string(error.what())}, {}});
  } catch (...) {
    failInvocation(key, std::current_exception());
  }
}

void SessionImpl::failInvocation(const InvocationKey& key, std::exception_ptr why,
                                 const RunningHandler* running) {
  if (key.epoch != epoch_ || !core.isInvoked(key.id)) return;  // nobody is there to be told
  try {
    for (const auto& defined : definedErrors) {
      if (auto args = defined.toArgs(why)) return sendError(key, defined.uri, std::move(*args));
    }
    std::rethrow_exception(why);
  } catch (const ApplicationError& error) {
    return sendError(key, error.error(), {error.args(), error.kwargs()});
  } catch (const std::system_error& error) {
    if (running != nullptr && running->isInterrupted && error.code() == asio::error::operation_aborted) {
      return sendError(key, std::string(running->isLate ? error::kTimeout : error::kCanceled), {});
    }
    sendError(key, std::string(error::kRuntimeError), {{error.what()}, {}});
  } catch (const std::exception& error) {
    sendError(key, std::string(error::kRuntimeError), {{error.what()}, {}});
  } catch (...) {
    sendError(key, std::string(error::kRuntimeError), {{"an exception of unknown type"}, {}});
  }
  report(why, "endpoint of " + key.procedure);
}

void SessionImpl::sendError(const InvocationKey& key, const std::string& uri, CallArgs args) {
  if (key.epoch != epoch_) return;
  message::Error message;
  message.requestType = message::Invocation::kCode;
  message.request = key.id;
  message.error = isValidUri(uri) ? uri : std::string(error::kRuntimeError);
  try {
    Packed packed = pack(false, uri, std::move(args));
    message.payload = std::move(packed.payload);
    message.details.passthru = std::move(packed.passthru);
    core.fail(message);
  } catch (const TransportLost&) {  // onClose comes
  } catch (...) {
    // The error's arguments cannot be sent: the error itself can.
    message.payload = Payload();
    message.details.passthru.reset();
    guard("ERROR of " + key.procedure, [&] { core.fail(message); });
  }
}

void SessionImpl::handle(event::Interrupted& interrupted) {
  const auto [begin, end] = invocations_.equal_range(interrupted.invocation);
  std::vector<std::shared_ptr<RunningHandler>> running;
  for (auto each = begin; each != end; ++each) running.push_back(each->second);
  for (const auto& each : running) interrupt(*each);
}

}  // namespace autobahn::inline v0::wamp
