// What every example's main() has in common: the command line, one-line errors, exit codes.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace examples {

/// Parses the command line and calls `body`. Exit codes: what `body` returns; 2 with one line on standard
/// error when the command line (or an argument that only `body` can judge: std::invalid_argument) is wrong; 1
/// with one line when `body` throws anything else. Standard output is flushed with every write, so that
/// scripts can wait for a line. Warnings of the library are shown, more with --verbose.
int run(CLI::App& app, int argc, char** argv, const std::function<int()>& body);

/// How a connection ended, as clients tell their main().
struct Outcome {
  bool ok = false;
  std::string problem;

  /// The exit code; throws std::runtime_error saying what went wrong.
  int exitCode() const;
};

}  // namespace examples
