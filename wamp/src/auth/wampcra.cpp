#include "autobahn/wamp/auth/wampcra.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <autobahn/util/crypto.hpp>
#include <autobahn/util/random.hpp>
#include <autobahn/util/text.hpp>
#include <stdexcept>

#include "autobahn/wamp/auth/error.hpp"
#include "autobahn/wamp/auth/kdf.hpp"
#include "autobahn/wamp/auth/ticket.hpp"
#include "limits.hpp"
#include "wampcra_salt.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>,
                                 rapidjson::CrtAllocator, rapidjson::kWriteValidateEncodingFlag>;

void writeText(Writer& writer, const char* key, std::string_view text) {
  writer.Key(key);
  if (!writer.String(text.data() == nullptr ? "" : text.data(),
                     static_cast<rapidjson::SizeType>(text.size()))) {
    throw AuthError(std::string("wampcra challenge: ") + key + " is not UTF-8");
  }
}

std::string randomNonce() {
  std::string nonce(24, '\0');
  util::randomBytes(nonce);
  return util::base64Encode(nonce);
}

}  // namespace

std::string generateWcs(std::size_t length) {
  if (length < 1 || length > 1024) throw std::invalid_argument("generateWcs: length is not in 1…1024");
  return util::generateToken(length, 1, kWcsCharset);
}

std::string computeWcs(std::string_view key, std::string_view challenge) {
  return util::base64Encode(util::hmacSha256(key, challenge));
}

std::string signWampCra(const WampCraChallenge& challenge, std::string_view secret,
                        const WampCraLimits& limits) {
  checkLimit("wampcra challenge: size of challenge", challenge.challenge.size(), limits.maxChallengeSize);
  if (challenge.challenge.empty()) throw AuthError("wampcra challenge: challenge is empty");
  if (!challenge.salt) {
    if (limits.requireSalt) throw AuthError("wampcra challenge: no salt, and one is required here");
    return computeWcs(secret, challenge.challenge);
  }
  checkLimit("wampcra challenge: size of salt", challenge.salt->size(), limits.maxSaltSize);
  checkLimit("wampcra challenge: keylen", challenge.keylen, 1, limits.maxKeylen);
  // PBKDF2 does all its iterations for each block of a digest's size.
  checkLimit("wampcra challenge: iterations", challenge.iterations, limits.minIterations,
             limits.maxIterations / ((challenge.keylen + 31) / 32));
  const Secret key = deriveKey(secret, *challenge.salt, challenge.iterations, challenge.keylen);
  return computeWcs(key.view(), challenge.challenge);
}

WampCraCredential makeWampCraCredential(std::string_view password, const WampCraParameters& parameters) {
  WampCraCredential made{{}, {}, parameters.iterations, parameters.keylen};
  if (!parameters.isSalted) {
    made.key = Secret::copyOf(password);
    return made;
  }
  made.salt = generateWcs(kSaltLength);
  made.key = deriveKey(password, *made.salt, made.iterations, made.keylen);
  return made;
}

WampCraChallenge createWampCraChallenge(const WampCraSession& session, const WampCraCredential& credential,
                                        std::chrono::system_clock::time_point now) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writeText(writer, "authid", session.authid);
  writeText(writer, "authrole", session.authrole);
  writeText(writer, "authmethod", session.authmethod);
  writeText(writer, "authprovider", session.authprovider);
  writer.Key("session");
  writer.Uint64(session.session);
  writeText(writer, "nonce", randomNonce());
  writeText(writer, "timestamp", util::utcstr(now));
  writer.EndObject();
  return {{buffer.GetString(), buffer.GetSize()}, credential.salt, credential.iterations, credential.keylen};
}

WampCraChallenge createWampCraChallenge(const WampCraSession& session, const WampCraCredential& credential) {
  return createWampCraChallenge(session, credential, std::chrono::system_clock::now());
}

bool verifyWampCra(const WampCraChallenge& challenge, std::string_view signature,
                   const WampCraCredential& credential) {
  if (challenge.challenge.empty() || credential.key.empty()) return false;
  return verifyTicket(computeWcs(credential.key.view(), challenge.challenge), signature);
}

}  // namespace autobahn::inline v0::wamp
