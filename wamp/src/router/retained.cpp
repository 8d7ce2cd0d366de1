#include "retained.hpp"

#include <algorithm>

#include "../messages/parts.hpp"

namespace autobahn::inline v0::wamp::router {

std::size_t retainedOctets(std::string_view topic, const RetainedEvent& event) {
  return kRetainedEventOctets + topic.size() + heldOctets(event.details) +
         event.payload.buffer().view().size() + (event.filter ? event.filter->octets() : 0);
}

void RetainedEvents::drop(std::map<std::string, Events, std::less<>>::iterator topic) {
  for (const RetainedEvent& each : topic->second) size_ -= each.size;
  topics_.erase(topic);
}

void RetainedEvents::keep(std::string_view topic, RetainedEvent event) {
  auto found = topics_.find(topic);
  if (found != topics_.end() && !event.filter) {
    drop(found);
    found = topics_.end();
  }
  if (found == topics_.end()) {
    if (topics_.size() >= maxTopics_ || event.size > maxSize_ - size_) return;
    found = topics_.emplace(topic, Events()).first;
  } else if (event.size > maxSize_ - size_) {
    drop(found);
    return;
  }
  Events& events = found->second;
  if (events.size() > kMaxRestricted) {
    const auto oldest = events.begin() + (events.front().filter ? 0 : 1);
    size_ -= oldest->size;
    events.erase(oldest);
  }
  size_ += event.size;
  events.push_back(std::move(event));
}

void RetainedEvents::forget(std::string_view topic) {
  if (const auto found = topics_.find(topic); found != topics_.end()) drop(found);
}

std::span<const RetainedEvent> RetainedEvents::of(std::string_view topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? std::span<const RetainedEvent>() : found->second;
}

const RetainedEvent* RetainedEvents::latestFor(const Events& events, const Session& session) {
  const auto found = std::find_if(events.rbegin(), events.rend(),
                                  [&session](const RetainedEvent& each) { return each.isFor(session); });
  return found == events.rend() ? nullptr : &*found;
}

const RetainedEvent* RetainedEvents::find(std::string_view topic, const Session& session) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : latestFor(found->second, session);
}

}  // namespace autobahn::inline v0::wamp::router
