#include "report/report.hpp"

namespace wstest {

void Results::add(CaseResult result) {
  const CaseId id = parseCaseId(result.id);
  const std::lock_guard lock(mutex_);
  auto& cases = agents_[result.agent];
  cases.insert_or_assign(id, std::move(result));
}

std::optional<Verdict> Results::find(const std::string& agent, const std::string& caseId) const {
  const CaseId id = parseCaseId(caseId);
  const std::lock_guard lock(mutex_);
  const auto cases = agents_.find(agent);
  if (cases == agents_.end()) return {};
  const auto result = cases->second.find(id);
  return result == cases->second.end() ? std::nullopt : std::optional(result->second.verdict);
}

void Results::read(const std::function<void(const Agents&)>& visit) const {
  const std::lock_guard lock(mutex_);
  visit(agents_);
}

}  // namespace wstest
