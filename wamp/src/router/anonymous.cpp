#include <autobahn/util/random.hpp>
#include <autobahn/wamp/router/authenticator.hpp>

namespace autobahn::inline v0::wamp {
namespace {

class Anonymous : public Authentication {
 public:
  explicit Anonymous(std::string authrole) : authrole_(std::move(authrole)) {}
  void start(Answer answer) override {
    // Whatever authid the client would like is nobody's proven name.
    answer(
        AuthAccept{.authid = util::generateSerialNumber(), .authrole = authrole_, .authprovider = "static"});
  }
  void authenticate(const message::Authenticate&, Answer answer) override { answer(AuthDeny{}); }

 private:
  std::string authrole_;
};

class AnonymousAuthenticator : public Authenticator {
 public:
  explicit AnonymousAuthenticator(std::string authrole) : authrole_(std::move(authrole)) {}
  bool handles(std::string_view method) const override { return method == "anonymous"; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest) override {
    return std::make_unique<Anonymous>(authrole_);
  }

 private:
  std::string authrole_;
};

}  // namespace

std::shared_ptr<Authenticator> makeAnonymousAuthenticator(std::string authrole) {
  return std::make_shared<AnonymousAuthenticator>(std::move(authrole));
}

}  // namespace autobahn::inline v0::wamp
