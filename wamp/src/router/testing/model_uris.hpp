// URIs, patterns and permissions of the model: what a pattern means is tried out on every URI there is.
#pragma once

#include <algorithm>
#include <autobahn/wamp/router/authorizer.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace autobahn::wamp::router::testing {

struct ModelPattern {
  std::string uri;
  Match match = Match::exact;
  bool operator==(const ModelPattern&) const = default;
};

inline std::vector<std::string> componentsOf(const std::string& uri) {
  std::vector<std::string> parts(1);
  for (const char c : uri) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

inline bool fits(const ModelPattern& pattern, const std::string& uri) {
  if (pattern.match == Match::exact) return pattern.uri == uri;
  if (pattern.match == Match::prefix) return uri.starts_with(pattern.uri);
  return std::ranges::equal(
      componentsOf(pattern.uri), componentsOf(uri),
      [](const auto& wanted, const auto& is) { return wanted.empty() || wanted == is; });
}

/// Of two patterns that fit the same URI.
inline bool precedes(const ModelPattern& one, const ModelPattern& other) {
  if (one.match != other.match) return one.match < other.match;
  if (one.match == Match::prefix) return one.uri.size() > other.uri.size();
  const auto ones = componentsOf(one.uri);
  const auto others = componentsOf(other.uri);
  for (std::size_t i = 0; i < ones.size(); ++i) {
    if (ones[i].empty() != others[i].empty()) return others[i].empty();
  }
  return false;
}

/// Enough of them that patterns which mean different things fit different ones.
inline const std::vector<std::string>& everyUri() {
  static const std::vector<std::string> all = [] {
    const std::vector<std::string> parts{"a", "b", "c", "ab", "x"};
    std::vector<std::string> made = parts;
    for (const std::string& one : parts) {
      for (const std::string& two : parts) {
        made.push_back(one + "." + two);
        for (const std::string& three : parts) made.push_back(one + "." + two + "." + three);
      }
    }
    return made;
  }();
  return all;
}

inline std::vector<std::string> urisOf(const ModelPattern& pattern) {
  if (pattern.match == Match::exact) return {pattern.uri};
  std::vector<std::string> found;
  for (const std::string& each : everyUri()) {
    if (fits(pattern, each)) found.push_back(each);
  }
  return found;
}

/// Whether all URIs of a pattern are such ones.
inline bool covers(const ModelPattern& whole, const ModelPattern& part) {
  return std::ranges::all_of(urisOf(part), [&](const std::string& each) { return fits(whole, each); });
}

/// What one role may do with the URIs of a pattern.
struct ModelRule {
  std::string role;
  ModelPattern pattern;
  std::set<Action> allow;
  bool discloses = false;
  std::optional<std::uint64_t> trustlevel{};
};

struct ModelPermissions {
  std::vector<ModelRule> rules;

  /// The rule that counts for a URI, or nullptr.
  const ModelRule* ruleFor(const std::string& role, const std::string& uri) const {
    const ModelRule* best = nullptr;
    for (const ModelRule& each : rules) {
      if (each.role != role || !fits(each.pattern, uri)) continue;
      if (best == nullptr || precedes(each.pattern, best->pattern)) best = &each;
    }
    return best;
  }
  bool allows(const std::string& role, Action action, const ModelPattern& pattern) const {
    return std::ranges::all_of(urisOf(pattern), [&](const std::string& each) {
      const ModelRule* rule = ruleFor(role, each);
      return rule != nullptr && rule->allow.contains(action);
    });
  }
};

}  // namespace autobahn::wamp::router::testing
