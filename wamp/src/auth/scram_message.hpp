// SCRAM's algorithms (RFC 5802 section 3), which both sides share.
#pragma once

#include <string>
#include <string_view>

#include "autobahn/wamp/auth/scram.hpp"

namespace autobahn::inline v0::wamp {

/// What SCRAM derives from the salted password.
struct ScramKeys {
  Secret clientKey;
  Secret storedKey;
  Secret serverKey;
};

ScramKeys scramKeys(const Secret& saltedPassword);

/// The salted password; the parameters are within limits.
Secret scramSaltedPassword(std::string_view password, ScramKdf kdf, std::string_view salt,
                           std::int64_t iterations, std::int64_t memory, bool isStored);

/// A credential with the parameters and without salt and keys.
ScramCredential scramCredentialFrame(const ScramParameters& parameters);

/// The text that both sides sign. `authid` has gone through SASLprep.
std::string scramAuthMessage(std::string_view authid, std::string_view clientNonce,
                             const ScramChallenge& challenge,
                             const std::optional<ChannelBinding>& channelBinding, bool isAutobahn);

/// ClientProof, raw.
std::string scramProof(const ScramKeys& keys, std::string_view message);

/// ServerSignature, in base64.
std::string scramServerSignature(const Secret& serverKey, std::string_view message);

/// Whether the authmethod means Autobahn's dialect. Throws `AuthError` when it means no SCRAM.
bool isAutobahnScram(std::string_view authmethod);

/// A random nonce in base64, without padding because its size needs none.
std::string scramNonce();

}  // namespace autobahn::inline v0::wamp
