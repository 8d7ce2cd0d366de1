// Hexadecimal texts back to bytes (`util::hexEncode`).
#pragma once

#include <optional>
#include <string_view>

#include "autobahn/wamp/auth/secret.hpp"

namespace autobahn::inline v0::wamp {

/// Nothing for an odd length or other characters. Either case. A `Secret` because it may be one.
std::optional<Secret> hexDecode(std::string_view text);

}  // namespace autobahn::inline v0::wamp
