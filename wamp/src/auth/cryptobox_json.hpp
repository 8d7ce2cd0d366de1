// What is inside a cryptobox payload.
#pragma once

#include <string>
#include <string_view>

#include "autobahn/wamp/auth/cryptobox.hpp"

namespace autobahn::inline v0::wamp {

/// {"uri": …, "args": …, "kwargs": …}, with null for empty texts.
std::string cryptoboxJson(std::string_view uri, std::string_view args, std::string_view kwargs);
/// The reverse. Throws `PayloadError` (malformed).
CryptoboxContent parseCryptoboxJson(std::string_view json);

}  // namespace autobahn::inline v0::wamp
