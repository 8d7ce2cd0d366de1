// What goes with publications and subscriptions.
#pragma once

#include <autobahn/wamp/message_parts.hpp>
#include <autobahn/wamp/message_pubsub.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autobahn::inline v0::wamp {

/// How to publish.
struct PublishOptions {
  bool acknowledge = false;         ///< `publish` with a completion token always asks for it
  std::optional<bool> excludeMe{};  ///< absent: true, the publisher does not get its own event
  /// Who gets the event, of those who are subscribed. Absent: everybody.
  std::optional<std::vector<Id>> exclude{};
  std::optional<std::vector<std::string>> excludeAuthid{};
  std::optional<std::vector<std::string>> excludeAuthrole{};
  std::optional<std::vector<Id>> eligible{};
  std::optional<std::vector<std::string>> eligibleAuthid{};
  std::optional<std::vector<std::string>> eligibleAuthrole{};
  bool retain = false;  ///< the router keeps the event for those who subscribe later
  std::optional<bool> discloseMe{};
  /// A stable key of what the event is about: of the subscribers that have an `nkey` those of one node get
  /// it, the same one for the same key (sharded subscription).
  std::optional<std::string> rkey{};
  std::optional<std::string> transactionHash{};
  std::optional<message::Passthru> passthru{};  ///< the arguments are packed so (ppt_…, enc_…)
  std::vector<message::Forward> forwardFor{};
  Dict custom{};
};

/// An acknowledged publication.
struct Publication {
  Id id = 0;
  std::string topic{};
};

/// Of an event: a handler's parameter of this type asks for it.
struct EventDetails {
  Id subscription = 0;
  Id publication = 0;
  std::string topic{};  ///< the URI published to
  std::optional<Id> publisher{};
  std::optional<std::string> publisherAuthid{};
  std::optional<std::string> publisherAuthrole{};
  bool retained = false;  ///< published before the subscription was made
  std::optional<std::uint64_t> trustlevel{};
  std::optional<std::string> transactionHash{};
  std::optional<std::string> encAlgo{};  ///< the payload came encrypted so
  Rare<message::Passthru> passthru{};
  std::vector<message::Forward> forwardFor{};
  Dict custom{};
};

/// How to subscribe.
struct SubscribeOptions {
  std::optional<Match> match{};  ///< absent: exact
  bool getRetained = false;      ///< the retained event comes as the first one
  /// The node that the session runs at: the nodes of a subscription share the events that have an `rkey`.
  std::optional<std::string> nkey{};
  std::vector<message::Forward> forwardFor{};
  Dict custom{};
};

class SubscriptionState;

/// A handler at a topic. Copies are of the same handler's; keeps neither the session nor the handler alive.
/// On the session's thread.
class Subscription {
 public:
  Subscription() = default;
  explicit Subscription(std::shared_ptr<SubscriptionState> state);

  /// The router's ID, shared by all handlers of the session at the topic; 0 when it was never made.
  Id id() const;
  std::string topic() const;
  /// False once it was unsubscribed or revoked, or the session has ended.
  bool isActive() const;
  /// Called when the router takes the subscription away, with its reason.
  void onUnsubscribe(std::function<void(const std::string& reason)> callback) const;

  const std::shared_ptr<SubscriptionState>& state() const { return state_; }

 private:
  std::shared_ptr<SubscriptionState> state_;
};

}  // namespace autobahn::inline v0::wamp
