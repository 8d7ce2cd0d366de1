// TAP 13, as prove and many CI systems read it.
#include "cases/printable.hpp"
#include "report/files.hpp"
#include "report/json.hpp"
#include "report/outcome.hpp"
#include "report/report.hpp"

namespace wstest {

namespace {

/// A # would begin a directive.
std::string tap(std::string_view text) {
  std::string out;
  for (const char each : printable(text)) {
    if (each == '#' || each == '\\') out += '\\';
    out += each;
  }
  return out;
}

/// JSON's strings are YAML's.
std::string quoted(const std::string& text) {
  return compactJson([&](auto out) { out.value(printable(text)); });
}

std::string detailsOf(const CaseResult& result) {
  return "  ---\n  message: " + quoted(verdictText(result.verdict) + ": " + reasonText(result.verdict)) +
         "\n  strictness: " + std::string(name(strictnessOf(result.id))) +
         "\n  expected: " + quoted(result.expected) + "\n  received: " + quoted(result.received) +
         "\n  duration_ms: " + std::to_string(result.duration) + "\n  ...\n";
}

/// "not ok … # TODO" and "ok … # SKIP" fail no run.
std::string line(const CaseResult& result, std::size_t number) {
  const Case* testCase = caseOf(result.id);
  const std::string what = std::to_string(number) + " - " + tap(result.agent) + " " + result.id +
                           (testCase == nullptr ? "" : " " + tap(shortened(testCase->description, 100)));
  const std::string reason = tap(reasonText(result.verdict));
  switch (outcomeOf(result)) {
    case Outcome::ok:
      return "ok " + what + "\n";
    case Outcome::unimplemented:
      return "ok " + what + " # SKIP unimplemented: " + reason + "\n";
    case Outcome::failed:
      if (weigh(result) == Weight::requiredFailure) return "not ok " + what + "\n" + detailsOf(result);
      return "not ok " + what + " # TODO recommended: " + reason + "\n" + detailsOf(result);
    case Outcome::nonStrict:
      return "not ok " + what + " # TODO non-strict: " + reason + "\n";
    case Outcome::informational:
      return "ok " + what + "\n# informational: " + reason + "\n";
  }
  return "";
}

}  // namespace

void writeTap(const Results::Agents& agents, const std::string& file) {
  std::string lines;
  std::size_t number = 0;
  for (const auto& [agent, cases] : agents) {
    for (const auto& [id, result] : cases) lines += line(result, ++number);
  }
  writeFile(file, "TAP version 13\n1.." + std::to_string(number) + "\n" + lines);
}

}  // namespace wstest
