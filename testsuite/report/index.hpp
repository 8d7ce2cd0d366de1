// index.json as a whole: this run's results and those that it keeps from earlier runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "report/report.hpp"

namespace wstest {

/// What index.json says of a case and an agent. Verdicts are texts: Autobahn's own files may hold others than
/// ours.
struct IndexEntry {
  std::string behavior{};
  std::string behaviorClose{};
  std::int64_t duration = 0;  ///< ms
  std::optional<std::int64_t> remoteCloseCode{};
  std::string reportfile{};
};

/// Agent → case ID → entry, all of it UTF-8; sorted as index.json is.
using IndexEntries = std::map<std::string, std::map<std::string, IndexEntry>>;

/// Throws std::runtime_error when `file` is no index.
IndexEntries loadIndex(const std::string& file);
/// Of the index.json in `outdir`; nothing when there is none.
IndexEntries loadIndexOf(const std::string& outdir);
/// `kept`, with everything of this run in place of what it had.
IndexEntries merge(IndexEntries kept, const Results::Agents& agents);
std::string toJson(const IndexEntries& index);

}  // namespace wstest
