// Exclusive or of two strings of bytes.
#pragma once

#include <string>
#include <string_view>

namespace autobahn::inline v0::util {

/// The bytes of `a` XOR those of `b`. Throws `std::invalid_argument` when their sizes differ. From any
/// thread.
std::string xorBytes(std::string_view a, std::string_view b);

}  // namespace autobahn::inline v0::util
