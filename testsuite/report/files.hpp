// Files of a report: whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace wstest {

/// Throws std::runtime_error: "cannot read index.json: No such file or directory".
std::string readFile(const std::string& file);
bool isThere(const std::string& file);
/// Through a temporary file beside it and a rename: whoever reads `file` sees the old or the new one.
/// Devices, pipes and links stay and are written to. Throws std::runtime_error.
void writeFile(const std::string& file, std::string_view content);

}  // namespace wstest
