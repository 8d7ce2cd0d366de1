// JUnit XML, as Jenkins, GitLab and GitHub's actions read it.
#include <algorithm>

#include "cases/printable.hpp"
#include "report/files.hpp"
#include "report/groups.hpp"
#include "report/outcome.hpp"

namespace wstest {

namespace {

/// For attributes and content alike. Control characters have no place in XML 1.0, not even as references.
std::string xml(std::string_view bytes) {
  std::string out;
  for (const char each : printable(bytes)) {
    switch (each) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        out += each;
    }
  }
  return out;
}

std::string attribute(const std::string& name, std::string_view value) {
  return " " + name + "=\"" + xml(value) + "\"";
}

struct Counts {
  std::size_t tests = 0, failures = 0, skipped = 0;
  std::int64_t duration = 0;

  void add(const CaseResult& result) {
    ++tests;
    failures += weigh(result) == Weight::requiredFailure ? 1 : 0;
    skipped += outcomeOf(result) == Outcome::unimplemented ? 1 : 0;
    duration += result.duration;
  }
  std::string attributes() const {
    return attribute("tests", std::to_string(tests)) + attribute("failures", std::to_string(failures)) +
           attribute("errors", "0") + attribute("skipped", std::to_string(skipped)) +
           attribute("time", seconds(duration));
  }
};

Counts countsOf(const GroupOfResults& group) {
  Counts counts;
  for (const CaseResult* result : group.results) counts.add(*result);
  return counts;
}

/// What stands within a testcase; empty when there is nothing to say.
std::string remarkOf(const CaseResult& result) {
  const std::string verdict = verdictText(result.verdict);
  const std::string reason = reasonText(result.verdict);
  const Outcome outcome = outcomeOf(result);
  if (outcome == Outcome::ok) return "";
  if (outcome == Outcome::unimplemented)
    return "<skipped" + attribute("message", "unimplemented: " + reason) + "/>";
  if (weigh(result) == Weight::requiredFailure) {
    return "<failure" + attribute("type", verdict) + attribute("message", verdict + ": " + reason) + ">" +
           xml(reason) + "\n" + xml("expected: " + result.expected) + "\n" +
           xml("received: " + result.received) + "</failure>";
  }
  return "<system-out>" + xml(verdict + " (" + std::string(name(strictnessOf(result.id))) + "): " + reason) +
         "</system-out>";
}

/// Agents' dots would be taken for packages.
std::string withoutDots(std::string text) {
  std::ranges::replace(text, '.', '_');
  return text;
}

std::string nameOf(const CaseResult& result) {
  const Case* testCase = caseOf(result.id);
  return result.id + (testCase == nullptr ? "" : " " + shortened(testCase->description, 100));
}

std::string testcase(const GroupOfResults& group, const CaseResult& result) {
  const std::string begin =
      "    <testcase" + attribute("classname", withoutDots(group.agent) + "." + withoutDots(group.title)) +
      attribute("name", nameOf(result)) + attribute("time", seconds(result.duration));
  const std::string remark = remarkOf(result);
  return begin + (remark.empty() ? "/>\n" : ">" + remark + "</testcase>\n");
}

}  // namespace

void writeJunit(const Results::Agents& agents, const std::string& file) {
  Counts all;
  std::string suites;
  for (const GroupOfResults& group : byGroup(agents)) {
    suites += "  <testsuite" + attribute("name", group.agent + ": " + group.title) +
              countsOf(group).attributes() + attribute("timestamp", group.results.front()->started) + ">\n";
    for (const CaseResult* result : group.results) {
      all.add(*result);
      suites += testcase(group, *result);
    }
    suites += "  </testsuite>\n";
  }
  writeFile(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", "wstest") +
                      all.attributes() + ">\n" + suites + "</testsuites>\n");
}

}  // namespace wstest
