#include "retained.hpp"

#include <algorithm>

namespace autobahn::inline v0::wamp::router {
namespace {

std::string_view takeComponent(std::string_view& uri, bool& isLast) {
  const std::size_t dot = uri.find('.');
  const std::string_view component = uri.substr(0, dot);
  isLast = dot == std::string_view::npos;
  uri = isLast ? std::string_view() : uri.substr(dot + 1);
  return component;
}

bool matchesWildcard(std::string_view pattern, std::string_view uri) {
  bool patternEnds = false;
  bool uriEnds = false;
  while (!patternEnds && !uriEnds) {
    const std::string_view wanted = takeComponent(pattern, patternEnds);
    const std::string_view is = takeComponent(uri, uriEnds);
    if (!wanted.empty() && wanted != is) return false;
  }
  return patternEnds && uriEnds;
}

}  // namespace

bool matchesPattern(std::string_view pattern, Match match, std::string_view uri) {
  if (match == Match::prefix) return uri.starts_with(pattern);
  return match == Match::exact ? uri == pattern : matchesWildcard(pattern, uri);
}

std::string_view literalHead(std::string_view pattern, Match match) {
  if (match != Match::wildcard || pattern.empty() || pattern.front() == '.') {
    return match == Match::wildcard ? std::string_view() : pattern;
  }
  const std::size_t wildcard = pattern.find("..");
  if (wildcard != std::string_view::npos) return pattern.substr(0, wildcard + 1);
  return pattern;  // an empty last component, if any, leaves the dot before it
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
