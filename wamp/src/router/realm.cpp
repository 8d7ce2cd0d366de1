#include "realm.hpp"

#include <autobahn/wamp/error_uri.hpp>
#include <type_traits>
#include <utility>

#include "../messages/parts.hpp"
#include "describe.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

// In payload passthru mode.
bool isPacked(const Message& message) {
  const auto hasScheme = [](const Rare<message::Passthru>& how) { return how && how->pptScheme; };
  if (const auto* call = std::get_if<message::Call>(&message)) return hasScheme(call->options.passthru);
  if (const auto* sent = std::get_if<message::Publish>(&message)) return hasScheme(sent->options.passthru);
  if (const auto* answer = std::get_if<message::Yield>(&message)) return hasScheme(answer->options.passthru);
  if (const auto* error = std::get_if<message::Error>(&message)) return hasScheme(error->details.passthru);
  return false;
}

}  // namespace

Realm::Realm(RealmOptions options, const Clock& clock, Turns& turns, RealmHost& host, bool isMadeByRule)
    : options_(std::move(options)),
      roles_(routerRoles(options_)),
      turns_(turns),
      host_(host),
      isMadeByRule_(isMadeByRule),
      broker_(options_, clock, out_, [this](const Session& session) { return resumeFor(session); }),
      dealer_(options_, clock, out_, broker_, host.callDeadlines()),
      suspensions_(options_.resumption, clock, host.suspensionDeadlines(),
                   [this](const Session& session) { endSoon(session); }) {
  if (options_.authenticators.empty()) options_.authenticators.push_back(makeAnonymousAuthenticator());
}

std::shared_ptr<Authenticator> Realm::authenticatorFor(std::string_view method) const {
  for (const auto& each : options_.authenticators) {
    if (each->handles(method)) return each;
  }
  return nullptr;
}

void Realm::handleTimeout(Call& call) {
  flushing([&] { dealer_.handleTimeout(call); });
}

Session* Realm::find(Id session) {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : found->second.get();
}

void Realm::countSent(const Outbox::Item& item) {
  messages_[item.message.index()].sent += item.end - item.begin;
  const auto* error = std::get_if<message::Error>(&item.message);
  if (error != nullptr && error->error == error::kLimitExceeded) ++limitsReached_;
}

RealmStatistics Realm::statistics() {
  RealmStatistics made{.realm = options_.name,
                       .sessions = sessions_.size(),
                       .suspended = suspensions_.count(),
                       .subscriptions = broker_.subscriptions().size(),
                       .registrations = dealer_.registrations().size(),
                       .retainedTopics = broker_.retained().topicCount(),
                       .waitingCalls = dealer_.waitingCalls(),
                       .joined = joined_,
                       .messages = messages_,
                       .calls = dealer_.statistics(),
                       .limitsReached = limitsReached_};
  for (const auto& entry : sessions_) made.pendingCalls += entry.second->calls.size();
  return made;
}

/// Runs `work` and sends what it gives; what it has given before memory ran out is true, and sent as well.
template <class Work>
void Realm::flushing(Work&& work) {
  try {
    work();
  } catch (...) {
    flush();
    throw;
  }
  flush();
}

void Realm::flush() {
  out_.dropReceivers();
  // Sending may lead to more work, which `turns_` keeps until we are done: the outbox does not grow.
  for (Outbox::Item& item : out_.items()) {
    countSent(item);
    const auto receivers = out_.receivers(item);
    RoutedMessage message(std::move(item.message), receivers.size());
    for (Session* each : receivers) {
      if (each->port != nullptr) each->port->deliver(message);
      message.delivered();
    }
  }
  out_.clear();
  gone_.clear();
}

Resume Realm::resumeFor(const Session& session) {
  // The answer may come when all of this is gone.
  return [weak = weak_from_this(), id = session.id()](std::function<void(Session&)> work) {
    const std::shared_ptr<Realm> self = weak.lock();
    if (!self) return;
    self->turns_.run([weak, id, work = std::move(work)] {
      const std::shared_ptr<Realm> there = weak.lock();
      Session* const waiting = there ? there->find(id) : nullptr;
      if (waiting == nullptr) return;
      work(*waiting);
      there->flush();
    });
  };
}

// ---- Coming and going

Session& Realm::join(SessionInfo info, SessionPort& port, message::Welcome welcome, bool isResumable) {
  auto made = std::make_unique<Session>(std::move(info), options_.limits);
  Session& session = *made;
  session.port = &port;
  session.realm = this;
  sessions_[session.id()] = std::move(made);
  try {
    if (isResumable) offerResumption(session, welcome);
    out_.send(session, std::move(welcome));
  } catch (...) {  // out of memory
    sessions_.erase(session.id());
    throw;
  }
  ++joined_;
  broker_.publishMeta("wamp.session.on_join", [&] { return List{describe(session.info)}; });
  if (isRemoved_ && !host_.takesBack(*this)) sendAwaySoon(session);
  flush();
  return session;
}

// It was about to join when the realm was removed. It is told when it knows that it has joined.
void Realm::sendAwaySoon(const Session& session) {
  turns_.run([self = shared_from_this(), id = session.id()] {
    Session* const there = self->find(id);
    if (there == nullptr) return;
    self->kill(*there, close::kCloseRealm, "the realm is no more");
    self->flush();
  });
}

// Should memory run out in the middle, it can be called again. The session lives until all is sent.
void Realm::remove(Session& session) {
  if (gone_.size() == gone_.capacity())
    gone_.reserve(2 * gone_.size() + 1);  // twice: many may be killed at once
  session.port = nullptr;
  suspensions_.end(session);
  dealer_.leave(session);
  broker_.leave(session);
  auto entry = sessions_.extract(session.id());
  gone_.push_back(std::move(entry.mapped()));
  publishTestaments(session, session.detachedTestaments);
  publishTestaments(session, session.destroyedTestaments);
  broker_.publishMeta("wamp.session.on_leave", [&] {
    return List{session.id(), session.info.authid, session.info.authrole};
  });
  if (sessions_.empty()) host_.emptied(*this);
}

void Realm::publishTestaments(const Session& session, std::vector<Testament>& testaments) {
  for (Testament& each : testaments) {
    try {
      broker_.publishFor(session, each.topic, each.options, std::move(each.payload));
    } catch (const std::bad_alloc&) {  // whoever leaves has left all the same
      out_.dropReceivers();
    }
  }
  testaments.clear();
}

void Realm::leave(Session& session) {
  flushing([&] { remove(session); });
}

void Realm::kill(Session& session, std::string_view reason, std::string message) {
  SessionPort* const port = session.port;
  remove(session);
  if (port != nullptr) port->sayGoodbye(reason, std::move(message));
}

std::size_t Realm::killAll(std::string_view reason, const std::string& message, const Session* except) {
  std::vector<Session*> killed;
  for (const auto& entry : sessions_) {
    if (entry.second.get() != except) killed.push_back(entry.second.get());
  }
  for (Session* each : killed) kill(*each, reason, message);
  return killed.size();
}

void Realm::violate(Session& session, std::string why) {
  SessionPort& port = *session.port;
  remove(session);
  port.abort(error::kProtocolViolation, std::move(why));
}

void Realm::check(Session& session, Problem problem) {
  if (problem) violate(session, std::move(*problem));
}

// ---- Messages

void Realm::receive(Session& session, Message&& message) {
  ++messages_[message.index()].received;
  // Answers of callees do not wait: the authorizer may be the one who is asked, in this realm.
  const bool isAnswer =
      std::holds_alternative<message::Yield>(message) || std::holds_alternative<message::Error>(message);
  flushing([&] {
    if (!session.isAwaitingDecision || isAnswer) {
      handle(session, std::move(message));
    } else {
      letWait(session, std::move(message));
    }
  });
}

void Realm::letWait(Session& session, Message message) {
  const auto no = [&](std::string_view what, std::size_t limit) {
    ++limitsReached_;
    SessionPort& port = *session.port;
    remove(session);
    port.abort(error::kLimitExceeded, limitReached(what, limit));
  };
  const SessionLimits limits = session.limits;
  const std::size_t octets = heldOctets(message);
  if (session.undecided.size() > limits.waitingMessages) {
    return no("messages that wait for an authorization", limits.waitingMessages);
  }
  if (!session.mayWait(octets)) return no("octets of messages and calls that wait", limits.waitingOctets);
  session.waitingOctets += octets;
  session.undecided.push_back({std::move(message), octets});
}

void Realm::handle(Session& session, Message&& message) {
  if (!options_.experimental.payloadPassthru && isPacked(message)) {
    return violate(session, std::string(messageName(message)) +
                                ": ppt_scheme: payload passthru mode has not been announced in WELCOME");
  }
  std::visit(
      [this, &session, &message](auto& each) {
        using Type = std::remove_cvref_t<decltype(each)>;
        if constexpr (std::is_same_v<Type, message::Call>) {
          // Before anything is said about it: nothing may be taken for the answer to the other call.
          switch (Dealer::partOf(session, each.request)) {
            case Dealer::CallPart::first:
              return authorize(session, std::move(each));
            case Dealer::CallPart::further:
              return check(session, dealer_.continueCall(session, std::move(each)));
            case Dealer::CallPart::clash:
              return violate(session, "CALL.Request: in use by a call that is not answered");
          }
        } else if constexpr (std::is_same_v<Type, message::Publish> ||
                             std::is_same_v<Type, message::Subscribe> ||
                             std::is_same_v<Type, message::Register>) {
          authorize(session, std::move(each));
        } else if constexpr (std::is_same_v<Type, message::Unsubscribe>) {
          if (checkRequestId(session, each.request)) broker_.unsubscribe(session, each);
        } else if constexpr (std::is_same_v<Type, message::Unregister>) {
          if (checkRequestId(session, each.request)) dealer_.unregister(session, each);
        } else if constexpr (std::is_same_v<Type, message::Yield>) {
          check(session, dealer_.yield(session, std::move(each)));
        } else if constexpr (std::is_same_v<Type, message::Cancel>) {
          dealer_.cancel(session, each);
        } else if constexpr (std::is_same_v<Type, message::Error>) {
          if (each.requestType != message::Invocation::kCode) {
            violate(session, "ERROR.Request.Type: clients answer INVOCATION only");
          } else {
            check(session, dealer_.error(session, std::move(each)));
          }
        } else if constexpr (!std::is_same_v<Type, message::EventReceived>) {
          violate(session,
                  std::string(messageName(message)) + ": not expected from a client that has joined");
        }
      },
      message);
}

// Basic profile, "Protocol Errors": request IDs of session scope.
bool Realm::checkRequestId(Session& session, Id request) {
  const Id last = session.lastRequest;
  const Id next = last == kMaxId ? 1 : last + 1;
  const bool isAny =
      std::exchange(session.mayHaveLostRequests, false) || options_.requestIds == RequestIds::any;
  const bool isGood =
      isAny || request == next || (options_.requestIds == RequestIds::increasing && request > last);
  session.lastRequest = request;
  if (!isGood) {
    violate(session, "the request ID " + std::to_string(request) + " is out of sequence: the last was " +
                         std::to_string(last));
  }
  return isGood;
}

void Realm::undeliverable(Session& session, const Message& message, std::string_view uri,
                          std::string_view why) {
  if (const auto* result = std::get_if<message::Result>(&message)) {
    // One of several results: then that is the end of the call.
    if (!dealer_.fail(session, result->request, uri, why)) {
      refuse(out_, session, message::Call::kCode, result->request, uri, why);
    }
  } else if (const auto* invocation = std::get_if<message::Invocation>(&message)) {
    dealer_.failInvocation(session, invocation->request, uri, why);
  } else if (const auto* error = std::get_if<message::Error>(&message)) {
    if (!error->payload.empty()) {
      out_.send(session,
                message::Error{
                    .requestType = error->requestType, .request = error->request, .error = error->error});
    }
  } else if (std::holds_alternative<message::Welcome>(message)) {
    // Who does not know that it has joined would stay for ever.
    SessionPort& port = *session.port;
    remove(session);
    port.abort(uri, std::string(why));
  }
  flush();
}

}  // namespace autobahn::inline v0::wamp::router
