#include "autobahn/wamp/auth/cryptobox.hpp"

#include <algorithm>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/random.hpp>

#include "autobahn/wamp/auth/error.hpp"
#include "cryptobox_json.hpp"
#include "hex.hpp"
#include "secretbox.hpp"
#include "sodium.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kKeySize = crypto_box_PUBLICKEYBYTES;
static_assert(kKeySize == crypto_box_SECRETKEYBYTES);

Secret keyOf(std::string_view text, const char* what) {
  if (text.empty()) return {};
  if (text.size() == 2 * kKeySize) {
    if (auto bytes = hexDecode(text)) return std::move(*bytes);
  } else if (auto bytes = util::base64Decode(text); bytes && bytes->size() == kKeySize) {
    return Secret::take(std::move(*bytes));
  }
  throw AuthError(std::string("cryptobox ") + what + ": 32 bytes in base64 or hexadecimal wanted");
}

Secret publicOf(const Secret& privateKey) {
  Secret key(kKeySize);
  crypto_scalarmult_base(octetsOf(key), octets(privateKey.view()));
  return key;
}

// The public key of a role, from what there is.
Secret publicKeyOf(const Secret& privateKey, std::string_view text, const char* what) {
  Secret given = keyOf(text, what);
  if (privateKey.empty()) return given;
  Secret computed = publicOf(privateKey);
  if (!given.empty() && given.view() != computed.view()) {
    throw AuthError(std::string("cryptobox ") + what + ": is not that of the private key");
  }
  return computed;
}

// The key that two sides share; empty when a half is missing.
Secret sharedKey(const Secret& privateKey, const Secret& publicKey) {
  if (privateKey.empty() || publicKey.empty()) return {};
  Secret key(crypto_box_BEFORENMBYTES);
  if (crypto_box_beforenm(octetsOf(key), octets(publicKey.view()), octets(privateKey.view())) != 0) {
    throw AuthError("cryptobox public key: not a key that anybody can have");
  }
  return key;
}

template <class Encode>
CryptoboxKeyPair newPair(Encode encode) {
  useSodium();
  const Secret privateKey = Secret::random(kKeySize);
  return {encode(privateKey.view()), encode(publicOf(privateKey).view())};
}

const Secret& boxFor(const Secret& box, bool isOriginating, std::string_view uri) {
  if (!box.empty()) return box;
  throw PayloadError(PayloadErrorKind::noKey, "cryptobox: the key for " + std::string(uri) +
                                                  " is not one of an " +
                                                  (isOriginating ? "originator" : "responder"));
}

}  // namespace

CryptoboxKey::CryptoboxKey(const CryptoboxKeyParts& parts) {
  useSodium();
  const Secret originatorPriv = keyOf(parts.originatorPriv, "originatorPriv");
  const Secret responderPriv = keyOf(parts.responderPriv, "responderPriv");
  const Secret originatorPub = publicKeyOf(originatorPriv, parts.originatorPub, "originatorPub");
  const Secret responderPub = publicKeyOf(responderPriv, parts.responderPub, "responderPub");
  originatorBox_ = sharedKey(originatorPriv, responderPub);
  responderBox_ = sharedKey(responderPriv, originatorPub);
  if (!canOriginate() && !canRespond()) {
    throw AuthError("cryptobox key: neither role has its private key and the other's public key");
  }
}

CryptoboxKey::CryptoboxKey(std::string_view sharedPriv)
    : CryptoboxKey(CryptoboxKeyParts{.originatorPriv = sharedPriv, .responderPriv = sharedPriv}) {}

CryptoboxKeyPair KeyRing::generateKey() { return newPair(util::base64Encode); }
CryptoboxKeyPair KeyRing::generateKeyHex() { return newPair(util::hexEncode); }

void KeyRing::setKey(std::string_view uri, CryptoboxKey key) {
  keys_.insert_or_assign(std::string(uri), std::move(key));
}

bool KeyRing::removeKey(std::string_view uri) {
  const auto found = keys_.find(uri);
  if (found == keys_.end()) return false;
  keys_.erase(found);
  return true;
}

// The longest key that `uri` begins with. Whatever sorts last among those up to `uri` either is it, or shares
// with `uri` all that it can share.
const CryptoboxKey* KeyRing::find(std::string_view uri) const {
  while (true) {
    auto after = keys_.upper_bound(uri);
    if (after == keys_.begin()) return nullptr;
    const auto& [prefix, key] = *std::prev(after);
    if (uri.starts_with(prefix)) return &key;
    uri = uri.substr(0, static_cast<std::size_t>(std::ranges::mismatch(uri, prefix).in1 - uri.begin()));
  }
}

std::optional<EncodedPayload> KeyRing::encode(bool isOriginating, std::string_view uri, std::string_view args,
                                              std::string_view kwargs) const {
  const CryptoboxKey* const key = find(uri);
  if (key == nullptr) return std::nullopt;
  const Secret& box = boxFor(isOriginating ? key->originatorBox_ : key->responderBox_, isOriginating, uri);
  std::string json = cryptoboxJson(uri, args, kwargs);
  EncodedPayload encoded{secretboxSeal(box.view(), json), "cryptobox", "json", {}};
  wipe(json);
  return encoded;
}

CryptoboxContent KeyRing::decode(bool isOriginating, std::string_view uri,
                                 const EncodedPayload& encoded) const {
  if (encoded.encAlgo != "cryptobox") {
    throw PayloadError(PayloadErrorKind::unknownAlgorithm, "cryptobox: enc_algo is another one");
  }
  if (encoded.encSerializer != "json") {
    throw PayloadError(PayloadErrorKind::unknownSerializer, "cryptobox: enc_serializer is not json");
  }
  const CryptoboxKey* const key = find(uri);
  if (key == nullptr)
    throw PayloadError(PayloadErrorKind::noKey, "cryptobox: no key for " + std::string(uri));
  const Secret& box = boxFor(isOriginating ? key->originatorBox_ : key->responderBox_, isOriginating, uri);
  const auto json = secretboxOpen(box.view(), encoded.payload);
  if (!json) {
    throw PayloadError(PayloadErrorKind::decryption,
                       "cryptobox: payload for " + std::string(uri) + " cannot be decrypted with its key");
  }
  CryptoboxContent content = parseCryptoboxJson(json->view());
  if (content.uri != uri) {
    throw PayloadError(PayloadErrorKind::uriMismatch,
                       "cryptobox: payload for " + std::string(uri) + " was made for another URI");
  }
  return content;
}

}  // namespace autobahn::inline v0::wamp
