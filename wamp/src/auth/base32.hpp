// Base32 (RFC 4648 section 6).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "autobahn/wamp/auth/secret.hpp"

namespace autobahn::inline v0::wamp {

/// With padding, as Autobahn writes it.
std::string base32Encode(std::string_view data);
/// Either case, with whole padding or none. Nothing for other characters, impossible lengths, or bits set
/// behind the last byte.
std::optional<Secret> base32Decode(std::string_view text);

}  // namespace autobahn::inline v0::wamp
