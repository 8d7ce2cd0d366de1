#include "modes/fuzzing_arguments.hpp"

#include <iostream>
#include <map>

#include "modes/arguments.hpp"

namespace wstest {

void FuzzingArguments::addTo(CLI::App& app, const std::string& defaultOutdir) {
  app.add_option("-s,--spec", specFile, "a spec file of the Autobahn Testsuite (JSON)")->option_text("FILE");
  app.add_option("-o,--outfile", outfile_, "for Autobahn's sake: ignored")->option_text("FILE");

  addList(app, "--cases", cases_, "patterns of the cases to run, such as '5.*,6.4.*' (default: all)");
  addList(app, "--exclude", exclude_, "patterns of cases not to run");
  const std::map<std::string, Profile> profiles{{"quick", Profile::quick}, {"full", Profile::full}};
  app.add_option("--profile", profile_, "how much of the long cases is run (default: full)")
      ->transform(CLI::CheckedTransformer(profiles).description(""))
      ->option_text("quick|full");
  app.add_flag("--quick", isQuick_, "the same as --profile quick");

  addSeconds(app, "--timeout", timeout_, "for a case, whatever it does (default: 480)")
      ->check(CLI::PositiveNumber);
  addSeconds(app, "--patience", patience_, "for the peer to react, where it must (default: 5)")
      ->check(CLI::PositiveNumber);

  app.add_option("--outdir", outdir_, "HTML and JSON reports; '' for none (default: " + defaultOutdir + ")")
      ->option_text("FOLDER");
  app.add_option("--junit", junitFile_, "write a JUnit report")->option_text("FILE");
  app.add_option("--tap", tapFile_, "write a TAP report")->option_text("FILE");
  app.add_option("--compare", compareFile_, "show what changed since the run of this index.json")
      ->option_text("FILE");
  const std::map<std::string, FailOn> levels{{"required", FailOn::required},
                                             {"recommended", FailOn::recommended},
                                             {"non-strict", FailOn::nonStrict},
                                             {"never", FailOn::never}};
  app.add_option("--fail-on", failOn_, "the least failure that makes the exit code 1 (default: required)")
      ->transform(CLI::CheckedTransformer(levels).description(""))
      ->option_text("required|recommended|non-strict|never");
  app.add_flag("--quiet", isQuiet_, "no progress, only the summary");
}

void FuzzingArguments::applyTo(RunSettings& run) const {
  if (!cases_.empty()) run.cases = cases_;
  if (!exclude_.empty()) run.exclude = exclude_;
  if (profile_) run.profile = *profile_;
  if (isQuick_) run.profile = Profile::quick;
  if (timeout_) run.patience.whole = toDuration(*timeout_);
  if (patience_) run.patience.reaction = toDuration(*patience_);
  if (outdir_) run.outdir = *outdir_;
  run.junitFile = junitFile_;
  run.tapFile = tapFile_;
  run.compareFile = compareFile_;
  run.failOn = failOn_;
  run.isQuiet = isQuiet_;
}

void showWarnings(const std::vector<std::string>& warnings) {
  for (const std::string& each : warnings) std::cerr << "wstest: " << each << std::endl;
}

}  // namespace wstest
