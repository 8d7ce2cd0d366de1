#include "history.hpp"

#include <algorithm>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <string>
#include <utility>

#include "../messages/parts.hpp"
#include "uri_pattern.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// What a record takes besides what it holds on the heap.
constexpr std::size_t kRecordOctets = sizeof(HistoryRecord) + 128;

bool isExcluded(const std::optional<std::vector<Text>>& names, std::string_view name) {
  return names && std::ranges::find(*names, name, &Text::view) != names->end();
}
bool isMissing(const std::optional<std::vector<Text>>& names, std::string_view name) {
  return names && std::ranges::find(*names, name, &Text::view) == names->end();
}

}  // namespace

bool mayReceive(const HistoryRecord& record, std::string_view authid, std::string_view authrole) {
  if (!record.receivers) return true;
  const message::Receivers& lists = *record.receivers;
  return !isExcluded(lists.excludeAuthid, authid) && !isExcluded(lists.excludeAuthrole, authrole) &&
         !isMissing(lists.eligibleAuthid, authid) && !isMissing(lists.eligibleAuthrole, authrole);
}

bool isWanted(const HistoryQuery& query, const HistoryRecord& record) {
  return record.time >= query.first && record.time <= query.last &&
         (query.topic.empty() || record.topic == query.topic) &&
         router::matchesPattern(query.subscription, query.match, record.topic) &&
         mayReceive(record, query.authid, query.authrole);
}

std::size_t historyOctets(const HistoryRecord& record) {
  return kRecordOctets + record.topic.size() + heldOctets(record.details) +
         record.payload.buffer().view().size() + (record.receivers ? heldOctets(*record.receivers) : 0);
}

HistoryFailure noSuchPublication(Id publication) {
  return {error::kInvalidArgument,
          "the history has no publication " + std::to_string(publication) + " (any more)"};
}

namespace router {

EventHistory::EventHistory(const HistoryOptions& options)
    : options_(options), store_(options.store ? options.store : makeMemoryHistory()) {
  order_.resize(options_.rules.size());
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
  const auto precedence = [this](std::size_t index) {
    const HistoryRule& rule = options_.rules[index];
    return std::pair(rule.match, rule.match == Match::prefix ? -static_cast<std::ptrdiff_t>(rule.uri.size())
                                                             : std::ptrdiff_t{0});
  };
  std::ranges::stable_sort(order_, {}, precedence);
  for (const std::size_t i : order_) {
    const HistoryRule& rule = options_.rules[i];
    const bool isEverything = rule.match == Match::prefix && rule.uri.empty();
    if (!isEverything && !isValidUri(rule.uri, UriRule::loose, rule.match)) {
      throw InvalidState("a history's rule is no URI: \"" + rule.uri + "\"");
    }
    if (byUri_.find(rule.uri, rule.match) != nullptr) {
      throw InvalidState("a history has two rules for " + rule.uri);
    }
    byUri_.insert(rule.uri, rule.match, i);
  }
}

std::vector<std::size_t> EventHistory::rulesFor(std::string_view topic) {
  std::vector<std::size_t> found;
  byUri_.forEachMatch(topic, [&found](std::size_t rule) {
    found.push_back(rule);
    return true;
  });
  return found;
}

std::optional<std::size_t> EventHistory::ruleFor(const UriPattern& subscription) const {
  const auto found = std::ranges::find_if(order_, [&](std::size_t index) {
    const HistoryRule& rule = options_.rules[index];
    return covers({rule.uri, rule.match}, subscription);
  });
  return found == order_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace router
}  // namespace autobahn::inline v0::wamp
