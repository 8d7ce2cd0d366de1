// Log lines for people, or for machines.
#pragma once

#include <autobahn/util/log.hpp>
#include <string>

#include "config.hpp"

namespace router_tool {

inline constexpr autobahn::util::Logger kLog{"autobahn-router"};

/// Where records go from now on: standard error, a line each.
void setLogFormat(LogFormat format);
/// {"time": …, "level": …, "logger": …, "message": …, "fields": {…}}
std::string formatJson(const autobahn::util::LogRecord& record);

}  // namespace router_tool
