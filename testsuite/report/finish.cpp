// The end of a run.
#include <iostream>

#include "report/report.hpp"

namespace wstest {

void prepareReports(const RunSettings& settings) {
  if (!settings.outdir.empty()) prepareFolder(settings.outdir);
  prepareFile(settings.junitFile);
  prepareFile(settings.tapFile);
}

int finishRun(const Results& results, const RunSettings& settings, const Index& before, bool isInterrupted) {
  int code = 0;
  results.read([&](const Results::Agents& agents) {
    if (!settings.outdir.empty()) writeReports(agents, settings.outdir);
    if (!settings.junitFile.empty()) writeJunit(agents, settings.junitFile);
    if (!settings.tapFile.empty()) writeTap(agents, settings.tapFile);
    printSummary(std::cout, agents);
    if (!settings.compareFile.empty()) {
      const auto changes = compare(before, agents);
      std::cout << (changes.empty() ? "nothing changed since " : "changed since ") << settings.compareFile
                << '\n';
      for (const std::string& change : changes) std::cout << "  " << change << '\n';
    }
    if (!settings.outdir.empty()) std::cout << "report: " << settings.outdir << "/index.html\n";
    code = summarize(agents).exitCode(settings.failOn);
  });
  constexpr int kInterrupted = 130;
  return isInterrupted ? kInterrupted : code;
}

}  // namespace wstest
