// The service while it runs: signals, reloading, systemd.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <string>
#include <thread>

#include "options.hpp"
#include "service.hpp"

namespace router_tool {

/// Log level and format as configured.
void applyLog(const LogConfig& log);

class Daemon {
 public:
  Daemon(const Options& options, Config config);
  /// Listens, and runs until a signal ends it. Gives the exit code. Throws ConfigError when it cannot listen.
  int run();

 private:
  void awaitHangup();
  void reload();
  void reloaded(Config config);
  void endReload();
  void drain(int signal);

  const Options& options_;
  asio::io_context io_{1};
  Service service_;
  asio::signal_set hangup_;
  bool isReading_ = false;
  bool readsAgain_ = false;  ///< another SIGHUP has come meanwhile
  bool hasDrained_ = false;
  std::jthread reader_;  ///< of the configuration: deriving keys takes time
};

}  // namespace router_tool
