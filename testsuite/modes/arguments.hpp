// Options that several modes share.
#pragma once

#include <CLI/CLI.hpp>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/server.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cases/exchange.hpp"

namespace wstest {

/// Header fields in order.
using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// An option whose values are separated by commas; each time it is given takes one argument only, so that a
/// URL may follow.
CLI::Option* addList(CLI::App& app, const std::string& names, std::vector<std::string>& into,
                     const std::string& description);
/// Seconds, with a fraction.
CLI::Option* addSeconds(CLI::App& app, const std::string& names, std::optional<double>& into,
                        const std::string& description);
std::chrono::milliseconds toDuration(double seconds);

/// How clients present themselves, and whom they trust: of the library's clients and of the harness.
struct PeerArguments {
  std::string caFile{};
  bool isInsecure = false;
  std::string origin{};
  std::vector<std::string> protocols{};
  std::vector<std::string> headers{};  ///< "Name: value"

  void addTo(CLI::App& app);
  void addTlsTo(CLI::App& app);
  /// Throws std::invalid_argument when one is not "Name: value".
  HeaderList parsedHeaders() const;
  /// Adds what was given to what stands there.
  void applyTo(ServerTarget& target) const;
  void applyTo(autobahn::websocket::WebSocketClientFactory& factory) const;
  autobahn::websocket::ConnectOptions connectOptions() const;
};

/// Where the library's clients connect to.
struct ConnectArguments {
  std::vector<std::string> urls{};
  PeerArguments peer{};

  void addTo(CLI::App& app, const std::string& urlDescription);
  /// The only one; `otherwise` without. Throws std::invalid_argument when there are several.
  std::string url(const std::string& otherwise) const;
};

/// Where servers listen.
struct ListenArguments {
  std::string url{};  ///< "" when none was given
  std::string host{};
  std::optional<std::uint16_t> port{};
  std::string certificateFile{};
  std::string keyFile{};
  int threads = 1;

  /// `otherwise`: what is meant by no URL; wss:// then, when there is a certificate.
  void addTo(CLI::App& app, const std::string& otherwise);
  void addThreadsTo(CLI::App& app);
  /// The URL with --host and --port put in. Throws std::invalid_argument.
  std::string resolvedUrl() const;
  std::string otherwise{};
};

/// Listens, says "listening on ws://127.0.0.1:9000" on a line of its own, and serves until SIGINT or SIGTERM.
/// For wss without a certificate one is made, which clients cannot verify. Returns the exit code.
int serve(autobahn::websocket::WebSocketServerFactory& factory, const ListenArguments& arguments);

}  // namespace wstest
