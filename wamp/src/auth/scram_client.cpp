#include <autobahn/util/crypto.hpp>

#include "autobahn/wamp/auth/error.hpp"
#include "autobahn/wamp/auth/kdf.hpp"
#include "autobahn/wamp/auth/ticket.hpp"
#include "limits.hpp"
#include "scram_message.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kMaxNonceSize = 1024;

[[noreturn]] void refuse(const std::string& why) { throw AuthError("scram challenge: " + why); }

bool isBase64Text(std::string_view text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
         std::string_view::npos;
}

bool continues(std::string_view whole, std::string_view beginning) {
  return whole.size() > beginning.size() && whole.starts_with(beginning);
}

// A KDF with its parameters, all of them checked.
struct Costs {
  ScramKdf kdf;
  std::string salt;  ///< raw
  std::int64_t iterations;
  std::int64_t memory;  ///< 0 without Argon2

  bool operator==(const Costs&) const = default;
};

void checkArgon2(const Costs& costs, const ScramLimits& limits) {
  checkLimit("scram challenge: memory", costs.memory, 8, limits.maxArgon2Memory);
  const std::int64_t least = (limits.minArgon2Work + costs.memory - 1) / costs.memory;
  checkLimit("scram challenge: iterations", costs.iterations, std::max<std::int64_t>(least, 1),
             limits.maxArgon2Work / costs.memory);
}

Costs checkedCosts(const ScramChallenge& challenge, const ScramLimits& limits) {
  const auto kdf = scramKdfOf(challenge.kdf);
  if (!kdf) refuse("kdf is none of pbkdf2, argon2id13, argon2id-13");
  const auto salt = util::base64Decode(challenge.salt);
  if (!salt) refuse("salt is not base64");
  // Both RFC 8018 section 4.1 and Argon2 want 8 bytes or more.
  checkLimit("scram challenge: size of salt", static_cast<std::int64_t>(salt->size()), 8,
             static_cast<std::int64_t>(limits.maxSaltSize));
  Costs costs{*kdf, *salt, challenge.iterations, 0};
  if (*kdf == ScramKdf::pbkdf2) {
    checkLimit("scram challenge: iterations", costs.iterations, limits.minPbkdf2Iterations,
               limits.maxPbkdf2Iterations);
  } else {
    if (!challenge.memory) refuse("no memory, which Argon2id needs");
    costs.memory = *challenge.memory;
    checkArgon2(costs, limits);
  }
  return costs;
}

}  // namespace

struct ScramClient::Derived {
  Costs costs;
  ScramKeys keys;
};

ScramClient::ScramClient(std::string_view authid, Secret password,
                         std::optional<ChannelBinding> channelBinding, ScramLimits limits)
    : authid_(saslPrep(authid, "authid").view()),
      password_(std::move(password)),
      channelBinding_(std::move(channelBinding)),
      limits_(limits) {}

ScramClient::ScramClient(ScramClient&&) noexcept = default;
ScramClient& ScramClient::operator=(ScramClient&&) noexcept = default;
ScramClient::~ScramClient() = default;

ScramHello ScramClient::hello() {
  nonce_ = scramNonce();
  serverSignature_.clear();
  ScramHello hello{nonce_, {}};
  if (channelBinding_) hello.channelBinding = channelBinding_->type;
  return hello;
}

void ScramClient::checkNonce(const ScramChallenge& challenge, bool isAutobahn) const {
  const std::string& nonce = challenge.nonce;
  if (nonce.size() > kMaxNonceSize) refuse("nonce is longer than " + std::to_string(kMaxNonceSize));
  if (!isBase64Text(nonce)) refuse("nonce is not base64");
  if (nonce_.empty()) refuse("none was expected: the exchange begins with hello()");
  if (continues(nonce, nonce_)) return;
  // Crossbar.io continues the bytes, not the text.
  const auto bytes = util::base64Decode(nonce);
  if (isAutobahn && bytes && continues(*bytes, *util::base64Decode(nonce_))) return;
  refuse("nonce does not continue the client's");
}

const ScramKeys& ScramClient::derive(const ScramChallenge& challenge) {
  Costs costs = checkedCosts(challenge, limits_);
  if (!derived_ || derived_->costs != costs) {
    derived_.reset();
    const Secret salted =
        scramSaltedPassword(password_.view(), costs.kdf, costs.salt, costs.iterations, costs.memory, false);
    derived_ = std::make_unique<Derived>(Derived{std::move(costs), scramKeys(salted)});
  }
  return derived_->keys;
}

ScramAuthenticate ScramClient::respond(std::string_view authmethod, const ScramChallenge& challenge) {
  const bool isAutobahn = isAutobahnScram(authmethod);
  if (isAutobahn && channelBinding_) {
    throw AuthError("scram: authmethod scram cannot do channel binding; wamp-scram is needed");
  }
  checkNonce(challenge, isAutobahn);
  const ScramKeys& keys = derive(challenge);
  const std::string message = scramAuthMessage(authid_, nonce_, challenge, channelBinding_, isAutobahn);
  serverSignature_ = scramServerSignature(keys.serverKey, message);
  nonce_.clear();  // one answer for each nonce
  ScramAuthenticate answer{util::base64Encode(scramProof(keys, message)), challenge.nonce, {}, {}};
  if (channelBinding_) {
    answer.channelBinding = channelBinding_->type;
    answer.cbindData = util::base64Encode(channelBinding_->data);
  }
  return answer;
}

bool ScramClient::verifyServer(std::string_view verifier) const {
  if (verifier.starts_with("v=")) verifier.remove_prefix(2);
  return verifyTicket(serverSignature_, verifier);
}

}  // namespace autobahn::inline v0::wamp
