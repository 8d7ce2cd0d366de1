#include <algorithm>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/xor.hpp>

#include "autobahn/wamp/auth/error.hpp"
#include "autobahn/wamp/auth/kdf.hpp"
#include "autobahn/wamp/auth/ticket.hpp"
#include "scram_message.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kMaxClientNonceSize = 256;

void checkNonce(std::string_view nonce) {
  if (nonce.empty()) throw AuthError("HELLO.Details.authextra.nonce: a nonce wanted, got none");
  if (nonce.size() > kMaxClientNonceSize) {
    throw AuthError("HELLO.Details.authextra.nonce: longer than " + std::to_string(kMaxClientNonceSize));
  }
  if (!util::base64Decode(nonce)) throw AuthError("HELLO.Details.authextra.nonce: base64 wanted");
}

std::optional<ChannelBinding> choose(const ScramHello& hello, const std::vector<ChannelBinding>& channels,
                                     bool isAutobahn) {
  if (!hello.channelBinding) return std::nullopt;
  const auto offered = std::ranges::find(channels, *hello.channelBinding, &ChannelBinding::type);
  if (isAutobahn || offered == channels.end()) {
    throw AuthError("HELLO.Details.authextra.channel_binding: not available here");
  }
  return *offered;
}

}  // namespace

ScramCredential ScramCredential::clone() const {
  return {kdf, salt, iterations, memory, storedKey.clone(), serverKey.clone()};
}

ScramCredential makeScramCredential(std::string_view password, const ScramParameters& parameters,
                                    std::string_view salt) {
  ScramCredential made = scramCredentialFrame(parameters);
  made.salt = salt.empty() ? std::string(Secret::random(16).view()) : std::string(salt);
  ScramKeys keys =
      scramKeys(scramSaltedPassword(password, made.kdf, made.salt, made.iterations, made.memory, true));
  made.storedKey = std::move(keys.storedKey);
  made.serverKey = std::move(keys.serverKey);
  return made;
}

ScramCredential scramCredentialFrame(const ScramParameters& parameters) {
  const bool isArgon2 = parameters.kdf != ScramKdf::pbkdf2;
  ScramCredential frame;
  frame.kdf = parameters.kdf;
  frame.iterations = parameters.iterations != 0 ? parameters.iterations : (isArgon2 ? 3 : 600'000);
  if (isArgon2) frame.memory = parameters.memory != 0 ? parameters.memory : 65'536;
  return frame;
}

ScramServer::ScramServer(std::string_view authmethod, std::string_view authid, const ScramHello& hello,
                         ScramCredential credential, const std::vector<ChannelBinding>& channels)
    : isAutobahn_(isAutobahnScram(authmethod)),
      channelBinding_(choose(hello, channels, isAutobahn_)),
      credential_(std::move(credential)) {
  const Secret prepared = saslPrep(authid, "HELLO.Details.authid");
  checkNonce(hello.nonce);
  challenge_ = {hello.nonce + scramNonce(),
                util::base64Encode(credential_.salt),
                std::string(scramKdfName(credential_.kdf)),
                credential_.iterations,
                {}};
  if (credential_.memory != 0) challenge_.memory = credential_.memory;
  message_ = scramAuthMessage(prepared.view(), hello.nonce, challenge_, channelBinding_, isAutobahn_);
}

// What the client repeats must be what it was told. The signature covers it too; Autobahn's clients repeat
// nothing.
bool ScramServer::isOfThisExchange(const ScramAuthenticate& authenticate) const {
  if (!authenticate.nonce && !isAutobahn_) return false;
  if (authenticate.nonce && *authenticate.nonce != challenge_.nonce) return false;
  if (authenticate.channelBinding.has_value() != channelBinding_.has_value()) return false;
  if (!channelBinding_) return !authenticate.cbindData || authenticate.cbindData->empty();
  return *authenticate.channelBinding == channelBinding_->type && authenticate.cbindData &&
         verifyTicket(util::base64Encode(channelBinding_->data), *authenticate.cbindData);
}

std::optional<std::string> ScramServer::verify(const ScramAuthenticate& authenticate) {
  if (std::exchange(isDone_, true) || !isOfThisExchange(authenticate)) return std::nullopt;
  const auto proof = util::base64Decode(authenticate.signature);
  if (!proof || proof->size() != 32 || credential_.storedKey.size() != 32) return std::nullopt;
  const Secret clientKey =
      Secret::take(util::xorBytes(*proof, util::hmacSha256(credential_.storedKey.view(), message_)));
  if (!util::constantTimeEquals(util::sha256(clientKey.view()), credential_.storedKey.view()))
    return std::nullopt;
  return scramServerSignature(credential_.serverKey, message_);
}

}  // namespace autobahn::inline v0::wamp
