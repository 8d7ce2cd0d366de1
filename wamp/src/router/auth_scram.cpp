#include <autobahn/wamp/auth/error.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>

#include "static_exchange.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class ScramExchange : public router::StaticExchange {
 public:
  ScramExchange(router::Principal principal, ScramServer server)
      : StaticExchange(std::move(principal)), server_(std::move(server)) {}

 protected:
  Dict challenge() override {
    const ScramChallenge& made = server_.challenge();
    Dict extra{
        {"nonce", made.nonce}, {"salt", made.salt}, {"kdf", made.kdf}, {"iterations", made.iterations}};
    if (made.memory) extra.emplace("memory", *made.memory);
    return extra;
  }
  std::optional<Dict> verify(const message::Authenticate& proof) override {
    const std::optional<std::string> verifier =
        server_.verify({.signature = proof.signature.string(),
                        .nonce = router::textOf(proof.extra, "nonce"),
                        .channelBinding = router::textOf(proof.extra, "channel_binding"),
                        .cbindData = router::textOf(proof.extra, "cbind_data")});
    if (!verifier) return std::nullopt;
    return Dict{{"verifier", "v=" + *verifier}, {"scram_server_signature", *verifier}};
  }

 private:
  ScramServer server_;
};

}  // namespace

std::unique_ptr<Authentication> router::makeScramExchange(const AuthenticationRequest& request,
                                                          Principal principal, ScramCredential credential) {
  const std::optional<std::string> nonce = textOf(request.authextra, "nonce");
  if (!request.authid || !nonce) {
    return std::make_unique<Refusal>("HELLO.Details.authid and authextra.nonce are needed");
  }
  try {
    ScramServer server(request.method, *request.authid,
                       ScramHello{*nonce, textOf(request.authextra, "channel_binding")},
                       std::move(credential), request.peer.channels);
    return std::make_unique<ScramExchange>(std::move(principal), std::move(server));
  } catch (const AuthError& error) {  // of what HELLO holds; says nothing of the user
    return std::make_unique<Refusal>(error.what());
  }
}

void ScramAuthenticator::setUser(std::string_view authid, ScramCredential credential, std::string authrole) {
  users_.insert_or_assign(std::string(authid), User{std::move(credential), std::move(authrole)});
}

bool ScramAuthenticator::removeUser(std::string_view authid) { return users_.erase(std::string(authid)) > 0; }

std::unique_ptr<Authentication> ScramAuthenticator::begin(AuthenticationRequest request) {
  if (!request.authid)
    return std::make_unique<router::Refusal>("HELLO.Details.authid and authextra.nonce are needed");
  try {
    ScramCredential decoy = decoys_.scram(*request.authid, parameters_);  // whether needed or not
    router::Principal principal{.authid = *request.authid};
    const auto found = users_.find(*request.authid);
    if (found == users_.end()) {
      return router::makeScramExchange(request, std::move(principal), std::move(decoy));
    }
    principal.authrole = found->second.authrole;
    return router::makeScramExchange(request, std::move(principal), found->second.credential.clone());
  } catch (const AuthError& error) {  // SASLprep refuses the authid, for all users
    return std::make_unique<router::Refusal>(error.what());
  }
}

}  // namespace autobahn::inline v0::wamp
