// Ed25519 (RFC 8032) on raw bytes.
#pragma once

#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

inline constexpr std::size_t kEd25519KeySize = 32;        ///< bytes, of a seed and of a public key
inline constexpr std::size_t kEd25519SignatureSize = 64;  ///< bytes

/// The public key of a seed of 32 bytes.
std::string ed25519PublicKey(std::string_view seed);
/// The signature of a message.
std::string ed25519Sign(std::string_view seed, std::string_view message);
/// False for wrong sizes and bad keys, too.
bool ed25519Verify(std::string_view publicKey, std::string_view message, std::string_view signature);
/// Whether 32 bytes are a public key that somebody can have: not one of the points for which anybody can
/// sign.
bool isEd25519PublicKey(std::string_view publicKey);

}  // namespace autobahn::inline v0::wamp
