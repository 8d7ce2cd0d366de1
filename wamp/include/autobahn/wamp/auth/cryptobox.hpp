// Autobahn's end-to-end encryption of payloads, enc_algo "cryptobox": NaCl boxes (Curve25519, XSalsa20,
// Poly1305) between the originator (caller or publisher) and the responder (callee or subscriber) of an URI.
// Inside is a JSON object of uri, args and kwargs; the URI is checked, so that no payload serves for another
// one.
//
// Who holds a private key can read and write in either role; both directions share one key, as the scheme has
// it.
#pragma once

#include <autobahn/wamp/auth/encoded_payload.hpp>
#include <autobahn/wamp/auth/secret.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// The keys of one URI. Texts of 32 bytes in base64 or hexadecimal; empty where there is none.
struct CryptoboxKeyParts {
  std::string_view originatorPriv{};
  std::string_view originatorPub{};  ///< not needed beside `originatorPriv`
  std::string_view responderPriv{};
  std::string_view responderPub{};  ///< not needed beside `responderPriv`
};

/// What encrypts and decrypts for an URI: as the originator, as the responder, or as both. Not changed after
/// it is made.
class CryptoboxKey {
 public:
  /// Originators need their private key and the responder's public one, responders the reverse. Throws
  /// `AuthError` when that is complete for neither role, when a text is no key, or when a public key is not
  /// that of the private one.
  explicit CryptoboxKey(const CryptoboxKeyParts& parts);
  /// One private key for both roles: for those who share it.
  explicit CryptoboxKey(std::string_view sharedPriv);

  bool canOriginate() const { return !originatorBox_.empty(); }
  bool canRespond() const { return !responderBox_.empty(); }

 private:
  friend class KeyRing;

  Secret originatorBox_;  ///< the shared key, computed once
  Secret responderBox_;
};

/// A new pair of keys as texts. Plain strings because they are made to be stored and handed over.
struct CryptoboxKeyPair {
  std::string privateKey;
  std::string publicKey;
};

/// What was in a payload.
struct CryptoboxContent {
  std::string uri;
  std::string args;    ///< the text of a JSON array; empty for none
  std::string kwargs;  ///< the text of a JSON object; empty for none
};

/// Keys by URI. `encode` and `decode` may be called from any thread while nobody changes the ring.
class KeyRing {
 public:
  /// A new pair in base64, as `CryptoboxKey` takes it.
  static CryptoboxKeyPair generateKey();
  /// The same in hexadecimal.
  static CryptoboxKeyPair generateKeyHex();

  /// The key for all URIs that begin with `uri` (by string, as WAMP's prefixes match) unless a longer one
  /// fits better. Empty: for all others.
  void setKey(std::string_view uri, CryptoboxKey key);
  /// Takes back what `setKey` has set for exactly this text. False when there was nothing.
  bool removeKey(std::string_view uri);

  /// Encrypts a payload. Nothing when no key fits `uri`: then it travels unencrypted. `args` and `kwargs`:
  /// valid JSON texts of an array and an object; empty for none. Throws `PayloadError` (noKey) when a key
  /// fits but not for this role: Autobahn|Python would send that unencrypted.
  std::optional<EncodedPayload> encode(bool isOriginating, std::string_view uri, std::string_view args,
                                       std::string_view kwargs) const;

  /// Decrypts a payload that came with a message for `uri`. Throws `PayloadError`.
  CryptoboxContent decode(bool isOriginating, std::string_view uri, const EncodedPayload& encoded) const;

 private:
  const CryptoboxKey* find(std::string_view uri) const;

  std::map<std::string, CryptoboxKey, std::less<>> keys_;
};

}  // namespace autobahn::inline v0::wamp
