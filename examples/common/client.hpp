// The options that the example clients share.
#pragma once

#include <CLI/CLI.hpp>
#include <autobahn/websocket/client.hpp>
#include <string>

namespace examples {

/// Where a client connects to, and whom it trusts: --url, --ca, --insecure.
struct ClientArguments {
  std::string url = "ws://127.0.0.1:9000";
  std::string ca;
  bool isInsecure = false;

  void addTo(CLI::App& app);
  /// For `WebSocketClientFactory::connect`.
  autobahn::websocket::ConnectOptions connectOptions() const;
};

}  // namespace examples
