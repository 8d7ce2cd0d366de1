// The options of WebSocket connections, by the names that they have in websocket::ServerOptions.
#pragma once

#include <autobahn/websocket/options.hpp>

#include "setting.hpp"

namespace router_tool {

/// The section "websocket" of a listener: durations in milliseconds, sizes in octets. Changes `options`.
void readWebSocketOptions(const Setting& setting, autobahn::websocket::ServerOptions& options);

}  // namespace router_tool
