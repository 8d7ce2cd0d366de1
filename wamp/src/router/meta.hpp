// The procedures of the router itself: `wamp.session.…`, `wamp.registration.…`, `wamp.subscription.…`
// (advanced profile, meta APIs and testaments).
#pragma once

#include <autobahn/wamp/message_rpc.hpp>
#include <autobahn/wamp/value.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "realm.hpp"

namespace autobahn::inline v0::wamp::router {

/// One call of such a procedure.
struct MetaCall {
  Realm& realm;
  Session& caller;
  Id request = 0;
  const List& args;
  const Dict& kwargs;
};

/// One row of the table: returns the arguments of the RESULT, or nothing when it answers later. Throws
/// ApplicationError, or ConversionError for arguments that do not fit.
struct MetaProcedure {
  std::string_view uri;
  std::optional<List> (*run)(MetaCall& call);
};

/// The tables, one per file.
std::span<const MetaProcedure> sessionProcedures();
std::span<const MetaProcedure> testamentProcedures();
std::span<const MetaProcedure> registrationProcedures();
std::span<const MetaProcedure> subscriptionProcedures();

/// Answers a CALL of a procedure whose URI is reserved.
void callMeta(Realm& realm, Session& caller, const message::Call& request);

/// `wamp.subscription.get_events`.
std::optional<List> getEvents(MetaCall& call);

/// A keyword argument that is a string, if it is there. Throws ConversionError when it is something else.
std::optional<std::string> stringKeyword(const MetaCall& call, std::string_view name);
/// The first argument, an ID. Throws ConversionError.
Id idArgument(const MetaCall& call);
/// What `wamp.registration.lookup` and `wamp.subscription.lookup` are asked for: (URI, {match?}).
std::pair<std::string, Match> patternArguments(const MetaCall& call);
/// A list of one. (Braces around a single list copy it, or wrap it, as the compiler likes.)
inline List onlyOne(Value value) {
  List made;
  made.push_back(std::move(value));
  return made;
}
/// The ID of what is there, or null.
template <class Entry>
List idOrNull(const Entry* const* found) {
  return found == nullptr ? List{nullptr} : List{(*found)->id};
}
/// What `wamp.registration.list` and `wamp.subscription.list` tell: IDs by policy.
template <class Entry>
List idsByPolicy(UriMap<Entry*>& entries) {
  List ids[3];
  entries.forEach(
      [&ids](const Entry* each) { ids[static_cast<std::size_t>(each->match)].emplace_back(each->id); });
  return onlyOne(
      Dict{{"exact", std::move(ids[0])}, {"prefix", std::move(ids[1])}, {"wildcard", std::move(ids[2])}});
}

}  // namespace autobahn::inline v0::wamp::router
