// The command line of autobahn-router.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "config.hpp"

namespace router_tool {

/// Exit codes, as documented.
enum ExitCode : int { kDone = 0, kInterrupted = 1, kUsage = 2 };

struct Options {
  std::string config{};  ///< file; empty: the embedded default
  std::optional<std::uint16_t> port{};
  std::optional<std::size_t> threads{};
  bool isCheck = false;
  bool bindsPorts = true;
  bool printsDefault = false;
  std::string logLevel{};
  std::string logFormat{};

  void addTo(CLI::App& app);
  /// The configuration with what the command line says. Throws ConfigError.
  Config load(const Lasting& lasting = {}) const;
};

}  // namespace router_tool
