#include "history_file.hpp"

#include <algorithm>
#include <autobahn/util/log.hpp>
#include <autobahn/wamp/error.hpp>
#include <limits>
#include <utility>

namespace autobahn::inline v0::wamp::sqlite {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.router"};

// "AbEH": a file of ours.
constexpr std::int64_t kApplicationId = 0x41624548;
constexpr std::int64_t kVersion = 1;

// `seq` is the order of events. Its index goes with each of the others.
constexpr const char* kTables = R"(
  CREATE TABLE rules (id INTEGER PRIMARY KEY, uri TEXT NOT NULL, match INTEGER NOT NULL, UNIQUE (uri, match));
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY, rule INTEGER NOT NULL, publication INTEGER NOT NULL, time INTEGER NOT NULL,
    topic TEXT NOT NULL, octets INTEGER NOT NULL, details BLOB, receivers BLOB, form INTEGER NOT NULL,
    args BLOB, kwargs BLOB);
  CREATE INDEX events_of_rule ON events (rule);
  CREATE INDEX events_of_topic ON events (rule, topic);
  CREATE INDEX events_by_publication ON events (publication);
  CREATE TABLE retained (
    seq INTEGER PRIMARY KEY, publication INTEGER NOT NULL, time INTEGER NOT NULL, topic TEXT NOT NULL,
    details BLOB, receivers BLOB, form INTEGER NOT NULL, args BLOB, kwargs BLOB);
  CREATE INDEX retained_of_topic ON retained (topic);
)";
// The columns that make a record: as `readRow` and `bindRecord` count them.
constexpr std::string_view kRecord = "publication, time, topic, details, receivers, form, args, kwargs";

std::int64_t ticks(HistoryTime time) { return time.time_since_epoch().count(); }
HistoryTime timeOf(std::int64_t ticks) { return HistoryTime(std::chrono::milliseconds(ticks)); }

Statement& bindRecord(Statement& statement, const HistoryRecord& record, const RecordColumns& columns) {
  return statement.bind(1, static_cast<std::int64_t>(record.publication))
      .bind(2, ticks(record.time))
      .bindText(3, record.topic)
      .bindBytes(4, columns.details)
      .bindBytes(5, columns.receivers)
      .bind(6, columns.form)
      .bindBytes(7, columns.args)
      .bindBytes(8, columns.kwargs);
}

}  // namespace

HistoryFile::HistoryFile(const SqliteHistoryOptions& options) : database_(options.file) {
  prepareFile(options);
  insertEvent_.emplace(database_, "INSERT INTO events (" + std::string(kRecord) +
                                      ", rule, octets) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  insertRetained_.emplace(database_, "INSERT INTO retained (" + std::string(kRecord) +
                                         ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  deleteRetained_.emplace(database_, "DELETE FROM retained WHERE topic = ?1");
}

void HistoryFile::prepareFile(const SqliteHistoryOptions& options) {
  // Nobody else may write meanwhile: what we know of the limits would be wrong.
  database_.number("PRAGMA locking_mode = EXCLUSIVE");
  database_.number("PRAGMA journal_mode = WAL");
  database_.execute(options.survivesPowerLoss ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  database_.number("PRAGMA journal_size_limit = 16777216");
  const std::int64_t application = database_.number("PRAGMA application_id");
  const std::int64_t version = database_.number("PRAGMA user_version");
  const bool isNew = database_.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!isNew && application != kApplicationId) throw SqliteError("is the database of something else");
  if (version > kVersion) throw SqliteError("was written by a later version");
  database_.execute("BEGIN IMMEDIATE");
  if (isNew) {
    database_.execute(kTables);
    database_.execute("PRAGMA application_id = " + std::to_string(kApplicationId));
    database_.execute("PRAGMA user_version = " + std::to_string(kVersion));
  }
  database_.execute("COMMIT");
  if (options.maxFileSize > 0) {
    const auto pages = static_cast<std::int64_t>(options.maxFileSize) / database_.number("PRAGMA page_size");
    database_.number("PRAGMA max_page_count = " + std::to_string(std::max<std::int64_t>(pages, 1)));
  }
}

std::vector<HistoryRecord> HistoryFile::open(std::span<const HistoryRule> rules) {
  begin();
  Statement insert(database_, "INSERT OR IGNORE INTO rules (uri, match) VALUES (?1, ?2)");
  Statement find(
      database_,
      "SELECT id, (SELECT count(*) FROM events WHERE rule = id), "
      "(SELECT total(octets) FROM events WHERE rule = id) FROM rules WHERE uri = ?1 AND match = ?2");
  for (const HistoryRule& rule : rules) {
    insert.bindText(1, rule.uri).bind(2, static_cast<std::int64_t>(rule.match)).run();
    find.bindText(1, rule.uri).bind(2, static_cast<std::int64_t>(rule.match));
    if (!find.step()) throw SqliteError("the rule " + rule.uri + " is not there");
    histories_.push_back({.rule = rule,
                          .id = find.number(0),
                          .events = static_cast<std::uint64_t>(find.number(1)),
                          .octets = static_cast<std::uint64_t>(find.number(2)),
                          .isTouched = true});
    find.reset();
  }
  latest_ = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  commit();
  return readRetained();
}

// ---- Writing

void HistoryFile::begin() {
  before_ = histories_;
  database_.execute("BEGIN IMMEDIATE");
}

void HistoryFile::commit() {
  for (History& each : histories_) {
    if (each.isTouched) trim(each, latest_);
    each.isTouched = false;
  }
  database_.execute("COMMIT");
}

void HistoryFile::rollback() noexcept {
  histories_ = std::move(before_);
  try {
    database_.execute("ROLLBACK");
  } catch (const SqliteError&) {
    // After some errors SQLite has done it already.
  }
}

void HistoryFile::add(const HistoryWrite& write) {
  const RecordColumns columns = codec_.columns(write.record);
  std::vector<RecordColumns> retained;
  if (write.retained) {
    for (const HistoryRecord& each : *write.retained) retained.push_back(codec_.columns(each));
  }
  latest_ = write.record.time;
  for (const std::size_t rule : write.rules) addEvent(histories_.at(rule), write.record, columns);
  if (write.retained) setRetained(write.record.topic, *write.retained, retained);
}

void HistoryFile::addEvent(History& history, const HistoryRecord& record, const RecordColumns& columns) {
  const std::size_t octets = historyOctets(record);
  bindRecord(*insertEvent_, record, columns).bind(9, history.id).bind(10, static_cast<std::int64_t>(octets));
  insertEvent_->run();
  ++history.events;
  history.octets += octets;
  history.isTouched = true;
}

void HistoryFile::setRetained(std::string_view topic, const std::vector<HistoryRecord>& records,
                              const std::vector<RecordColumns>& columns) {
  deleteRetained_->bindText(1, topic).run();
  for (std::size_t i = 0; i < records.size(); ++i) {
    bindRecord(*insertRetained_, records[i], columns[i]).run();
  }
}

void HistoryFile::trim(History& history, HistoryTime now) {
  const HistoryRule& rule = history.rule;
  const HistoryTime oldest = rule.maxAge.count() > 0 ? now - rule.maxAge : HistoryTime::min();
  if (history.events <= rule.maxEvents && history.octets <= rule.maxOctets && rule.maxAge.count() == 0)
    return;
  Statement row(database_, "SELECT seq, octets, time FROM events WHERE rule = ?1 ORDER BY seq");
  row.bind(1, history.id);
  std::int64_t last = 0;
  while (row.step()) {
    const bool isOver =
        history.events > rule.maxEvents || history.octets > rule.maxOctets || timeOf(row.number(2)) < oldest;
    if (!isOver) break;
    last = row.number(0);
    --history.events;
    history.octets -= std::min(history.octets, static_cast<std::uint64_t>(row.number(1)));
  }
  row.reset();
  if (last == 0) return;
  Statement(database_, "DELETE FROM events WHERE rule = ?1 AND seq <= ?2")
      .bind(1, history.id)
      .bind(2, last)
      .run();
}

// ---- Reading

std::vector<HistoryRecord> HistoryFile::readRetained() {
  Statement row(database_, "SELECT " + std::string(kRecord) + " FROM retained ORDER BY seq");
  std::vector<HistoryRecord> records;
  while (row.step()) {
    HistoryRecord record;
    if (readRow(row, nullptr, record)) records.push_back(std::move(record));
  }
  return records;
}

// False: it is not wanted, or cannot be read.
bool HistoryFile::readRow(const Statement& row, const HistoryQuery* query, HistoryRecord& record) {
  record.publication = static_cast<Id>(row.number(0));
  record.time = timeOf(row.number(1));
  record.topic = Text(row.bytes(2));
  try {
    record.receivers = codec_.receivers(row.bytes(4));
    if (query != nullptr && !isWanted(*query, record)) return false;
    record.details = codec_.details(row.bytes(3));
    record.payload = RecordCodec::payload(row.number(5), row.bytes(6), row.bytes(7));
  } catch (const SerializationError& error) {
    kLog.error("an event of the history cannot be read",
               {{"publication", std::to_string(record.publication)}, {"error", error.what()}});
    return false;
  }
  return true;
}

std::optional<std::int64_t> HistoryFile::positionOf(const History& history, Id publication,
                                                    HistoryTime oldest) {
  Statement row(database_, "SELECT seq FROM events WHERE publication = ?1 AND rule = ?2 AND time >= ?3");
  row.bind(1, static_cast<std::int64_t>(publication)).bind(2, history.id).bind(3, ticks(oldest));
  return row.step() ? std::optional(row.number(0)) : std::nullopt;
}

bool HistoryFile::setBounds(const History& history, const HistoryQuery& query, std::int64_t& first,
                            std::int64_t& last, HistoryResult& result) {
  const auto bound = [&](const std::optional<Id>& publication, auto&& apply) {
    if (!publication || result.failure) return;
    const std::optional<std::int64_t> position = positionOf(history, *publication, query.oldest);
    if (position) return apply(*position);
    result.failure = noSuchPublication(*publication);
  };
  bound(query.fromPublication, [&](std::int64_t at) { first = std::max(first, at); });
  bound(query.afterPublication, [&](std::int64_t at) { first = std::max(first, at + 1); });
  bound(query.beforePublication, [&](std::int64_t at) { last = std::min(last, at - 1); });
  bound(query.untilPublication, [&](std::int64_t at) { last = std::min(last, at); });
  return !result.failure;
}

HistoryResult HistoryFile::read(const HistoryQuery& query) {
  const History& history = histories_.at(query.rule);
  HistoryResult result;
  std::int64_t first = 0;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  if (!setBounds(history, query, first, last, result)) return result;
  const bool isExact = query.match == Match::exact;
  const bool hasTopic = isExact || !query.topic.empty();
  Statement row(database_,
                "SELECT " + std::string(kRecord) +
                    ", octets FROM events WHERE rule = ?1 AND seq BETWEEN ?2 AND ?3 AND time BETWEEN "
                    "?4 AND ?5" +
                    (hasTopic ? " AND topic = ?6" : "") + " ORDER BY seq" + (query.isReverse ? " DESC" : ""));
  row.bind(1, history.id).bind(2, first).bind(3, last).bind(4, ticks(query.first)).bind(5, ticks(query.last));
  if (hasTopic) row.bindText(6, isExact ? query.subscription : query.topic);
  std::size_t octets = 0;
  while (row.step()) {
    HistoryRecord record;
    if (!readRow(row, &query, record)) continue;
    octets += static_cast<std::size_t>(row.number(8));
    if (result.records.size() >= query.limit || (!result.records.empty() && octets > query.maxOctets)) {
      result.hasMore = true;
      break;
    }
    result.records.push_back(std::make_shared<const HistoryRecord>(std::move(record)));
  }
  return result;
}

}  // namespace autobahn::inline v0::wamp::sqlite
