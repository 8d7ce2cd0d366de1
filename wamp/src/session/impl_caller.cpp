// Calling.
#include <autobahn/wamp/error_uri.hpp>

#include "impl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

message::Call makeCall(const std::string& procedure, const CallOptions& options) {
  message::Call call;
  call.procedure = procedure;
  if (options.onProgress) call.options.receiveProgress = true;
  if (options.progress) call.options.progress = true;
  if (options.timeout) call.options.timeout = options.timeout;
  call.options.discloseMe = options.discloseMe;
  if (options.transactionHash) call.options.transactionHash = Text(*options.transactionHash);
  if (options.runmode) call.options.runmode = Text(*options.runmode);
  if (options.rkey) call.options.rkey = Text(*options.rkey);
  call.options.forwardFor = options.forwardFor;
  if (!options.custom.empty()) call.options.custom = options.custom;
  return call;
}

std::optional<std::string> stringOf(const std::optional<Text>& text) {
  return text ? std::optional(text->string()) : std::nullopt;
}

}  // namespace

CallControl::CallControl() : state_(std::make_shared<CallControlState>()) {}

void CallControl::cancel(std::optional<CancelMode> mode) const {
  const auto cancelNow = state_->cancel;  // it is taken away while it runs
  if (cancelNow) cancelNow(mode);
}

bool CallControl::sendInput(CallArgs args, bool moreToCome) const {
  const auto sendNow = state_->send;
  return sendNow && sendNow(std::move(args), moreToCome);
}

PendingCall::~PendingCall() { settle(); }

void PendingCall::settle() {
  if (control) {
    control->cancel = nullptr;
    control->send = nullptr;
    control = nullptr;
  }
  timer = nullptr;
}

void SessionImpl::startCall(std::string procedure, CallArgs args, CallOptions options,
                            Completion<CallResult> done) {
  auto pending = std::make_shared<PendingCall>(std::move(done));
  try {
    requireTransport();
    pending->procedure = resolve(procedure);
    if (options.timeout && options.timeout->count() < 1) {
      throw std::invalid_argument("CallOptions::timeout must be at least 1 ms");
    }
    message::Call message = makeCall(pending->procedure, options);
    Packed packed = pack(true, pending->procedure, std::move(args), options.passthru);
    message.payload = std::move(packed.payload);
    message.options.passthru = std::move(packed.passthru);
    Request request;
    request.waiting = pending;
    pending->id = core.request(std::move(message), std::move(request));
  } catch (...) {
    return pending->done.failLater(std::current_exception());
  }
  pending->onProgress = std::move(options.onProgress);
  pending->cancelMode = options.cancelMode;
  bindControl(pending, options);
  if (options.timeout && !routerHas(Role::dealer, Feature::callTimeout)) armTimer(pending, *options.timeout);
}

void SessionImpl::bindControl(const std::shared_ptr<PendingCall>& call, const CallOptions& options) {
  const auto cancelLater = [weak = owner_.weak_from_this(),
                            weakCall = std::weak_ptr(call)](std::optional<CancelMode> mode) {
    const auto session = weak.lock();
    const auto pending = weakCall.lock();
    if (session && pending) session->impl_->cancelCall(*pending, mode, error::kCanceled);
  };
  if (auto slot = call->done.slot(); slot.is_connected()) {
    // Later: the slot must not be cleared while it is being called.
    slot.assign([cancelLater, onSession = executor](asio::cancellation_type) {
      asio::post(onSession, [cancelLater] { cancelLater(std::nullopt); });
    });
  }
  if (!options.control) return;
  call->control = CallBinding::of(*options.control);
  call->control->cancel = cancelLater;
  call->control->send = [weak = owner_.weak_from_this(), weakCall = std::weak_ptr(call)](CallArgs args,
                                                                                         bool moreToCome) {
    const auto session = weak.lock();
    const auto pending = weakCall.lock();
    return session && pending && session->impl_->continueCall(*pending, std::move(args), moreToCome);
  };
}

bool SessionImpl::continueCall(const PendingCall& call, CallArgs args, bool moreToCome) {
  message::Call message;
  message.procedure = call.procedure;
  if (call.onProgress) message.options.receiveProgress = true;
  if (moreToCome) message.options.progress = true;
  Packed packed = pack(true, call.procedure, std::move(args));
  message.payload = std::move(packed.payload);
  message.options.passthru = std::move(packed.passthru);
  return core.continueCall(call.id, std::move(message));
}

void SessionImpl::armTimer(const std::shared_ptr<PendingCall>& call, std::chrono::milliseconds timeout) {
  if (timeout > kLongestTimeout) return;
  call->timer = std::make_unique<asio::steady_timer>(executor, timeout);
  call->timer->async_wait(
      [weak = owner_.weak_from_this(), weakCall = std::weak_ptr(call)](std::error_code e) {
        const auto session = weak.lock();
        const auto pending = weakCall.lock();
        if (!e && session && pending) {
          session->impl_->cancelCall(*pending, CancelMode::killnowait, error::kTimeout);
        }
      });
}

void SessionImpl::cancelCall(PendingCall& call, std::optional<CancelMode> mode, std::string_view uri) {
  if (!call.done) return;
  const CancelMode wanted = mode.value_or(call.cancelMode);
  const bool routerCancels = routerHas(Role::dealer, Feature::callCanceling);
  // With `kill` the callee's answer is awaited; otherwise nothing is to be waited for.
  const bool isForgotten = !routerCancels || wanted != CancelMode::kill;
  std::shared_ptr<PendingRequest> waiting;
  try {
    waiting = core.cancel(call.id, wanted, routerCancels, isForgotten);
  } catch (const Error&) {
    return;  // the transport is going, and with it the call
  }
  if (!waiting) return;
  call.settle();
  call.done.failLater(std::make_exception_ptr(ApplicationError(uri, {"the call of " + call.procedure})));
}

void SessionImpl::handle(event::Progressed& progressed) {
  auto& call = static_cast<PendingCall&>(*progressed.waiting);
  if (!call.onProgress) return;
  guard("onProgress of " + call.procedure,
        [&] { call.onProgress(unpackResult(call.procedure, progressed.result)); });
}

CallResult SessionImpl::unpackResult(const std::string& procedure, message::Result& result) {
  CallArgs content = unpack(true, procedure, std::move(result.payload), result.details.passthru);
  CallResult whole;
  whole.results = std::move(content.args);
  whole.kwresults = std::move(content.kwargs);
  whole.callee = result.details.callee.session;
  whole.calleeAuthid = stringOf(result.details.callee.authid);
  whole.calleeAuthrole = stringOf(result.details.callee.authrole);
  whole.passthru = std::move(result.details.passthru);
  return whole;
}

void SessionImpl::finishCall(PendingCall& call, message::Result& result) {
  call.settle();
  CallResult whole;
  try {
    whole = unpackResult(call.procedure, result);
  } catch (...) {
    return call.done.fail(std::current_exception());
  }
  call.done.succeed(std::move(whole));
}

}  // namespace autobahn::inline v0::wamp
