// WAMP-SCRAM (WAMP specification, Salted Challenge Response Authentication; RFC 5802 and 7677): the router
// stores neither the password nor anything that could be used to log in, and proves to the client that it
// knows the user.
//
// There are two dialects, told apart by the authmethod: "wamp-scram" is the specification's; "scram" is what
// Autobahn|Python and Crossbar.io speak, which differs in the signed text (no GS2 header, no channel binding)
// and in how Argon2's result becomes a key (`ScramKdf::argon2idAutobahn`). Both are spoken here.
//
//   client: HELLO.authextra ← client.hello()           router: ScramServer(authmethod, authid, hello,
//   credential)
//           AUTHENTICATE    ← client.respond(…)                CHALLENGE ← server.challenge()
//           client.verifyServer(WELCOME's verifier)            WELCOME's verifier ←
//           server.verify(authenticate)
#pragma once

#include <autobahn/wamp/auth/channel_binding.hpp>
#include <autobahn/wamp/auth/secret.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// How a password becomes a key.
enum class ScramKdf : std::uint8_t {
  pbkdf2,            ///< "pbkdf2": PBKDF2 with SHA-256
  argon2id13,        ///< "argon2id13": Argon2id version 1.3
  argon2idAutobahn,  ///< "argon2id-13": the same, with the password as it is (no SASLprep) and the result's
                     ///< base64 text, without padding, as the key
};

/// The name in CHALLENGE.Extra.kdf.
std::string_view scramKdfName(ScramKdf kdf);
/// The reverse; nothing for other names.
std::optional<ScramKdf> scramKdfOf(std::string_view name);
/// "wamp-scram" or "scram".
bool isScramMethod(std::string_view authmethod);

/// HELLO.Details.authextra.
struct ScramHello {
  std::string nonce;                          ///< base64
  std::optional<std::string> channelBinding;  ///< its type; absent: none
};

/// CHALLENGE.Extra. What is absent is to be left out, not sent as null: Autobahn|Python chokes on that, and
/// on additional keys.
struct ScramChallenge {
  std::string nonce;  ///< the client's, continued by the router's
  std::string salt;   ///< base64
  std::string kdf;
  std::int64_t iterations = 0;
  std::optional<std::int64_t> memory{};  ///< KiB; for Argon2 only
};

/// AUTHENTICATE. Autobahn|Python ("scram") sends the signature alone.
struct ScramAuthenticate {
  std::string signature;                        ///< base64
  std::optional<std::string> nonce{};           ///< AUTHENTICATE.Extra, as are the following
  std::optional<std::string> channelBinding{};  ///< the type
  std::optional<std::string> cbindData{};       ///< base64
};

/// What a client lets a router demand of it: enough that a false router cannot have a cheap hash of the
/// password, not so much that it can tie the client up.
struct ScramLimits {
  std::int64_t minPbkdf2Iterations = 4096;       ///< RFC 7677 section 4
  std::int64_t maxPbkdf2Iterations = 2'000'000;  ///< about a second of one core
  std::int64_t minArgon2Work = 32 * 1024;        ///< iterations times KiB
  std::int64_t maxArgon2Work = 8 * 1024 * 1024;  ///< iterations times KiB: some seconds of one core
  std::int64_t maxArgon2Memory = 256 * 1024;     ///< KiB
  std::size_t maxSaltSize = 1024;                ///< bytes
};

struct ScramKeys;

/// The client's half. It can be used again for the next connection: then `hello` begins anew, and the key is
/// not derived again while the router's salt and costs stay the same. For one thread at a time.
class ScramClient {
 public:
  /// `channelBinding`: asked of the router, which refuses the session if it cannot (specification's dialect
  /// only). Throws `AuthError` when SASLprep refuses `authid`; the password is looked at when the router has
  /// named the KDF.
  ScramClient(std::string_view authid, Secret password, std::optional<ChannelBinding> channelBinding = {},
              ScramLimits limits = {});
  ScramClient(ScramClient&&) noexcept;
  ScramClient& operator=(ScramClient&&) noexcept;
  ~ScramClient();

  /// Begins an exchange with a new nonce.
  ScramHello hello();

  /// Answers a challenge. `authmethod`: that of the CHALLENGE. Slow on purpose (as slow as `limits` allow):
  /// not on an event loop. Throws `AuthError` when the challenge does not continue this exchange or is beyond
  /// the limits.
  ScramAuthenticate respond(std::string_view authmethod, const ScramChallenge& challenge);

  /// Whether the router has proved that it knows the user: WELCOME.Details.authextra.verifier, or what
  /// Crossbar.io calls scram_server_signature; base64, with or without "v=" before it. A session whose router
  /// has not must be left.
  bool verifyServer(std::string_view verifier) const;

 private:
  struct Derived;

  void checkNonce(const ScramChallenge& challenge, bool isAutobahn) const;
  const ScramKeys& derive(const ScramChallenge& challenge);

  std::string authid_;
  Secret password_;
  std::optional<ChannelBinding> channelBinding_;
  ScramLimits limits_;
  std::string nonce_;
  std::string serverSignature_;
  std::unique_ptr<Derived> derived_;  ///< the keys of the last exchange, and what they were made from
};

/// How a router derives the keys of its users.
struct ScramParameters {
  ScramKdf kdf = ScramKdf::argon2id13;
  std::int64_t iterations = 0;  ///< 0: 3 for Argon2 (RFC 9106), 600,000 for PBKDF2
  std::int64_t memory = 0;      ///< KiB, for Argon2; 0: 65,536 (RFC 9106)
};

/// What a router stores of a user. Whoever steals it cannot log in with it.
struct ScramCredential {
  ScramKdf kdf = ScramKdf::argon2id13;
  std::string salt{};  ///< raw bytes
  std::int64_t iterations = 0;
  std::int64_t memory = 0;  ///< KiB; 0 for PBKDF2
  Secret storedKey{};       ///< 32 bytes
  Secret serverKey{};       ///< 32 bytes

  ScramCredential clone() const;
};

/// The credential for a user of this password, with `salt` (raw, 8 bytes or more) or, when empty, a new
/// random one. Slow on purpose. Throws `AuthError` when SASLprep refuses the password,
/// `std::invalid_argument` for impossible parameters.
ScramCredential makeScramCredential(std::string_view password, const ScramParameters& parameters = {},
                                    std::string_view salt = {});

/// The router's half, for one authentication. It costs little: the slow part is the client's.
class ScramServer {
 public:
  /// `authid`: as in HELLO. `channels`: the bindings that this connection offers. Throws `AuthError` for an
  /// unknown authmethod, an unusable authid or nonce, or a channel binding that is not offered; the session
  /// is then aborted.
  ScramServer(std::string_view authmethod, std::string_view authid, const ScramHello& hello,
              ScramCredential credential, const std::vector<ChannelBinding>& channels = {});

  const ScramChallenge& challenge() const { return challenge_; }

  /// The verifier to send in WELCOME (base64: as "v=…" in authextra.verifier, bare in
  /// authextra.scram_server_signature) when the client knows the password; nothing when it does not, and at
  /// every further call. Compares in constant time.
  std::optional<std::string> verify(const ScramAuthenticate& authenticate);

 private:
  bool isOfThisExchange(const ScramAuthenticate& authenticate) const;

  bool isAutobahn_;
  bool isDone_ = false;
  std::string message_;  ///< AuthMessage of RFC 5802 section 3
  std::optional<ChannelBinding> channelBinding_;
  ScramCredential credential_;
  ScramChallenge challenge_;
};

}  // namespace autobahn::inline v0::wamp
