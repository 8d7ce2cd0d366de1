// The key files of OpenBSD's signify: a line of comment, a line of base64.
#include <autobahn/util/crypto.hpp>

#include "autobahn/wamp/auth/error.hpp"
#include "ed25519.hpp"
#include "key_file.hpp"
#include "openssl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using namespace std::string_view_literals;

// "Ed", "BK", rounds (4), salt (16), checksum (8), key number (8), key (64: seed and public key).
constexpr std::size_t kSecretSize = 104;
// "Ed", key number (8), key (32).
constexpr std::size_t kPublicSize = 42;
// "Ed", key number (8), signature (64).
constexpr std::size_t kSignatureSize = 74;

[[noreturn]] void refuse(const std::string& why) { throw AuthError("signify key: " + why); }

// The first 8 bytes of SHA-512.
std::string checksumOf(std::string_view key) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  opensslCheck(EVP_Digest(key.data(), key.size(), digest, &size, EVP_sha512(), nullptr) == 1, "SHA-512");
  return {reinterpret_cast<const char*>(digest), 8};
}

KeyFileContent parseSecret(std::string_view blob) {
  if (blob.substr(2, 2) != "BK") refuse("unknown key derivation");
  if (blob.substr(4, 4) != "\0\0\0\0"sv) {
    refuse("is encrypted, which is not supported; make a key without passphrase (signify -G -n)");
  }
  const std::string_view key = blob.substr(40);
  if (checksumOf(key) != blob.substr(24, 8)) refuse("checksum is wrong");
  KeyFileContent content{
      Secret::copyOf(key.substr(0, kEd25519KeySize)), std::string(key.substr(kEd25519KeySize)), {}};
  if (ed25519PublicKey(content.seed.view()) != content.publicKey) {
    refuse("public and private key do not belong together");
  }
  return content;
}

}  // namespace

KeyFileContent parseSignifyKey(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with(kSignifyBegin)) refuse("does not begin with \"" + std::string(kSignifyBegin) + "\"");
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) refuse("ends after the comment");
  auto decoded = util::base64Decode(trimmed(text.substr(end)));
  if (!decoded) refuse("second line is not base64");
  const Secret blob = Secret::take(std::move(*decoded));
  if (!blob.view().starts_with("Ed")) refuse("is no Ed25519 key");
  KeyFileContent content;
  if (blob.size() == kSecretSize) {
    content = parseSecret(blob.view());
  } else if (blob.size() == kPublicSize) {
    content.publicKey = blob.view().substr(10);
  } else if (blob.size() == kSignatureSize) {
    refuse("is a signature, not a key");
  } else {
    refuse(std::to_string(blob.size()) + " bytes, where a secret key has 104 and a public one 42");
  }
  content.comment = trimmed(text.substr(kSignifyBegin.size(), end - kSignifyBegin.size()));
  return content;
}

}  // namespace autobahn::inline v0::wamp
