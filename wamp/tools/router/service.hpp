// The router as configured: realms, listeners, and what changes while it runs.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config.hpp"
#include "door.hpp"

namespace router_tool {

/// On one event loop, in whose thread all is called.
class Service {
 public:
  /// `io` must outlive it.
  Service(asio::io_context& io, Config config);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Begins to listen: gives the URLs. Throws ConfigError naming the listener that cannot.
  std::vector<std::string> listen();
  /// Takes from a new configuration what can change while the router runs, and the certificates' files as
  /// they are now. Gives what cannot change, one phrase each.
  std::vector<std::string> reload(Config config);
  /// Ends all sessions, those that do not leave after the configuration's deadline; then calls `done`.
  void drain(std::function<void()> done);

  // For what is shown.
  const Config& config() const { return config_; }
  const std::map<std::string, Door>& doors() const { return doors_; }
  autobahn::wamp::RouterServer& server() { return server_; }
  std::chrono::steady_clock::time_point start() const { return start_; }

 private:
  autobahn::wamp::RouterOptions routerOptions();
  autobahn::wamp::RealmOptions makeDoor(const std::string& name, const RealmConfig& config);
  void addRealms();
  void forgetDoors();
  void listen(const ListenerConfig& config, int socket, std::vector<std::string>& urls);
  void changeDoors(std::vector<std::string>& unchanged);
  void compareListeners(const Config& next, std::vector<std::string>& unchanged) const;

  Config config_;
  std::map<std::string, Door> doors_;  ///< by the realm's name; some of realms by rule that are gone
  std::size_t doorsLooked_ = 0;        ///< how many there were when those were last taken out
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  autobahn::wamp::RouterServer server_;
};

}  // namespace router_tool
