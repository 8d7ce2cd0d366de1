#include "report/settings.hpp"

#include <algorithm>

namespace wstest {

bool isExcluded(const RunSettings& settings, std::string_view agent, std::string_view caseId) {
  return std::ranges::any_of(settings.excludeAgentCases, [&](const auto& rule) {
    const auto& [agents, cases] = rule;
    return matchesPattern(agents, agent) && std::ranges::any_of(cases, [&](const std::string& pattern) {
             return matchesPattern(pattern, caseId);
           });
  });
}

}  // namespace wstest
