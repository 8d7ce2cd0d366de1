// What a realm keeps of its events: section "history".
#pragma once

#include <autobahn/wamp/router/history.hpp>
#include <autobahn/wamp/router/sqlite_history.hpp>
#include <memory>
#include <optional>

#include "setting.hpp"

namespace router_tool {

/// The file of one realm.
struct HistoryFileConfig {
  Setting where;  ///< for what shows only when it is opened
  autobahn::wamp::SqliteHistoryOptions options{};
};

struct HistoryConfig {
  autobahn::wamp::HistoryOptions options{};  ///< without a store
  std::optional<HistoryFileConfig> file{};   ///< nothing: in memory
};

HistoryConfig readHistory(const Setting& setting);
/// Opens the file. Throws ConfigError.
std::shared_ptr<autobahn::wamp::HistoryStore> openHistory(const HistoryFileConfig& file,
                                                          autobahn::wamp::HistoryPoster post);

}  // namespace router_tool
