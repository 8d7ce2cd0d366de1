// wamp.session.… (advanced profile, session meta API).
#include <algorithm>
#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "describe.hpp"
#include "meta.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

// Calls `visit(session)` for all whose role is in the list that the first argument may be.
template <class Visit>
void forEachOfRoles(const MetaCall& call, Visit&& visit) {
  const auto [roles] = convertArguments<std::optional<std::vector<std::string>>>(call.args, call.kwargs);
  for (const auto& entry : call.realm.sessions()) {
    const std::string& role = entry.second->info.authrole;
    if (!roles || std::ranges::find(*roles, role) != roles->end()) visit(*entry.second);
  }
}

std::optional<List> count(MetaCall& call) {
  std::uint64_t counted = 0;
  forEachOfRoles(call, [&counted](const Session&) { ++counted; });
  return List{counted};
}

std::optional<List> list(MetaCall& call) {
  List ids;
  forEachOfRoles(call, [&ids](const Session& each) { ids.emplace_back(each.id()); });
  return onlyOne(std::move(ids));
}

std::optional<List> get(MetaCall& call) {
  const Session* found = call.realm.find(idArgument(call));
  if (found == nullptr) throw ApplicationError(error::kNoSuchSession);
  return List{describe(found->info)};
}

// ---- Ending sessions

struct Farewell {
  std::string reason;
  std::string message;
};

Farewell farewellOf(const MetaCall& call) {
  Farewell made{stringKeyword(call, "reason").value_or(std::string(close::kKilled)),
                stringKeyword(call, "message").value_or("")};
  if (!isValidUri(made.reason)) throw ApplicationError(error::kInvalidUri, {"reason"});
  return made;
}

std::optional<List> kill(MetaCall& call) {
  const Farewell farewell = farewellOf(call);
  const auto [id, keywords] = convertArguments<Id, Keywords<>>(call.args, call.kwargs);
  Session* found = call.realm.find(id);
  // For its own end a session has GOODBYE.
  if (found == nullptr || found == &call.caller) throw ApplicationError(error::kNoSuchSession);
  call.realm.kill(*found, farewell.reason, farewell.message);
  return List{};
}

// Ends all that `isMeant` but the caller; their IDs.
template <class IsMeant>
List killThose(MetaCall& call, const Farewell& farewell, IsMeant&& isMeant) {
  std::vector<Session*> meant;
  for (const auto& entry : call.realm.sessions()) {
    Session* each = entry.second.get();
    if (each != &call.caller && isMeant(*each)) meant.push_back(each);
  }
  List ids;
  for (Session* each : meant) {
    ids.emplace_back(each->id());
    call.realm.kill(*each, farewell.reason, farewell.message);
  }
  return ids;
}

std::optional<List> killByAuthid(MetaCall& call) {
  const Farewell farewell = farewellOf(call);
  const auto [authid, keywords] = convertArguments<std::string, Keywords<>>(call.args, call.kwargs);
  const std::string& wanted = authid;
  return onlyOne(
      killThose(call, farewell, [&wanted](const Session& each) { return each.info.authid == wanted; }));
}

std::optional<List> killByAuthrole(MetaCall& call) {
  const Farewell farewell = farewellOf(call);
  const auto [authrole, keywords] = convertArguments<std::string, Keywords<>>(call.args, call.kwargs);
  const std::string& wanted = authrole;
  return List{killThose(call, farewell, [&wanted](const Session& each) {
                return each.info.authrole == wanted;
              }).size()};
}

std::optional<List> killAll(MetaCall& call) {
  const Farewell farewell = farewellOf(call);
  return List{killThose(call, farewell, [](const Session&) { return true; }).size()};
}

constexpr MetaProcedure kProcedures[] = {
    {"wamp.session.count", count},
    {"wamp.session.list", list},
    {"wamp.session.get", get},
    {"wamp.session.kill", kill},
    {"wamp.session.kill_by_authid", killByAuthid},
    {"wamp.session.kill_by_authrole", killByAuthrole},
    {"wamp.session.kill_all", killAll},
};

}  // namespace

std::span<const MetaProcedure> sessionProcedures() { return kProcedures; }

}  // namespace autobahn::inline v0::wamp::router
