// autobahn-router: a WAMP router. See docs/wamp/router.md.
#include <autobahn/util/version.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include "daemon.hpp"
#include "options.hpp"

namespace {

using namespace router_tool;

int check(const Options& options, Config config) {
  if (!options.bindsPorts) {  // nor the files that the router that runs may have
    for (RealmConfig& each : config.realms) each.historyFile.reset();
  }
  asio::io_context io{1};
  Service service(io, std::move(config));
  if (options.bindsPorts) service.listen();
  std::cout << (options.config.empty() ? "the default configuration" : options.config) << " is in order\n";
  return kDone;
}

int run(const Options& options) {
  Config config = options.load();
  applyLog(config.log);
  if (options.isCheck) return check(options, std::move(config));
  return Daemon(options, std::move(config)).run();
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a lost reader is found out by writing
  Options options;
  CLI::App app("A WAMP router.", "autobahn-router");
  app.set_version_flag("--version", std::string(autobahn::util::version()));
  options.addTo(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  if (options.printsDefault) {
    std::cout << defaultConfigText();
    return kDone;
  }
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::cerr << "autobahn-router: " << error.what() << std::endl;
    return kUsage;
  }
}
