#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router/static_authorizer.hpp>
#include <map>

#include "permissions.hpp"
#include "uri_map.hpp"
#include "uri_pattern.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using router::UriPattern;

UriPattern patternOf(const RoleRule& rule) { return {rule.uri, rule.match}; }

Permission permissionOf(const RoleRule& rule, const AuthorizationRequest& request) {
  const bool isGranted = !router::needsExplicitGrant(request.action, request.uri) || isReservedUri(rule.uri);
  return {.allow = rule.allow.has(request.action) && isGranted,
          .disclose = rule.disclose.has(request.action),
          .mayDisclose = rule.mayDisclose,
          .trustlevel = rule.trustlevel};
}

// True when `one` decides wherever both fit. Of wildcards that overlap, only one that covers the other is
// known to give way everywhere.
bool outranks(const RoleRule& one, const RoleRule& other) {
  if (one.match != other.match) return one.match < other.match;
  if (one.match == Match::prefix) return one.uri.size() > other.uri.size();
  return !router::covers(patternOf(one), patternOf(other));
}

}  // namespace

struct StaticAuthorizer::Role {
  std::vector<RoleRule> rules;
  router::UriMap<const RoleRule*> byUri;
};

struct StaticAuthorizer::Roles {
  std::map<std::string, std::unique_ptr<Role>, std::less<>> byName;
};

StaticAuthorizer::StaticAuthorizer() : roles_(std::make_unique<Roles>()) {}
StaticAuthorizer::~StaticAuthorizer() = default;

void StaticAuthorizer::setRole(std::string_view authrole, std::vector<RoleRule> rules) {
  auto made = std::make_unique<Role>();
  made->rules = std::move(rules);
  for (const RoleRule& each : made->rules) {
    if (!isValidUri(each.uri, UriRule::loose, each.match) &&
        !(each.match == Match::prefix && each.uri.empty())) {
      throw InvalidState("a rule's pattern is no URI: " + each.uri);
    }
    if (made->byUri.find(each.uri, each.match) != nullptr) throw InvalidState("two rules for " + each.uri);
    made->byUri.insert(each.uri, each.match, &each);
  }
  roles_->byName.insert_or_assign(std::string(authrole), std::move(made));
}

void StaticAuthorizer::removeRole(std::string_view authrole) {
  if (const auto found = roles_->byName.find(authrole); found != roles_->byName.end()) {
    roles_->byName.erase(found);
  }
}

std::optional<Permission> StaticAuthorizer::decide(const AuthorizationRequest& request) {
  const auto found = roles_->byName.find(request.session.authrole);
  if (found == roles_->byName.end()) return Permission{};
  Role& role = *found->second;
  if (request.match == Match::exact) {
    const RoleRule* const* best = role.byUri.best(request.uri);
    return best == nullptr ? Permission{} : permissionOf(**best, request);
  }
  // A pattern: the best of the rules that cover it, unless one that decides before it denies a part.
  const UriPattern wanted{request.uri, request.match};
  const RoleRule* best = nullptr;
  for (const RoleRule& each : role.rules) {
    if (router::covers(patternOf(each), wanted) && (best == nullptr || outranks(each, *best))) best = &each;
  }
  if (best == nullptr) return Permission{};
  for (const RoleRule& each : role.rules) {
    if (!each.allow.has(request.action) && outranks(each, *best) &&
        router::overlap(patternOf(each), wanted)) {
      return Permission{};
    }
  }
  return permissionOf(*best, request);
}

}  // namespace autobahn::inline v0::wamp
