// Randomness, all of it from the operating system's cryptographic generator. Every function may be called
// from any thread, and throws `std::system_error` when the system yields no randomness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace autobahn::inline v0::util {

/// Fills `into` with unpredictable bytes.
void randomBytes(std::span<char> into);

/// A mask for one frame (RFC 6455 section 5.3): unpredictable, and handed out once. Cheap: drawn from a
/// store per thread, which a forked child throws away (`fork()`; not a bare clone system call).
std::uint32_t randomMaskKey();

/// A WAMP ID of global scope: uniform in 1…2^53, the integers that every language's numbers can hold.
std::uint64_t newId();

/// Letters and digits that are hard to mistake for one another: 27 of them.
inline constexpr std::string_view kTokenCharset = "345679ACEFGHJKLMNPQRSTUVWXY";
/// The lower-case alphabet of `generateUserPassword`: 32 characters.
inline constexpr std::string_view kPasswordCharset = "13456789abcdefghijkmnopqrstuwxyz";

/// An unguessable token such as "M6X5-YO5W-T5IK": `groups` groups of `charsPerGroup` characters, each drawn
/// uniformly from `charset` (1…256 bytes, ASCII), with `separator` between groups. With one character per
/// group there is no separator: then `groups` is the length. `lower` turns letters to lower case. Its entropy
/// is log2(charset.size()) bits per character. Throws `std::invalid_argument` for an impossible charset.
std::string generateToken(std::size_t groups, std::size_t charsPerGroup = 4,
                          std::string_view charset = kTokenCharset, std::string_view separator = "-",
                          bool lower = false);

/// A one-time code such as "W97F-96MJ-YGJL", 57 bits.
std::string generateActivationCode();
/// A password of 16 characters such as "kgojzi61dn5dtb6d", 80 bits.
std::string generateUserPassword();
/// A globally unique product code such as "YRAC-EL4X-FQQE-AW4T-WNUV-VN6T", 114 bits.
std::string generateSerialNumber();

}  // namespace autobahn::inline v0::util
