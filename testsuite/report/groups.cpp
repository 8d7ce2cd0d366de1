#include "report/groups.hpp"

#include <algorithm>

namespace wstest {

namespace {

std::string titleOf(int number) {
  const CaseId id{{number}};
  const auto found = std::ranges::find(allGroups(), id, &Group::id);
  return id.text() + (found == allGroups().end() ? "" : " " + found->title);
}

}  // namespace

std::vector<GroupOfResults> byGroup(const Results::Agents& agents) {
  std::vector<GroupOfResults> groups;
  for (const auto& [agent, cases] : agents) {
    int last = -1;
    for (const auto& [id, result] : cases) {
      if (id.group() != last) groups.push_back({agent, titleOf(id.group()), {}});
      last = id.group();
      groups.back().results.push_back(&result);
    }
  }
  return groups;
}

}  // namespace wstest
