// The options that the example clients share.
#pragma once

#include <CLI/CLI.hpp>
#include <autobahn/websocket/client.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "program.hpp"

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

/// A client that tells its main() how it ended.
class Client : public autobahn::websocket::WebSocketClientProtocol {
 public:
  explicit Client(Outcome* outcome) : outcome_(outcome) {}

  void onClose(bool /*wasClean*/, std::uint16_t /*code*/, const std::string& reason) override {
    if (outcome_->problem.empty()) outcome_->problem = reason;
  }

 protected:
  /// All is said: closes the connection; without `ok`, main() fails with `problem` or the close reason.
  void conclude(bool ok, std::string problem = {}) {
    outcome_->ok = ok;
    outcome_->problem = std::move(problem);
    sendClose();
  }

 private:
  Outcome* outcome_;
};

/// Prints the first message and is done.
class FirstMessagePrinter final : public Client {
 public:
  using Client::Client;
  void onMessage(std::string_view payload, bool isBinary) override;
};

}  // namespace examples
