// The JSON of one case and agent.
#pragma once

#include <string>

#include "cases/verdict.hpp"

namespace wstest {

std::string toJson(const CaseResult& result);

}  // namespace wstest
