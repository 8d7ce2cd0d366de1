// Hexadecimal texts in tests.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "auth/hex.hpp"

namespace autobahn::inline v0::wamp {

/// The bytes of a hexadecimal text, which must be one.
inline std::string fromHex(std::string_view text) {
  const auto bytes = hexDecode(text);
  if (!bytes) throw std::invalid_argument("not hexadecimal: " + std::string(text));
  return std::string(bytes->view());
}

}  // namespace autobahn::inline v0::wamp
