// Results by agent and group: the suites of JUnit and such.
#pragma once

#include <string>
#include <vector>

#include "report/report.hpp"

namespace wstest {

struct GroupOfResults {
  std::string agent{};  ///< as it came: any bytes
  std::string title{};  ///< "6 UTF-8 handling"
  std::vector<const CaseResult*> results{};
};

/// In order; views into `agents`.
std::vector<GroupOfResults> byGroup(const Results::Agents& agents);

}  // namespace wstest
