// WAMP-CRA, authmethod "wampcra": both sides know a secret, the client signs what the router sends (WAMP
// specification, Challenge Response Authentication). With salted passwords the shared secret is a key derived
// from the password. From any thread.
#pragma once

#include <autobahn/wamp/auth/secret.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// A new random secret of `length` (1…1024) letters and digits, 5.95 bits each. A plain string because it is
/// made to be stored and handed over. Throws `std::invalid_argument` for other lengths.
std::string generateWcs(std::size_t length = 14);

/// The signature of a challenge: HMAC-SHA-256 in base64. `key` is the secret as it is, or what `deriveKey`
/// gives when the password is salted.
std::string computeWcs(std::string_view key, std::string_view challenge);

/// What a router asks: CHALLENGE.Extra.
struct WampCraChallenge {
  std::string challenge;
  /// Absent: the secret is used as it is; `iterations` and `keylen` are ignored.
  std::optional<std::string> salt{};
  std::int64_t iterations = 1000;
  std::int64_t keylen = 32;  ///< bytes

  bool operator==(const WampCraChallenge&) const = default;
};

/// What a client lets a router demand of it.
struct WampCraLimits {
  /// PBKDF2 iterations, times the 32-byte blocks of the key: the default is about half a second of one core.
  std::int64_t maxIterations = 1'000'000;
  /// Fewer are refused. The default takes what deployed routers ask for.
  std::int64_t minIterations = 1;
  std::int64_t maxKeylen = 128;              ///< bytes
  std::size_t maxChallengeSize = 16 * 1024;  ///< bytes
  std::size_t maxSaltSize = 1024;            ///< bytes
  /// Refuses challenges without a salt: a false router could have the password itself used as the key, and
  /// guess it from the signature without the cost of a derivation.
  bool requireSalt = false;
};

/// The client's answer, AUTHENTICATE.Signature. Throws `AuthError` when the challenge is beyond `limits`.
/// With a salt it takes as long as PBKDF2 takes: not on an event loop.
std::string signWampCra(const WampCraChallenge& challenge, std::string_view secret,
                        const WampCraLimits& limits = {});

/// How a router's users are salted. A stolen key logs in by itself, salted or not; what the iterations
/// protect is the password behind it. So the default is more than the 1000 of Autobahn, yet bearable for
/// clients in JavaScript.
struct WampCraParameters {
  bool isSalted = true;
  std::int64_t iterations = 100'000;
  std::int64_t keylen = 32;  ///< bytes
};

/// What a router stores of a user.
struct WampCraCredential {
  Secret key{};                       ///< what signs: the secret itself, or `deriveKey`'s result
  std::optional<std::string> salt{};  ///< absent: the client holds `key` itself
  std::int64_t iterations = 1000;
  std::int64_t keylen = 32;  ///< bytes
};

/// A credential for a user of this password, with a new random salt. Slow when salted.
WampCraCredential makeWampCraCredential(std::string_view password, const WampCraParameters& parameters = {});

/// The session a challenge is made for.
struct WampCraSession {
  std::uint64_t session = 0;  ///< the ID that the session is going to have
  std::string authid;
  std::string authrole;
  std::string authprovider = "static";
  std::string authmethod = "wampcra";
};

/// The router's challenge for a session: a JSON object that binds it (so that it is worth nothing elsewhere),
/// with a nonce of 192 random bits and the time. Throws `AuthError` when a text is not UTF-8.
WampCraChallenge createWampCraChallenge(const WampCraSession& session, const WampCraCredential& credential,
                                        std::chrono::system_clock::time_point now);
/// The same with the time of now.
WampCraChallenge createWampCraChallenge(const WampCraSession& session, const WampCraCredential& credential);

/// The router's verdict on the signature of a challenge it created. Constant time.
bool verifyWampCra(const WampCraChallenge& challenge, std::string_view signature,
                   const WampCraCredential& credential);

}  // namespace autobahn::inline v0::wamp
