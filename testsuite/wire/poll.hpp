// Waiting for a descriptor, or for the stop switch.
#pragma once

#include <string>

#include "wire/stream.hpp"

namespace wstest {

/// `events` as of poll(2).
Waited waitFor(int fd, short events, TimePoint until, const StopSwitch& stop);
/// strerror(3) as a string.
std::string errorText(int error);

}  // namespace wstest
