// What comes from the router: which message may come when, and what it means.
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "core.hpp"

namespace autobahn::inline v0::wamp {
namespace {

std::string textOf(const std::optional<Text>& text) { return text ? text->string() : std::string(); }

std::string describe(std::string_view message, Id id) {
  return std::string(message) + " for " + std::to_string(id);
}

// One confirmation less is awaited.
bool confirm(std::unordered_map<Id, int>& retiring, Id id) {
  const auto found = retiring.find(id);
  if (found == retiring.end()) return false;
  if (--found->second == 0) retiring.erase(found);
  return true;
}

}  // namespace

SessionEvent SessionCore::receive(Message message) {
  switch (state_) {
    case SessionState::over:
      return event::Nothing();  // what was under way when it ended
    case SessionState::idle:
    case SessionState::joining:
      return receiveOpening(message);
    case SessionState::joined:
    case SessionState::leaving:
      break;
  }
  return receiveJoined(message);
}

SessionEvent SessionCore::receiveOpening(Message& message) {
  if (auto* abort = std::get_if<message::Abort>(&message)) return take(*abort);
  if (state_ == SessionState::joining) {
    // One thing after the other: while an answer is made, nothing else may be said.
    auto* welcome = std::get_if<message::Welcome>(&message);
    if (welcome != nullptr && !isChallenged_) return take(*welcome);
    auto* challenge = std::get_if<message::Challenge>(&message);
    if (challenge != nullptr && !isChallenged_) {
      isChallenged_ = true;
      return event::Challenged{std::move(*challenge)};
    }
    if (isChallenged_) {
      return violate(std::string(messageName(message)) + " received before the challenge is answered");
    }
  }
  return violate(std::string(messageName(message)) + " received, and there is no session yet");
}

SessionEvent SessionCore::receiveJoined(Message& message) {
  return std::visit(
      [&](auto& each) -> SessionEvent {
        using M = std::decay_t<decltype(each)>;
        if constexpr (!std::is_same_v<M, message::Welcome> && requires { take(each); }) {
          return take(each);
        } else {
          return violate(std::string(messageName(message)) + " received, which routers do not send now");
        }
      },
      message);
}

// Of something that is not here. When the session has lost its transport once, an answer by which it would be
// here, or which this is the late answer to, may have been lost with it.
SessionEvent SessionCore::unknown(const std::string& what) {
  if (isResumed_) return event::Nothing();
  return violate(what);
}

SessionEvent SessionCore::take(message::Welcome& message) {
  const bool isResumed = message.details.resumed.value_or(false);
  if (!isSuspended_ || !isResumed || message.session != session_) {
    clear();
    nextId_ = 1;
  }
  isSuspended_ = false;
  isResumed_ = isResumed;
  session_ = message.session;
  routerRoles_ = message.details.roles;
  state_ = SessionState::joined;
  endUnused();
  return event::Joined{std::move(message)};
}

SessionEvent SessionCore::take(message::Abort& message) {
  const bool wasJoined = state_ == SessionState::joined || state_ == SessionState::leaving;
  state_ = SessionState::over;
  return event::Left{message.reason.string(), textOf(message.details.message), true, wasJoined};
}

SessionEvent SessionCore::take(message::Goodbye& message) {
  const bool isAnswer = state_ == SessionState::leaving;
  state_ = SessionState::over;
  if (!isAnswer) {
    message::Goodbye answer;
    answer.reason = Text::constant(close::kGoodbyeAndOut);
    try {
      send_(answer);
    } catch (const Error&) {  // then the peer learns it from the transport
    }
  }
  return event::Left{message.reason.string(), textOf(message.details.message), false, true};
}

template <class M>
SessionEvent SessionCore::answer(int requestCode, M& message) {
  const auto found = pending_.find(message.request);
  if (found == pending_.end() || found->second.code != requestCode) {
    return unknown(describe(messageName(M::kCode), message.request) + ", which is no pending " +
                   std::string(messageName(requestCode)));
  }
  Request request = std::move(found->second);
  pending_.erase(found);
  return event::Answered{std::move(request), std::move(message)};
}

SessionEvent SessionCore::take(message::Result& message) {
  const bool isFinal = !message.details.progress.value_or(false);
  if (forgotten_.contains(message.request)) {
    if (isFinal) forgotten_.erase(message.request);
    return event::Nothing();
  }
  if (isFinal) return answer(message::Call::kCode, message);
  const auto found = pending_.find(message.request);
  if (found == pending_.end() || found->second.code != message::Call::kCode) {
    return unknown(describe("RESULT", message.request) + ", which is no pending CALL");
  }
  return event::Progressed{found->second.waiting, std::move(message)};
}

SessionEvent SessionCore::take(message::Error& message) {
  if (message.requestType == message::Call::kCode && forgotten_.erase(message.request) != 0) {
    return event::Nothing();
  }
  // Some routers answer a PUBLISH for which no acknowledgement was asked.
  const bool mayBeUnknown = message.requestType == message::Publish::kCode && message.request < nextId_;
  if (mayBeUnknown && !pending_.contains(message.request)) return event::Nothing();
  const auto found = pending_.find(message.request);
  if (found != pending_.end() && found->second.code == message.requestType) {
    if (message.requestType == message::Unsubscribe::kCode && found->second.subscription) {
      confirm(retiringSubscriptions_, found->second.subscription->id);
    }
    if (message.requestType == message::Unregister::kCode && found->second.registration) {
      confirm(retiringRegistrations_, found->second.registration->id);
    }
  }
  auto event = answer(message.requestType, message);
  endUnused();
  return event;
}

SessionEvent SessionCore::take(message::Subscribed& message) {
  const auto found = pending_.find(message.request);
  if (found != pending_.end() && found->second.code == message::Subscribe::kCode) {
    const auto& handler = found->second.subscription;
    handler->id = message.subscription;
    handler->isActive = true;
    subscriptions_[message.subscription].push_back(handler);
  }
  auto event = answer(message::Subscribe::kCode, message);
  endUnused();
  return event;
}

SessionEvent SessionCore::take(message::Registered& message) {
  const auto found = pending_.find(message.request);
  if (found != pending_.end() && found->second.code == message::Register::kCode) {
    const auto& registration = found->second.registration;
    registration->id = message.registration;
    registration->isActive = true;
    registrations_[message.registration] = registration;
  }
  return answer(message::Register::kCode, message);
}

SessionEvent SessionCore::take(message::Unsubscribed& message) {
  if (message.request == 0) return revoke(message);
  const auto found = pending_.find(message.request);
  if (found != pending_.end() && found->second.subscription) {
    confirm(retiringSubscriptions_, found->second.subscription->id);
  }
  return answer(message::Unsubscribe::kCode, message);
}

SessionEvent SessionCore::take(message::Unregistered& message) {
  if (message.request == 0) return revoke(message);
  const auto found = pending_.find(message.request);
  if (found != pending_.end() && found->second.registration) {
    confirm(retiringRegistrations_, found->second.registration->id);
  }
  return answer(message::Unregister::kCode, message);
}

SessionEvent SessionCore::revoke(const message::Unsubscribed& message) {
  const Id id = message.details.subscription.value_or(0);
  event::Revoked revoked;
  revoked.reason = textOf(message.details.reason);
  if (auto found = subscriptions_.extract(id)) {
    revoked.subscriptions = std::move(found.mapped());
    for (const auto& handler : revoked.subscriptions) handler->isActive = false;
    return revoked;
  }
  if (retiringSubscriptions_.contains(id)) return event::Nothing();
  return unknown(describe("UNSUBSCRIBED", id) + ", which is no active subscription");
}

SessionEvent SessionCore::revoke(const message::Unregistered& message) {
  const Id id = message.details.registration.value_or(0);
  event::Revoked revoked;
  revoked.reason = textOf(message.details.reason);
  if (auto found = registrations_.extract(id)) {
    revoked.registration = std::move(found.mapped());
    revoked.registration->isActive = false;
    return revoked;
  }
  if (retiringRegistrations_.contains(id)) return event::Nothing();
  return unknown(describe("UNREGISTERED", id) + ", which is no active registration");
}

SessionEvent SessionCore::take(message::Published& message) {
  return answer(message::Publish::kCode, message);
}

SessionEvent SessionCore::take(message::Event& message) {
  const auto found = subscriptions_.find(message.subscription);
  if (found != subscriptions_.end()) {
    if (state_ == SessionState::leaving || found->second.empty()) return event::Nothing();
    return event::Published{found->second, std::move(message)};
  }
  if (retiringSubscriptions_.contains(message.subscription)) return event::Nothing();
  return unknown(describe("EVENT", message.subscription) + ", which is no active subscription");
}

SessionEvent SessionCore::take(message::Invocation& message) {
  if (state_ == SessionState::leaving) return event::Nothing();
  const auto under = invocations_.find(message.request);
  if (under != invocations_.end() && under->second != message.registration) {
    return violate(describe("INVOCATION", message.request) + ", which is under way for another registration");
  }
  const auto found = registrations_.find(message.registration);
  if (found != registrations_.end()) {
    invocations_.emplace(message.request, message.registration);
    return event::Invoked{found->second, std::move(message)};
  }
  if (retiringRegistrations_.contains(message.registration) || isResumed_) {
    // It crossed our UNREGISTER, or the REGISTERED was lost: the router may try another callee.
    message::Error refusal;
    refusal.requestType = message::Invocation::kCode;
    refusal.request = message.request;
    refusal.error = Text::constant(error::kUnavailable);
    try {
      send_(refusal);
    } catch (const Error&) {  // then the transport is going
    }
    return event::Nothing();
  }
  return violate(describe("INVOCATION", message.registration) + ", which is no active registration");
}

SessionEvent SessionCore::take(message::Interrupt& message) {
  if (!invocations_.contains(message.request)) return event::Nothing();  // it crossed our answer
  return event::Interrupted{message.request, message.options.mode.value_or(CancelMode::killnowait)};
}

}  // namespace autobahn::inline v0::wamp
