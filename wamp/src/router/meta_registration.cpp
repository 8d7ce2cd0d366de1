// wamp.registration.… (advanced profile, registration meta API).
#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "describe.hpp"
#include "meta.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

const Registration& registrationOf(const MetaCall& call) {
  const Registration* found = call.realm.dealer().find(idArgument(call));
  if (found == nullptr) throw ApplicationError(error::kNoSuchRegistration);
  return *found;
}

std::optional<List> list(MetaCall& call) { return idsByPolicy(call.realm.dealer().registrations()); }

std::optional<List> lookup(MetaCall& call) {
  const auto [uri, match] = patternArguments(call);
  return idOrNull(call.realm.dealer().registrations().find(uri, match));
}

std::optional<List> match(MetaCall& call) {
  const auto [uri] = convertArguments<std::string>(call.args, call.kwargs);
  return idOrNull(call.realm.dealer().registrations().best(uri));
}

std::optional<List> get(MetaCall& call) { return List{describe(registrationOf(call))}; }

std::optional<List> listCallees(MetaCall& call) {
  List ids;
  for (const Callee& each : registrationOf(call).callees) ids.emplace_back(each.session->id());
  return onlyOne(std::move(ids));
}

std::optional<List> countCallees(MetaCall& call) { return List{registrationOf(call).callees.size()}; }

// Not of the specification; as Crossbar.io has it: (registration, session, reason = URI).
std::optional<List> removeCallee(MetaCall& call) {
  const auto [registration, callee, keywords] = convertArguments<Id, Id, Keywords<>>(call.args, call.kwargs);
  const std::string reason = stringKeyword(call, "reason").value_or("wamp.registration.revoked");
  if (!isValidUri(reason)) throw ApplicationError(error::kInvalidUri, {"reason"});
  Session* session = call.realm.find(callee);
  if (session == nullptr) throw ApplicationError(error::kNoSuchSession);
  if (!call.realm.dealer().revoke(registration, session, reason)) {
    throw ApplicationError(error::kNoSuchRegistration);
  }
  return List{};
}

constexpr MetaProcedure kProcedures[] = {
    {"wamp.registration.list", list},
    {"wamp.registration.lookup", lookup},
    {"wamp.registration.match", match},
    {"wamp.registration.get", get},
    {"wamp.registration.list_callees", listCallees},
    {"wamp.registration.count_callees", countCallees},
    {"wamp.registration.remove_callee", removeCallee},
};

}  // namespace

std::span<const MetaProcedure> registrationProcedures() { return kProcedures; }

}  // namespace autobahn::inline v0::wamp::router
