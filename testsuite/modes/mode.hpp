// What wstest can do: its modes, each with a command line of its own.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wstest {

/// The exit code of work that Ctrl-C has cut short, as shells have it.
constexpr int kInterrupted = 130;

/// One run of a mode: its options, then what it does.
class Mode {
 public:
  virtual ~Mode() = default;
  /// Declares the options; what they set lives in the mode.
  virtual void addTo(CLI::App& app) = 0;
  /// Does it and returns the exit code: 0, or 1 when what was tested is at fault. What it throws is shown in
  /// one line and makes 2: the mode could not do its work.
  virtual int run() = 0;
};

/// What the help says of a mode, and how to make it.
struct ModeEntry {
  std::string name{};
  std::string summary{};
  std::vector<std::string> examples{};
  std::unique_ptr<Mode> (*make)() = nullptr;
};

/// All modes in the order of the help.
const std::vector<ModeEntry>& allModes();
/// Null when there is none of that name.
const ModeEntry* findMode(std::string_view name);

std::unique_ptr<Mode> makeFuzzingClient();
std::unique_ptr<Mode> makeFuzzingServer();
std::unique_ptr<Mode> makeTesteeServer();
std::unique_ptr<Mode> makeTesteeClient();
std::unique_ptr<Mode> makeEchoServer();
std::unique_ptr<Mode> makeEchoClient();
std::unique_ptr<Mode> makeBroadcastServer();
std::unique_ptr<Mode> makeBroadcastClient();
std::unique_ptr<Mode> makeMassConnect();
std::unique_ptr<Mode> makeLoad();
/// `wstest --list`: not in the table of modes.
std::unique_ptr<Mode> makeList();

}  // namespace wstest
