#include "access_config.hpp"

#include <autobahn/wamp/router/dynamic_authenticator.hpp>
#include <autobahn/wamp/router/dynamic_authorizer.hpp>
#include <autobahn/wamp/uri.hpp>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace router_tool {

using namespace autobahn::wamp;

namespace {

constexpr std::pair<const char*, CacheScope> kScopes[] = {{"session", CacheScope::session},
                                                          {"role", CacheScope::role}};
constexpr std::pair<const char*, SameSite> kSameSites[] = {
    {"strict", SameSite::strict}, {"lax", SameSite::lax}, {"none", SameSite::none}};

std::string readUri(const Setting& setting) {
  std::string uri = setting.name();
  if (!isValidUri(uri)) setting.refuse("is no URI: \"" + uri + "\"");
  return uri;
}

/// What all procedures have: which one, where, and how long it may take.
template <class Options>
void readProcedure(Section& section, Options& options) {
  options.procedure = readUri(section.need("procedure"));
  if (const auto given = section.find("realm")) options.realm = readUri(*given);
  if (const auto given = section.find("timeout")) {
    options.timeout = given->milliseconds();
    if (options.timeout.count() == 0) given->refuse("must be greater than 0");
  }
}

/// {"burst", "interval"}, or false for none.
RateLimit readLimit(const Setting& setting, RateLimit limit) {
  if (setting.isFlag()) {
    if (setting.flag()) setting.refuse("must be an object, or false for no limit");
    return {};
  }
  Section section(setting);
  if (const auto given = section.find("burst")) {
    limit.burst = static_cast<std::uint32_t>(given->integer(1, std::numeric_limits<std::int32_t>::max()));
  }
  if (const auto given = section.find("interval")) limit.interval = given->milliseconds();
  section.finish();
  if (limit.burst == 0) setting.refuse("needs `burst`");
  if (limit.interval.count() == 0) setting.refuse("needs an `interval` greater than 0");
  return limit;
}

}  // namespace

std::string readRole(const Setting& setting, const std::set<std::string>& roles) {
  std::string role = setting.name();
  if (!roles.contains(role)) {
    setting.refuse("the realm has no role \"" + role + "\"" +
                   didYouMean(role, std::vector<std::string>(roles.begin(), roles.end())));
  }
  return role;
}

std::shared_ptr<Authenticator> readDynamicAuthenticator(const Setting& setting, std::string_view method,
                                                        const RealmAccess& access,
                                                        const CredentialParameters& made) {
  Section section(setting);
  DynamicAuthenticatorOptions options{.wampCra = made.wampCra, .scram = made.scram};
  readProcedure(section, options);
  if (const auto given = section.find("defaultRole")) options.defaultRole = readRole(*given, access.roles);
  section.finish();
  return makeDynamicAuthenticator(access.lasting.caller, method, std::move(options));
}

std::shared_ptr<Authorizer> readDynamicAuthorizer(const Setting& setting, const Lasting& lasting) {
  Section section(setting);
  DynamicAuthorizerOptions options;
  readProcedure(section, options);
  if (const auto given = section.find("cacheFor")) options.cacheScope = given->oneOf(kScopes);
  if (const auto given = section.find("cacheTime")) options.cacheTime = given->milliseconds();
  if (const auto given = section.find("maxCached")) options.maxCached = given->count();
  section.finish();
  return std::make_shared<DynamicAuthorizer>(lasting.caller, std::move(options));
}

AuthenticationLimits readAuthenticationLimits(const Setting& setting) {
  Section section(setting);
  AuthenticationLimits limits;
  const std::pair<const char*, RateLimit*> all[] = {{"failuresPerPeer", &limits.failuresPerPeer},
                                                    {"attemptsPerPeer", &limits.attemptsPerPeer},
                                                    {"failuresPerAuthid", &limits.failuresPerAuthid},
                                                    {"attemptsPerAuthid", &limits.attemptsPerAuthid}};
  for (const auto& [key, limit] : all) {
    if (const auto given = section.find(key)) *limit = readLimit(*given, *limit);
  }
  if (const auto given = section.find("limitLoopback")) limits.limitLoopback = given->flag();
  if (const auto given = section.find("maxEntries")) {
    limits.maxEntries = given->count();
    if (limits.maxEntries == 0) given->refuse("must be greater than 0");
  }
  section.finish();
  return limits;
}

CookieOptions readCookies(const Setting& setting) {
  Section section(setting);
  CookieOptions options;
  if (const auto given = section.find("name")) options.name = given->name();
  if (const auto given = section.find("maxAge")) {
    options.maxAge = std::chrono::duration_cast<std::chrono::seconds>(given->milliseconds());
  }
  if (const auto given = section.find("sameSite")) options.sameSite = given->oneOf(kSameSites);
  if (const auto given = section.find("alwaysSecure")) options.isAlwaysSecure = given->flag();
  if (const auto given = section.find("maxLogins")) options.maxLogins = given->count();
  section.finish();
  try {
    const CookieStore checked(options);
  } catch (const std::invalid_argument& error) {
    setting.refuse(error.what());
  }
  return options;
}

}  // namespace router_tool
