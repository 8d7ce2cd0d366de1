#include "options.hpp"

namespace router_tool {

void Options::addTo(CLI::App& app) {
  auto* const file =
      app.add_option("-c,--config", config, "configuration (JSON, comments allowed)")->option_text("FILE");
  app.add_option("--port", port, "without --config: listen on this port (default: 8080; 0: any free one)")
      ->excludes(file);
  app.add_option("--threads", threads, "event loops, each on a thread (router.threads; default: 1)")
      ->check(CLI::Range(1, 256));
  auto* const check =
      app.add_flag("--check", isCheck, "say whether the configuration is right, its ports free, and end");
  app.add_flag("!--no-ports", bindsPorts,
               "with --check: do not try the ports, which the router that runs may have")
      ->needs(check);
  app.add_flag("--print-default-config", printsDefault, "show the configuration without --config, and end");
  app.add_option("--log-level", logLevel, "the least that is logged")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "critical", "off"}))
      ->option_text("trace|debug|info|warning|error|critical|off");
  app.add_option("--log-format", logFormat, "lines for people or for machines")
      ->check(CLI::IsMember({"text", "json"}))
      ->option_text("text|json");
  app.footer(
      "Without --config: realm1 on ws://127.0.0.1:8080/ws, open to everybody on this machine.\n"
      "Signals: SIGTERM and SIGINT end all sessions, then the program (a second one: at once); SIGHUP reads "
      "the\n"
      "configuration and certificates again.\n"
      "Exit codes: 0 done; 1 ended before the sessions were; 2 usage or configuration.");
}

Config Options::load(const Lasting& lasting) const {
  Config loaded =
      config.empty() ? parseConfig("default", defaultConfigText(), lasting) : readConfig(config, lasting);
  if (port) loaded.listeners.front().url = "ws://127.0.0.1:" + std::to_string(*port) + "/ws";
  if (threads) loaded.threads = *threads;
  if (!logLevel.empty()) loaded.log.level = levelNamed(logLevel);
  if (!logFormat.empty()) loaded.log.format = logFormatNamed(logFormat);
  return loaded;
}

}  // namespace router_tool
