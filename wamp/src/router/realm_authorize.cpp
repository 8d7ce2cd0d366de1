// From a request to the permission for it, and on.
#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <exception>
#include <type_traits>
#include <utility>

#include "../messages/parts.hpp"
#include "meta.hpp"
#include "permissions.hpp"
#include "realm.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.router"};

AuthorizationRequest questionOf(const Session& session, const message::Call& request) {
  return {session.info, Action::call, request.procedure};
}
AuthorizationRequest questionOf(const Session& session, const message::Publish& request) {
  return {session.info, Action::publish, request.topic};
}
AuthorizationRequest questionOf(const Session& session, const message::Register& request) {
  return {session.info, Action::registerProcedure, request.procedure,
          request.options.match.value_or(Match::exact)};
}
AuthorizationRequest questionOf(const Session& session, const message::Subscribe& request) {
  return {session.info, Action::subscribe, request.topic, request.options.match.value_or(Match::exact)};
}

// Refused whoever asks, and needs no permission to be.
bool isRefusedAnyway(const AuthorizationRequest& question) {
  return isReservedUri(question.uri) &&
         (question.action == Action::publish || question.action == Action::registerProcedure);
}

// In a handler of the exception.
void logFailure(const AuthorizationRequest& question) {
  kLog.error("exception in an authorizer",
             {{"uri", question.uri}, {"error", util::describeException(std::current_exception())}});
}

template <class Request>
constexpr bool kIsAuthorized =
    std::is_same_v<Request, message::Call> || std::is_same_v<Request, message::Register> ||
    std::is_same_v<Request, message::Subscribe> || std::is_same_v<Request, message::Publish>;

}  // namespace

std::optional<Permission> Realm::decide(const AuthorizationRequest& question) const {
  if (isRefusedAnyway(question)) return Permission::allowed();
  if (!options_.authorizer) return Permission{.allow = !needsExplicitGrant(question.action, question.uri)};
  try {
    return options_.authorizer->decide(question);
  } catch (...) {
    logFailure(question);
    return Permission{.failed = true};
  }
}

void Realm::ask(Session& session, const AuthorizationRequest& question, Then then) {
  if (const std::optional<Permission> permission = decide(question)) return then(session, *permission);
  askLater(session, question, std::move(then));
}

void Realm::askLater(Session& session, const AuthorizationRequest& question, Then then) {
  // The answer may come from within the call, or when all of this is gone, or twice.
  Authorizer::Answer answer = [realm = weak_from_this(), id = session.id(),
                               first = std::make_shared<Then>(std::move(then))](Permission permission) {
    const std::shared_ptr<Realm> self = realm.lock();
    if (!self) return;
    self->turns_.run([realm, id, first, permission] {
      const Then once = std::exchange(*first, nullptr);
      const std::shared_ptr<Realm> there = realm.lock();
      Session* asker = there ? there->find(id) : nullptr;
      if (asker == nullptr || !once) return;
      once(*asker, permission);
      there->flush();
    });
  };
  try {
    options_.authorizer->decideLater(question, answer);
  } catch (...) {
    logFailure(question);
    answer({.failed = true});
  }
}

void Realm::decided(Session& session, const Permission& permission) {
  session.isAwaitingDecision = false;
  const auto takeFirst = [&session] {
    Message first = std::move(session.undecided.front().message);
    session.waitingOctets -= session.undecided.front().octets;
    session.undecided.pop_front();
    return first;
  };
  std::visit(
      [&](auto&& each) {
        using Request = std::remove_cvref_t<decltype(each)>;
        if constexpr (kIsAuthorized<Request>) actOrRefuse(session, std::move(each), permission);
      },
      takeFirst());
  // Then what has come meanwhile, in order, up to the next question that takes time.
  while (session.port != nullptr && !session.isAwaitingDecision && !session.undecided.empty()) {
    handle(session, takeFirst());
  }
}

template <class Request>
void Realm::authorize(Session& session, Request&& request) {
  if (!checkRequestId(session, request.request)) return;
  if (const std::optional<Permission> permission = decide(questionOf(session, request))) {
    return actOrRefuse(session, std::move(request), *permission);
  }
  Undecided& asked = session.undecided.emplace_front();
  asked.message = std::move(request);
  asked.octets = heldOctets(asked.message);
  session.waitingOctets += asked.octets;
  session.isAwaitingDecision = true;
  const std::uint64_t number = ++session.lastQuestion;
  const AuthorizationRequest question =
      questionOf(session, std::get<Request>(session.undecided.front().message));
  askLater(session, question, [this, number](Session& asker, const Permission& answer) {
    if (asker.isAwaitingDecision && asker.lastQuestion == number) decided(asker, answer);
  });
}
template void Realm::authorize(Session&, message::Call&&);
template void Realm::authorize(Session&, message::Register&&);
template void Realm::authorize(Session&, message::Subscribe&&);
template void Realm::authorize(Session&, message::Publish&&);

template <class Request>
void Realm::actOrRefuse(Session& session, Request&& request, const Permission& permission) {
  if (permission.allow) return act(session, std::move(request), permission);
  const std::string_view uri = permission.failed ? error::kAuthorizationFailed : error::kNotAuthorized;
  if constexpr (std::is_same_v<Request, message::Call>) {
    dealer_.refuseCall(session, request, uri);
  } else if constexpr (std::is_same_v<Request, message::Publish>) {
    // Without acknowledgement there is nobody to tell.
    if (request.options.acknowledge.value_or(false)) {
      refuse(out_, session, Request::kCode, request.request, uri);
    }
  } else {
    refuse(out_, session, Request::kCode, request.request, uri);
  }
}

void Realm::act(Session& session, message::Call&& request, const Permission& permission) {
  if (isReservedUri(request.procedure)) return callMeta(*this, session, request);
  check(session, dealer_.call(session, std::move(request), permission));
}
void Realm::act(Session& session, const message::Register& request, const Permission&) {
  dealer_.registerProcedure(session, request);
}
void Realm::act(Session& session, const message::Subscribe& request, const Permission&) {
  broker_.subscribe(session, request);
}
void Realm::act(Session& session, const message::Publish& request, const Permission& permission) {
  broker_.publish(session, request, permission);
}

}  // namespace autobahn::inline v0::wamp::router
