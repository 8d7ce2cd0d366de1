// The version of the library.
#pragma once

#include <string_view>

/// The version of these headers (semver.org). The build's own number must agree; a test compares them.
#define AUTOBAHN_VERSION_MAJOR 0
#define AUTOBAHN_VERSION_MINOR 1
#define AUTOBAHN_VERSION_PATCH 0
#define AUTOBAHN_VERSION "0.1.0"

namespace autobahn::inline v0::util {

/// The version of the library that the program runs with, such as "0.1.0"; `AUTOBAHN_VERSION` is that of the
/// headers it was compiled with. From any thread.
std::string_view version();

}  // namespace autobahn::inline v0::util
