// Bytes as C libraries want to see them.
#pragma once

#include <string>
#include <string_view>

#include "autobahn/wamp/auth/secret.hpp"

namespace autobahn::inline v0::wamp {

/// Never null: some libraries take that for "none", not for "empty".
inline const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.empty() ? "" : bytes.data());
}
/// To write to.
inline unsigned char* octetsOf(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
inline unsigned char* octetsOf(Secret& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.bytes().data());
}

}  // namespace autobahn::inline v0::wamp
