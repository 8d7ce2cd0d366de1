#include "modes/command_line.hpp"

#include <algorithm>
#include <autobahn/util/log.hpp>
#include <autobahn/util/version.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "cases/printable.hpp"
#include "modes/mode.hpp"

namespace wstest {
namespace {

using Arguments = std::vector<std::string>;

int complain(const std::string& who, const std::string& what) {
  std::cerr << who << ": " << printable(what.substr(0, what.find('\n'))) << std::endl;
  return 2;
}

void addExamples(CLI::App& app, const ModeEntry& entry) {
  std::string text = "Examples:\n";
  for (const std::string& example : entry.examples) text += "  " + example + "\n";
  app.footer(text);
}

/// An application with a mode's options, to parse or to show.
void fill(CLI::App& app, Mode& mode, bool& isVerbose) {
  mode.addTo(app);
  app.add_flag("-d,--debug,--verbose", isVerbose, "show what the library does");
  app.get_formatter()->column_width(34);
}

std::string helpOf(const ModeEntry& entry) {
  const auto mode = entry.make();
  CLI::App app{entry.summary, "wstest " + entry.name};
  bool ignored = false;
  fill(app, *mode, ignored);
  addExamples(app, entry);
  return app.help();
}

constexpr const char* kIntroduction =
    "wstest: tests WebSocket servers and clients (RFC 6455, RFC 7692).\n"
    "\n"
    "Usage: wstest MODE [URL] [options]      or, as in Autobahn:  wstest -m MODE [-s SPEC] [-w URL]\n"
    "\n"
    "Modes:\n";

constexpr const char* kFurther =
    "\n"
    "  wstest --list          all cases: what each does, expects, and which section of which RFC says so\n"
    "  wstest --list=ids      their IDs only; --cases and --exclude choose, here as in the modes\n"
    "  wstest MODE --help     the options of a mode\n"
    "  wstest --help          the options of all modes, with examples\n"
    "  wstest --version\n"
    "\n"
    "Exit code: 0 all is well; 1 what was tested is at fault (--fail-on); 2 wstest could not do its work;\n"
    "130 Ctrl-C.\n";

void showModes() {
  std::cout << kIntroduction;
  for (const ModeEntry& each : allModes()) {
    std::cout << "  " << each.name << std::string(18 - each.name.size(), ' ') << each.summary << '\n';
  }
}

int showOverview() {
  showModes();
  std::cout << "\n"
               "Test a server:   wstest fuzzingclient ws://127.0.0.1:9001\n"
               "Test a client:   wstest fuzzingserver ws://127.0.0.1:9001, and let the client connect\n"
            << kFurther;
  return 0;
}

int showHelp() {
  showModes();
  std::cout << kFurther;
  for (const ModeEntry& each : allModes()) {
    std::cout << "\n" << std::string(110, '-') << "\nwstest " << each.name << ": " << helpOf(each);
  }
  return 0;
}

int showVersion() {
  std::cout << "wstest " << autobahn::util::version() << '\n';
  return 0;
}

int runMode(Mode& mode, CLI::App& app, Arguments arguments) {
  bool isVerbose = false;
  fill(app, mode, isVerbose);
  std::ranges::reverse(arguments);  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    return complain(app.get_name(), std::string(error.what()) + " (--help tells more)");
  }
  using autobahn::util::Level;
  autobahn::util::setLogLevel(isVerbose ? Level::debug : Level::error);
  try {
    return mode.run();
  } catch (const std::exception& error) {
    return complain(app.get_name(), error.what());
  }
}

/// Takes the mode, which comes first, or "-m X", "-mX", "--mode X" or "--mode=X" out of `arguments`. Throws
/// std::invalid_argument without X.
std::optional<std::string> takeMode(Arguments& arguments) {
  const auto takeFirst = [&arguments] {
    std::string name = arguments.front();
    arguments.erase(arguments.begin());
    return name;
  };
  if (!arguments.empty() && findMode(arguments.front()) != nullptr) return takeFirst();
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    std::string name;
    if (*at == "-m" || *at == "--mode") {
      if (at + 1 == arguments.end()) throw std::invalid_argument(*at + " needs the name of a mode");
      name = *(at + 1);
      arguments.erase(at + 1);
    } else if (at->starts_with("--mode=")) {
      name = at->substr(7);
    } else if (at->starts_with("-m")) {
      name = at->substr(2);
    } else {
      continue;
    }
    arguments.erase(at);
    return name;
  }
  if (!arguments.empty() && !arguments.front().starts_with('-')) return takeFirst();
  return std::nullopt;
}

/// What became of modes of Autobahn's that are not here.
std::string hintFor(const std::string& name) {
  if (name == "wsperfcontrol" || name == "wsperfmaster") return "; what wsperf did is 'load' here";
  if (name.find("wamp") != std::string::npos) return "; WAMP is not tested here";
  std::string names;
  for (const ModeEntry& each : allModes()) names += (names.empty() ? "" : ", ") + each.name;
  return "; there are " + names;
}

/// `--list`, `--list=ids`: whatever stands around it.
std::optional<Arguments> listArguments(Arguments arguments) {
  const auto found = std::ranges::find_if(
      arguments, [](const std::string& each) { return each == "--list" || each.starts_with("--list="); });
  if (found == arguments.end()) return std::nullopt;
  const std::string format = found->size() > 7 ? found->substr(7) : "";
  arguments.erase(found);
  if (!format.empty()) arguments.insert(arguments.end(), {"--format", format});
  return arguments;
}

int dispatch(Arguments arguments) {
  if (arguments.empty()) return showOverview();
  if (auto forList = listArguments(arguments)) {
    CLI::App app{"Shows the cases.", "wstest --list"};
    return runMode(*makeList(), app, std::move(*forList));
  }
  const auto name = takeMode(arguments);
  if (!name) {
    for (const std::string& each : arguments) {
      if (each == "--help" || each == "-h") return showHelp();
      if (each == "--version" || each == "-a" || each == "--autobahnversion") return showVersion();
    }
    throw std::invalid_argument("which mode? 'wstest MODE " + arguments.front() +
                                "' (wstest --help tells more)");
  }
  if (*name == "help") return showHelp();
  const ModeEntry* entry = findMode(*name);
  if (entry == nullptr) throw std::invalid_argument("there is no mode '" + *name + "'" + hintFor(*name));
  CLI::App app{entry->summary, "wstest " + entry->name};
  addExamples(app, *entry);
  return runMode(*entry->make(), app, std::move(arguments));
}

}  // namespace

int runCommandLine(std::vector<std::string> arguments) {
  try {
    return dispatch(std::move(arguments));
  } catch (const std::exception& error) {
    return complain("wstest", error.what());
  }
}

}  // namespace wstest
