// Keys from passwords. Slow on purpose: never on an event loop. From any thread.
#pragma once

#include <autobahn/wamp/auth/secret.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// The digest inside `pbkdf2`'s HMAC. WAMP uses SHA-256 only; the others are for data of other systems.
enum class Digest : std::uint8_t { sha1, sha256, sha512 };

/// PBKDF2 (RFC 8018): a key of `keylen` bytes from a password. Throws `std::invalid_argument` for iterations
/// or lengths below 1 or above 2^31-1.
Secret pbkdf2(std::string_view data, std::string_view salt, std::int64_t iterations = 1000,
              std::int64_t keylen = 32, Digest digest = Digest::sha256);

/// The key of salted WAMP-CRA: `pbkdf2` with SHA-256, in base64. It is this text, not the bytes behind it,
/// that signs challenges (`computeWcs`) and that a router stores.
Secret deriveKey(std::string_view secret, std::string_view salt, std::int64_t iterations = 1000,
                 std::int64_t keylen = 32);

/// Argon2id version 1.3 (RFC 9106), 32 bytes, one lane, as WAMP-SCRAM fixes it. `salt`: 8 bytes or more (16
/// are usual). `iterations`: 1 or more passes. `memory`: 8 or more KiB. Throws `std::invalid_argument` for
/// other values, `std::bad_alloc` when the memory is not there.
Secret argon2id13(std::string_view password, std::string_view salt, std::int64_t iterations,
                  std::int64_t memory);

/// A user name or password in the form in which it is compared (SASLprep, RFC 4013, on Unicode 3.2 as that
/// says): printable ASCII is unchanged; otherwise compatibility forms are unified (NFKC), non-ASCII spaces
/// become spaces and soft hyphens vanish. Control, private-use and other prohibited characters, mixed text
/// directions and bytes that are not UTF-8 are refused. `isStored` also refuses characters that Unicode 3.2
/// does not know (today's emoji among them), as RFC 3454 section 7 wants it of text that is put into a store.
/// Throws `AuthError`, which calls the text `what` and does not show it. A text of which nothing is left is
/// refused too.
Secret saslPrep(std::string_view text, const char* what, bool isStored = false);

}  // namespace autobahn::inline v0::wamp
