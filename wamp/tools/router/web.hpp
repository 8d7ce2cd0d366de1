// Plain HTTP on a listener: the live page, /health, /metrics, files.
#pragma once

#include <autobahn/wamp/router_server.hpp>
#include <autobahn/websocket/http_handler.hpp>
#include <string>
#include <vector>

#include "web_config.hpp"

namespace router_tool {

class Service;

/// Answers requests. `service` outlives its listeners.
autobahn::websocket::HttpHandler makeWeb(Service& service, WebConfig config);

/// Prometheus' text format.
std::string metricsText(Service& service,
                        const std::vector<autobahn::wamp::RouterListenerMetrics>& listeners);
/// What the page shows that WAMP does not tell: JSON.
std::string statusJson(Service& service, const std::string& webSocketPath);
std::string healthJson(Service& service);

}  // namespace router_tool
