// The command line of the servers compared with echo_server: the same for all, so that run.py need not tell
// them apart.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <iostream>

namespace bench {

/// Told once, when connections are accepted: what a script waits for.
inline void announce(std::uint16_t port) { std::cout << "listening on ws://127.0.0.1:" << port << std::endl; }

/// Parses `--port P [--quiet]` and calls `body(P)`, which serves until the process is killed.
inline int serve(const char* name, int argc, char** argv, const std::function<void(std::uint16_t)>& body) {
  CLI::App app{"A peer in the echo benchmark: sends back whatever it receives.", name};
  std::uint16_t port = 0;
  app.add_option("--port", port, "port to listen on; 0 for any free one (default: 0)");
  bool isQuiet = true;
  app.add_flag("--quiet", isQuiet, "accepted for likeness; nothing is reported anyway");
  CLI11_PARSE(app, argc, argv);
  try {
    body(port);
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
  return 0;
}

}  // namespace bench
