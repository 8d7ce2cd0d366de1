// libsodium, initialised.
#pragma once

#include <sodium.h>

#include <stdexcept>

#include "octets.hpp"

namespace autobahn::inline v0::wamp {

/// To be called before any other function of libsodium; it then knows the processor. From any thread.
inline void useSodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialised");
}

}  // namespace autobahn::inline v0::wamp
