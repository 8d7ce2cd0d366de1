#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router/dynamic_authorizer.hpp>
#include <autobahn/wamp/router/static_authorizer.hpp>
#include <map>
#include <utility>

#include "config.hpp"
#include "pattern_config.hpp"

namespace router_tool {

using namespace autobahn::wamp;

namespace {

constexpr std::pair<const char*, RequestIds> kRequestIds[] = {
    {"any", RequestIds::any}, {"increasing", RequestIds::increasing}, {"sequential", RequestIds::sequential}};
constexpr std::pair<const char*, Action> kActions[] = {{"call", Action::call},
                                                       {"register", Action::registerProcedure},
                                                       {"subscribe", Action::subscribe},
                                                       {"publish", Action::publish}};

Actions readActions(const Setting& setting) {
  Actions all;
  for (const Setting& each : setting.items()) all.add(each.oneOf(kActions));
  return all;
}

RoleRule readRule(const Setting& setting) {
  Section section(setting);
  RoleRule rule;
  readPattern(section, rule.uri, rule.match);
  rule.allow = readActions(section.need("allow"));
  if (const auto given = section.find("disclose")) rule.disclose = readActions(*given);
  if (const auto given = section.find("mayDisclose")) rule.mayDisclose = given->flag();
  if (const auto given = section.find("trustlevel")) {
    rule.trustlevel = static_cast<std::uint64_t>(given->integer(0, static_cast<std::int64_t>(kMaxId)));
  }
  section.finish();
  return rule;
}

/// Fills `access.roles` with their names. A role's permissions stand in the file, or a procedure decides.
std::shared_ptr<Authorizer> readRoles(const Setting& setting, RealmAccess& access) {
  auto fixed = std::make_shared<StaticAuthorizer>();
  auto made = std::make_shared<RoleAuthorizer>(fixed);
  for (const Setting& each : setting.items()) {
    Section section(each);
    const Setting name = section.need("name");
    if (!access.roles.insert(name.name()).second) name.refuse("is the name of another role, too");
    if (const auto given = section.find("authorizer")) {
      if (section.find("permissions")) given->refuse("stands in place of `permissions`");
      made->setRole(name.name(), readDynamicAuthorizer(*given, access.lasting));
      section.finish();
      continue;
    }
    const Setting permissions = section.need("permissions");
    std::vector<RoleRule> rules;
    for (const Setting& rule : permissions.items()) rules.push_back(readRule(rule));
    section.finish();
    try {
      fixed->setRole(name.name(), std::move(rules));
    } catch (const InvalidState& error) {
      permissions.refuse(error.what());
    }
  }
  return made;
}

void readLimits(const Setting& setting, RealmOptions& options) {
  const std::pair<const char*, std::size_t*> limits[] = {
      {"subscriptions", &options.limits.subscriptions},
      {"registrations", &options.limits.registrations},
      {"pendingCalls", &options.limits.pendingCalls},
      {"testaments", &options.limits.testaments},
      {"waitingMessages", &options.limits.waitingMessages},
      {"waitingOctets", &options.limits.waitingOctets},
      {"maxUriSize", &options.maxUriSize},
      {"maxWaitingCalls", &options.maxWaitingCalls},
      {"maxRetainedTopics", &options.maxRetainedTopics},
      {"maxRetainedSize", &options.maxRetainedSize},
      {"maxRetainedPerSubscribe", &options.maxRetainedPerSubscribe},
  };
  Section section(setting);
  for (const auto& [key, where] : limits) {
    if (const auto given = section.find(key)) *where = given->count();
  }
  section.finish();
}

void readExperimental(const Setting& setting, ExperimentalFeatures& features) {
  const std::pair<const char*, bool*> switches[] = {
      {"callReroute", &features.callReroute},
      {"shardedRegistration", &features.shardedRegistration},
      {"shardedSubscription", &features.shardedSubscription},
      {"payloadPassthru", &features.payloadPassthru},
      {"sessionResumption", &features.sessionResumption},
  };
  Section section(setting);
  for (const auto& [key, where] : switches) {
    if (const auto given = section.find(key)) *where = given->flag();
  }
  section.finish();
}

void readResumption(const Setting& setting, ResumptionOptions& options) {
  const std::pair<const char*, std::size_t*> limits[] = {
      {"maxSessions", &options.maxSessions},       {"maxSessionsPerAuthid", &options.maxSessionsPerAuthid},
      {"maxMessages", &options.maxMessages},       {"maxOctets", &options.maxOctets},
      {"maxTotalOctets", &options.maxTotalOctets},
  };
  Section section(setting);
  if (const auto given = section.find("timeout")) {
    options.timeout = given->milliseconds();
    if (options.timeout.count() == 0) given->refuse("must be greater than 0");
  }
  for (const auto& [key, where] : limits) {
    if (const auto given = section.find(key)) *where = given->count();
  }
  section.finish();
}

}  // namespace

RealmConfig readRealm(const Setting& setting, const Lasting& lasting) {
  constexpr std::pair<const char*, bool> kNameMatches[] = {{"exact", false}, {"prefix", true}};
  Section section(setting);
  RealmConfig realm;
  const Setting name = section.need("name");
  realm.options.name = name.name();
  if (const auto given = section.find("match")) realm.isPattern = given->oneOf(kNameMatches);
  const Match match = realm.isPattern ? Match::prefix : Match::exact;
  if (!isValidUri(realm.options.name, UriRule::loose, match)) {
    name.refuse("is no URI: \"" + realm.options.name + "\"");
  }
  if (const auto given = section.find("requestIds")) realm.options.requestIds = given->oneOf(kRequestIds);
  if (const auto given = section.find("allowDiscloseMe")) realm.options.allowDiscloseMe = given->flag();
  if (const auto given = section.find("limits")) readLimits(*given, realm.options);
  if (const auto given = section.find("experimental")) readExperimental(*given, realm.options.experimental);
  if (const auto given = section.find("resumption")) {
    if (!realm.options.experimental.sessionResumption) {
      given->refuse("needs `experimental.sessionResumption`");
    }
    readResumption(*given, realm.options.resumption);
  }
  if (const auto given = section.find("history")) {
    HistoryConfig history = readHistory(*given);
    if (history.file && realm.isPattern) {
      history.file->where.refuse("is for one realm, not for a pattern");
    }
    realm.options.history = std::move(history.options);
    realm.historyFile = std::move(history.file);
  }
  RealmAccess access{.lasting = lasting};
  realm.permissions = readRoles(section.need("roles"), access);
  realm.methods = readMethods(section.need("authentication"), access);
  section.finish();
  for (const auto& [key, value] : setting.members()) {
    if (key != "roles" && key != "authentication") realm.fixedPart += key + value.node().canonical() + "\n";
  }
  return realm;
}

}  // namespace router_tool
