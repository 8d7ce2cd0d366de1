#include "broker.hpp"

#include <autobahn/wamp/error_uri.hpp>

#include "describe.hpp"

namespace autobahn::inline v0::wamp::router {

using message::Subscribe;
using message::Unsubscribe;

Broker::Broker(const RealmOptions& options, const Clock& clock, Outbox& out, MakeResume makeResume)
    : options_(options),
      clock_(clock),
      out_(out),
      retained_(options.maxRetainedTopics, options.maxRetainedSize),
      makeResume_(std::move(makeResume)) {
  if (!options.history.rules.empty() || options.history.store) openHistory();
}

const Subscription* Broker::find(Id id) const {
  const auto found = byId_.find(id);
  return found == byId_.end() ? nullptr : found->second.get();
}

Subscription& Broker::subscriptionFor(std::string_view topic, Match match, bool& isNew) {
  if (Subscription* const* there = byTopic_.find(topic, match)) return **there;
  isNew = true;
  auto made = std::make_unique<Subscription>();
  made->id = ++lastSubscription_;
  made->topic = topic;
  made->match = match;
  made->created = clock_.wall;
  Subscription& subscription = *made;
  const Id id = made->id;
  byId_.emplace(id, std::move(made));
  try {
    byTopic_.insert(topic, match, &subscription);
  } catch (...) {  // out of memory
    byId_.erase(id);
    throw;
  }
  if (subscription.takesReserved()) ++reservedSubscriptions_;
  return subscription;
}

bool Broker::dropUnused(const Subscription& subscription) {
  if (!subscription.subscribers.empty() || subscription.isKept) return false;
  if (subscription.takesReserved()) --reservedSubscriptions_;
  const Id id = subscription.id;
  byTopic_.erase(subscription.topic, subscription.match);
  byId_.erase(id);
  return true;
}

// True when it was not one already.
bool Broker::addSubscriber(Subscription& subscription, Session& session) {
  if (session.subscriptions.contains(subscription.id)) return false;
  std::vector<Session*>& subscribers = subscription.subscribers;
  try {
    subscribers.push_back(&session);
    session.subscriptions.emplace(subscription.id, SubscriptionPlace{&subscription, subscribers.size() - 1});
  } catch (...) {  // out of memory
    if (!subscribers.empty() && subscribers.back() == &session) subscribers.pop_back();
    dropUnused(subscription);
    throw;
  }
  return true;
}

void Broker::subscribe(Session& session, const Subscribe& request) {
  const auto no = [&](std::string_view uri, std::string_view why) {
    refuse(out_, session, Subscribe::kCode, request.request, uri, why);
  };
  if (request.topic.size() > options_.maxUriSize) {
    return no(error::kInvalidUri, limitReached("octets of a URI", options_.maxUriSize));
  }
  if (isTooDeep(request.topic, request.options.match.value_or(Match::exact))) {
    return no(error::kInvalidUri, limitReached("components of a wildcard", kMaxWildcardComponents));
  }
  if (session.subscriptions.size() >= session.limits.subscriptions) {
    return no(error::kLimitExceeded, limitReached("subscriptions", session.limits.subscriptions));
  }
  if (options_.experimental.shardedSubscription && request.options.nkey &&
      request.options.nkey->size() > options_.maxUriSize) {
    return no(error::kInvalidArgument, limitReached("octets of an nkey", options_.maxUriSize));
  }
  bool isNew = false;
  Subscription& subscription =
      subscriptionFor(request.topic, request.options.match.value_or(Match::exact), isNew);
  const bool isAdded = addSubscriber(subscription, session);
  setNode(subscription, session.subscriptions.at(subscription.id).position, request.options.nkey);
  out_.send(session, message::Subscribed{.request = request.request, .subscription = subscription.id});
  if (request.options.getRetained.value_or(false)) sendRetained(session, subscription);
  if (!isAdded || subscription.takesReserved()) return;
  if (isNew) {
    publishMeta("wamp.subscription.on_create", [&] { return List{session.id(), describe(subscription)}; });
  }
  publishMeta("wamp.subscription.on_subscribe", [&] { return List{session.id(), subscription.id}; });
}

// What the session has said last counts.
void Broker::setNode(Subscription& subscription, std::size_t position,
                     const std::optional<Text>& nkey) const {
  if (!options_.experimental.shardedSubscription) return;
  if (!nkey && !subscription.nodes) return;
  if (!subscription.nodes) subscription.nodes = std::make_unique<SubscriberNodes>();
  subscription.nodes->set(position, nkey ? std::optional(nkey->view()) : std::nullopt);
  if (subscription.nodes->empty()) subscription.nodes.reset();
}

void Broker::unsubscribe(Session& session, const Unsubscribe& request) {
  if (!session.subscriptions.contains(request.subscription)) {
    // Somebody else's look like none at all.
    return refuse(out_, session, Unsubscribe::kCode, request.request, error::kNoSuchSubscription);
  }
  out_.send(session, message::Unsubscribed{.request = request.request});
  remove(session, request.subscription);
}

void Broker::remove(Session& session, Id id) {
  const auto entry = session.subscriptions.find(id);
  const SubscriptionPlace place = entry->second;
  session.subscriptions.erase(entry);
  // The last one takes the place.
  std::vector<Session*>& subscribers = place.subscription->subscribers;
  if (SubscriberNodes* const nodes = place.subscription->nodes.get()) {
    nodes->remove(place.position, subscribers.size());
    if (nodes->empty()) place.subscription->nodes.reset();
  }
  Session& last = *subscribers.back();
  subscribers[place.position] = &last;
  subscribers.pop_back();
  if (&last != &session) last.subscriptions.at(id).position = place.position;

  const bool isReserved = place.subscription->takesReserved();
  const bool isDeleted = dropUnused(*place.subscription);
  if (isReserved) return;
  publishMeta("wamp.subscription.on_unsubscribe", [&] { return List{session.id(), id}; });
  if (isDeleted) publishMeta("wamp.subscription.on_delete", [&] { return List{session.id(), id}; });
}

void Broker::leave(Session& session) {
  while (!session.subscriptions.empty()) remove(session, session.subscriptions.begin()->first);
}

bool Broker::revoke(Id id, Session* session, std::string_view reason) {
  const Subscription* subscription = find(id);
  if (subscription == nullptr || (session != nullptr && !session->subscriptions.contains(id))) return false;
  const std::vector<Session*> revoked =
      session == nullptr ? subscription->subscribers : std::vector<Session*>{session};
  // Each removal may send events of the router: the receivers of what follows are named when all is done.
  for (Session* each : revoked) remove(*each, id);
  for (Session* each : revoked) {
    // Others would take an answer to no request for a violation.
    if (each->can(Role::subscriber, Feature::subscriptionRevocation)) out_.add(*each);
  }
  if (out_.hasReceivers()) {
    out_.send(message::Unsubscribed{.request = 0, .details = {.subscription = id, .reason = Text(reason)}});
  }
  return true;
}

// ---- Retained events

void Broker::sendRetained(Session& session, const Subscription& subscription) {
  if (subscription.match == Match::exact) {
    if (const RetainedEvent* event = retained_.find(subscription.topic, session)) {
      sendRetainedEvent(session, subscription, subscription.topic, *event);
    }
    return;
  }
  std::size_t left = options_.maxRetainedPerSubscribe;
  retained_.forEachMatch(subscription.topic, subscription.match, session,
                         [&](std::string_view topic, const RetainedEvent& event) {
                           if (left == 0) return false;
                           --left;
                           sendRetainedEvent(session, subscription, topic, event);
                           return true;
                         });
}

void Broker::sendRetainedEvent(Session& session, const Subscription& subscription, std::string_view topic,
                               const RetainedEvent& event) {
  message::Event sent{.subscription = subscription.id,
                      .publication = event.publication,
                      .details = event.details,
                      .payload = event.payload.detached()};
  sent.details.retained = true;
  if (subscription.match != Match::exact) sent.details.topic = Text(topic);
  out_.send(session, std::move(sent));
}

}  // namespace autobahn::inline v0::wamp::router
