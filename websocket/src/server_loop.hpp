// One loop of a server: its connections, and what the factory does for them.
#pragma once

#include <autobahn/websocket/server.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "connection_set.hpp"
#include "server_core.hpp"

namespace autobahn::inline v0::websocket {

class ServerLoop final : public ConnectionSet, public std::enable_shared_from_this<ServerLoop> {
 public:
  ServerLoop(ServerCore& core, util::EventLoop& loop) : core_(core), loop_(loop) {}

  util::EventLoop& loop() { return loop_; }
  /// Starts a connection on a stream; TLS and PROXY protocol are already wrapped around it.
  void serve(std::unique_ptr<util::Stream> stream);
  void serveUpgraded(std::unique_ptr<util::Stream> stream, std::shared_ptr<WebSocketServerProtocol> protocol,
                     const std::string& received, std::optional<PerMessageDeflateParameters> compression);
  /// The server is no more: ends all connections and takes none again.
  void shutDown();
  /// 1001 to all; those that come later are refused.
  void goAway();

  void transportReady(Connection& connection) override;
  bool isForeign(std::string_view received) override;
  void handOver(Connection& connection, std::unique_ptr<util::Stream> stream,
                std::string_view received) override;
  std::shared_ptr<WebSocketProtocol> protocolFor(const ConnectionRequest& request) override;
  ConnectDecision decide(WebSocketProtocol& protocol, const ConnectionRequest& request) override;
  HttpDecision answer(const http::Request& request, const TransportDetails& transport) override;
  void ended(Connection& connection, const CloseInfo& info) override;

 private:
  void countAddress(Connection& connection);
  std::string forgetAddress(const Connection& connection);
  void release(const std::string& address);
  std::shared_ptr<Connection> makeConnection(std::unique_ptr<util::Stream> stream);

  ServerCore& core_;
  util::EventLoop& loop_;
  bool goingAway_ = false;
  bool shutDown_ = false;                                         ///< `core_` is gone
  std::unordered_map<const Connection*, std::string> addresses_;  ///< only with maxConnectionsPerIp
};

}  // namespace autobahn::inline v0::websocket
