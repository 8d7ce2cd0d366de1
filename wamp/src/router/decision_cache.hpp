// Decisions of an authorizer that hold for a while.
#pragma once

#include <autobahn/wamp/router/authorizer.hpp>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "deadlines.hpp"
#include "keyed_hash.hpp"

namespace autobahn::inline v0::wamp::router {

/// At most `maxEntries`; beyond that the one used longest ago goes.
class DecisionCache {
 public:
  explicit DecisionCache(std::size_t maxEntries) : maxEntries_(maxEntries) {}

  /// nullptr: there is none, or its time is up. Valid until the next call.
  const Permission* find(std::string_view key, TimePoint now) {
    const auto found = byKey_.find(key);
    if (found == byKey_.end()) return nullptr;
    const auto entry = found->second;
    if (entry->end <= now) {
      forget(entry);
      return nullptr;
    }
    entries_.splice(entries_.end(), entries_, entry);
    return &entry->permission;
  }
  void insert(std::string key, const Permission& permission, TimePoint end) {
    if (maxEntries_ == 0) return;
    if (const auto found = byKey_.find(key); found != byKey_.end()) forget(found->second);
    entries_.push_back({std::move(key), permission, end});
    byKey_.emplace(entries_.back().key, std::prev(entries_.end()));
    if (entries_.size() > maxEntries_) forget(entries_.begin());
  }
  void clear() {
    byKey_.clear();
    entries_.clear();
  }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    Permission permission;
    TimePoint end;
  };

  void forget(std::list<Entry>::iterator entry) {
    byKey_.erase(entry->key);
    entries_.erase(entry);
  }

  std::size_t maxEntries_;
  std::list<Entry> entries_;  ///< that used longest ago first
  std::unordered_map<std::string_view, std::list<Entry>::iterator, KeyedHash> byKey_;
};

}  // namespace autobahn::inline v0::wamp::router
