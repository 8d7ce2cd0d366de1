// How our WAMP-CRA salts look, for those we draw and for those we feign.
#pragma once

#include <cstddef>
#include <string_view>

namespace autobahn::inline v0::wamp {

inline constexpr std::string_view kWcsCharset =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::size_t kSaltLength = 22;  ///< 131 bits

}  // namespace autobahn::inline v0::wamp
