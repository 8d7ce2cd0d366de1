// The bounds of what a peer may ask for.
#pragma once

#include <cstdint>
#include <string>

#include "autobahn/wamp/auth/error.hpp"

namespace autobahn::inline v0::wamp {

/// Throws `AuthError` unless `value` is in least…most. `field`: what the value is of, as "scram challenge:
/// iterations".
inline void checkLimit(const char* field, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  throw AuthError(std::string(field) + " " + std::to_string(value) + " is not in " + std::to_string(least) +
                  "…" + std::to_string(most));
}

/// The same for a size in bytes.
inline void checkLimit(const char* field, std::size_t size, std::size_t most) {
  checkLimit(field, static_cast<std::int64_t>(size), 0, static_cast<std::int64_t>(most));
}

}  // namespace autobahn::inline v0::wamp
