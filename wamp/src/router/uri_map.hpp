// What is kept under URIs and URI patterns: subscriptions, registrations, permissions.
#pragma once

#include <autobahn/wamp/uri.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "keyed_hash.hpp"
#include "prefix_tree.hpp"
#include "wildcard_tree.hpp"

namespace autobahn::inline v0::wamp::router {

/// Values by (URI, match policy). What a look-up costs depends on the URI and on what matches, not on how
/// much else is in the map. Values stay where they are while they are in the map.
template <class T>
class UriMap {
 public:
  std::size_t size() const { return exact_.size() + prefixes_.size() + wildcards_.size(); }

  /// The value of exactly this pattern, or nullptr.
  T* find(std::string_view uri, Match match) {
    if (match == Match::prefix) return prefixes_.find(uri);
    if (match == Match::wildcard) return wildcards_.find(uri);
    const auto found = exact_.find(uri);
    return found == exact_.end() ? nullptr : &found->second;
  }

  /// Puts a value where none is.
  T& insert(std::string_view uri, Match match, T value) {
    if (match == Match::prefix) return prefixes_.insert(uri, std::move(value));
    if (match == Match::wildcard) return wildcards_.insert(uri, std::move(value));
    return exact_.emplace(uri, std::move(value)).first->second;
  }

  /// Removes a value; nothing happens when there is none.
  void erase(std::string_view uri, Match match) {
    if (match == Match::prefix) return prefixes_.erase(uri);
    if (match == Match::wildcard) return wildcards_.erase(uri);
    if (const auto found = exact_.find(uri); found != exact_.end()) exact_.erase(found);
  }

  /// Calls `visit(value)` for all that match, by precedence (exact, then the longest prefix, then wildcards),
  /// until one returns false. The map must not be changed meanwhile.
  template <class Visit>
  void forEachMatch(std::string_view uri, Visit&& visit) {
    if (const auto found = exact_.find(uri); found != exact_.end() && !visit(found->second)) return;
    if (!prefixes_.forEachPrefixOf(uri, visit)) return;
    wildcards_.forEachMatch(uri, visit);
  }

  /// The value that takes precedence among those that match, or nullptr.
  T* best(std::string_view uri) {
    T* found = nullptr;
    forEachMatch(uri, [&found](T& each) {
      found = &each;
      return false;
    });
    return found;
  }

  /// Calls `visit(value)` for all values.
  template <class Visit>
  void forEach(Visit&& visit) {
    for (auto& entry : exact_) visit(entry.second);
    prefixes_.forEach(visit);
    wildcards_.forEach(visit);
  }

  /// For tests: nodes looked at by `forEachMatch` and `best` so far, besides the hash table.
  std::size_t visited() const { return prefixes_.visited() + wildcards_.visited(); }
  /// For tests: nodes there are, besides the hash table.
  std::size_t nodeCount() const { return prefixes_.nodeCount() + wildcards_.nodeCount(); }

 private:
  std::unordered_map<std::string, T, KeyedHash, std::equal_to<>> exact_;
  PrefixTree<T> prefixes_;
  WildcardTree<T> wildcards_;
};

}  // namespace autobahn::inline v0::wamp::router
