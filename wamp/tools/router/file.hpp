// Whole files.
#pragma once

#include <string>

namespace router_tool {

/// Throws std::system_error with the reason alone ("No such file or directory").
std::string readFile(const std::string& path);

}  // namespace router_tool
