#include "autobahn/wamp/auth/cryptosign.hpp"

#include <autobahn/util/crypto.hpp>
#include <autobahn/util/xor.hpp>

#include "autobahn/wamp/auth/error.hpp"
#include "ed25519.hpp"
#include "hex.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kChallengeSize = 32;  ///< bytes

// CHALLENGE.Extra.challenge, raw.
Secret challengeBytes(const CryptosignChallenge& challenge) {
  auto bytes = hexDecode(challenge.challenge);
  if (!bytes || bytes->size() != kChallengeSize) {
    throw AuthError("cryptosign challenge: challenge: 64 hexadecimal digits wanted, got " +
                    (bytes ? std::to_string(bytes->size() * 2) + " of them" : "something else"));
  }
  return std::move(*bytes);
}

// What is signed.
std::string messageOf(const CryptosignChallenge& challenge, const std::optional<ChannelBinding>& channel) {
  const Secret bytes = challengeBytes(challenge);
  if (!challenge.channelBinding) return std::string(bytes.view());
  if (!channel || channel->type != *challenge.channelBinding) {
    throw AuthError("cryptosign challenge: channel_binding: not the one asked for");
  }
  if (channel->data.size() != kChallengeSize) {
    throw AuthError("cryptosign: channel id of " + std::to_string(channel->data.size()) + " bytes, not 32");
  }
  return util::xorBytes(bytes.view(), channel->data);
}

Secret decodedKey(std::string_view text, const char* what) {
  auto bytes = hexDecode(text);
  if (!bytes) throw AuthError(std::string(what) + ": hexadecimal digits wanted");
  return std::move(*bytes);
}

void checkSize(std::string_view bytes, const char* what) {
  if (bytes.size() == kEd25519KeySize) return;
  throw AuthError(std::string(what) + ": 32 bytes wanted, got " + std::to_string(bytes.size()));
}

}  // namespace

CryptosignKey::CryptosignKey(Secret seed, std::string publicKey, std::string comment)
    : seed_(std::move(seed)), publicKey_(std::move(publicKey)), comment_(std::move(comment)) {}

CryptosignKey CryptosignKey::generate() { return fromBytes(Secret::random(kEd25519KeySize).view()); }

CryptosignKey CryptosignKey::fromBytes(std::string_view seed, std::string comment) {
  checkSize(seed, "cryptosign private key");
  return CryptosignKey(Secret::copyOf(seed), ed25519PublicKey(seed), std::move(comment));
}

CryptosignKey CryptosignKey::fromHex(std::string_view seed, std::string comment) {
  return fromBytes(decodedKey(seed, "cryptosign private key").view(), std::move(comment));
}

CryptosignKey CryptosignKey::fromPubkey(std::string_view pubkey, std::string comment) {
  checkSize(pubkey, "cryptosign public key");
  if (!isEd25519PublicKey(pubkey)) throw AuthError("cryptosign public key: not a key that anybody can have");
  return CryptosignKey({}, std::string(pubkey), std::move(comment));
}

CryptosignKey CryptosignKey::fromPubkeyHex(std::string_view pubkey, std::string comment) {
  return fromPubkey(decodedKey(pubkey, "cryptosign public key").view(), std::move(comment));
}

CryptosignKey CryptosignKey::clone() const { return CryptosignKey(seed_.clone(), publicKey_, comment_); }

std::string CryptosignKey::publicKey() const { return util::hexEncode(publicKey_); }

std::string CryptosignKey::sign(std::string_view data) const {
  if (!canSign()) throw InvalidState("CryptosignKey: a public key cannot sign; load the private one");
  return ed25519Sign(seed_.view(), data);
}

std::string CryptosignKey::signChallenge(const CryptosignChallenge& challenge,
                                         const std::optional<ChannelBinding>& channel,
                                         bool isBindingOptional) const {
  if (channel && !challenge.channelBinding && !isBindingOptional) {
    throw AuthError("cryptosign challenge: channel_binding: " + channel->type + " wanted, got none");
  }
  const std::string message = messageOf(challenge, channel);
  return util::hexEncode(sign(message) + message);
}

CryptosignChallenge createCryptosignChallenge(std::optional<std::string> channelBinding) {
  return {util::hexEncode(Secret::random(kChallengeSize).view()), std::move(channelBinding)};
}

bool verifyCryptosign(const CryptosignChallenge& challenge, std::string_view pubkey,
                      std::string_view signature, const std::optional<ChannelBinding>& channel) {
  constexpr std::size_t answerSize = kEd25519SignatureSize + kChallengeSize;
  if (signature.size() != 2 * answerSize || pubkey.size() != 2 * kEd25519KeySize) return false;
  const auto answer = hexDecode(signature);
  const auto key = hexDecode(pubkey);
  if (!answer || !key) return false;
  std::string message;
  try {
    message = messageOf(challenge, channel);
  } catch (const AuthError&) {
    return false;
  }
  return util::constantTimeEquals(answer->view().substr(kEd25519SignatureSize), message) &&
         ed25519Verify(key->view(), message, answer->view().substr(0, kEd25519SignatureSize));
}

}  // namespace autobahn::inline v0::wamp
