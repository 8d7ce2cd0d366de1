// What changed since an earlier run.
#include <algorithm>

#include "cases/printable.hpp"
#include "report/report.hpp"

namespace wstest {

namespace {

using Verdicts = std::map<CaseId, std::pair<std::string, std::string>>;

/// "agent: 12 new cases: 14.1.1, 14.1.2, …": whoever runs a part of the cases wants no line for each other
/// one.
void addCollected(std::vector<std::string>& lines, const std::string& agent, const std::string& what,
                  const std::vector<std::string>& ids) {
  constexpr std::size_t kShown = 10;
  if (ids.empty()) return;
  std::string line = agent + ": " + std::to_string(ids.size()) + " " + what + ": ";
  for (std::size_t i = 0; i < std::min(ids.size(), kShown); ++i) line += (i > 0 ? ", " : "") + ids[i];
  lines.push_back(line + (ids.size() > kShown ? ", …" : ""));
}

void addChange(std::vector<std::string>& lines, const std::string& what, const std::string& before,
               std::string_view now) {
  if (before != now) lines.push_back(what + ": " + printable(before) + " → " + std::string(now));
}

void compareAgent(std::vector<std::string>& lines, const std::string& agent, const Verdicts& before,
                  const std::map<CaseId, CaseResult>& now) {
  std::vector<std::string> fresh;
  std::vector<std::string> gone;
  for (const auto& [id, result] : now) {
    const auto found = before.find(id);
    if (found == before.end()) {
      fresh.push_back(id.text() + " " + std::string(name(result.verdict.behavior)));
      continue;
    }
    const auto& [behavior, behaviorClose] = found->second;
    addChange(lines, agent + " " + id.text(), behavior, name(result.verdict.behavior));
    addChange(lines, agent + " " + id.text() + " closing", behaviorClose, name(result.verdict.behaviorClose));
  }
  for (const auto& [id, verdict] : before) {
    if (!now.contains(id)) gone.push_back(id.text());
  }
  addCollected(lines, agent, "new", fresh);
  addCollected(lines, agent, "gone", gone);
}

}  // namespace

std::vector<std::string> compare(const Index& before, const Results::Agents& now) {
  std::vector<std::string> lines;
  std::map<std::string, bool> tested;
  for (const auto& [agent, cases] : now) {
    const std::string key = validUtf8(agent);
    tested[key] = true;
    const auto found = before.find(key);
    if (found == before.end()) {
      lines.push_back(printable(agent) + ": new");
    } else {
      compareAgent(lines, printable(agent), found->second, cases);
    }
  }
  for (const auto& [agent, cases] : before) {
    if (!tested.contains(agent)) lines.push_back(printable(agent) + ": gone");
  }
  return lines;
}

}  // namespace wstest
