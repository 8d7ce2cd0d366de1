// The reports of a run: files that other programs read, and a page for people.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cases/verdict.hpp"
#include "report/settings.hpp"

namespace wstest {

/// All results so far: agent → case → result. Any thread.
class Results {
 public:
  void add(CaseResult result);
  /// Waits for none: the result when the case is done.
  std::optional<Verdict> find(const std::string& agent, const std::string& caseId) const;
  using Agents = std::map<std::string, std::map<CaseId, CaseResult>>;
  /// Calls `visit` with everything, while nothing can be added.
  void read(const std::function<void(const Agents&)>& visit) const;

 private:
  mutable std::mutex mutex_;
  Agents agents_;
};

/// How a result counts.
enum class Weight : std::uint8_t { good, nonStrict, recommendedFailure, requiredFailure };
Weight weigh(const CaseResult& result);

struct Summary {
  std::size_t cases = 0, ok = 0, nonStrict = 0, informational = 0, unimplemented = 0, failed = 0;
  Weight worst = Weight::good;
  /// 0 or 1, by --fail-on.
  int exitCode(FailOn failOn) const;
};
Summary summarize(const Results::Agents& agents);

/// Throws std::runtime_error with one line when `outdir` cannot be written to; creates it when it is not
/// there.
void prepareFolder(const std::string& outdir);
/// Throws std::runtime_error when `file` ("": none) could not be written, before hours of work are lost for
/// it.
void prepareFile(const std::string& file);
/// Makes sure that all the reports that `settings` asks for can be written. Throws std::runtime_error.
void prepareReports(const RunSettings& settings);
/// index.json, one JSON file per agent and case, index.html; agents of an index.json already in `outdir` that
/// this run did not test are kept. Throws std::runtime_error.
void writeReports(const Results::Agents& agents, const std::string& outdir);
void writeIndexJson(const Results::Agents& agents, const std::string& outdir);
void writeCaseJson(const CaseResult& result, const std::string& outdir);
void writeHtml(const Results::Agents& agents, const std::string& outdir);
void writeJunit(const Results::Agents& agents, const std::string& file);
void writeTap(const Results::Agents& agents, const std::string& file);
/// Agent → case → (behavior, behaviorClose) of an index.json, ours or Autobahn's. Throws std::runtime_error.
using Index = std::map<std::string, std::map<CaseId, std::pair<std::string, std::string>>>;
Index readIndex(const std::string& file);
/// What changed since, one line each; empty when nothing did.
std::vector<std::string> compare(const Index& before, const Results::Agents& now);
/// "AutobahnCpp" and "1.2.3" → "autobahncpp_case_1_2_3.json".
std::string reportFilename(const std::string& agent, const std::string& caseId, const std::string& extension);
/// The summary for people: a line of totals per agent, and what is not OK, each with its reason.
void printSummary(std::ostream& out, const Results::Agents& agents);

/// What a run refuses to begin with.
constexpr const char* kNoneLeft =
    "no cases are left to run: those chosen need wss://, or are not part of --quick";

/// What every run ends with: reports as `settings` asks for, the summary and what changed since `before` on
/// standard output. Returns the exit code (130 when the run was interrupted).
int finishRun(const Results& results, const RunSettings& settings, const Index& before, bool isInterrupted);

}  // namespace wstest
