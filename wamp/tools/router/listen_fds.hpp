// Sockets that systemd hands over (sd_listen_fds(3), without its library).
#pragma once

#include <autobahn/util/net/unique_fd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace router_tool {

/// The sockets of $LISTEN_FDS, named by $LISTEN_FDNAMES. Those that nobody takes are closed.
class HandedSockets {
 public:
  /// Takes what is meant for this process, and the variables out of the environment.
  static HandedSockets fromEnvironment();

  /// All of that name; the caller owns them.
  std::vector<int> take(const std::string& name);
  /// The names of those that are left.
  std::vector<std::string> names() const;

 private:
  std::vector<std::pair<std::string, autobahn::util::UniqueFd>> sockets_;
};

}  // namespace router_tool
