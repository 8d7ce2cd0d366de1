// What a run of cases is told, whatever the mode.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cases/exchange.hpp"

namespace wstest {

/// What makes the exit code 1.
enum class FailOn : std::uint8_t { required, recommended, nonStrict, never };

struct RunSettings {
  std::vector<std::string> cases = {"*"};
  std::vector<std::string> exclude{};
  /// Agent pattern → case patterns that are not run for such agents ("exclude-agent-cases").
  std::vector<std::pair<std::string, std::vector<std::string>>> excludeAgentCases{};
  Profile profile = Profile::full;
  Patience patience{};
  int jobs = 1;
  std::string outdir{};     ///< HTML and JSON reports
  std::string junitFile{};  ///< "" writes none
  std::string tapFile{};
  std::string compareFile{};  ///< an earlier index.json
  FailOn failOn = FailOn::required;
  bool isQuiet = false;  ///< no progress line
};

/// Whether the cases of this agent leave out this one.
bool isExcluded(const RunSettings& settings, std::string_view agent, std::string_view caseId);

}  // namespace wstest
