// A transport's end at a router whose loop is another one.
#pragma once

#include <autobahn/wamp/router.hpp>
#include <autobahn/wamp/transport.hpp>
#include <memory>
#include <string>

#include "loop_crossing.hpp"
#include "router_connection.hpp"

namespace autobahn::inline v0::wamp {

/// Two halves: one on the transport's loop, one on the router's; messages go between them over a crossing.
/// What costs most (serializing, framing, TLS) stays on the transport's loop.
class RelayedConnection final : public TransportHandler,
                                public RouterTransport,
                                public std::enable_shared_from_this<RelayedConnection> {
 public:
  RelayedConnection(std::weak_ptr<RouterHost> host, std::shared_ptr<LoopCrossing> crossing)
      : host_(std::move(host)), crossing_(std::move(crossing)) {}

  // TransportHandler
  void onOpen(std::shared_ptr<Transport> transport) override;
  void onMessage(Message message) override;
  void onBadMessage(const std::string& problem) override;
  void onClose(bool wasClean, const std::string& reason) override;
  // What the router has sent, on the transport's loop
  void atConnection(ToConnection::What&& what);

  // RouterTransport
  void send(RoutedMessage& message) override;
  void close() override;
  PeerDetails peerDetails() const override { return *peer_; }
  // What has come, on the router's loop
  void atRouter(ToRouter::What&& what);
  /// The router's end closes for ever.
  void routerIsGone();

 private:
  void tellRouter(ToRouter::What what, std::size_t octets = 0);
  void tellConnection(ToConnection::What what, std::size_t octets = 0);
  void deliver(RoutedMessage& message);
  void opened(std::unique_ptr<PeerDetails> peer);

  std::weak_ptr<RouterHost> host_;
  std::shared_ptr<LoopCrossing> crossing_;
  std::shared_ptr<Transport> transport_;    ///< the transport's loop
  std::shared_ptr<RouterSession> session_;  ///< the router's loop
  std::unique_ptr<PeerDetails> peer_;       ///< the router's loop
};

}  // namespace autobahn::inline v0::wamp
