// What a run comes down to: for the exit code, and for people.
#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>

#include "cases/printable.hpp"
#include "report/outcome.hpp"
#include "report/report.hpp"

namespace wstest {

namespace {

void count(Summary& summary, const CaseResult& result) {
  ++summary.cases;
  summary.worst = std::max(summary.worst, weigh(result));
  switch (outcomeOf(result)) {
    case Outcome::ok:
      ++summary.ok;
      return;
    case Outcome::nonStrict:
      ++summary.nonStrict;
      return;
    case Outcome::informational:
      ++summary.informational;
      return;
    case Outcome::unimplemented:
      ++summary.unimplemented;
      return;
    case Outcome::failed:
      ++summary.failed;
      return;
  }
}

std::string totals(const std::map<CaseId, CaseResult>& cases) {
  Summary summary;
  std::int64_t duration = 0;
  for (const auto& [id, result] : cases) {
    count(summary, result);
    duration += result.duration;
  }
  std::string text = counted(summary.cases, "case") + ": " + std::to_string(summary.ok) + " OK";
  const std::array<std::pair<std::size_t, const char*>, 4> others = {
      {{summary.nonStrict, "non-strict"},
       {summary.informational, "informational"},
       {summary.unimplemented, "unimplemented"},
       {summary.failed, "FAILED"}}};
  for (const auto& [howMany, what] : others) {
    if (howMany > 0) text += ", " + std::to_string(howMany) + " " + what;
  }
  return text + " (" + clockText(duration) + " of cases)";
}

/// The longest reason that is shown: a screen's worth at most.
constexpr std::size_t kReason = 300;

std::string problemText(const CaseResult& result) {
  const Strictness strictness = strictnessOf(result.id);
  const std::string reason = shortened(reasonText(result.verdict), kReason);
  return verdictText(result.verdict) +
         (strictness == Strictness::required ? "" : " (" + std::string(name(strictness)) + ")") +
         (reason.empty() ? "" : ": ") + reason;
}

/// Where many cases have the same to say (no compression, nobody answers) one line says it.
void printProblems(std::ostream& out, const std::map<CaseId, CaseResult>& cases) {
  std::vector<std::pair<std::string, std::vector<std::string>>> problems;
  for (const auto& [id, result] : cases) {
    if (outcomeOf(result) == Outcome::ok) continue;
    const std::string text = problemText(result);
    auto found = std::ranges::find(problems, text, [](const auto& problem) { return problem.first; });
    if (found == problems.end()) found = problems.insert(found, {text, {}});
    found->second.push_back(id.text());
  }
  for (const auto& [text, ids] : problems) {
    out << "  " << std::left << std::setw(8) << ids.front();
    if (ids.size() > 1) out << " and " << ids.size() - 1 << " more";
    out << " " << text << "\n";
  }
}

}  // namespace

int Summary::exitCode(FailOn failOn) const {
  switch (failOn) {
    case FailOn::required:
      return worst >= Weight::requiredFailure ? 1 : 0;
    case FailOn::recommended:
      return worst >= Weight::recommendedFailure ? 1 : 0;
    case FailOn::nonStrict:
      return worst >= Weight::nonStrict ? 1 : 0;
    case FailOn::never:
      break;
  }
  return 0;
}

Summary summarize(const Results::Agents& agents) {
  Summary summary;
  for (const auto& [agent, cases] : agents) {
    for (const auto& [id, result] : cases) count(summary, result);
  }
  return summary;
}

void printSummary(std::ostream& out, const Results::Agents& agents) {
  for (const auto& [agent, cases] : agents) {
    out << printable(agent) << ": " << totals(cases) << "\n";
    printProblems(out, cases);
  }
}

}  // namespace wstest
