// wamp.subscription.… (advanced profile, subscription meta API).
#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "describe.hpp"
#include "meta.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

const Subscription& subscriptionOf(const MetaCall& call) {
  const Subscription* found = call.realm.broker().find(idArgument(call));
  if (found == nullptr) throw ApplicationError(error::kNoSuchSubscription);
  return *found;
}

std::optional<List> list(MetaCall& call) { return idsByPolicy(call.realm.broker().subscriptions()); }

std::optional<List> lookup(MetaCall& call) {
  const auto [topic, match] = patternArguments(call);
  return idOrNull(call.realm.broker().subscriptions().find(topic, match));
}

std::optional<List> match(MetaCall& call) {
  const auto [topic] = convertArguments<std::string>(call.args, call.kwargs);
  List ids;
  call.realm.broker().subscriptions().forEachMatch(topic, [&ids](const Subscription* each) {
    ids.emplace_back(each->id);
    return true;
  });
  return onlyOne(ids.empty() ? Value() : Value(std::move(ids)));
}

std::optional<List> get(MetaCall& call) { return List{describe(subscriptionOf(call))}; }

std::optional<List> listSubscribers(MetaCall& call) {
  List ids;
  for (const Session* each : subscriptionOf(call).subscribers) ids.emplace_back(each->id());
  return onlyOne(std::move(ids));
}

std::optional<List> countSubscribers(MetaCall& call) { return List{subscriptionOf(call).subscribers.size()}; }

// Not of the specification; as Crossbar.io has it: (subscription, session, reason = URI).
std::optional<List> removeSubscriber(MetaCall& call) {
  const auto [subscription, subscriber, keywords] =
      convertArguments<Id, Id, Keywords<>>(call.args, call.kwargs);
  const std::string reason = stringKeyword(call, "reason").value_or("wamp.subscription.revoked");
  if (!isValidUri(reason)) throw ApplicationError(error::kInvalidUri, {"reason"});
  Session* session = call.realm.find(subscriber);
  if (session == nullptr) throw ApplicationError(error::kNoSuchSession);
  if (!call.realm.broker().revoke(subscription, session, reason)) {
    throw ApplicationError(error::kNoSuchSubscription);
  }
  return List{};
}

constexpr MetaProcedure kProcedures[] = {
    {"wamp.subscription.list", list},
    {"wamp.subscription.lookup", lookup},
    {"wamp.subscription.match", match},
    {"wamp.subscription.get", get},
    {"wamp.subscription.list_subscribers", listSubscribers},
    {"wamp.subscription.count_subscribers", countSubscribers},
    {"wamp.subscription.remove_subscriber", removeSubscriber},
    {"wamp.subscription.get_events", getEvents},
};

}  // namespace

std::span<const MetaProcedure> subscriptionProcedures() { return kProcedures; }

}  // namespace autobahn::inline v0::wamp::router
