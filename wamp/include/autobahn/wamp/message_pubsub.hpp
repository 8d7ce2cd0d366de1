// Messages between publishers, the broker and subscribers.
#pragma once

#include <autobahn/wamp/message_parts.hpp>
#include <autobahn/wamp/payload.hpp>
#include <cstdint>
#include <optional>
#include <vector>

namespace autobahn::inline v0::wamp::message {

/// Who gets an event, of those who are subscribed.
struct Receivers {
  std::optional<std::vector<Id>> exclude{};
  std::optional<std::vector<Text>> excludeAuthid{};
  std::optional<std::vector<Text>> excludeAuthrole{};
  std::optional<std::vector<Id>> eligible{};
  std::optional<std::vector<Text>> eligibleAuthid{};
  std::optional<std::vector<Text>> eligibleAuthrole{};
  bool operator==(const Receivers&) const = default;
};

/// [PUBLISH, Request|id, Options|dict, Topic|uri, Arguments|list?, ArgumentsKw|dict?]
struct Publish {
  static constexpr int kCode = 16;
  struct Options {
    std::optional<bool> acknowledge{};
    std::optional<bool> excludeMe{};
    Rare<Receivers> receivers{};
    std::optional<bool> retain{};
    std::optional<bool> discloseMe{};
    std::optional<Text> rkey{};
    std::optional<Text> transactionHash{};
    Rare<Passthru> passthru{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Options options{};
  Text topic{};
  Payload payload{};
  bool operator==(const Publish&) const = default;
};

/// [PUBLISHED, PUBLISH.Request|id, Publication|id]
struct Published {
  static constexpr int kCode = 17;
  Id request = 0;
  Id publication = 0;
  bool operator==(const Published&) const = default;
};

/// [SUBSCRIBE, Request|id, Options|dict, Topic|uri]
struct Subscribe {
  static constexpr int kCode = 32;
  struct Options {
    std::optional<Match> match{};
    std::optional<bool> getRetained{};
    std::optional<Text> nkey{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Options options{};
  Text topic{};  ///< valid as `options.match` has it
  bool operator==(const Subscribe&) const = default;
};

/// [SUBSCRIBED, SUBSCRIBE.Request|id, Subscription|id]
struct Subscribed {
  static constexpr int kCode = 33;
  Id request = 0;
  Id subscription = 0;
  bool operator==(const Subscribed&) const = default;
};

/// [UNSUBSCRIBE, Request|id, SUBSCRIBED.Subscription|id, Options|dict?]
struct Unsubscribe {
  static constexpr int kCode = 34;
  struct Options {
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Id subscription = 0;
  Options options{};
  bool operator==(const Unsubscribe&) const = default;
};

/// [UNSUBSCRIBED, UNSUBSCRIBE.Request|id, Details|dict?]; the router revokes a subscription with request 0.
struct Unsubscribed {
  static constexpr int kCode = 35;
  struct Details {
    std::optional<Id> subscription{};  ///< needed when the request is 0
    std::optional<Text> reason{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  Id request = 0;  ///< 0: not asked for
  Details details{};
  bool operator==(const Unsubscribed&) const = default;
};

/// [EVENT, SUBSCRIBED.Subscription|id, PUBLISHED.Publication|id, Details|dict, Arguments|list?,
/// ArgumentsKw|dict?]
struct Event {
  static constexpr int kCode = 36;
  struct Details {
    Identity publisher{};
    std::optional<Text> topic{};  ///< the URI published to, for subscriptions by pattern
    std::optional<bool> retained{};
    std::optional<std::uint64_t> trustlevel{};
    std::optional<Text> transactionHash{};
    std::optional<bool> acknowledgedDelivery{};  ///< `x_acknowledged_delivery`: an EVENT_RECEIVED is wanted
    std::vector<Forward> forwardFor{};
    Rare<Passthru> passthru{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  Id subscription = 0;
  Id publication = 0;
  Details details{};
  Payload payload{};
  bool operator==(const Event&) const = default;
};

/// [EVENT_RECEIVED, EVENT.Publication|id]
struct EventReceived {
  static constexpr int kCode = 337;
  Id publication = 0;
  bool operator==(const EventReceived&) const = default;
};

}  // namespace autobahn::inline v0::wamp::message
