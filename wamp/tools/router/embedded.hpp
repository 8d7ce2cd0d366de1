// Files that are compiled in: the page, and the configuration that the program has when it is given none.
#pragma once

#include <string_view>

namespace router_tool {

struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
};

/// The file of that name ("page.js"); nullptr when there is none.
const EmbeddedFile* embedded(std::string_view name);

}  // namespace router_tool
