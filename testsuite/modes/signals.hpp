// Ctrl-C: for the harness, and for clients that work on several threads.
#pragma once

#include <functional>

#include "wire/stop.hpp"

namespace wstest {

/// The switch that the first SIGINT or SIGTERM presses; a second one ends the process.
StopSwitch& stopOnSignals();

/// Runs work(0) … work(count − 1), each on a thread of its own, and waits for all. On the first SIGINT or
/// SIGTERM `interrupt` is called, from the caller's thread; the work should end soon then. Throws what a work
/// has thrown, after all have ended. Returns whether it was interrupted.
bool runOnThreads(int count, const std::function<void(int)>& work, const std::function<void()>& interrupt);

}  // namespace wstest
