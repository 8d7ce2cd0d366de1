// wstest: a conformance harness for WebSocket servers and clients, and tools beside it.
#include <csignal>
#include <cstdio>

#include "modes/command_line.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);             // a peer that is gone is an error of write(), not our end
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // scripts wait for lines
  return wstest::runCommandLine({argv + 1, argv + argc});
}
