// How events get to their subscribers.
#include <autobahn/util/random.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>

#include "../messages/parts.hpp"
#include "broker.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

using message::Publish;

// What PUBLISH says that EVENT repeats. What a client says about others (`forward_for`) is not passed on.
message::Event::Details detailsOf(const Publish::Options& options) {
  return {.transactionHash = options.transactionHash, .passthru = options.passthru, .custom = options.custom};
}

std::shared_ptr<const ReceiverFilter> filterOf(const Publish::Options& options) {
  return options.receivers ? std::make_shared<const ReceiverFilter>(*options.receivers) : nullptr;
}

}  // namespace

std::optional<std::uint64_t> Broker::shardOf(const Publish::Options& options) const {
  if (!options.rkey || !options_.experimental.shardedSubscription) return std::nullopt;
  return shardOfKey(options.rkey->view());
}

Id Publication::drawnId() {
  if (id == 0) id = util::newId();
  return id;
}

bool Broker::refusePublish(Session& session, const Publish& request, const Permission& permission) {
  const bool isAcknowledged = request.options.acknowledge.value_or(false);
  const auto no = [&](std::string_view uri, std::string_view why) {
    // Without acknowledgement there is nobody to tell (basic profile, PUBLISH).
    if (isAcknowledged) refuse(out_, session, Publish::kCode, request.request, uri, why);
    return true;
  };
  if (isReservedUri(request.topic)) return no(error::kInvalidUri, "topics of wamp. are the router's");
  if (request.topic.size() > options_.maxUriSize) {
    return no(error::kInvalidUri, limitReached("octets of a URI", options_.maxUriSize));
  }
  if (request.options.discloseMe.value_or(false) && !(options_.allowDiscloseMe && permission.mayDisclose)) {
    return no(error::kOptionDisallowedDiscloseMe, {});
  }
  return false;
}

void Broker::publish(Session& session, const Publish& request, const Permission& permission) {
  if (refusePublish(session, request, permission)) return;
  const Publish::Options& options = request.options;
  Publication publication{.topic = request.topic,
                          .except = options.excludeMe.value_or(true) ? &session : nullptr,
                          .filter = filterOf(options),
                          .details = detailsOf(options),
                          .payload = request.payload,
                          .shard = shardOf(options)};
  if (permission.disclose || options.discloseMe.value_or(false)) {
    publication.details.publisher = session.identity;
  }
  publication.details.trustlevel = permission.trustlevel;
  if (history_) {
    const Asker asker{session, request.request};
    const bool isAcknowledged = options.acknowledge.value_or(false);
    if (!keep(publication, options, isAcknowledged ? &asker : nullptr)) return;
  } else {
    if (options.retain.value_or(false)) retain(publication);
    if (options.acknowledge.value_or(false)) {
      out_.send(session,
                message::Published{.request = request.request, .publication = publication.drawnId()});
    }
  }
  deliver(publication);
}

void Broker::publishFor(const Session& gone, std::string_view topic, const Publish::Options& options,
                        Payload payload) {
  Publication publication{.topic = topic,
                          .except = &gone,
                          .filter = filterOf(options),
                          .details = detailsOf(options),
                          .payload = std::move(payload),
                          .shard = shardOf(options)};
  if (options.discloseMe.value_or(false) && options_.allowDiscloseMe) {
    publication.details.publisher = gone.identity;
  }
  if (history_) {
    keep(publication, options, nullptr);
  } else if (options.retain.value_or(false)) {
    retain(publication);
  }
  deliver(publication);
}

void Broker::retain(Publication& publication) {
  RetainedEvent event{.publication = publication.drawnId(),
                      .time = clock_.wall,
                      .exceptSession = publication.except != nullptr ? publication.except->id() : 0,
                      .filter = publication.filter,
                      .details = publication.details,
                      .payload = {}};
  try {
    event.payload = publication.payload.detached();
  } catch (const SerializationError&) {
    return retained_.forget(publication.topic);
  }
  detach(event.details);
  event.size = retainedOctets(publication.topic, event);
  retained_.keep(publication.topic, std::move(event));
}

void Broker::deliver(Publication& publication) {
  const bool isReserved = isReservedUri(publication.topic);
  byTopic_.forEachMatch(publication.topic, [&](const Subscription* subscription) {
    if (!isReserved || subscription->takesReserved()) deliverTo(*subscription, publication);
    return true;
  });
}

void Broker::addReceivers(const Subscription& subscription, const Publication& publication) {
  const ReceiverFilter* filter = publication.filter.get();
  const auto mayHave = [&](const Session& each) {
    return &each != publication.except && (filter == nullptr || filter->admits(each));
  };
  if (!publication.shard || !subscription.nodes) {
    for (Session* each : subscription.subscribers) {
      if (mayHave(*each)) out_.add(*each);
    }
    return;
  }
  // Who owns a key depends on who is subscribed, not on who may have this event: it stays the same for all
  // publishers.
  const SubscriberNodes& nodes = *subscription.nodes;
  const SubscriberNodes::Entry* const owner = nodes.ownerOf(*publication.shard);
  for (std::size_t i = 0; i < subscription.subscribers.size(); ++i) {
    Session& each = *subscription.subscribers[i];
    if (nodes.sharesWith(i, owner) && mayHave(each)) out_.add(each);
  }
}

void Broker::deliverTo(const Subscription& subscription, Publication& publication) {
  addReceivers(subscription, publication);
  if (!out_.hasReceivers()) return;
  message::Event event{.subscription = subscription.id,
                       .publication = publication.drawnId(),
                       .details = publication.details,
                       .payload = publication.payload};
  if (subscription.match != Match::exact) event.details.topic = Text(publication.topic);
  out_.send(std::move(event));
}

// ---- Events of the router

bool Broker::isWanted(std::string_view topic) {
  bool isWanted = false;
  byTopic_.forEachMatch(topic, [&isWanted](const Subscription* subscription) {
    isWanted = subscription->takesReserved();
    return !isWanted;
  });
  return isWanted;
}

void Broker::publishMetaNow(std::string_view topic, List args) {
  Publication publication{};
  publication.topic = topic;
  publication.payload = Payload(std::move(args));
  deliver(publication);
}

}  // namespace autobahn::inline v0::wamp::router
