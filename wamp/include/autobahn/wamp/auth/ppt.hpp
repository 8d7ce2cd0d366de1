// The ciphers of payload passthru mode (WAMP specification, Payload Passthru Mode): ppt_cipher and ppt_keyid.
// The specification names the ciphers and not how a ciphertext is laid out; here, as libraries do it:
//   xsalsa20poly1305   nonce (24 bytes), then NaCl's secretbox
//   aes256gcm          nonce (12 bytes), ciphertext, tag (16 bytes)
// Nonces are random; with aes256gcm a key should therefore serve for no more than 2^32 messages.
#pragma once

#include <autobahn/wamp/auth/encoded_payload.hpp>
#include <autobahn/wamp/auth/secret.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// ppt_cipher.
enum class PptCipher : std::uint8_t { xsalsa20poly1305, aes256gcm };

/// The name on the wire.
std::string_view pptCipherName(PptCipher cipher);
/// The reverse; nothing for other names.
std::optional<PptCipher> pptCipherOf(std::string_view name);

/// Encrypts and authenticates. `key`: 32 bytes, else `std::invalid_argument` is thrown, as it is for 2 GiB
/// and more. From any thread.
std::string pptEncrypt(PptCipher cipher, std::string_view key, std::string_view plaintext);
/// The reverse. Throws `PayloadError` (decryption) when the key is another one or the data was tampered with.
std::string pptDecrypt(PptCipher cipher, std::string_view key, std::string_view ciphertext);

/// Keys by ppt_keyid. `encrypt` and `decrypt` may be called from any thread while nobody changes it.
class PptKeys {
 public:
  /// Adds or replaces a key of 32 bytes; throws `std::invalid_argument` for other sizes.
  void set(std::string_view keyId, Secret key);
  /// False when there was none.
  bool remove(std::string_view keyId);

  /// As `pptEncrypt`; throws `PayloadError` (noKey) for an unknown id.
  std::string encrypt(PptCipher cipher, std::string_view keyId, std::string_view plaintext) const;
  /// As `pptDecrypt`; throws `PayloadError` (noKey) for an unknown id.
  std::string decrypt(PptCipher cipher, std::string_view keyId, std::string_view ciphertext) const;

 private:
  const Secret& find(std::string_view keyId) const;

  std::map<std::string, Secret, std::less<>> keys_;
};

}  // namespace autobahn::inline v0::wamp
