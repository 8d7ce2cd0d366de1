// Publish and subscribe within one realm (basic profile, publish and subscribe; advanced profile, pubsub_*).
#pragma once

#include <autobahn/wamp/message_pubsub.hpp>
#include <autobahn/wamp/router/authorizer.hpp>
#include <autobahn/wamp/router/options.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "deadlines.hpp"
#include "history.hpp"
#include "outbox.hpp"
#include "retained.hpp"
#include "session.hpp"
#include "subscriber_nodes.hpp"
#include "uri_map.hpp"

namespace autobahn::inline v0::wamp::router {

/// All that share one ID: the sessions subscribed to one topic or pattern.
struct Subscription {
  Id id = 0;
  std::string topic;
  Match match = Match::exact;
  std::chrono::system_clock::time_point created;
  std::vector<Session*> subscribers;  ///< in any order
  /// Those of them that share events with each other; nullptr: none.
  std::unique_ptr<SubscriberNodes> nodes;
  /// There without subscribers as well: a rule of the history, so that its ID can be looked up.
  bool isKept = false;

  /// Events of the router itself go only to those who have asked for such by name, never to `com.`'s or
  /// everything's subscribers.
  bool takesReserved() const { return isReservedUri(topic); }
};

/// An event to be: what is common to all subscriptions that it matches.
struct Publication {
  std::string_view topic;
  const Session* except = nullptr;  ///< who does not get it
  std::shared_ptr<const ReceiverFilter> filter;
  message::Event::Details details;
  Payload payload;
  Id id = 0;  ///< drawn when somebody wants to know
  /// Of the resource key: of the subscribers at nodes those of one get it.
  std::optional<std::uint64_t> shard{};

  Id drawnId();
};

/// A publisher that wants to know whether its event has got through.
struct Asker {
  Session& session;
  Id request = 0;
};

/// No I/O, no clock: messages of sessions in, messages for sessions into the outbox.
class Broker {
 public:
  /// All references outlive it. `makeResume`: for publishers that wait until an event is kept; without it
  /// they are not told. Throws what `HistoryStore::open` throws.
  Broker(const RealmOptions& options, const Clock& clock, Outbox& out, MakeResume makeResume = {});
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  void subscribe(Session& session, const message::Subscribe& request);
  void unsubscribe(Session& session, const message::Unsubscribe& request);
  void publish(Session& session, const message::Publish& request, const Permission& permission);
  /// Ends all that a session has here.
  void leave(Session& session);

  /// An event of the router itself, if anybody listens: `makeArgs()` gives its arguments. It tells of what
  /// has happened, which no lack of memory for it undoes: then nobody hears of it.
  template <class MakeArgs>
  void publishMeta(std::string_view topic, MakeArgs&& makeArgs) {
    if (reservedSubscriptions_ == 0) return;
    try {
      if (isWanted(topic)) publishMetaNow(topic, makeArgs());
    } catch (const std::bad_alloc&) {
      out_.dropReceivers();
    }
  }
  /// Publishes for a session that has left (testaments).
  void publishFor(const Session& gone, std::string_view topic, const message::Publish::Options& options,
                  Payload payload);
  /// Takes subscriptions away: from `session`, or from all when it is nullptr. False: no such subscription,
  /// or not the session's.
  bool revoke(Id subscription, Session* session, std::string_view reason);

  UriMap<Subscription*>& subscriptions() { return byTopic_; }
  /// By ID, or nullptr.
  const Subscription* find(Id id) const;
  const RetainedEvents& retained() const { return retained_; }
  /// nullptr: nothing is kept.
  EventHistory* history() const { return history_.get(); }
  /// Something would be lost with it.
  bool keepsEvents() const {
    return retained_.topicCount() > 0 || (history_ != nullptr && history_->hasKept());
  }
  HistoryTime now() const { return std::chrono::floor<std::chrono::milliseconds>(clock_.wall); }

 private:
  Subscription& subscriptionFor(std::string_view topic, Match match, bool& isNew);
  bool addSubscriber(Subscription& subscription, Session& session);
  bool dropUnused(const Subscription& subscription);
  void setNode(Subscription& subscription, std::size_t position, const std::optional<Text>& nkey) const;
  void sendRetained(Session& session, const Subscription& subscription);
  void sendRetainedEvent(Session& session, const Subscription& subscription, std::string_view topic,
                         const RetainedEvent& event);
  void remove(Session& session, Id subscription);

  bool refusePublish(Session& session, const message::Publish& request, const Permission& permission);
  std::optional<std::uint64_t> shardOf(const message::Publish::Options& options) const;
  void deliver(Publication& publication);
  void deliverTo(const Subscription& subscription, Publication& publication);
  void addReceivers(const Subscription& subscription, const Publication& publication);
  void retain(Publication& publication);

  // broker_history.cpp
  void openHistory();
  bool keep(Publication& publication, const message::Publish::Options& options, const Asker* asker);
  HistoryRecord recordOf(Publication& publication, const message::Publish::Options& options) const;
  std::vector<HistoryRecord> retainedRecords(std::string_view topic) const;
  HistoryStore::Written tellWhenKept(const Asker& asker, Id publication);
  bool refuseUnkept(const Asker* asker, std::string_view topic, const HistoryFailure& failure);

  bool isWanted(std::string_view topic);
  void publishMetaNow(std::string_view topic, List args);

  const RealmOptions& options_;
  const Clock& clock_;
  Outbox& out_;
  UriMap<Subscription*> byTopic_;
  std::unordered_map<Id, std::unique_ptr<Subscription>> byId_;
  std::size_t reservedSubscriptions_ = 0;
  Id lastSubscription_ = 0;
  RetainedEvents retained_;
  MakeResume makeResume_;
  std::unique_ptr<EventHistory> history_;
  bool missesEvents_ = false;  ///< the log knows that the last event was not kept
};

}  // namespace autobahn::inline v0::wamp::router
