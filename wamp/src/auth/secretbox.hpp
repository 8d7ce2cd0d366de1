// XSalsa20 with Poly1305 under a shared key (NaCl's secretbox), the nonce before the box.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "autobahn/wamp/auth/secret.hpp"

namespace autobahn::inline v0::wamp {

/// A random nonce (24 bytes) and the box. `key`: 32 bytes.
std::string secretboxSeal(std::string_view key, std::string_view plaintext);
/// Nothing when the key is another one, or a bit has changed.
std::optional<Secret> secretboxOpen(std::string_view key, std::string_view sealed);

}  // namespace autobahn::inline v0::wamp
