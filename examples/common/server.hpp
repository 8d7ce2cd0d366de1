// The options that the example servers share, and listening with them.
#pragma once

#include <CLI/CLI.hpp>
#include <autobahn/websocket/server.hpp>
#include <cstdint>
#include <string>

namespace examples {

/// Where a server listens: --host, --port, --unix, --tls-cert, --tls-key.
struct ServerArguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9000;
  std::string unixPath;
  std::string certificate;
  std::string key;
  int threads = 1;

  void addTo(CLI::App& app);
  /// Adds --threads, for the servers that show it.
  void addThreadsTo(CLI::App& app);

  /// For the factory: "wss://127.0.0.1:9000" with a certificate, otherwise ws; "ws+unix://…" with --unix.
  std::string url() const;
  /// Starts listening and says so on standard output, with the real port: "listening on ws://127.0.0.1:9000".
  /// Scripts wait for that line.
  void listen(autobahn::websocket::WebSocketServerFactory& factory) const;
};

}  // namespace examples
