// wamp: calls, publishes, subscribes and registers from the command line. See docs/wamp/command-line.md.
#include <autobahn/util/log.hpp>
#include <autobahn/util/version.hpp>
#include <autobahn/wamp/auth/error.hpp>
#include <exception>
#include <string>

#include "commands.hpp"

namespace {

using namespace wamp_tool;

struct CommandLine {
  ConnectionSettings connection;
  CallSettings call;
  PublishSettings publish;
  SubscribeSettings subscribe;
  RegisterSettings registration;
  bool isVerbose = false;
};

int run(const CLI::App& app, CommandLine& line) {
  asio::io_context io{1};
  if (app.got_subcommand("call")) return call(io, line.connection, line.call);
  if (app.got_subcommand("publish")) return publish(io, line.connection, line.publish);
  if (app.got_subcommand("subscribe")) return subscribe(io, line.connection, line.subscribe);
  line.registration.command = app.get_subcommand("register")->remaining();
  return registerProcedure(io, line.connection, line.registration);
}

void addCommand(CLI::App& app, const char* name, const char* what, auto& settings) {
  CLI::App* const command = app.add_subcommand(name, what);
  settings.addTo(*command);
  command->fallthrough();  // options of the connection may stand behind the command
}

/// Nothing of this command falls through: what it does not know belongs to the program that it runs.
void addRegister(CLI::App& app, CommandLine& line) {
  CLI::App* const command = app.add_subcommand("register", "answer calls by running a command");
  line.registration.addTo(*command);
  line.connection.addTo(*command, false);
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  CLI::App app("Calls, publishes, subscribes and registers at a WAMP router.", "wamp");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(autobahn::util::version()));
  line.connection.addTo(app, true);
  app.add_flag("-v,--verbose", line.isVerbose, "say what goes on, on standard error");
  addCommand(app, "call", "call a procedure and show its result", line.call);
  addCommand(app, "publish", "publish an event", line.publish);
  addCommand(app, "subscribe", "show events, a line of JSON each", line.subscribe);
  addRegister(app, line);
  app.footer(
      "Exit codes: 0 done; 1 the call or the session failed; 2 usage; 3 the router cannot be reached.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  using autobahn::util::Level;
  autobahn::util::setLogLevel(line.isVerbose ? Level::debug : Level::error);
  try {
    return run(app, line);
  } catch (const std::invalid_argument& error) {
    complain(error.what());
    return kUsage;
  } catch (const std::exception& error) {
    complain(error.what());
    return kUsage;  // a certificate or a key that cannot be used
  }
}
