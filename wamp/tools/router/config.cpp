#include "config.hpp"

#include <set>
#include <system_error>
#include <utility>

#include "embedded.hpp"
#include "file.hpp"

namespace router_tool {

using namespace autobahn;

namespace {

constexpr std::pair<const char*, util::Level> kLevels[] = {
    {"trace", util::Level::trace},     {"debug", util::Level::debug}, {"info", util::Level::info},
    {"warning", util::Level::warning}, {"error", util::Level::error}, {"critical", util::Level::critical},
    {"off", util::Level::off}};
constexpr std::pair<const char*, LogFormat> kFormats[] = {{"text", LogFormat::text},
                                                          {"json", LogFormat::json}};

/// More is a mistake.
constexpr std::int64_t kMostThreads = 256;

LogConfig readLog(const Setting& setting) {
  Section section(setting);
  LogConfig log;
  if (const auto given = section.find("level")) log.level = given->oneOf(kLevels);
  if (const auto given = section.find("format")) log.format = given->oneOf(kFormats);
  section.finish();
  return log;
}

void readRouter(const Setting& setting, Config& config) {
  Section section(setting);
  wamp::RouterOptions& router = config.router;
  if (const auto given = section.find("threads")) {
    config.threads = static_cast<std::size_t>(given->integer(1, kMostThreads));
  }
  if (const auto given = section.find("agent")) router.agent = given->text();
  if (const auto given = section.find("joinTimeout")) router.joinTimeout = given->milliseconds();
  if (const auto given = section.find("goodbyeTimeout")) router.goodbyeTimeout = given->milliseconds();
  if (const auto given = section.find("defaultRealm")) router.defaultRealm = given->text();
  if (const auto given = section.find("maxRealms")) router.maxRealms = given->count();
  if (const auto given = section.find("authenticationLimits")) {
    router.authenticationLimits = readAuthenticationLimits(*given);
  }
  section.finish();
}

std::vector<RealmConfig> readRealms(const Setting& setting, const Lasting& lasting) {
  std::vector<RealmConfig> realms;
  std::set<std::string> names;
  for (const Setting& each : setting.items()) {
    RealmConfig realm = readRealm(each, lasting);
    if (!names.insert(realm.options.name + (realm.isPattern ? "*" : "")).second) {
      each.refuse("the realm \"" + realm.options.name + "\" is there twice");
    }
    realms.push_back(std::move(realm));
  }
  if (realms.empty()) setting.refuse("must not be empty");
  return realms;
}

std::vector<ListenerConfig> readListeners(const Setting& setting, const Lasting& lasting) {
  std::vector<ListenerConfig> listeners;
  for (const Setting& each : setting.items()) listeners.push_back(readListener(each, lasting));
  if (listeners.empty()) setting.refuse("must not be empty");
  return listeners;
}

std::string contentOf(const std::string& file) {
  try {
    return readFile(file);
  } catch (const std::system_error& error) {
    throw ConfigError(file + ": cannot be read: " + error.code().message());
  }
}

}  // namespace

const RealmConfig* Config::realmFor(const std::string& name) const {
  const RealmConfig* best = nullptr;
  for (const RealmConfig& each : realms) {
    if (!each.isPattern && each.options.name == name) return &each;
    const bool fits = each.isPattern && name.starts_with(each.options.name);
    if (fits && (best == nullptr || best->options.name.size() < each.options.name.size())) best = &each;
  }
  return best;
}

Config parseConfig(const std::string& file, const std::string& text, Lasting lasting) {
  const Setting root(file, std::make_shared<const Node>(parseNode(file, text)));
  Section section(root);
  Config config;
  wamp::CookieOptions cookies;
  if (const auto given = section.find("cookies")) {
    cookies = readCookies(*given);
    config.cookiesPart = given->node().canonical();
  }
  if (!lasting.caller) lasting.caller = std::make_shared<wamp::RouterCaller>();
  if (!lasting.cookies) lasting.cookies = std::make_shared<wamp::CookieStore>(std::move(cookies));
  config.realms = readRealms(section.need("realms"), lasting);
  config.listeners = readListeners(section.need("listeners"), lasting);
  if (const auto given = section.find("log")) config.log = readLog(*given);
  if (const auto given = section.find("drainDeadline")) config.drainDeadline = given->milliseconds();
  if (const auto given = section.find("router")) {
    readRouter(*given, config);
    config.fixedPart = given->node().canonical();
  }
  config.router.caller = lasting.caller;
  config.lasting = std::move(lasting);
  section.finish();
  return config;
}

Config readConfig(const std::string& file, Lasting lasting) {
  return parseConfig(file, contentOf(file), std::move(lasting));
}

std::string defaultConfigText() { return std::string(embedded("default.json")->content); }

std::optional<util::Level> levelNamed(const std::string& name) {
  for (const auto& [each, level] : kLevels) {
    if (name == each) return level;
  }
  return std::nullopt;
}

std::optional<LogFormat> logFormatNamed(const std::string& name) {
  for (const auto& [each, format] : kFormats) {
    if (name == each) return format;
  }
  return std::nullopt;
}

}  // namespace router_tool
