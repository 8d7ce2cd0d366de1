// The command line of the servers compared with echo_server: the same for all, so that run.py need not tell
// them apart.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>

namespace bench {

/// What a server is asked for.
struct Serving {
  std::uint16_t port = 0;
  std::string certificate{};  ///< PEM; empty: without TLS
  std::string key{};
  std::size_t payloadSize = 0;  ///< floors only: bytes of the prebuilt message they answer with

  bool isTls() const { return !certificate.empty(); }
};

/// Told once, when connections are accepted: what a script waits for.
inline void announce(std::uint16_t port) { std::cout << "listening on ws://127.0.0.1:" << port << std::endl; }

/// Parses the command line and calls `body`, which serves until the process is killed.
inline int serve(const char* name, int argc, char** argv, const std::function<void(const Serving&)>& body) {
  CLI::App app{"A peer in the echo benchmark: sends back whatever it receives.", name};
  Serving serving;
  app.add_option("--port", serving.port, "port to listen on; 0 for any free one (default: 0)");
  app.add_option("--tls-cert", serving.certificate, "certificate (PEM), for those that do TLS");
  app.add_option("--tls-key", serving.key, "its private key (PEM)");
  app.add_option("--payload", serving.payloadSize, "floors only: bytes of the prebuilt message they send");
  bool isQuiet = true;
  app.add_flag("--quiet", isQuiet, "accepted for likeness; nothing is reported anyway");
  CLI11_PARSE(app, argc, argv);
  try {
    body(serving);
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
  return 0;
}

}  // namespace bench
