#include <autobahn/wamp/auth/error.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>

#include "static_exchange.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class ScramExchange : public router::StaticExchange {
 public:
  ScramExchange(std::string authid, std::optional<std::string> authrole, ScramServer server)
      : StaticExchange(std::move(authid), std::move(authrole)), server_(std::move(server)) {}

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

void ScramAuthenticator::setUser(std::string_view authid, ScramCredential credential, std::string authrole) {
  users_.insert_or_assign(std::string(authid), User{std::move(credential), std::move(authrole)});
}

bool ScramAuthenticator::removeUser(std::string_view authid) { return users_.erase(std::string(authid)) > 0; }

std::unique_ptr<Authentication> ScramAuthenticator::begin(AuthenticationRequest request) {
  const std::optional<std::string> nonce = router::textOf(request.authextra, "nonce");
  if (!request.authid || !nonce) {
    return std::make_unique<router::Refusal>("HELLO.Details.authid and authextra.nonce are needed");
  }
  const ScramHello hello{*nonce, router::textOf(request.authextra, "channel_binding")};
  try {
    ScramCredential decoy = decoys_.scram(*request.authid, parameters_);  // whether needed or not
    const auto found = users_.find(*request.authid);
    const bool isKnown = found != users_.end();
    ScramServer server(request.method, *request.authid, hello,
                       isKnown ? found->second.credential.clone() : std::move(decoy), request.peer.channels);
    return std::make_unique<ScramExchange>(*std::move(request.authid),
                                           isKnown ? std::optional(found->second.authrole) : std::nullopt,
                                           std::move(server));
  } catch (const AuthError& error) {  // of what HELLO holds; says nothing of the user
    return std::make_unique<router::Refusal>(error.what());
  }
}

}  // namespace autobahn::inline v0::wamp
