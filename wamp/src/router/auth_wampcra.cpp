#include <autobahn/wamp/router/static_authenticators.hpp>

#include "static_exchange.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class WampCraExchange : public router::StaticExchange {
 public:
  WampCraExchange(const AuthenticationRequest& request, router::Principal principal,
                  std::shared_ptr<const WampCraCredential> credential)
      : StaticExchange(principal),
        credential_(std::move(credential)),
        // The role is not told before the proof: only users that exist have one.
        challenge_(createWampCraChallenge({.session = request.session,
                                           .authid = std::move(principal.authid),
                                           .authrole = {},
                                           .authprovider = std::move(principal.authprovider)},
                                          *credential_)) {}

 protected:
  Dict challenge() override {
    Dict extra{{"challenge", challenge_.challenge}};
    if (challenge_.salt) {
      extra.insert(
          {{"salt", *challenge_.salt}, {"iterations", challenge_.iterations}, {"keylen", challenge_.keylen}});
    }
    return extra;
  }
  std::optional<Dict> verify(const message::Authenticate& proof) override {
    return verifyWampCra(challenge_, proof.signature, *credential_) ? std::optional(Dict()) : std::nullopt;
  }

 private:
  std::shared_ptr<const WampCraCredential> credential_;
  WampCraChallenge challenge_;
};

}  // namespace

std::unique_ptr<Authentication> router::makeWampCraExchange(
    const AuthenticationRequest& request, Principal principal,
    std::shared_ptr<const WampCraCredential> credential) {
  return std::make_unique<WampCraExchange>(request, std::move(principal), std::move(credential));
}

void WampCraAuthenticator::setUser(std::string_view authid, WampCraCredential credential,
                                   std::string authrole) {
  auto kept = std::make_shared<const WampCraCredential>(std::move(credential));
  users_.insert_or_assign(std::string(authid), User{std::move(kept), std::move(authrole)});
}

bool WampCraAuthenticator::removeUser(std::string_view authid) {
  return users_.erase(std::string(authid)) > 0;
}

std::unique_ptr<Authentication> WampCraAuthenticator::begin(AuthenticationRequest request) {
  if (!request.authid) return std::make_unique<router::Refusal>("HELLO.Details.authid is needed");
  // Whether it is needed or not: it takes time.
  auto decoy = std::make_shared<const WampCraCredential>(decoys_.wampCra(*request.authid, parameters_));
  const auto found = users_.find(*request.authid);
  router::Principal principal{.authid = *request.authid};
  if (found == users_.end()) {
    return router::makeWampCraExchange(request, std::move(principal), std::move(decoy));
  }
  principal.authrole = found->second.authrole;
  return router::makeWampCraExchange(request, std::move(principal), found->second.credential);
}

}  // namespace autobahn::inline v0::wamp
