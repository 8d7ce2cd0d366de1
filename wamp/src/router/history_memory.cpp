// Event history in memory.
#include <algorithm>
#include <autobahn/wamp/router/history.hpp>
#include <deque>
#include <string>
#include <utility>

#include "../messages/parts.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// A record for keeps: nothing of it lies in a message's buffer.
std::shared_ptr<const HistoryRecord> compact(HistoryRecord record) {
  record.topic = Text(record.topic.view());
  detach(record.details);
  if (record.receivers) detach(record.receivers.make());
  record.payload = record.payload.detached();
  return std::make_shared<const HistoryRecord>(std::move(record));
}

/// One rule's events, oldest first.
class Ring {
 public:
  explicit Ring(const HistoryRule& rule) : rule_(rule) {}

  void add(std::shared_ptr<const HistoryRecord> record, std::size_t octets) {
    octets_ += octets;
    const HistoryTime now = record->time;
    entries_.push_back({std::move(record), octets});
    while (!entries_.empty() &&
           (entries_.size() > rule_.maxEvents || octets_ > rule_.maxOctets ||
            (rule_.maxAge.count() > 0 && entries_.front().record->time < now - rule_.maxAge))) {
      octets_ -= entries_.front().octets;
      entries_.pop_front();
    }
  }

  HistoryResult read(const HistoryQuery& query) const;

 private:
  struct Entry {
    std::shared_ptr<const HistoryRecord> record;
    std::size_t octets = 0;
  };

  std::optional<std::size_t> positionOf(Id publication, HistoryTime oldest) const {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const HistoryRecord& record = *entries_[i].record;
      if (record.publication == publication && record.time >= oldest) return i;
    }
    return std::nullopt;
  }

  HistoryRule rule_;
  std::deque<Entry> entries_;
  std::size_t octets_ = 0;
};

HistoryResult Ring::read(const HistoryQuery& query) const {
  HistoryResult result;
  std::size_t begin = 0;
  std::size_t end = entries_.size();
  const auto bound = [&](const std::optional<Id>& publication, auto&& apply) {
    if (!publication || result.failure) return;
    const std::optional<std::size_t> position = positionOf(*publication, query.oldest);
    if (!position) {
      result.failure = noSuchPublication(*publication);
    } else {
      apply(*position);
    }
  };
  bound(query.fromPublication, [&](std::size_t at) { begin = std::max(begin, at); });
  bound(query.afterPublication, [&](std::size_t at) { begin = std::max(begin, at + 1); });
  bound(query.beforePublication, [&](std::size_t at) { end = std::min(end, at); });
  bound(query.untilPublication, [&](std::size_t at) { end = std::min(end, at + 1); });
  std::size_t octets = 0;
  for (std::size_t left = end > begin ? end - begin : 0; left > 0 && !result.failure; --left) {
    const Entry& entry = entries_[query.isReverse ? begin + left - 1 : end - left];
    if (!isWanted(query, *entry.record)) continue;
    octets += entry.octets;
    const bool isFull =
        result.records.size() >= query.limit || (!result.records.empty() && octets > query.maxOctets);
    if (isFull) {
      result.hasMore = true;
      break;
    }
    result.records.push_back(entry.record);
  }
  return result;
}

class MemoryHistory : public HistoryStore {
 public:
  std::vector<HistoryRecord> open(std::span<const HistoryRule> rules) override {
    for (const HistoryRule& each : rules) rings_.emplace_back(each);
    return {};
  }
  std::optional<HistoryFailure> mayWrite(std::size_t /*octets*/) override { return std::nullopt; }
  bool write(HistoryWrite event, Written /*written*/) override {
    if (event.rules.empty()) return true;
    const auto record = compact(std::move(event.record));
    const std::size_t octets = historyOctets(*record);
    for (const std::size_t rule : event.rules) rings_[rule].add(record, octets);
    return true;
  }
  void read(HistoryQuery query, Read read) override { read(rings_.at(query.rule).read(query)); }

 private:
  std::vector<Ring> rings_;
};

}  // namespace

std::shared_ptr<HistoryStore> makeMemoryHistory() { return std::make_shared<MemoryHistory>(); }

}  // namespace autobahn::inline v0::wamp
