// Prometheus' text format, and the router's figures in it.
#pragma once

#include <autobahn/wamp/router_server.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace router_tool {

class Service;

/// A label's value, quoted (Prometheus, "Text-based format").
std::string labelValue(std::string_view text);
/// What comes before a figure's values. `kind`: "gauge" or "counter".
void describe(std::ostream& out, const char* name, const char* kind, const char* what);

void writeRealms(std::ostream& out, Service& service);
void writeListeners(std::ostream& out, const std::vector<autobahn::wamp::RouterListenerMetrics>& listeners);

}  // namespace router_tool
