#include "program.hpp"

#include <autobahn/util/log.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>

namespace examples {
namespace {

int failed(const CLI::App& app, const std::string& what, int code) {
  const std::string line = what.substr(0, what.find('\n'));
  std::cerr << app.get_name() << ": " << line << (code == 2 ? " (--help tells more)" : "") << '\n';
  return code;
}

}  // namespace

int run(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::cout << std::unitbuf;
  bool isVerbose = false;
  app.add_flag("--verbose", isVerbose, "show what the library does, frame by frame");
  app.get_formatter()->column_width(32);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    return failed(app, error.what(), 2);
  }
  using autobahn::util::Level;
  autobahn::util::setLogLevel(isVerbose ? Level::debug : Level::warning);
  try {
    return body();
  } catch (const std::invalid_argument& error) {
    return failed(app, error.what(), 2);
  } catch (const std::exception& error) {
    return failed(app, error.what(), 1);
  }
}

int Outcome::exitCode() const {
  if (!ok) throw std::runtime_error(problem.empty() ? "the connection ended early" : problem);
  return 0;
}

}  // namespace examples
