// WAMP-Cryptosign, authmethod "cryptosign": the client is known by its Ed25519 public key and signs a random
// challenge (WAMP specification, Cryptosign-based Authentication; RFC 8032). The same functions serve for
// authenticating the router: then it is the one that signs the client's challenge. Trustroots and
// certificates are not supported.
#pragma once

#include <autobahn/wamp/auth/channel_binding.hpp>
#include <autobahn/wamp/auth/secret.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// CHALLENGE.Extra.
struct CryptosignChallenge {
  std::string challenge;                        ///< 32 random bytes in hexadecimal
  std::optional<std::string> channelBinding{};  ///< the type in use; absent: none

  bool operator==(const CryptosignChallenge&) const = default;
};

/// An Ed25519 key: a private one, which signs, or a public one. Not changed after it is made, so it can be
/// used from any thread; private keys are overwritten when destroyed. All that make one from given data throw
/// `AuthError`, naming what is wrong with it, and never show it.
class CryptosignKey {
 public:
  /// A new private key.
  static CryptosignKey generate();
  /// A private key from its 32 raw bytes (the seed of RFC 8032).
  static CryptosignKey fromBytes(std::string_view seed, std::string comment = {});
  /// The same from 64 hexadecimal digits.
  static CryptosignKey fromHex(std::string_view seed, std::string comment = {});
  /// A public key from its 32 raw bytes.
  static CryptosignKey fromPubkey(std::string_view pubkey, std::string comment = {});
  /// The same from 64 hexadecimal digits, as in HELLO.Details.authextra.pubkey.
  static CryptosignKey fromPubkeyHex(std::string_view pubkey, std::string comment = {});
  /// The text of an OpenSSH file: a private key (OPENSSH PRIVATE KEY, without passphrase) or a public one
  /// ("ssh-ed25519 …").
  static CryptosignKey fromSshBytes(std::string_view text);
  /// The text of a file of OpenBSD's signify: a secret key (made with -n, without passphrase) or a public
  /// one.
  static CryptosignKey fromSignifyBytes(std::string_view text);
  /// A key from a file that is one of: 32 raw bytes or 64 hexadecimal digits (private keys); OpenSSH;
  /// signify. The form is recognised by the content. Errors name the file.
  static CryptosignKey fromFile(const std::filesystem::path& path);

  bool canSign() const { return !seed_.empty(); }
  /// The public key in 64 hexadecimal digits.
  std::string publicKey() const;
  /// The public key, 32 raw bytes.
  const std::string& publicKeyBytes() const { return publicKey_; }
  /// The comment of a key file, if any.
  const std::string& comment() const { return comment_; }

  /// The signature of `data`, 64 raw bytes. Throws `InvalidState` when this is a public key.
  std::string sign(std::string_view data) const;

  /// The answer to a challenge, for AUTHENTICATE.Signature: signature and signed message, 192 hexadecimal
  /// digits. `channel`: the binding that was asked for in HELLO, with the 32 bytes of this connection;
  /// absent: none was. A router may decline to bind; `isBindingOptional` says whether that is accepted
  /// (somebody in between could have stripped it). Throws `AuthError` for a malformed challenge or another
  /// binding than the one asked for.
  std::string signChallenge(const CryptosignChallenge& challenge,
                            const std::optional<ChannelBinding>& channel = {},
                            bool isBindingOptional = false) const;

  /// A second object of the same key.
  CryptosignKey clone() const;

 private:
  CryptosignKey(Secret seed, std::string publicKey, std::string comment);

  Secret seed_;  ///< empty in a public key
  std::string publicKey_;
  std::string comment_;
};

/// A new challenge of 32 random bytes. `channelBinding`: the type that the client has asked for and this
/// connection has.
CryptosignChallenge createCryptosignChallenge(std::optional<std::string> channelBinding = {});

/// The verdict on an answer to `challenge`: whether it is signed by the owner of `pubkey` (64 hexadecimal
/// digits), for this challenge and, when the challenge names a binding, for this `channel`. False for
/// anything malformed.
bool verifyCryptosign(const CryptosignChallenge& challenge, std::string_view pubkey,
                      std::string_view signature, const std::optional<ChannelBinding>& channel = {});

}  // namespace autobahn::inline v0::wamp
