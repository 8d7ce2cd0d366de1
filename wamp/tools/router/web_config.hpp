// What a listener shows to browsers and monitoring.
#pragma once

#include <autobahn/websocket/static_files.hpp>
#include <optional>
#include <string>
#include <vector>

#include "setting.hpp"

namespace router_tool {

/// Paths of what is served; nothing: it is not.
struct WebConfig {
  std::optional<std::string> page{};  ///< ends with '/': its files are below
  std::optional<std::string> health{};
  std::optional<std::string> metrics{};
  std::vector<autobahn::websocket::StaticFiles> files{};
  std::string webSocketPath{};  ///< where the page finds the router
};

/// The section "web" of a listener.
WebConfig readWeb(const Setting& setting);

/// The path of a URL: begins with '/', no query, nothing that would have to be escaped.
std::string readPath(const Setting& setting);

}  // namespace router_tool
