// The tables of a history, and what is done with them.
#pragma once

#include <autobahn/wamp/router/sqlite_history.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "database.hpp"
#include "record_codec.hpp"

namespace autobahn::inline v0::wamp::sqlite {

/// One thread at a time. Everything throws SqliteError, but where said.
class HistoryFile {
 public:
  explicit HistoryFile(const SqliteHistoryOptions& options);

  /// To be called first.
  std::vector<HistoryRecord> open(std::span<const HistoryRule> rules);

  /// A transaction. All histories are within their limits when it is committed.
  void begin();
  void commit();
  void rollback() noexcept;
  /// Within a transaction. Throws SerializationError before anything is changed.
  void add(const HistoryWrite& write);

  HistoryResult read(const HistoryQuery& query);

 private:
  struct History {
    HistoryRule rule;
    std::int64_t id = 0;
    std::uint64_t events = 0;
    std::uint64_t octets = 0;
    bool isTouched = false;
  };

  void prepareFile(const SqliteHistoryOptions& options);
  void addEvent(History& history, const HistoryRecord& record, const RecordColumns& columns);
  void setRetained(std::string_view topic, const std::vector<HistoryRecord>& records,
                   const std::vector<RecordColumns>& columns);
  void trim(History& history, HistoryTime now);
  std::vector<HistoryRecord> readRetained();
  std::optional<std::int64_t> positionOf(const History& history, Id publication, HistoryTime oldest);
  bool setBounds(const History& history, const HistoryQuery& query, std::int64_t& first, std::int64_t& last,
                 HistoryResult& result);
  bool readRow(const Statement& row, const HistoryQuery* query, HistoryRecord& record);

  Database database_;
  RecordCodec codec_;
  std::optional<Statement> insertEvent_;
  std::optional<Statement> insertRetained_;
  std::optional<Statement> deleteRetained_;
  std::vector<History> histories_;
  std::vector<History> before_;  ///< the transaction
  HistoryTime latest_{};
};

}  // namespace autobahn::inline v0::wamp::sqlite
