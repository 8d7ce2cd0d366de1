#include <algorithm>
#include <autobahn/util/log.hpp>
#include <autobahn/util/random.hpp>
#include <autobahn/wamp/auth/decoy.hpp>
#include <autobahn/wamp/auth/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/router/dynamic_authenticator.hpp>
#include <autobahn/wamp/uri.hpp>
#include <stdexcept>
#include <utility>

#include "describe.hpp"
#include "dynamic_principal.hpp"
#include "static_exchange.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using router::DynamicPrincipal;

constexpr util::Logger kLog{"autobahn.wamp.router"};

enum class Method : std::uint8_t { ticket, wampCra, scram, cryptosign, anonymous, tls, cookie };
constexpr std::pair<std::string_view, Method> kMethods[] = {
    {"ticket", Method::ticket},    {"wampcra", Method::wampCra},       {"scram", Method::scram},
    {"wamp-scram", Method::scram}, {"cryptosign", Method::cryptosign}, {"anonymous", Method::anonymous},
    {"tls", Method::tls},          {"cookie", Method::cookie}};

std::optional<Method> methodOf(std::string_view name) {
  const auto found = std::ranges::find(kMethods, name, &std::pair<std::string_view, Method>::first);
  return found == std::end(kMethods) ? std::nullopt : std::optional(found->second);
}

// The procedure has not answered: that says nothing of the user.
bool isUnavailable(std::string_view error) {
  constexpr std::string_view kErrors[] = {error::kNoSuchRealm,   error::kNoSuchProcedure,
                                          error::kTimeout,       error::kCanceled,
                                          error::kLimitExceeded, error::kNoAvailableCallee};
  return std::ranges::find(kErrors, error) != std::end(kErrors);
}

// What functions without a result give: a user that they do not know.
bool isNothing(const List& args) { return args.empty() || (args.size() == 1 && args.front().isNull()); }

/// What is configured.
struct Rules {
  std::shared_ptr<RouterCaller> caller;
  Method method;
  DynamicAuthenticatorOptions options;
  DecoyCredentials decoys;
};

class DynamicExchange : public Authentication {
 public:
  DynamicExchange(std::shared_ptr<const Rules> rules, AuthenticationRequest request)
      : rules_(std::move(rules)), request_(std::move(request)) {}

  void start(Answer answer) override {
    if (rules_->method == Method::ticket) return answer(AuthChallenge{});
    ask({}, std::move(answer));
  }
  void authenticate(const message::Authenticate& proof, Answer answer) override {
    if (inner_) return inner_->authenticate(proof, std::move(answer));
    ask({{"ticket", proof.signature.string()}}, std::move(answer));
  }

 private:
  void ask(Dict details, Answer answer) {
    details.insert({{"session", request_.session},
                    {"authmethod", request_.method},
                    {"authextra", request_.authextra},
                    {"transport", router::describe(request_.peer)}});
    if (rules_->method == Method::cookie) details.emplace("cookie", request_.peer.cookie);
    const DynamicAuthenticatorOptions& options = rules_->options;
    const Value authid = request_.authid ? Value(*request_.authid) : Value();
    rules_->caller->call(
        options.realm.empty() ? request_.realm : options.realm, options.procedure,
        {request_.realm, authid, std::move(details)}, options.timeout,
        [this, isHere = std::weak_ptr<void>(isHere_), answer = std::move(answer)](RouterCaller::Answer said) {
          if (!isHere.expired()) answered(std::move(said), answer);
        });
  }

  void answered(RouterCaller::Answer said, const Answer& answer) {
    const std::string& procedure = rules_->options.procedure;
    if (isUnavailable(said.error)) {
      kLog.error("a dynamic authenticator does not answer",
                 {{"procedure", procedure}, {"error", said.error}});
      return answer(AuthDeny{.message = "the router cannot find out who you are", .isFailure = false});
    }
    std::optional<DynamicPrincipal> found;
    try {
      if (said.isGood() && !isNothing(said.args))
        found.emplace(router::readPrincipal(said.args, request_, rules_->options.defaultRole));
      decide(found, answer);
    } catch (const std::exception& error) {  // of what the procedure says: then nobody is known
      kLog.error("a dynamic authenticator's answer makes no sense",
                 {{"procedure", procedure}, {"error", error.what()}});
      inner_.reset();
      decide({}, answer);
    }
  }

  void decide(const std::optional<DynamicPrincipal>& found, const Answer& answer) {
    switch (rules_->method) {
      case Method::wampCra:
        inner_ = wampCra(found);
        break;
      case Method::scram:
        inner_ = scram(found);
        break;
      case Method::cryptosign:
        inner_ = cryptosign(found);
        break;
      default:
        return answer(acceptOrDeny(found));
    }
    inner_->start(answer);
  }

  AuthAnswer acceptOrDeny(const std::optional<DynamicPrincipal>& found) const {
    if (!found) return AuthDeny{.message = "the proof is wrong"};
    router::Principal principal = found->principal;
    // What an anonymous client calls itself is nobody's proven name.
    if (rules_->method == Method::anonymous && !found->hasAuthid) {
      principal.authid = util::generateSerialNumber();
    }
    if (principal.authid.empty())
      throw std::runtime_error("authid: neither the client nor the answer has one");
    return AuthAccept{.authid = std::move(principal.authid),
                      .authrole = *std::move(principal.authrole),
                      .authprovider = std::move(principal.authprovider),
                      .authextra = std::move(principal.extra)};
  }

  router::Principal nobody() const {
    return {.authid = request_.authid.value_or(""), .authrole = {}, .authprovider = "dynamic"};
  }

  // Decoys are made whether they are needed or not: that takes time.
  std::unique_ptr<Authentication> wampCra(const std::optional<DynamicPrincipal>& found) const {
    WampCraCredential credential = rules_->decoys.wampCra(*request_.authid, rules_->options.wampCra);
    if (found) credential = router::wampCraCredentialOf(*found);
    return router::makeWampCraExchange(request_, found ? found->principal : nobody(),
                                       std::make_shared<const WampCraCredential>(std::move(credential)));
  }
  std::unique_ptr<Authentication> scram(const std::optional<DynamicPrincipal>& found) const {
    ScramCredential credential;
    try {
      credential = rules_->decoys.scram(*request_.authid, rules_->options.scram);
    } catch (const AuthError& error) {  // SASLprep refuses the authid, for all users
      return std::make_unique<router::Refusal>(error.what());
    }
    if (found) credential = router::scramCredentialOf(*found);
    return router::makeScramExchange(request_, found ? found->principal : nobody(), std::move(credential));
  }
  std::unique_ptr<Authentication> cryptosign(const std::optional<DynamicPrincipal>& found) const {
    // Whoever has another key proves that it has it, and is then told that this does not help.
    const std::string key = *router::normalizedKey(*router::textOf(request_.authextra, "pubkey"));
    const bool isOwner = found && router::hasKey(*found, key);
    return router::makeCryptosignExchange(request_, isOwner ? found->principal : nobody(), key);
  }

  std::shared_ptr<const Rules> rules_;
  AuthenticationRequest request_;
  std::unique_ptr<Authentication> inner_;
  std::shared_ptr<void> isHere_ = std::make_shared<char>();  ///< as long as we are
};

class DynamicAuthenticator : public Authenticator {
 public:
  explicit DynamicAuthenticator(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

  bool handles(std::string_view method) const override { return methodOf(method) == rules_->method; }
  bool suits(std::string_view /*realm*/, const PeerDetails& peer) override {
    if (rules_->method == Method::tls) return peer.more.contains("peer_cert");
    return rules_->method != Method::cookie || !peer.cookie.empty();
  }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override {
    if (const std::string_view missing = whatIsMissing(request); !missing.empty()) {
      return std::make_unique<router::Refusal>(std::string(missing));
    }
    return std::make_unique<DynamicExchange>(rules_, std::move(request));
  }

 private:
  std::string_view whatIsMissing(const AuthenticationRequest& request) const {
    switch (rules_->method) {
      case Method::ticket:
      case Method::wampCra:
      case Method::scram:
        return request.authid ? "" : "HELLO.Details.authid is needed";
      case Method::cryptosign:
        return router::normalizedKey(router::textOf(request.authextra, "pubkey").value_or(""))
                   ? ""
                   : router::kPubkeyNeeded;
      default:
        return {};
    }
  }

  std::shared_ptr<const Rules> rules_;
};

}  // namespace

std::shared_ptr<Authenticator> makeDynamicAuthenticator(std::shared_ptr<RouterCaller> caller,
                                                        std::string_view method,
                                                        DynamicAuthenticatorOptions options) {
  const std::optional<Method> known = methodOf(method);
  if (!known) throw std::invalid_argument("no method of dynamic authentication: " + std::string(method));
  if (!isValidUri(options.procedure)) throw std::invalid_argument("no URI: \"" + options.procedure + "\"");
  if (!options.realm.empty() && !isValidUri(options.realm)) {
    throw std::invalid_argument("no realm: \"" + options.realm + "\"");
  }
  if (options.timeout.count() <= 0) throw std::invalid_argument("timeout: must be > 0");
  return std::make_shared<DynamicAuthenticator>(std::make_shared<const Rules>(
      Rules{std::move(caller), *known, std::move(options), DecoyCredentials()}));
}

}  // namespace autobahn::inline v0::wamp
