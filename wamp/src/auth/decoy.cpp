#include "autobahn/wamp/auth/decoy.hpp"

#include <autobahn/util/crypto.hpp>
#include <stdexcept>

#include "autobahn/wamp/auth/error.hpp"
#include "autobahn/wamp/auth/kdf.hpp"
#include "scram_message.hpp"
#include "wampcra_salt.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// 256 random bits as a number, written in the alphabet of salts: as evenly distributed as drawn ones.
std::string saltOf(Secret bits) {
  std::string salt;
  while (salt.size() < kSaltLength) {
    std::size_t rest = 0;
    for (char& byte : bits.bytes()) {
      rest = rest * 256 + static_cast<unsigned char>(byte);
      byte = static_cast<char>(static_cast<unsigned char>(rest / kWcsCharset.size()));
      rest %= kWcsCharset.size();
    }
    salt += kWcsCharset[rest];
  }
  return salt;
}

}  // namespace

DecoyCredentials::DecoyCredentials(Secret secret) : secret_(std::move(secret)) {
  if (secret_.size() < 16) throw std::invalid_argument("DecoyCredentials: secret is shorter than 16 bytes");
}

Secret DecoyCredentials::derive(std::string_view purpose, std::string_view authid) const {
  // The purposes are ours and hold no NUL, so no two inputs are the same text.
  std::string input(purpose);
  input.append(1, '\0').append(authid);
  return Secret::take(util::hmacSha256(secret_.view(), input));
}

WampCraCredential DecoyCredentials::wampCra(std::string_view authid,
                                            const WampCraParameters& parameters) const {
  WampCraCredential made{Secret::take(util::base64Encode(derive("wampcra key", authid).view())),
                         {},
                         parameters.iterations,
                         parameters.keylen};
  if (parameters.isSalted) {
    made.salt = saltOf(derive("wampcra salt", authid));
  }
  return made;
}

ScramCredential DecoyCredentials::scram(std::string_view authid, const ScramParameters& parameters) const {
  const Secret prepared = saslPrep(authid, "HELLO.Details.authid");
  ScramCredential made = scramCredentialFrame(parameters);
  made.salt = derive("scram salt", prepared.view()).view().substr(0, 16);
  made.storedKey = derive("scram stored key", prepared.view());
  made.serverKey = derive("scram server key", prepared.view());
  return made;
}

Secret DecoyCredentials::ticket(std::string_view authid) const { return derive("ticket", authid); }

}  // namespace autobahn::inline v0::wamp
