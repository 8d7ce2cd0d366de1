// The command line of wstest: which mode, its options, help, exit codes.
#pragma once

#include <string>
#include <vector>

namespace wstest {

/// Does what `arguments` (without the program's name) ask for. Returns the exit code: 0; 1 when what was
/// tested is at fault; 2, after one line on standard error, when wstest could not do its work.
int runCommandLine(std::vector<std::string> arguments);

}  // namespace wstest
