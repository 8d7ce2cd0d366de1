// Exchanges in which the router knows what proves that a client is who it says.
#pragma once

#include <autobahn/wamp/auth/scram.hpp>
#include <autobahn/wamp/auth/wampcra.hpp>
#include <autobahn/wamp/router/authenticator.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp::router {

/// Whom a client is when it has proved it.
struct Principal {
  std::string authid{};
  /// Absent for users that do not exist, whose proof is looked at all the same.
  std::optional<std::string> authrole{};
  std::string authprovider = "static";
  Dict extra{};  ///< for WELCOME
};

/// An exchange of HELLO, one CHALLENGE and one AUTHENTICATE.
class StaticExchange : public Authentication {
 public:
  explicit StaticExchange(Principal principal) : principal_(std::move(principal)) {}

  void start(Answer answer) final { answer(AuthChallenge{.extra = challenge()}); }
  void authenticate(const message::Authenticate& proof, Answer answer) final {
    std::optional<Dict> welcome = verify(proof);
    if (!welcome || !principal_.authrole) return answer(AuthDeny{.message = "the proof is wrong"});
    welcome->merge(Dict(principal_.extra));
    answer(AuthAccept{.authid = principal_.authid,
                      .authrole = *principal_.authrole,
                      .authprovider = principal_.authprovider,
                      .authextra = *std::move(welcome)});
  }

 protected:
  /// CHALLENGE.Extra.
  virtual Dict challenge() = 0;
  /// WELCOME.Details.authextra when the proof is right.
  virtual std::optional<Dict> verify(const message::Authenticate& proof) = 0;

 private:
  Principal principal_;
};

// The methods. `request` has an authid where the method needs one.
std::unique_ptr<Authentication> makeWampCraExchange(const AuthenticationRequest& request, Principal principal,
                                                    std::shared_ptr<const WampCraCredential> credential);
/// Refuses what HELLO lacks.
std::unique_ptr<Authentication> makeScramExchange(const AuthenticationRequest& request, Principal principal,
                                                  ScramCredential credential);
std::unique_ptr<Authentication> makeCryptosignExchange(const AuthenticationRequest& request,
                                                       Principal principal, std::string publicKey);
/// A public key in the one way in which keys are compared; nothing for what is none.
std::optional<std::string> normalizedKey(const std::string& publicKey);

inline constexpr std::string_view kPubkeyNeeded =
    "HELLO.Details.authextra.pubkey: 64 hexadecimal digits are needed";

/// The answer to a HELLO that lacks what the method needs.
class Refusal : public Authentication {
 public:
  explicit Refusal(std::string why) : why_(std::move(why)) {}
  void start(Answer answer) override { answer(AuthDeny{.message = why_}); }
  void authenticate(const message::Authenticate&, Answer answer) override { answer(AuthDeny{}); }

 private:
  std::string why_;
};

/// A text of HELLO.Details.authextra or AUTHENTICATE.Extra, if it is there and one.
inline std::optional<std::string> textOf(const Dict& extra, std::string_view name) {
  const auto found = extra.find(name);
  if (found == extra.end() || !found->second.isString()) return std::nullopt;
  return found->second.asString();
}

}  // namespace autobahn::inline v0::wamp::router
