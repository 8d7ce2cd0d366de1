// From CALL to INVOCATION.
#include <algorithm>
#include <autobahn/wamp/error_uri.hpp>

#include "../messages/parts.hpp"
#include "dealer.hpp"
#include "pick.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

// The latest calls that were answered before their last part came.
constexpr std::size_t kMaxAnsweredEarly = 256;

// Advanced profile, sharded registration: a sketch. Its "all" calls are not even sketched.
std::string_view whyNotRouted(const message::Call::Options& options, std::string& why) {
  if (!options.runmode) return {};
  if (*options.runmode != "partition") {
    why = "runmode: \"partition\" is possible, not \"" + options.runmode->string() + '"';
    return error::kOptionNotAllowed;
  }
  if (options.rkey) return {};
  why = "rkey: must be given with runmode \"partition\"";
  return error::kInvalidArgument;
}

}  // namespace

Dealer::Dealer(const RealmOptions& options, const Clock& clock, Outbox& out, Broker& broker,
               Deadlines<Call>& deadlines)
    : options_(options), clock_(clock), out_(out), broker_(broker), deadlines_(deadlines) {}

void Dealer::handleTimeout(Call& call) { cancelAtOnce(call, true, error::kTimeout, "no answer in time"); }

// ---- CALL

void Dealer::refuseCall(Session& session, const message::Call& request, std::string_view uri,
                        std::string_view why) {
  ++statistics_.refused;
  refuse(out_, session, message::Call::kCode, request.request, uri, why);
  if (request.options.progress.value_or(false)) noteAnsweredEarly(session, request.request);
}

void Dealer::refuseTooLarge(Session& session, const message::Call& request) {
  const std::string why =
      limitReached("octets of messages and calls that wait", session.limits.waitingOctets);
  refuseCall(session, request, error::kLimitExceeded, why);
}

// The error's URI; empty when nothing is wrong.
std::string_view Dealer::whyNotCalled(const Session& session, const message::Call& request,
                                      const Permission& permission, std::string& why) const {
  if (request.options.discloseMe.value_or(false) && !(options_.allowDiscloseMe && permission.mayDisclose)) {
    return error::kOptionDisallowedDiscloseMe;
  }
  if (options_.experimental.shardedRegistration) {
    if (const std::string_view uri = whyNotRouted(request.options, why); !uri.empty()) return uri;
  }
  if (session.calls.size() >= session.limits.pendingCalls) {
    why = limitReached("pending calls", session.limits.pendingCalls);
    return error::kLimitExceeded;
  }
  return {};
}

Problem Dealer::call(Session& session, message::Call request, const Permission& permission) {
  const bool hasMoreParts = request.options.progress.value_or(false);
  if (hasMoreParts && !session.can(Role::caller, Feature::progressiveCallInvocations)) {
    return "CALL.Options.progress: not announced as a feature in HELLO";
  }
  const auto no = [&](std::string_view uri, std::string_view why) -> Problem {
    refuseCall(session, request, uri, why);
    return {};
  };
  Registration* const* found = byUri_.best(request.procedure);
  if (found == nullptr) return no(error::kNoSuchProcedure, request.procedure);
  Registration& registration = **found;
  std::string why;
  const std::string_view uri = whyNotCalled(session, request, permission, why);
  if (!uri.empty()) return no(uri, why);
  Routing routing;
  if (options_.experimental.shardedRegistration) routing.shard = shardOf(request.options);
  Callee* callee = pick(registration, routing);
  if (callee == nullptr) {
    // If it waited, its parts would have to wait as well.
    if (hasMoreParts) return no(error::kNoAvailableCallee, "all are busy");
    if (registration.waiting.size() >= options_.maxWaitingCalls) {
      return no(error::kNoAvailableCallee, kTooManyWait);
    }
    wait(session, std::move(request), registration, permission, std::move(routing));
    return {};
  }
  // Advanced profile, progressive call invocations. That the callee announces canceling is not insisted on.
  if (hasMoreParts && !callee->session->can(Role::callee, Feature::progressiveCallInvocations)) {
    return no(error::kFeatureNotSupported, "the callee takes no arguments in parts");
  }
  // The first part's options are kept until the last has come.
  if (hasMoreParts && !session.mayWait(0)) {
    refuseTooLarge(session, request);
    return {};
  }
  Call& made = remember(session, request);
  made.routing = std::move(routing);
  try {
    invoke(made, registration, *callee, std::move(request), permission);
  } catch (...) {  // out of memory: the callee will not hear of it
    if (callee->session->slots.erase(made.invocation) != 0) --callee->running;
    finish(made);
    throw;
  }
  return {};
}

Call& Dealer::remember(Session& session, const message::Call& request) {
  auto made = std::make_unique<Call>();
  made->caller = &session;
  made->request = request.request;
  made->wantsProgress = request.options.receiveProgress.value_or(false);
  return *(session.calls[request.request] = std::move(made));
}

void Dealer::count(Call& call) {
  std::size_t octets = call.kept ? heldOctets(*call.kept) : 0;
  if (call.details) octets += heldOctets(*call.details);
  call.caller->waitingOctets += octets - call.octets;
  call.octets = octets;
}

// Advanced profile, call re-routing: for the time when the callee says that it is unavailable.
void Dealer::keepForOthers(Call& call, const message::Call& request, const Permission& permission) {
  if (!call.caller->mayWait(heldOctets(request))) return;
  call.kept = std::make_unique<message::Call>(request);
  call.permission = permission;
  count(call);
}

void Dealer::invoke(Call& call, Registration& registration, Callee& callee, message::Call request,
                    const Permission& permission) {
  Session& session = *callee.session;
  call.callee = &session;
  call.registration = registration.id;
  call.invocation = ++session.lastInvocation;
  call.hasMoreParts = request.options.progress.value_or(false);
  session.invocations.emplace(call.invocation, &call);
  if (callee.concurrency) {
    session.slots.emplace(call.invocation, Slot{registration.id, callee.serial});
    ++callee.running;
  }
  message::Invocation::Details details{.trustlevel = permission.trustlevel,
                                       .transactionHash = request.options.transactionHash,
                                       .passthru = request.options.passthru,
                                       .custom = request.options.custom};
  if (call.wantsProgress && session.can(Role::callee, Feature::progressiveCallResults)) {
    details.receiveProgress = true;
  }
  if (callee.discloseCaller || permission.disclose || request.options.discloseMe.value_or(false)) {
    details.caller = call.caller->identity;
  }
  if (registration.match != Match::exact) details.procedure = request.procedure;
  const auto timeout = request.options.timeout.value_or(std::chrono::milliseconds(0));
  if (callee.forwardTimeout) {
    if (timeout.count() > 0) details.timeout = timeout;
  } else if (!call.deadline) {  // it may have waited, and time has passed already
    setTimeout(call, timeout);
  }
  if (call.hasMoreParts) {
    call.procedure = request.procedure.string();
    call.details = std::make_unique<message::Invocation::Details>(details);
    detach(*call.details);
    count(call);
    details.progress = true;
  }
  if (registration.invoke != Invoke::single && knowsReroute(session)) {
    keepForOthers(call, request, permission);
  }
  out_.send(session, message::Invocation{.request = call.invocation,
                                         .registration = registration.id,
                                         .details = std::move(details),
                                         .payload = std::move(request.payload)});
}

void Dealer::setTimeout(Call& call, std::chrono::milliseconds timeout) {
  // What does not fit the clock never comes.
  constexpr auto kMax = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::hours(24 * 365));
  if (timeout.count() <= 0 || timeout > kMax) return;
  call.timeout = timeout;
  deadlines_.set(call.deadline, clock_.now + timeout, call);
}

// ---- More parts of a call

Dealer::CallPart Dealer::partOf(const Session& session, Id request) {
  if (const auto found = session.calls.find(request); found != session.calls.end()) {
    return found->second->hasMoreParts ? CallPart::further : CallPart::clash;
  }
  const bool wasAnsweredEarly =
      std::ranges::find(session.answeredEarly, request) != session.answeredEarly.end();
  return wasAnsweredEarly ? CallPart::further : CallPart::first;
}

Problem Dealer::continueCall(Session& session, message::Call request) {
  const bool isLast = !request.options.progress.value_or(false);
  const auto found = session.calls.find(request.request);
  if (found == session.calls.end()) {
    // Answered already, which its caller could not know. Nothing is said about it.
    if (isLast) std::erase(session.answeredEarly, request.request);
    return {};
  }
  Call& call = *found->second;
  if (request.procedure != call.procedure) return "CALL.Procedure: not that of the call's first part";
  // What the first part said holds for all.
  message::Invocation::Details details = *call.details;
  if (isLast) {
    call.hasMoreParts = false;
    call.details.reset();
  } else {
    details.progress = true;
  }
  call.kept.reset();  // another callee would not have had the parts before
  count(call);
  if (call.isKilled) return {};
  call.isContinued = true;
  out_.send(*call.callee, message::Invocation{.request = call.invocation,
                                              .registration = call.registration,
                                              .details = std::move(details),
                                              .payload = std::move(request.payload)});
  return {};
}

void Dealer::noteAnsweredEarly(Session& session, Id request) {
  std::vector<Id>& answered = session.answeredEarly;
  if (answered.size() >= kMaxAnsweredEarly) answered.erase(answered.begin());
  try {
    answered.push_back(request);
  } catch (const std::bad_alloc&) {  // then what is on its way will look like a violation
  }
}

void Dealer::finish(Call& call) {
  Session& caller = *call.caller;
  deadlines_.clear(call.deadline);
  call.kept.reset();
  call.details.reset();
  count(call);
  if (call.queue != nullptr) call.queue->waiting.erase(call.place);
  if (call.callee != nullptr) call.callee->invocations.erase(call.invocation);
  if (call.hasMoreParts) noteAnsweredEarly(caller, call.request);
  caller.calls.erase(call.request);  // which is the end of `call`
}

}  // namespace autobahn::inline v0::wamp::router
