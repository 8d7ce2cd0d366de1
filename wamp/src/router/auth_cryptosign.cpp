#include <algorithm>
#include <autobahn/wamp/auth/cryptosign.hpp>
#include <autobahn/wamp/auth/error.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>

#include "static_exchange.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class CryptosignExchange : public router::StaticExchange {
 public:
  CryptosignExchange(router::Principal principal, std::string publicKey,
                     std::optional<ChannelBinding> channel)
      : StaticExchange(std::move(principal)),
        publicKey_(std::move(publicKey)),
        channel_(std::move(channel)),
        challenge_(createCryptosignChallenge(channel_ ? std::optional(channel_->type) : std::nullopt)) {}

 protected:
  Dict challenge() override {
    Dict extra{{"challenge", challenge_.challenge}};
    if (challenge_.channelBinding) extra.emplace("channel_binding", *challenge_.channelBinding);
    return extra;
  }
  std::optional<Dict> verify(const message::Authenticate& proof) override {
    const bool isGood = verifyCryptosign(challenge_, publicKey_, proof.signature, channel_);
    return isGood ? std::optional(Dict()) : std::nullopt;
  }

 private:
  std::string publicKey_;
  std::optional<ChannelBinding> channel_;
  CryptosignChallenge challenge_;
};

// The binding that the client asks for, if this connection has it. When it has not, the challenge says so by
// naming none, and the client decides.
std::optional<ChannelBinding> channelFor(const AuthenticationRequest& request) {
  const std::optional<std::string> wanted = router::textOf(request.authextra, "channel_binding");
  if (!wanted) return std::nullopt;
  const auto found = std::ranges::find(request.peer.channels, *wanted, &ChannelBinding::type);
  return found != request.peer.channels.end() ? std::optional(*found) : std::nullopt;
}

// One way to write it.
std::string normalized(const std::string& publicKey) {
  return CryptosignKey::fromPubkeyHex(publicKey).publicKey();
}

}  // namespace

std::optional<std::string> router::normalizedKey(const std::string& publicKey) {
  try {
    return normalized(publicKey);
  } catch (const AuthError&) {
    return std::nullopt;
  }
}

std::unique_ptr<Authentication> router::makeCryptosignExchange(const AuthenticationRequest& request,
                                                               Principal principal, std::string publicKey) {
  return std::make_unique<CryptosignExchange>(std::move(principal), std::move(publicKey),
                                              channelFor(request));
}

void CryptosignAuthenticator::setUser(std::string_view authid, const std::vector<std::string>& publicKeys,
                                      std::string authrole) {
  User user{{}, std::move(authrole)};
  for (const std::string& each : publicKeys) {
    user.publicKeys.push_back(normalized(each));
    const auto owner = authidByKey_.find(user.publicKeys.back());
    if (owner != authidByKey_.end() && owner->second != authid) {
      throw InvalidState("the public key " + each + " is already that of " + owner->second);
    }
  }
  removeUser(authid);
  for (const std::string& each : user.publicKeys) authidByKey_.emplace(each, authid);
  users_.emplace(authid, std::move(user));
}

bool CryptosignAuthenticator::removeUser(std::string_view authid) {
  const auto found = users_.find(authid);
  if (found == users_.end()) return false;
  for (const std::string& each : found->second.publicKeys) authidByKey_.erase(each);
  users_.erase(found);
  return true;
}

std::unique_ptr<Authentication> CryptosignAuthenticator::begin(AuthenticationRequest request) {
  std::optional<std::string> publicKey =
      router::normalizedKey(router::textOf(request.authextra, "pubkey").value_or(""));
  if (!publicKey) return std::make_unique<router::Refusal>(std::string(router::kPubkeyNeeded));
  const auto owner = authidByKey_.find(*publicKey);
  const bool isKnown = owner != authidByKey_.end() && owner->second == request.authid.value_or(owner->second);
  // The owner of another key proves that it owns it, and is then told that this does not help.
  router::Principal principal;
  if (isKnown) {
    principal = {.authid = owner->second, .authrole = users_.find(owner->second)->second.authrole};
  }
  return router::makeCryptosignExchange(request, std::move(principal), *std::move(publicKey));
}

}  // namespace autobahn::inline v0::wamp
