// The options of both fuzzing modes. What the command line says comes before what a spec says.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "report/settings.hpp"

namespace wstest {

class FuzzingArguments {
 public:
  void addTo(CLI::App& app, const std::string& defaultOutdir);
  void applyTo(RunSettings& run) const;

  /// "" when none was named.
  std::string specFile{};

 private:
  std::vector<std::string> cases_{};
  std::vector<std::string> exclude_{};
  std::optional<Profile> profile_{};
  std::optional<double> timeout_{};
  std::optional<double> patience_{};
  std::optional<std::string> outdir_{};
  std::string junitFile_{};
  std::string tapFile_{};
  std::string compareFile_{};
  FailOn failOn_ = FailOn::required;
  bool isQuick_ = false;
  bool isQuiet_ = false;
  std::string outfile_{};  ///< Autobahn's; nothing comes of it
};

/// Shows what a spec file has that nobody knows.
void showWarnings(const std::vector<std::string>& warnings);

}  // namespace wstest
