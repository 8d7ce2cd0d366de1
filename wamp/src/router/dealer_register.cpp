// How procedures come and go.
#include <algorithm>
#include <autobahn/wamp/error_uri.hpp>

#include "dealer.hpp"
#include "describe.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

using message::Register;
using message::Unregister;

constexpr std::string_view kRevoked = "wamp.registration.revoked";

}  // namespace

const Registration* Dealer::find(Id id) const {
  const auto found = byId_.find(id);
  return found == byId_.end() ? nullptr : found->second.get();
}

// Advanced profile, shared registration: all callees of a procedure must have asked for the same policy.
std::string_view Dealer::whyNotShared(const Registration& registration, const Session& session,
                                      Invoke invoke) const {
  if (registration.invoke == Invoke::single || session.registrations.contains(registration.id)) {
    return error::kProcedureAlreadyExists;
  }
  return registration.invoke == invoke ? std::string_view()
                                       : error::kProcedureExistsWithDifferentInvocationPolicy;
}

void Dealer::registerProcedure(Session& session, const Register& request) {
  const auto no = [&](std::string_view uri, std::string_view why) {
    refuse(out_, session, Register::kCode, request.request, uri, why);
  };
  if (isReservedUri(request.procedure)) return no(error::kInvalidUri, "procedures of wamp. are the router's");
  if (request.procedure.size() > options_.maxUriSize) {
    return no(error::kInvalidUri, limitReached("octets of a URI", options_.maxUriSize));
  }
  const Match match = request.options.match.value_or(Match::exact);
  if (isTooDeep(request.procedure, match)) {
    return no(error::kInvalidUri, limitReached("components of a wildcard", kMaxWildcardComponents));
  }
  if (session.registrations.size() >= session.limits.registrations) {
    return no(error::kLimitExceeded, limitReached("registrations", session.limits.registrations));
  }
  const Invoke invoke = request.options.invoke.value_or(Invoke::single);
  Registration* const* there = byUri_.find(request.procedure, match);
  if (there != nullptr && request.options.forceReregister.value_or(false)) {
    revoke((*there)->id, nullptr, kRevoked);
    there = nullptr;
  }
  if (there != nullptr) {
    const std::string_view uri = whyNotShared(**there, session, invoke);
    if (!uri.empty()) return no(uri, request.procedure);
  }
  Registration& registration = there != nullptr ? **there : create(request, invoke);
  addCallee(registration, session, request.options);
  out_.send(session, message::Registered{.request = request.request, .registration = registration.id});
  if (there == nullptr) {
    broker_.publishMeta("wamp.registration.on_create", [&] {
      return List{session.id(), describe(registration)};
    });
  }
  broker_.publishMeta("wamp.registration.on_register", [&] { return List{session.id(), registration.id}; });
  routeWaiting(registration);
}

Registration& Dealer::create(const Register& request, Invoke invoke) {
  auto made = std::make_unique<Registration>();
  made->id = ++lastRegistration_;
  made->procedure = request.procedure.string();
  made->match = request.options.match.value_or(Match::exact);
  made->invoke = invoke;
  made->created = clock_.wall;
  Registration& registration = *made;
  byId_.emplace(registration.id, std::move(made));
  try {
    byUri_.insert(registration.procedure, registration.match, &registration);
  } catch (...) {  // out of memory
    byId_.erase(lastRegistration_);
    throw;
  }
  return registration;
}

void Dealer::addCallee(Registration& registration, Session& session, const Register::Options& options) {
  try {
    session.registrations.emplace(registration.id, &registration);
    registration.callees.push_back({.session = &session,
                                    .serial = ++lastCallee_,
                                    .concurrency = options.concurrency,
                                    .discloseCaller = options.discloseCaller.value_or(false),
                                    .forwardTimeout = options.forwardTimeout.value_or(false) &&
                                                      session.can(Role::callee, Feature::callTimeout)});
  } catch (...) {  // out of memory
    session.registrations.erase(registration.id);
    if (registration.callees.empty()) removeRegistration(registration);
    throw;
  }
}

void Dealer::unregister(Session& session, const Unregister& request) {
  const auto found = session.registrations.find(request.registration);
  if (found == session.registrations.end()) {
    // Somebody else's look like none at all.
    return refuse(out_, session, Unregister::kCode, request.request, error::kNoSuchRegistration);
  }
  out_.send(session, message::Unregistered{.request = request.request});
  removeCallee(session, *found->second);
}

void Dealer::removeCallee(Session& session, Registration& registration) {
  const Id id = registration.id;
  session.registrations.erase(id);
  std::vector<Callee>& callees = registration.callees;
  const auto place = std::ranges::find(callees, &session, &Callee::session);
  const auto index = static_cast<std::size_t>(place - callees.begin());
  // Slots of calls that the callee may never answer, now that they are of no use.
  if (place->running > 0) {
    std::erase_if(session.slots, [id](const auto& entry) { return entry.second.registration == id; });
  }
  callees.erase(place);
  // Whose turn it was still has it.
  if (registration.next > index) --registration.next;
  const bool isDeleted = callees.empty();
  if (isDeleted) {
    removeRegistration(registration);
  } else {
    routeWaiting(registration);
  }
  broker_.publishMeta("wamp.registration.on_unregister", [&] { return List{session.id(), id}; });
  if (isDeleted) broker_.publishMeta("wamp.registration.on_delete", [&] { return List{session.id(), id}; });
}

void Dealer::removeRegistration(Registration& registration) {
  endWaiting(registration);
  byUri_.erase(registration.procedure, registration.match);
  byId_.erase(registration.id);
}

bool Dealer::revoke(Id id, Session* session, std::string_view reason) {
  const auto found = byId_.find(id);
  if (found == byId_.end()) return false;
  Registration& registration = *found->second;
  if (session != nullptr && !session->registrations.contains(id)) return false;
  std::vector<Session*> revoked;
  if (session != nullptr) {
    revoked.push_back(session);
  } else {
    for (const Callee& each : registration.callees) revoked.push_back(each.session);
    endWaiting(registration);  // and not the next one's that goes
  }
  tellRevoked(id, revoked, reason);
  for (Session* each : revoked) removeCallee(*each, registration);
  return true;
}

void Dealer::tellRevoked(Id id, const std::vector<Session*>& callees, std::string_view reason) {
  for (Session* each : callees) {
    // Others would take an answer to no request for a violation.
    if (each->can(Role::callee, Feature::registrationRevocation)) out_.add(*each);
  }
  if (!out_.hasReceivers()) return;
  out_.send(message::Unregistered{.request = 0, .details = {.registration = id, .reason = Text(reason)}});
}

}  // namespace autobahn::inline v0::wamp::router
