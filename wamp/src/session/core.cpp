#include "core.hpp"

#include <algorithm>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>

namespace autobahn::inline v0::wamp {

void SessionCore::requireJoined() const {
  if (state_ == SessionState::joined) return;
  throw SessionNotReady(state_ == SessionState::leaving
                            ? "the session is leaving its realm"
                            : "the session has not joined a realm: wait for onJoin");
}

void SessionCore::join(const message::Hello& hello) {
  if (state_ != SessionState::idle && state_ != SessionState::over) {
    throw InvalidState("the session has joined a realm or is about to: leave it first");
  }
  send_(hello);
  if (isSuspended_ && hello.details.resumeSession != session_) clear();
  state_ = SessionState::joining;
  isChallenged_ = false;
}

void SessionCore::authenticate(const message::Authenticate& answer) {
  if (state_ != SessionState::joining) return;
  isChallenged_ = false;
  send_(answer);
}

void SessionCore::abort(std::string_view reason, std::string_view message) {
  if (state_ == SessionState::over) return;
  state_ = SessionState::over;
  message::Abort abort;
  abort.reason = reason;
  if (!message.empty()) abort.details.message = Text(message);
  try {
    send_(abort);
  } catch (const Error&) {  // it is over one way or the other
  }
}

void SessionCore::leave(std::string_view reason, std::string_view message) {
  requireJoined();
  message::Goodbye goodbye;
  goodbye.reason = reason;
  if (!message.empty()) goodbye.details.message = Text(message);
  send_(goodbye);
  state_ = SessionState::leaving;
}

void SessionCore::transportLost() { state_ = SessionState::over; }

void SessionCore::suspend() {
  state_ = SessionState::over;
  isSuspended_ = true;
  invocations_.clear();  // the router has told their callers
}

event::Violated SessionCore::violate(const std::string& reason) {
  const bool wasJoined = state_ == SessionState::joined || state_ == SessionState::leaving;
  abort(error::kProtocolViolation, reason);
  return {reason, wasJoined};
}

void SessionCore::publish(message::Publish message) {
  requireJoined();
  message.request = nextId_;
  send_(message);
  ++nextId_;
}

void SessionCore::send(const Message& message) {
  requireJoined();
  send_(message);
}

bool SessionCore::continueCall(Id call, message::Call message) {
  if (state_ != SessionState::joined || !pending_.contains(call)) return false;
  message.request = call;
  send_(message);
  return true;
}

std::shared_ptr<PendingRequest> SessionCore::cancel(Id call, CancelMode mode, bool isSent, bool isForgotten) {
  const auto found = pending_.find(call);
  if (found == pending_.end() || state_ != SessionState::joined) return nullptr;
  if (isSent) {
    message::Cancel message;
    message.request = call;
    message.options.mode = mode;
    send_(message);
  }
  if (!isForgotten) return nullptr;
  auto waiting = std::move(found->second.waiting);
  pending_.erase(found);
  forgotten_.insert(call);
  return waiting;
}

bool SessionCore::unsubscribe(const std::shared_ptr<SubscriptionState>& handler, Request waiting,
                              std::size_t& handlersLeft) {
  requireJoined();
  if (!handler->isActive) throw InvalidState("the subscription is not active (any more)");
  auto& handlers = subscriptions_.at(handler->id);
  const bool isLast = handlers.size() == 1;
  const bool isSent = isLast && !isSubscribing(handler->topic, handler->match);
  if (isSent) {
    message::Unsubscribe message;
    message.subscription = handler->id;
    request(std::move(message), std::move(waiting));
    subscriptions_.erase(handler->id);
    ++retiringSubscriptions_[handler->id];
    handlersLeft = 0;
  } else {
    std::erase(handlers, handler);
    handlersLeft = handlers.size();
    if (isLast) unused_.push_back(handler);
  }
  handler->isActive = false;
  return isSent;
}

bool SessionCore::isSubscribing(const std::string& topic, Match match) const {
  return std::any_of(pending_.begin(), pending_.end(), [&](const auto& each) {
    const Request& request = each.second;
    return request.code == message::Subscribe::kCode && request.subscription->topic == topic &&
           request.subscription->match == match;
  });
}

// A SUBSCRIBE was answered: what was kept for its sake is used now, or not needed any more.
void SessionCore::endUnused() {
  if (unused_.empty() || state_ != SessionState::joined) return;
  for (const auto& each : std::exchange(unused_, {})) {
    const auto found = subscriptions_.find(each->id);
    if (found == subscriptions_.end() || !found->second.empty()) continue;
    if (isSubscribing(each->topic, each->match)) {
      unused_.push_back(each);
      continue;
    }
    message::Unsubscribe message;
    message.subscription = each->id;
    Request waitingForNobody;
    waitingForNobody.subscription = each;
    try {
      request(std::move(message), std::move(waitingForNobody));
    } catch (const Error&) {  // the transport is going
      return;
    }
    ++retiringSubscriptions_[each->id];
    subscriptions_.erase(found);
  }
}

void SessionCore::unregister(const std::shared_ptr<RegistrationState>& registration, Request waiting) {
  requireJoined();
  if (!registration->isActive) throw InvalidState("the registration is not active (any more)");
  message::Unregister message;
  message.registration = registration->id;
  request(std::move(message), std::move(waiting));
  registrations_.erase(registration->id);
  ++retiringRegistrations_[registration->id];
  registration->isActive = false;
}

bool SessionCore::yield(const message::Yield& message) {
  if (state_ != SessionState::joined || !invocations_.contains(message.request)) return false;
  send_(message);
  if (!message.options.progress.value_or(false)) invocations_.erase(message.request);
  return true;
}

bool SessionCore::fail(const message::Error& message) {
  if (state_ != SessionState::joined || !invocations_.contains(message.request)) return false;
  send_(message);
  invocations_.erase(message.request);
  return true;
}

std::vector<Request> SessionCore::takePending() {
  std::vector<Request> taken;
  taken.reserve(pending_.size());
  for (auto& [id, request] : pending_) taken.push_back(std::move(request));
  pending_.clear();
  return taken;
}

void SessionCore::clear() {
  for (const auto& [id, handlers] : subscriptions_) {
    for (const auto& handler : handlers) handler->isActive = false;
  }
  for (const auto& [id, registration] : registrations_) registration->isActive = false;
  subscriptions_.clear();
  unused_.clear();
  registrations_.clear();
  retiringSubscriptions_.clear();
  retiringRegistrations_.clear();
  invocations_.clear();
  forgotten_.clear();
  session_ = 0;
  isSuspended_ = false;
  isResumed_ = false;
}

std::vector<std::shared_ptr<SubscriptionState>> SessionCore::subscriptions() const {
  std::vector<std::shared_ptr<SubscriptionState>> all;
  for (const auto& [id, handlers] : subscriptions_) all.insert(all.end(), handlers.begin(), handlers.end());
  return all;
}

std::vector<std::shared_ptr<RegistrationState>> SessionCore::registrations() const {
  std::vector<std::shared_ptr<RegistrationState>> all;
  for (const auto& [id, registration] : registrations_) all.push_back(registration);
  return all;
}

}  // namespace autobahn::inline v0::wamp
