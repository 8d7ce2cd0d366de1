// Ed25519 keys in the files of others.
#pragma once

#include <string>
#include <string_view>

#include "autobahn/wamp/auth/secret.hpp"

namespace autobahn::inline v0::wamp {

/// What was found in a file.
struct KeyFileContent {
  Secret seed{};          ///< empty: a public key
  std::string publicKey;  ///< 32 bytes
  std::string comment;
};

inline constexpr std::string_view kSshPrivateBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
inline constexpr std::string_view kSshPublicBegin = "ssh-ed25519";
inline constexpr std::string_view kSignifyBegin = "untrusted comment:";

/// An OpenSSH private key (openssh-key-v1) or public key. Throws `AuthError`.
KeyFileContent parseSshKey(std::string_view text);
/// A signify secret or public key. Throws `AuthError`.
KeyFileContent parseSignifyKey(std::string_view text);

/// Without white space at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace autobahn::inline v0::wamp
