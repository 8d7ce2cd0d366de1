// Tables of messages between publishers, the broker and subscribers.
#pragma once

#include "fields_parts.hpp"

namespace autobahn::inline v0::wamp {

template <>
struct Wire<message::Publish::Options> {
  using S = message::Publish::Options;
  static constexpr std::tuple fields{
      Field{"acknowledge", &S::acknowledge},
      Field{"exclude_me", &S::excludeMe},
      GroupField{&S::receivers},
      Field{"retain", &S::retain},
      Field{"disclose_me", &S::discloseMe},
      Field{"rkey", &S::rkey},
      Field{"transaction_hash", &S::transactionHash},
      GroupField{&S::passthru},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Publish> {
  using S = message::Publish;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Options", &S::options},
      Field{"Topic", &S::topic, Rule::uri},
      Field{"Arguments", &S::payload},
  };
};

template <>
struct Wire<message::Published> {
  using S = message::Published;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Publication", &S::publication, Rule::id},
  };
};

template <>
struct Wire<message::Subscribe::Options> {
  using S = message::Subscribe::Options;
  static constexpr std::tuple fields{
      Field{"match", &S::match},
      Field{"get_retained", &S::getRetained},
      Field{"nkey", &S::nkey},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Subscribe> {
  using S = message::Subscribe;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Options", &S::options},
      Field{"Topic", &S::topic, Rule::pattern},
  };
};

template <>
struct Wire<message::Subscribed> {
  using S = message::Subscribed;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Subscription", &S::subscription, Rule::id},
  };
};

template <>
struct Wire<message::Unsubscribe::Options> {
  using S = message::Unsubscribe::Options;
  static constexpr std::tuple fields{
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Unsubscribe> {
  using S = message::Unsubscribe;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Subscription", &S::subscription, Rule::id},
      Field{"Options", &S::options, Rule::optional},
  };
};

template <>
struct Wire<message::Unsubscribed::Details> {
  using S = message::Unsubscribed::Details;
  static constexpr std::tuple fields{
      Field{"subscription", &S::subscription, Rule::id},
      Field{"reason", &S::reason, Rule::uri},
  };
};

template <>
struct Wire<message::Unsubscribed> {
  using S = message::Unsubscribed;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::idOrZero},
      Field{"Details", &S::details, Rule::optional},
  };
};

template <>
struct Wire<message::Event::Details> {
  using S = message::Event::Details;
  static constexpr std::tuple fields{
      publisherField(&S::publisher),
      Field{"topic", &S::topic, Rule::uri},
      Field{"retained", &S::retained},
      Field{"trustlevel", &S::trustlevel, Rule::notNegative},
      Field{"transaction_hash", &S::transactionHash},
      Field{"x_acknowledged_delivery", &S::acknowledgedDelivery},
      Field{"forward_for", &S::forwardFor},
      GroupField{&S::passthru},
  };
};

template <>
struct Wire<message::Event> {
  using S = message::Event;
  static constexpr std::tuple fields{
      Field{"Subscription", &S::subscription, Rule::id},
      Field{"Publication", &S::publication, Rule::id},
      Field{"Details", &S::details},
      Field{"Arguments", &S::payload},
  };
};

template <>
struct Wire<message::EventReceived> {
  using S = message::EventReceived;
  static constexpr std::tuple fields{
      Field{"Publication", &S::publication, Rule::id},
  };
};

}  // namespace autobahn::inline v0::wamp
