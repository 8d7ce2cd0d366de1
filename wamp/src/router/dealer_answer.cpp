// From YIELD, ERROR, CANCEL and leaving to the call's answer.
#include <algorithm>
#include <autobahn/wamp/error_uri.hpp>
#include <vector>

#include "dealer.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

using message::Cancel;

message::Result resultOf(const Call& call, message::Yield answer) {
  return {
      .request = call.request,
      .details = {.passthru = std::move(answer.options.passthru), .custom = std::move(answer.options.custom)},
      .payload = std::move(answer.payload)};
}

template <class Map>
std::vector<Id> sortedKeys(const Map& map) {
  std::vector<Id> keys;
  keys.reserve(map.size());
  for (const auto& entry : map) keys.push_back(entry.first);
  std::ranges::sort(keys);
  return keys;
}

}  // namespace

// ---- The callee answers

// The call that a callee answers, or nullptr when the answer comes too late: the caller is gone or has been
// answered. That is no violation, an ID that was never given to this callee is.
Problem Dealer::findAnswered(const Session& session, Id invocation, Call*& call) {
  if (invocation == 0 || invocation > session.lastInvocation) {
    return "no such invocation: " + std::to_string(invocation);
  }
  const auto found = session.invocations.find(invocation);
  call = found == session.invocations.end() ? nullptr : found->second;
  return {};
}

Problem Dealer::yield(Session& session, message::Yield answer) {
  Call* call = nullptr;
  if (Problem problem = findAnswered(session, answer.request, call)) return "YIELD.Request: " + *problem;
  const Id invocation = answer.request;
  if (answer.options.progress.value_or(false)) {
    if (call != nullptr) sendProgress(*call, std::move(answer));
    return {};
  }
  if (call != nullptr) {
    ++statistics_.results;
    out_.send(*call->caller, resultOf(*call, std::move(answer)));
    finish(*call);
  }
  freeSlot(session, invocation);
  return {};
}

void Dealer::sendProgress(Call& call, message::Yield answer) {
  if (!call.wantsProgress || call.isKilled) return;
  // The rest is to come from the same callee.
  if (call.kept) {
    call.kept.reset();
    count(call);
  }
  // A time limit counts from one result to the next (advanced profile, progressive call results).
  if (call.deadline) deadlines_.set(call.deadline, clock_.now + call.timeout, call);
  message::Result result = resultOf(call, std::move(answer));
  result.details.progress = true;
  out_.send(*call.caller, std::move(result));
}

Problem Dealer::error(Session& session, message::Error answer) {
  Call* call = nullptr;
  if (Problem problem = findAnswered(session, answer.request, call)) return "ERROR.Request: " + *problem;
  const Id invocation = answer.request;
  if (call != nullptr && mayReroute(session, *call, answer)) {
    reroute(session, *call);
  } else if (call != nullptr) {
    ++statistics_.errors;
    out_.send(*call->caller, message::Error{.requestType = message::Call::kCode,
                                            .request = call->request,
                                            .details = {.passthru = std::move(answer.details.passthru),
                                                        .custom = std::move(answer.details.custom)},
                                            .error = std::move(answer.error),
                                            .payload = std::move(answer.payload)});
    finish(*call);
  }
  freeSlot(session, invocation);
  return {};
}

void Dealer::freeSlot(Session& callee, Id invocation) {
  const auto found = callee.slots.find(invocation);
  if (found == callee.slots.end()) return;
  const Slot slot = found->second;
  callee.slots.erase(found);
  const auto registration = byId_.find(slot.registration);
  if (registration == byId_.end()) return;
  for (Callee& each : registration->second->callees) {
    if (each.serial != slot.callee) continue;
    --each.running;
    return serveWaiting(*registration->second, each);
  }
}

// ---- The caller does not want it any more

void Dealer::cancel(Session& session, const Cancel& request) {
  const auto found = session.calls.find(request.request);
  // Answered already: the answer was on its way when CANCEL was sent.
  if (found == session.calls.end()) return;
  Call& call = *found->second;
  // The specification has no default; most routers take this one.
  const CancelMode mode = request.options.mode.value_or(CancelMode::killnowait);
  const bool canInterrupt = call.callee != nullptr && call.callee->can(Role::callee, Feature::callCanceling);
  if (mode == CancelMode::kill && canInterrupt) {
    if (!call.isKilled) interrupt(call, mode, error::kCanceled);
    call.isKilled = true;
    return;
  }
  cancelAtOnce(call, mode != CancelMode::skip, error::kCanceled, {});
}

bool Dealer::fail(Session& session, Id request, std::string_view uri, std::string_view why) {
  const auto found = session.calls.find(request);
  if (found == session.calls.end()) return false;
  cancelAtOnce(*found->second, true, uri, why);
  return true;
}

void Dealer::failInvocation(Session& callee, Id invocation, std::string_view uri, std::string_view why) {
  const auto found = callee.invocations.find(invocation);
  const bool isThere = found != callee.invocations.end();
  // Of a later part: the callee is at work on those before.
  if (isThere && found->second->isContinued) return cancelAtOnce(*found->second, true, uri, why);
  if (isThere) finishWithError(*found->second, uri, why);
  freeSlot(callee, invocation);
}

void Dealer::failInvocations(Session& callee, std::string_view why) {
  for (const Id invocation : sortedKeys(callee.invocations)) {
    const auto found = callee.invocations.find(invocation);
    if (found != callee.invocations.end()) finishWithError(*found->second, error::kCanceled, why);
  }
  // Also those whose callers are gone. A call that waits for a place gets it now.
  for (const Id invocation : sortedKeys(callee.slots)) freeSlot(callee, invocation);
}

void Dealer::finishWithError(Call& call, std::string_view uri, std::string_view why) {
  ++(uri == error::kTimeout    ? statistics_.timedOut
     : uri == error::kCanceled ? statistics_.canceled
                               : statistics_.failed);
  refuse(out_, *call.caller, message::Call::kCode, call.request, uri, why);
  finish(call);
}

void Dealer::interrupt(Call& call, CancelMode mode, std::string_view reason) {
  out_.send(*call.callee, message::Interrupt{.request = call.invocation,
                                             .options = {.mode = mode, .reason = Text::constant(reason)}});
}

void Dealer::cancelAtOnce(Call& call, bool doesInterrupt, std::string_view uri, std::string_view why) {
  Session* callee = call.callee;
  const Id invocation = call.invocation;
  const bool isInterrupted =
      doesInterrupt && callee != nullptr && callee->can(Role::callee, Feature::callCanceling);
  if (isInterrupted) interrupt(call, CancelMode::killnowait, uri);
  finishWithError(call, uri, why);
  // One that is interrupted need not answer (advanced profile, call canceling); others will.
  if (isInterrupted) freeSlot(*callee, invocation);
}

// ---- Somebody leaves

void Dealer::leave(Session& session) {
  // In the order in which things came, so that what follows does not depend on chance. What waits goes first,
  // so that nothing below brings it on its way.
  for (const Id request : sortedKeys(session.calls)) {
    Call& call = *session.calls.at(request);
    if (call.queue == nullptr) continue;
    ++statistics_.abandoned;
    finish(call);
  }
  session.slots.clear();
  for (const Id id : sortedKeys(session.registrations)) removeCallee(session, *session.registrations.at(id));
  for (const Id request : sortedKeys(session.calls)) abandon(*session.calls.at(request));
  session.answeredEarly.clear();
  for (const Id invocation : sortedKeys(session.invocations)) {
    finishWithError(*session.invocations.at(invocation), error::kCanceled, "the callee has left");
  }
}

// Its caller is gone: nobody waits for the answer (basic profile, caller leaving during an RPC invocation).
void Dealer::abandon(Call& call) {
  ++statistics_.abandoned;
  Session& callee = *call.callee;
  const Id invocation = call.invocation;
  const bool isInterrupted = &callee != call.caller && callee.can(Role::callee, Feature::callCanceling);
  if (isInterrupted) interrupt(call, CancelMode::killnowait, error::kCanceled);
  finish(call);
  if (isInterrupted) freeSlot(callee, invocation);
}

}  // namespace autobahn::inline v0::wamp::router
