#include <autobahn/util/log.hpp>
#include <autobahn/wamp/router/dynamic_authorizer.hpp>
#include <autobahn/wamp/uri.hpp>
#include <stdexcept>
#include <utility>

#include "decision_cache.hpp"
#include "describe.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.router"};

// What a decision that is kept holds for. No two are the same text: neither URIs nor numbers hold a NUL, and
// a role, which may, stands last.
std::string keyOf(const AuthorizationRequest& request, CacheScope scope) {
  const SessionInfo& session = request.session;
  std::string key{static_cast<char>('0' + static_cast<int>(request.action)),
                  static_cast<char>('0' + static_cast<int>(request.match))};
  key.append(request.uri).append(1, '\0').append(session.realm).append(1, '\0');
  return key.append(scope == CacheScope::session ? std::to_string(session.session) : session.authrole);
}

Dict describeWithExtra(const SessionInfo& session) {
  Dict made = router::describe(session);
  made.emplace("authextra", session.authextra);
  return made;
}

// nullptr when it is not there, or null.
const Value* find(const Dict& answer, std::string_view name) {
  const auto found = answer.find(name);
  return found == answer.end() || found->second.isNull() ? nullptr : &found->second;
}

bool flagOf(const Dict& answer, std::string_view name, bool otherwise) {
  const Value* const found = find(answer, name);
  if (found == nullptr) return otherwise;
  if (!found->isBool()) throw std::runtime_error(std::string(name) + ": a boolean is wanted");
  return found->asBool();
}

std::optional<std::uint64_t> trustlevelOf(const Dict& answer) {
  const Value* const found = find(answer, "trustlevel");
  if (found == nullptr) return std::nullopt;
  if (!found->isInt64() || found->asInt64() < 0) {
    throw std::runtime_error("trustlevel: an integer that is not negative is wanted");
  }
  return static_cast<std::uint64_t>(found->asInt64());
}

/// What a procedure says.
struct Decision {
  Permission permission;
  bool isKept = false;
};

// Throws std::exceptions that say what is wrong.
Decision readDecision(const List& args) {
  if (args.size() != 1) throw std::runtime_error("one result is wanted");
  const Value& answer = args.front();
  if (answer.isBool()) return {{.allow = answer.asBool()}};
  if (!answer.isDict() || find(answer.asDict(), "allow") == nullptr) {
    throw std::runtime_error("a boolean or a dict with `allow` is wanted");
  }
  const Dict& dict = answer.asDict();
  return {{.allow = flagOf(dict, "allow", false),
           .disclose = flagOf(dict, "disclose", false),
           .mayDisclose = flagOf(dict, "mayDisclose", true),
           .trustlevel = trustlevelOf(dict)},
          flagOf(dict, "cache", false)};
}

}  // namespace

struct DynamicAuthorizer::State {
  State(std::shared_ptr<RouterCaller> calls, DynamicAuthorizerOptions wanted)
      : caller(std::move(calls)), options(std::move(wanted)), cache(options.maxCached) {}

  std::shared_ptr<RouterCaller> caller;
  DynamicAuthorizerOptions options;
  router::DecisionCache cache;
  std::uint64_t purges = 0;
};

DynamicAuthorizer::DynamicAuthorizer(std::shared_ptr<RouterCaller> caller, DynamicAuthorizerOptions options)
    : state_(std::make_shared<State>(std::move(caller), std::move(options))) {
  const DynamicAuthorizerOptions& wanted = state_->options;
  if (!isValidUri(wanted.procedure)) throw std::invalid_argument("no URI: \"" + wanted.procedure + "\"");
  if (!wanted.realm.empty() && !isValidUri(wanted.realm)) {
    throw std::invalid_argument("no realm: \"" + wanted.realm + "\"");
  }
  if (wanted.timeout.count() <= 0) throw std::invalid_argument("timeout: must be > 0");
}

DynamicAuthorizer::~DynamicAuthorizer() = default;

std::optional<Permission> DynamicAuthorizer::decide(const AuthorizationRequest& request) {
  if (state_->cache.size() == 0) return std::nullopt;
  const Permission* kept =
      state_->cache.find(keyOf(request, state_->options.cacheScope), state_->caller->now());
  return kept == nullptr ? std::nullopt : std::optional(*kept);
}

void DynamicAuthorizer::decideLater(const AuthorizationRequest& request, Answer answer) {
  const DynamicAuthorizerOptions& options = state_->options;
  Dict details;
  if (request.action == Action::registerProcedure || request.action == Action::subscribe) {
    details.emplace("match", router::matchName(request.match));
  }
  state_->caller->call(
      options.realm.empty() ? request.session.realm : options.realm, options.procedure,
      {describeWithExtra(request.session), request.uri, actionName(request.action), std::move(details)},
      options.timeout,
      [weak = std::weak_ptr(state_), purges = state_->purges, key = keyOf(request, options.cacheScope),
       answer = std::move(answer)](RouterCaller::Answer said) {
        const auto state = weak.lock();
        if (!state) return answer({.failed = true});  // replaced by another authorizer
        Decision decision{{.failed = true}};
        try {
          if (!said.isGood()) throw std::runtime_error(said.error);
          decision = readDecision(said.args);
        } catch (const std::exception& error) {
          kLog.error("a dynamic authorizer has not decided",
                     {{"procedure", state->options.procedure}, {"error", error.what()}});
        }
        if (decision.isKept && state->options.cacheTime.count() > 0 && purges == state->purges) {
          state->cache.insert(key, decision.permission, state->caller->now() + state->options.cacheTime);
        }
        answer(decision.permission);
      });
}

void DynamicAuthorizer::purge() {
  state_->cache.clear();
  ++state_->purges;
}

std::size_t DynamicAuthorizer::cachedCount() const { return state_->cache.size(); }

// ---- By role

void RoleAuthorizer::setRole(std::string_view authrole, std::shared_ptr<Authorizer> authorizer) {
  byRole_.insert_or_assign(std::string(authrole), std::move(authorizer));
}

void RoleAuthorizer::removeRole(std::string_view authrole) {
  if (const auto found = byRole_.find(authrole); found != byRole_.end()) byRole_.erase(found);
}

Authorizer* RoleAuthorizer::find(const AuthorizationRequest& request) const {
  const auto found = byRole_.find(request.session.authrole);
  return found == byRole_.end() ? others_.get() : found->second.get();
}

std::optional<Permission> RoleAuthorizer::decide(const AuthorizationRequest& request) {
  Authorizer* const found = find(request);
  return found == nullptr ? Permission{} : found->decide(request);
}

void RoleAuthorizer::decideLater(const AuthorizationRequest& request, Answer answer) {
  Authorizer* const found = find(request);
  if (found == nullptr) return answer({.failed = true});
  found->decideLater(request, std::move(answer));
}

}  // namespace autobahn::inline v0::wamp
