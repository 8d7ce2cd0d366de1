// Calls that wait for a callee, and those that go on to another.
#include <autobahn/wamp/error_uri.hpp>
#include <iterator>

#include "../messages/parts.hpp"
#include "dealer.hpp"
#include "pick.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

constexpr std::string_view kAllUnavailable = "all who serve the procedure are unavailable";

}  // namespace

void Dealer::wait(Session& session, message::Call request, Registration& registration,
                  const Permission& permission, Routing routing) {
  if (!session.mayWait(heldOctets(request))) return refuseTooLarge(session, request);
  Call& call = remember(session, request);
  setTimeout(call, request.options.timeout.value_or(std::chrono::milliseconds(0)));
  call.kept = std::make_unique<message::Call>(std::move(request));
  call.permission = permission;
  call.routing = std::move(routing);
  call.queue = &registration;
  call.place = registration.waiting.insert(registration.waiting.end(), &call);
  count(call);
}

void Dealer::invokeKept(Call& call, Registration& registration, Callee& callee) {
  if (call.queue != nullptr) registration.waiting.erase(call.place);
  call.queue = nullptr;
  const std::unique_ptr<message::Call> request = std::move(call.kept);
  count(call);
  const Permission permission = call.permission;
  invoke(call, registration, callee, std::move(*request), permission);
}

// One callee has become free: what waits for it, in order.
void Dealer::serveWaiting(Registration& registration, Callee& callee) {
  auto next = registration.waiting.begin();
  while (next != registration.waiting.end() && !callee.isBusy()) {
    Call& call = **next++;
    const Routing& routing = call.routing;
    if (routing.shard ? routing.shardCallee != callee.serial : routing.excludes(callee)) continue;
    if (!routing.shard) noteTurn(registration, callee);
    invokeKept(call, registration, callee);
  }
}

std::size_t Dealer::waitingCalls() const {
  std::size_t count = 0;
  for (const auto& entry : byId_) count += entry.second->waiting.size();
  return count;
}

void Dealer::endWaiting(Registration& registration) {
  while (!registration.waiting.empty()) {
    finishWithError(*registration.waiting.front(), error::kNoSuchProcedure, "it was unregistered");
  }
}

// The callees are others than before.
void Dealer::routeWaiting(Registration& registration) {
  auto next = registration.waiting.begin();
  while (next != registration.waiting.end()) {
    Call& call = **next++;
    if (!hasCallee(registration, call.routing)) {
      finishWithError(call, error::kNoAvailableCallee, kAllUnavailable);
    } else if (Callee* callee = pick(registration, call.routing)) {
      invokeKept(call, registration, *callee);
    }
  }
}

// Advanced profile, call re-routing.
bool Dealer::knowsReroute(const Session& callee) const {
  return options_.experimental.callReroute && callee.can(Role::callee, Feature::callReroute);
}

bool Dealer::mayReroute(const Session& session, const Call& call, const message::Error& answer) const {
  return answer.error == error::kUnavailable && !call.isKilled && knowsReroute(session);
}

// On to the next callee, each of which is asked once. What has been sent in parts, or answered in part, stays
// where it is.
void Dealer::reroute(Session& session, Call& call) {
  const auto found = byId_.find(call.registration);
  const bool isOver = found == byId_.end() || !call.kept;
  if (isOver) return finishWithError(call, error::kNoAvailableCallee, kAllUnavailable);
  Registration& registration = *found->second;
  for (const Callee& each : registration.callees) {
    if (each.session == &session) call.routing.unavailable.push_back(each.serial);
  }
  session.invocations.erase(call.invocation);
  call.callee = nullptr;
  if (!hasCallee(registration, call.routing)) {
    return finishWithError(call, error::kNoAvailableCallee, kAllUnavailable);
  }
  const bool isInParts = call.hasMoreParts;
  Callee* const callee = pick(registration, call.routing);
  if (isInParts &&
      (callee == nullptr || !callee->session->can(Role::callee, Feature::progressiveCallInvocations))) {
    return finishWithError(call, error::kNoAvailableCallee, "no other takes arguments in parts now");
  }
  if (callee == nullptr && registration.waiting.size() >= options_.maxWaitingCalls) {
    return finishWithError(call, error::kNoAvailableCallee, kTooManyWait);
  }
  ++statistics_.rerouted;
  if (callee != nullptr) return invokeKept(call, registration, *callee);
  // Before those that have come later.
  call.queue = &registration;
  call.place = registration.waiting.insert(registration.waiting.begin(), &call);
}

}  // namespace autobahn::inline v0::wamp::router
