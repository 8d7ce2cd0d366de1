#include "service.hpp"

#include <algorithm>
#include <autobahn/util/net/asio_loop.hpp>
#include <exception>
#include <utility>

#include "listen_fds.hpp"
#include "logging.hpp"
#include "web.hpp"

namespace router_tool {

using namespace autobahn::wamp;

Service::Service(asio::io_context& io, Config config)
    : config_(std::move(config)), server_(io, routerOptions(), config_.threads) {
  addRealms();
}

RouterOptions Service::routerOptions() {
  RouterOptions options = config_.router;
  // Realms of their own entries are there from the beginning.
  options.makeRealm = [this](std::string_view name) -> std::optional<RealmOptions> {
    const std::string wanted(name);
    const RealmConfig* const pattern = config_.realmFor(wanted);
    if (pattern == nullptr || !isValidUri(wanted)) return std::nullopt;
    return makeDoor(wanted, *pattern);
  };
  return options;
}

RealmOptions Service::makeDoor(const std::string& name, const RealmConfig& config) {
  forgetDoors();
  RealmOptions options = doors_.insert_or_assign(name, Door(config)).first->second.realm(name);
  if (config.historyFile) {
    options.history.store =
        openHistory(*config.historyFile, autobahn::util::AsioLoop::of(server_.context()).poster());
  }
  return options;
}

// Realms that are made by rule go by themselves.
void Service::forgetDoors() {
  if (doors_.size() < 2 * doorsLooked_ + 16) return;
  std::erase_if(doors_, [this](const auto& entry) { return !server_.router().hasRealm(entry.first); });
  doorsLooked_ = doors_.size();
}

void Service::addRealms() {
  for (const RealmConfig& each : config_.realms) {
    const std::string& name = each.options.name;
    if (!each.isPattern && !server_.router().hasRealm(name)) server_.router().addRealm(makeDoor(name, each));
  }
}

std::vector<std::string> Service::listen() {
  std::vector<std::string> urls;
  HandedSockets sockets = HandedSockets::fromEnvironment();
  for (const ListenerConfig& each : config_.listeners) {
    if (each.socket.empty()) {
      listen(each, -1, urls);
      continue;
    }
    const std::vector<int> handed = sockets.take(each.socket);
    if (handed.empty()) each.where.refuse("no socket named \"" + each.socket + "\" is handed over");
    for (const int socket : handed) listen(each, socket, urls);
  }
  for (const std::string& each : sockets.names()) {
    kLog.warning("a socket that was handed over is not used: no listener names it", {{"name", each}});
  }
  return urls;
}

void Service::listen(const ListenerConfig& config, int socket, std::vector<std::string>& urls) {
  RouterListenOptions options = config.options;
  options.listeningSocket = socket;
  if (config.web) options.httpHandler = makeWeb(*this, *config.web);
  try {
    urls.push_back(server_.listen(config.url, std::move(options)).url);
  } catch (const std::exception& error) {
    config.where.refuse(error.what());
  }
}

std::vector<std::string> Service::reload(Config next) {
  std::vector<std::string> unchanged;
  compareListeners(next, unchanged);
  if (next.fixedPart != config_.fixedPart) unchanged.push_back("router");
  if (next.cookiesPart != config_.cookiesPart) unchanged.push_back("cookies");
  std::swap(next.listeners, config_.listeners);
  std::swap(next.router, config_.router);
  std::swap(next.threads, config_.threads);
  std::swap(next.fixedPart, config_.fixedPart);
  std::swap(next.cookiesPart, config_.cookiesPart);
  config_ = std::move(next);
  changeDoors(unchanged);
  addRealms();
  try {
    server_.reloadCertificates();
  } catch (const std::exception& error) {
    unchanged.push_back(std::string("certificates (") + error.what() + ")");
  }
  return unchanged;
}

void Service::changeDoors(std::vector<std::string>& unchanged) {
  std::vector<std::string> gone;
  for (auto& [name, door] : doors_) {
    const RealmConfig* const config = config_.realmFor(name);
    door.change(config);
    if (config == nullptr || !server_.router().hasRealm(name)) {
      gone.push_back(name);
    } else if (config->fixedPart != door.fixedPart()) {
      unchanged.push_back("limits and options of realm " + name);
    }
  }
  for (const std::string& name : gone) {
    server_.router().removeRealm(name, close::kCloseRealm, "the realm is no more");
    doors_.erase(name);
  }
}

void Service::compareListeners(const Config& next, std::vector<std::string>& unchanged) const {
  const auto isKnown = [](const std::vector<ListenerConfig>& all, const ListenerConfig& wanted) {
    return std::any_of(all.begin(), all.end(),
                       [&](const ListenerConfig& each) { return each.fixedPart == wanted.fixedPart; });
  };
  for (const ListenerConfig& each : next.listeners) {
    if (!isKnown(config_.listeners, each)) unchanged.push_back("listener " + each.url);
  }
  for (const ListenerConfig& each : config_.listeners) {
    if (!isKnown(next.listeners, each)) unchanged.push_back("listener " + each.url + " as it was");
  }
}

void Service::drain(std::function<void()> done) { server_.drain(config_.drainDeadline, std::move(done)); }

}  // namespace router_tool
