#include "scram_message.hpp"

#include <autobahn/util/crypto.hpp>
#include <autobahn/util/xor.hpp>

#include "autobahn/wamp/auth/error.hpp"
#include "autobahn/wamp/auth/kdf.hpp"

namespace autobahn::inline v0::wamp {
namespace {

struct KdfName {
  ScramKdf kdf;
  std::string_view name;
};
constexpr KdfName kKdfNames[] = {{ScramKdf::pbkdf2, "pbkdf2"},
                                 {ScramKdf::argon2id13, "argon2id13"},
                                 {ScramKdf::argon2idAutobahn, "argon2id-13"}};

// RFC 5802 section 5.1, "n".
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ',') {
      text += "=2C";
    } else if (c == '=') {
      text += "=3D";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string_view scramKdfName(ScramKdf kdf) {
  for (const KdfName& each : kKdfNames) {
    if (each.kdf == kdf) return each.name;
  }
  return {};
}

std::optional<ScramKdf> scramKdfOf(std::string_view name) {
  for (const KdfName& each : kKdfNames) {
    if (each.name == name) return each.kdf;
  }
  return std::nullopt;
}

bool isScramMethod(std::string_view authmethod) {
  return authmethod == "wamp-scram" || authmethod == "scram";
}

bool isAutobahnScram(std::string_view authmethod) {
  if (!isScramMethod(authmethod)) throw AuthError("scram: authmethod is neither wamp-scram nor scram");
  return authmethod == "scram";
}

std::string scramNonce() { return util::base64Encode(Secret::random(18).view()); }

ScramKeys scramKeys(const Secret& saltedPassword) {
  ScramKeys keys;
  keys.clientKey = Secret::take(util::hmacSha256(saltedPassword.view(), "Client Key"));
  keys.storedKey = Secret::take(util::sha256(keys.clientKey.view()));
  keys.serverKey = Secret::take(util::hmacSha256(saltedPassword.view(), "Server Key"));
  return keys;
}

Secret scramSaltedPassword(std::string_view password, ScramKdf kdf, std::string_view salt,
                           std::int64_t iterations, std::int64_t memory, bool isStored) {
  if (kdf == ScramKdf::argon2idAutobahn) {
    std::string text = util::base64Encode(argon2id13(password, salt, iterations, memory).view());
    while (text.ends_with('=')) text.pop_back();
    return Secret::take(std::move(text));
  }
  const Secret prepared = saslPrep(password, "password", isStored);
  if (kdf == ScramKdf::pbkdf2) return pbkdf2(prepared.view(), salt, iterations);
  return argon2id13(prepared.view(), salt, iterations, memory);
}

std::string scramAuthMessage(std::string_view authid, std::string_view clientNonce,
                             const ScramChallenge& challenge,
                             const std::optional<ChannelBinding>& channelBinding, bool isAutobahn) {
  std::string message = "n=" + (isAutobahn ? std::string(authid) : escaped(authid));
  message.append(",r=").append(clientNonce);
  message.append(",r=").append(challenge.nonce);
  message.append(",s=").append(challenge.salt);
  message.append(",i=").append(std::to_string(challenge.iterations));
  message.append(",c=");
  if (!isAutobahn) {
    // The GS2 header: which binding, no authzid.
    message += util::base64Encode(channelBinding ? "p=" + channelBinding->type + ",," + channelBinding->data
                                                 : "n,,");
  }
  message.append(",r=").append(challenge.nonce);
  return message;
}

std::string scramProof(const ScramKeys& keys, std::string_view message) {
  return util::xorBytes(keys.clientKey.view(), util::hmacSha256(keys.storedKey.view(), message));
}

std::string scramServerSignature(const Secret& serverKey, std::string_view message) {
  return util::base64Encode(util::hmacSha256(serverKey.view(), message));
}

}  // namespace autobahn::inline v0::wamp
