// "did you mean …?"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace router_tool {

/// The one of `known` that somebody who wrote `given` may have meant. Case, `_` and `-` do not count.
std::optional<std::string> suggestion(std::string_view given, const std::vector<std::string>& known);

/// " (did you mean `name`?)", or nothing.
std::string didYouMean(std::string_view given, const std::vector<std::string>& known);

}  // namespace router_tool
