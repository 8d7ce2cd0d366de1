// Event history: what a realm keeps of its events, and where. (Advanced profile, event history.)
//
//   RealmOptions realm{.name = "realm1"};
//   realm.history.rules = {{.uri = "com.app.", .match = Match::prefix, .maxEvents = 1000}};
//   router.addRealm(std::move(realm));     // subscribers may call wamp.subscription.get_events
#pragma once

#include <autobahn/wamp/message_pubsub.hpp>
#include <autobahn/wamp/uri.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// Times of events: what is finer is cut off, so that a time can be told and asked for again.
using HistoryTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// One history: the events of the topics that fit, the oldest of which go when it is full. A topic that fits
/// several rules is kept by each. Topics of the router (`wamp.`) are in none.
struct HistoryRule {
  std::string uri{};
  Match match = Match::exact;
  std::size_t maxEvents = 10'000;
  /// Octets of all its events, with topics, details and what it takes to hold them.
  std::size_t maxOctets = std::size_t{64} << 20;
  /// Events older than that are not shown and go; 0: they may be as old as they like.
  std::chrono::milliseconds maxAge{0};
};

/// An event as it is kept.
struct HistoryRecord {
  Id publication = 0;
  HistoryTime time{};
  Text topic{};
  message::Event::Details details{};     ///< without `topic` and `retained`
  Rare<message::Receivers> receivers{};  ///< who may have it; of a history never by session ID
  Payload payload{};
};

/// What one call of `wamp.subscription.get_events` wants.
struct HistoryQuery {
  std::size_t rule = 0;        ///< whose history: its place in the list of rules
  std::string subscription{};  ///< URI or pattern: only topics that fit
  Match match = Match::exact;  ///< of `subscription`
  std::string topic{};         ///< only this one, when it is not empty
  std::string authid{};        ///< who asks: what is not for them is left out
  std::string authrole{};
  HistoryTime first = HistoryTime::min();  ///< the earliest time
  HistoryTime last = HistoryTime::max();   ///< the latest time
  /// Events of before are too old to be there (`HistoryRule::maxAge`): `first` is not earlier, and they are
  /// no publications to ask from.
  HistoryTime oldest = HistoryTime::min();
  /// Events at, after, before, up to the event of this publication.
  std::optional<Id> fromPublication{};
  std::optional<Id> afterPublication{};
  std::optional<Id> beforePublication{};
  std::optional<Id> untilPublication{};
  bool isReverse = false;                        ///< the latest event first
  std::size_t limit = 1000;                      ///< events
  std::size_t maxOctets = std::size_t{4} << 20;  ///< of all events; one is given however large it is
};

/// Whether a record is for whoever asks, by its receivers.
bool mayReceive(const HistoryRecord& record, std::string_view authid, std::string_view authrole);
/// Whether a record is among those that a query asks for, but for the publications given, order and limits.
bool isWanted(const HistoryQuery& query, const HistoryRecord& record);
/// Octets of a record as rules and queries count them.
std::size_t historyOctets(const HistoryRecord& record);

/// Why something could not be kept or read.
struct HistoryFailure {
  std::string_view uri{};  ///< of the ERROR; it lives for ever
  std::string why{};
};

/// A query names a publication that the history does not have (any more).
HistoryFailure noSuchPublication(Id publication);

/// What a query found.
struct HistoryResult {
  std::vector<std::shared_ptr<const HistoryRecord>> records{};
  bool hasMore = false;  ///< a limit has ended it
  std::optional<HistoryFailure> failure{};
};

/// One event to be kept.
struct HistoryWrite {
  HistoryRecord record{};
  std::vector<std::size_t> rules{};  ///< in whose histories; may be none when it is retained
  /// All that the topic is to retain from now on, oldest first; nothing: as before.
  std::optional<std::vector<HistoryRecord>> retained{};
};

/// Where a realm's events are kept. One object serves one realm. Its methods are called in the realm's
/// thread and must not block for long, but `open`; what it calls back is called in that thread as well, now
/// or later, once, also when the realm is gone by then.
class HistoryStore {
 public:
  /// nullptr: the event is kept.
  using Written = std::function<void(const HistoryFailure* failure)>;
  using Read = std::function<void(HistoryResult result)>;

  HistoryStore() = default;
  HistoryStore(const HistoryStore&) = delete;
  HistoryStore& operator=(const HistoryStore&) = delete;
  virtual ~HistoryStore() = default;

  /// The first call: the realm's rules. Returns what topics retain, of each topic the oldest first. May
  /// block, and throw what `Router::addRealm` is to throw.
  virtual std::vector<HistoryRecord> open(std::span<const HistoryRule> rules) = 0;
  /// True when it keeps what topics retain: then it is told (`HistoryWrite::retained`).
  virtual bool keepsRetained() const { return false; }
  /// Why so much cannot be taken now; nothing: `write` takes it. A publication that cannot be taken is not
  /// delivered when its publisher wants to know (`acknowledge`), and else is not in the history.
  virtual std::optional<HistoryFailure> mayWrite(std::size_t octets) = 0;
  /// Keeps an event. True: it is kept, `written` will not be called. False: it will be. `written` may be
  /// empty: nobody wants to know.
  virtual bool write(HistoryWrite event, Written written) = 0;
  /// Finds events; those that were written before are among them. A publication given that the history does
  /// not have is a failure of `error::kInvalidArgument`.
  virtual void read(HistoryQuery query, Read read) = 0;
};

/// Keeps everything in memory, until the router ends.
std::shared_ptr<HistoryStore> makeMemoryHistory();

/// The history of one realm.
struct HistoryOptions {
  /// None: there is no history, and only retained events go to the store.
  std::vector<HistoryRule> rules{};
  /// nullptr: in memory.
  std::shared_ptr<HistoryStore> store{};
  /// Events that one call of get_events gets.
  std::size_t maxEventsPerRead = 1'000;
  /// Octets that one call of get_events gets, about: of payloads, topics and details.
  std::size_t maxOctetsPerRead = std::size_t{4} << 20;
};

namespace error {
/// As Crossbar.io has it: there is no history for that subscription.
inline constexpr std::string_view kHistoryUnavailable = "wamp.error.history_unavailable";
/// Not of the specification: the history could not be written or read.
inline constexpr std::string_view kHistoryFailed = "autobahn.error.history_failed";
}  // namespace error

}  // namespace autobahn::inline v0::wamp
