// What autobahn-router is told: realms, who may join them and do what, where it listens.
#pragma once

#include <autobahn/util/log.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access_config.hpp"
#include "history_config.hpp"
#include "methods.hpp"
#include "setting.hpp"
#include "web_config.hpp"

namespace router_tool {

/// A realm, or the pattern of realms that are made when somebody asks for them.
struct RealmConfig {
  bool isPattern = false;  ///< `options.name` is what the names begin with
  /// Without authenticators and authorizer, which may change while the router runs, and without the store of
  /// its history.
  autobahn::wamp::RealmOptions options{};
  std::optional<HistoryFileConfig> historyFile{};
  MethodTable methods{};
  std::shared_ptr<autobahn::wamp::Authorizer> permissions{};
  std::string fixedPart{};  ///< the same text: `options` are the same
};

struct ListenerConfig {
  std::string url{};
  autobahn::wamp::RouterListenOptions options{};
  std::optional<WebConfig> web{};
  /// Of $LISTEN_FDNAMES: systemd listens; empty: we do.
  std::string socket{};
  Setting where;          ///< for what shows only when it listens
  std::string fixedPart;  ///< the same text: the same listener
};

enum class LogFormat : std::uint8_t { text, json };
struct LogConfig {
  std::optional<autobahn::util::Level> level{};
  std::optional<LogFormat> format{};
};

struct Config {
  autobahn::wamp::RouterOptions router{};
  std::size_t threads = 1;
  std::vector<RealmConfig> realms{};
  std::vector<ListenerConfig> listeners{};
  LogConfig log{};
  std::chrono::milliseconds drainDeadline = std::chrono::seconds(5);
  std::string fixedPart{};    ///< the same text: `router` is the same
  std::string cookiesPart{};  ///< the same text: `cookies` is the same
  Lasting lasting{};

  /// The realm's own entry, or the pattern that fits it best; nullptr when there is none.
  const RealmConfig* realmFor(const std::string& name) const;
};

/// Reads a file. Deriving keys from passwords may take its time. `lasting`: of the configuration that is in
/// use, if there is one. Throws ConfigError.
Config readConfig(const std::string& file, Lasting lasting = {});
/// The same of a text; `file` is its name in errors, and where relative file names begin.
Config parseConfig(const std::string& file, const std::string& text, Lasting lasting = {});
/// What the program does without a file.
std::string defaultConfigText();

/// `Section` "log".
std::optional<autobahn::util::Level> levelNamed(const std::string& name);
std::optional<LogFormat> logFormatNamed(const std::string& name);

// The parts of parseConfig, a file each.
RealmConfig readRealm(const Setting& setting, const Lasting& lasting);
ListenerConfig readListener(const Setting& setting, const Lasting& lasting);

}  // namespace router_tool
