// What the command line of `ws` asks for.
#pragma once

#include <CLI/CLI.hpp>
#include <autobahn/websocket/client.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/compression.hpp"

namespace ws {

namespace websocket = autobahn::websocket;
namespace util = autobahn::util;

/// What to do with a connection once it is open.
struct Task {
  std::vector<std::string> texts;
  std::vector<std::string> binaries;  ///< bytes
  std::optional<std::size_t> wait;    ///< messages to wait for before closing
  int pings = 0;
  double timeout = 10;  ///< seconds for all of it; not when interactive
  bool showsFrames = false;

  bool isInteractive() const { return texts.empty() && binaries.empty() && pings == 0 && !wait; }
};

struct Settings {
  std::string url;
  Task task;
  std::vector<std::string> hexBinaries;
  std::vector<std::string> headers;  ///< "Name: value"
  std::vector<std::string> subprotocols;
  std::string origin;
  std::string proxy;
  util::TlsOptions tls;
  bool isInsecure = false;
  examples::Deflate deflate = examples::Deflate::off;

  void addTo(CLI::App& app);
  /// The texts turned into what they mean. Throws std::invalid_argument.
  void resolve();
  websocket::Headers parsedHeaders() const;
};

/// The bytes of "00 ff" or "00ff"; std::invalid_argument for other texts.
std::string parseHex(std::string_view text);

}  // namespace ws
