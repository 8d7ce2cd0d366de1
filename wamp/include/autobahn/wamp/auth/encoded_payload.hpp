// Payloads that the router does not look into.
#pragma once

#include <autobahn/wamp/error.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace autobahn::inline v0::wamp {

/// A payload in a form of its own: what stands in a message instead of arguments (enc_algo, enc_serializer,
/// enc_key).
struct EncodedPayload {
  std::string payload;                  ///< bytes
  std::string encAlgo;                  ///< e.g. "cryptobox"
  std::string encSerializer;            ///< of what is inside, e.g. "json"
  std::optional<std::string> encKey{};  ///< which key, where the algorithm does not imply it

  bool operator==(const EncodedPayload&) const = default;
};

/// Why a payload cannot be encoded or decoded.
enum class PayloadErrorKind : std::uint8_t {
  noKey,              ///< there is no key for the URI (in this role) or of this id
  unknownAlgorithm,   ///< not this codec's
  unknownSerializer,  ///< not this codec's
  decryption,         ///< the key is another one, or the payload was tampered with
  malformed,          ///< decrypted, but not of the form it should have
  uriMismatch,        ///< decrypted, but made for another URI: replayed by somebody who can read neither
};

/// Thrown for payloads that cannot be encoded or decoded. `what()` holds neither keys nor payload.
class PayloadError : public Error {
 public:
  PayloadError(PayloadErrorKind kind, const std::string& what) : Error(what), kind_(kind) {}
  PayloadErrorKind kind() const { return kind_; }

 private:
  PayloadErrorKind kind_;
};

}  // namespace autobahn::inline v0::wamp
