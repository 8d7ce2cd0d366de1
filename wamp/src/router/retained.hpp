// The events that topics keep for those who subscribe later.
#pragma once

#include <autobahn/wamp/message_pubsub.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "receiver_filter.hpp"
#include "uri_pattern.hpp"

namespace autobahn::inline v0::wamp::router {

/// One event as its subscribers got it, but for the subscription. Nothing of it lies in a message's buffer.
struct RetainedEvent {
  Id publication = 0;
  std::chrono::system_clock::time_point time{};
  Id exceptSession = 0;  ///< the publisher, when it excluded itself
  std::shared_ptr<const ReceiverFilter> filter{};
  message::Event::Details details{};
  Payload payload{};     ///< a copy is sent: what is made of it on the way must not stay here
  std::size_t size = 0;  ///< octets in memory

  bool isFor(const Session& session) const {
    return session.id() != exceptSession && (!filter || filter->admits(session));
  }
};

/// What an event takes beside payload, details, lists and topic: itself, its place among those of its topic,
/// the topic's own, and the headers of what it has on the heap.
inline constexpr std::size_t kRetainedEventOctets = 1024;
static_assert(kRetainedEventOctets >= 2 * sizeof(RetainedEvent) + 400);

/// Octets that an event takes in memory under its topic.
std::size_t retainedOctets(std::string_view topic, const RetainedEvent& event);

/// The latest event that everybody may have, per topic, and newer ones that not everybody may have (advanced
/// profile, event retention). Bounded: beyond the limits events are not kept, and what the topic had goes.
class RetainedEvents {
 public:
  RetainedEvents(std::size_t maxTopics, std::size_t maxSize) : maxTopics_(maxTopics), maxSize_(maxSize) {}

  /// Keeps `event` as the topic's latest.
  void keep(std::string_view topic, RetainedEvent event);
  /// The topic's latest cannot be kept: an older one would be worse than none.
  void forget(std::string_view topic);
  /// All that a topic has, oldest first.
  std::span<const RetainedEvent> of(std::string_view topic) const;
  /// The topic's latest that `session` may have, or nullptr.
  const RetainedEvent* find(std::string_view topic, const Session& session) const;
  /// Calls `visit(topic, event)` for the latest event that `session` may have of each topic that matches.
  /// Ends when it returns false. What it costs depends on the topics that begin like the pattern.
  template <class Visit>
  void forEachMatch(std::string_view pattern, Match match, const Session& session, Visit&& visit) const;

  std::size_t topicCount() const { return topics_.size(); }
  /// Octets of all events.
  std::size_t size() const { return size_; }

 private:
  // Oldest first; only the first may be for everybody.
  using Events = std::vector<RetainedEvent>;
  static constexpr std::size_t kMaxRestricted = 8;

  static const RetainedEvent* latestFor(const Events& events, const Session& session);
  void drop(std::map<std::string, Events, std::less<>>::iterator topic);

  std::size_t maxTopics_;
  std::size_t maxSize_;
  std::size_t size_ = 0;
  std::map<std::string, Events, std::less<>> topics_;
};

template <class Visit>
void RetainedEvents::forEachMatch(std::string_view pattern, Match match, const Session& session,
                                  Visit&& visit) const {
  const std::string_view head = literalHead(pattern, match);
  for (auto at = topics_.lower_bound(head); at != topics_.end() && at->first.starts_with(head); ++at) {
    if (!matchesPattern(pattern, match, at->first)) continue;
    const RetainedEvent* event = latestFor(at->second, session);
    if (event != nullptr && !visit(at->first, *event)) return;
  }
}

}  // namespace autobahn::inline v0::wamp::router
