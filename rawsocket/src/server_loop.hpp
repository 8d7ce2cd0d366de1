// One loop of a server: its connections, and what the factory does for them.
#pragma once

#include <autobahn/util/net/event_loop.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "connection_set.hpp"
#include "server_core.hpp"

namespace autobahn::inline v0::rawsocket {

/// Its connections hold it, so it may outlive its core; then it makes none any more.
class ServerLoop final : public ConnectionSet, public std::enable_shared_from_this<ServerLoop> {
 public:
  ServerLoop(ServerCore& core, util::EventLoop& loop) : core_(&core), loop_(loop) {}

  util::EventLoop& loop() { return loop_; }
  /// Starts a connection on a stream. `received`, `admitted`: as RawSocketServerFactory::serve.
  void serve(std::unique_ptr<util::Stream> stream, std::string_view received, std::shared_ptr<void> admitted);
  /// The server is no more: ends all connections and takes none again.
  void shutDown();
  /// Closes all in order; those that come later are refused.
  void goAway();

  void transportReady(Connection& connection) override;
  std::shared_ptr<RawSocketProtocol> protocolFor(const HandshakeRequest& request) override;
  void ended(Connection& connection) override;

 private:
  ServerCore* core_;  ///< null once it is gone
  util::EventLoop& loop_;
  std::unordered_map<const Connection*, std::string> addresses_;           ///< only with maxConnectionsPerIp
  std::unordered_map<const Connection*, std::shared_ptr<void>> admitted_;  ///< by somebody else
  bool goingAway_ = false;
};

}  // namespace autobahn::inline v0::rawsocket
