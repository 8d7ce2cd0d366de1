// What exchanges with users of a table have in common.
#pragma once

#include <autobahn/wamp/router/authenticator.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp::router {

/// An exchange of HELLO, one CHALLENGE and one AUTHENTICATE.
class StaticExchange : public Authentication {
 public:
  /// `authrole`: absent for users that do not exist, whose proof is looked at all the same.
  StaticExchange(std::string authid, std::optional<std::string> authrole)
      : authid_(std::move(authid)), authrole_(std::move(authrole)) {}

  void start(Answer answer) final { answer(AuthChallenge{.extra = challenge()}); }
  void authenticate(const message::Authenticate& proof, Answer answer) final {
    std::optional<Dict> welcome = verify(proof);
    if (!welcome || !authrole_) return answer(AuthDeny{.message = "the proof is wrong"});
    answer(AuthAccept{.authid = authid_,
                      .authrole = *authrole_,
                      .authprovider = "static",
                      .authextra = *std::move(welcome)});
  }

 protected:
  /// CHALLENGE.Extra.
  virtual Dict challenge() = 0;
  /// WELCOME.Details.authextra when the proof is right.
  virtual std::optional<Dict> verify(const message::Authenticate& proof) = 0;

 private:
  std::string authid_;
  std::optional<std::string> authrole_;
};

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
