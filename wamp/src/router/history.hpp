// Which events of a realm are kept, and where.
#pragma once

#include <autobahn/wamp/router/history.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "uri_map.hpp"
#include "uri_pattern.hpp"

namespace autobahn::inline v0::wamp::router {

struct Session;

/// Carries the answer to something that takes time: runs `work` in a turn of its own with the session that
/// waits for it, if that is still there. To be called in the realm's thread.
using Resume = std::function<void(std::function<void(Session&)> work)>;
using MakeResume = std::function<Resume(const Session&)>;

/// The rules of one realm with their store.
class EventHistory {
 public:
  /// `options` outlives it. Throws InvalidState when a rule is no URI or there are two of the same.
  explicit EventHistory(const HistoryOptions& options);

  const HistoryOptions& options() const { return options_; }
  HistoryStore& store() { return *store_; }
  bool hasRules() const { return !options_.rules.empty(); }
  /// True when a history has got an event since it is here.
  bool hasKept() const { return hasKept_; }
  void setKept() { hasKept_ = true; }

  /// The rules that keep a topic's events.
  std::vector<std::size_t> rulesFor(std::string_view topic);
  /// The rule whose history holds all that a subscription could have got: the narrowest, or none.
  std::optional<std::size_t> ruleFor(const UriPattern& subscription) const;

 private:
  const HistoryOptions& options_;
  std::shared_ptr<HistoryStore> store_;
  std::vector<std::size_t> order_;  ///< rules, by precedence: exact, the longest prefix, wildcards
  UriMap<std::size_t> byUri_;
  bool hasKept_ = false;
};

}  // namespace autobahn::inline v0::wamp::router
