// Lines to standard error.
#pragma once

#include <string>

namespace autobahn::inline v0::util {

/// Writes `line` and a line feed to standard error in one piece, so that the lines of several threads and
/// processes stay whole; for log sinks. What cannot be written is lost. From any thread.
void writeLineToStandardError(std::string line);

}  // namespace autobahn::inline v0::util
