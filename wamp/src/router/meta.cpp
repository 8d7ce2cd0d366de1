#include "meta.hpp"

#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <unordered_map>

namespace autobahn::inline v0::wamp::router {
namespace {

using Procedures = std::unordered_map<std::string_view, const MetaProcedure*>;

const MetaProcedure* findProcedure(std::string_view uri) {
  static const Procedures all = [] {
    Procedures made;
    for (const auto table :
         {sessionProcedures(), testamentProcedures(), registrationProcedures(), subscriptionProcedures()}) {
      for (const MetaProcedure& each : table) made.emplace(each.uri, &each);
    }
    return made;
  }();
  const auto found = all.find(uri);
  return found == all.end() ? nullptr : found->second;
}

// The error's URI must live for ever to be sent: it is one of these, or the message's own copy.
message::Error errorOf(Id request, std::string_view uri, std::string_view why) {
  return {.requestType = message::Call::kCode,
          .request = request,
          .error = Text(uri),
          .payload = why.empty() ? Payload() : Payload(List{why})};
}

}  // namespace

void callMeta(Realm& realm, Session& caller, const message::Call& request) {
  const MetaProcedure* procedure = findProcedure(request.procedure);
  if (procedure == nullptr) {
    return realm.dealer().refuseCall(caller, request, error::kNoSuchProcedure, request.procedure);
  }
  if (request.options.progress.value_or(false)) {
    return realm.dealer().refuseCall(caller, request, error::kFeatureNotSupported,
                                     "the router takes no arguments in parts");
  }
  try {
    MetaCall call{realm, caller, request.request, request.payload.args(), request.payload.kwargs()};
    std::optional<List> result = procedure->run(call);
    if (!result) return;
    realm.outbox().send(caller,
                        message::Result{.request = request.request, .payload = Payload(*std::move(result))});
  } catch (const ApplicationError& error) {
    realm.outbox().send(caller,
                        errorOf(request.request, error.error(), error.args().empty() ? "" : error.what()));
  } catch (const Error& error) {  // of conversion, or of a payload that cannot be read
    realm.outbox().send(caller, errorOf(request.request, error::kInvalidArgument, error.what()));
  }
}

std::optional<std::string> stringKeyword(const MetaCall& call, std::string_view name) {
  const auto found = call.kwargs.find(name);
  if (found == call.kwargs.end() || found->second.isNull()) return std::nullopt;
  try {
    return convert<std::string>(found->second);
  } catch (const ConversionError& error) {
    throw error.within(std::string(name));
  }
}

Id idArgument(const MetaCall& call) { return std::get<0>(convertArguments<Id>(call.args, call.kwargs)); }

std::pair<std::string, Match> patternArguments(const MetaCall& call) {
  auto [uri, options] = convertArguments<std::string, std::optional<Dict>>(call.args, call.kwargs);
  Match match = Match::exact;
  if (const auto found = options ? options->find("match") : Dict::iterator();
      options && found != options->end()) {
    const std::string& name = found->second.asString();
    if (name == "prefix") {
      match = Match::prefix;
    } else if (name == "wildcard") {
      match = Match::wildcard;
    } else if (name != "exact") {
      throw ConversionError("match: \"exact\", \"prefix\" or \"wildcard\" wanted");
    }
  }
  return {std::move(uri), match};
}

}  // namespace autobahn::inline v0::wamp::router
