// What the report's page shows, as the JSON that is embedded in it.
#pragma once

#include <string>

#include "report/index.hpp"
#include "report/report.hpp"

namespace wstest {

/// All of `index`; with details where `agents` has them. Wire logs are shortened where there are many. Safe
/// within a <script> element: no payload can end it.
std::string pageData(const IndexEntries& index, const Results::Agents& agents, const std::string& written);

}  // namespace wstest
