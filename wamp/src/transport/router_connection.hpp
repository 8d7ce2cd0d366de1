// A transport's end at the router.
#pragma once

#include <autobahn/wamp/router.hpp>
#include <autobahn/wamp/transport.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

class LoopCrossings;

/// What connections need of whoever runs the router.
class RouterHost {
 public:
  virtual ~RouterHost() = default;
  virtual Router& router() = 0;
  /// To connections on other loops; null: there is no other loop.
  virtual LoopCrossings* crossings() = 0;
};

/// Why a message cannot be written for a peer.
struct SendFailure {
  std::string_view uri;  ///< lives for ever
  std::string why;
};

/// Sends; nothing when the transport is gone, which it tells by itself.
std::optional<SendFailure> trySend(Transport& transport, RoutedMessage& message);
/// What the router wants to know of the other end.
PeerDetails describePeer(const Transport& transport);

/// Hands messages between a Transport and the router's session for it.
class RouterConnection final : public TransportHandler, public RouterTransport {
 public:
  explicit RouterConnection(std::weak_ptr<RouterHost> host) : host_(std::move(host)) {}
  ~RouterConnection() override;

  // TransportHandler
  void onOpen(std::shared_ptr<Transport> transport) override;
  void onMessage(Message message) override;
  void onBadMessage(const std::string& problem) override;
  void onClose(bool wasClean, const std::string& reason) override;

  // RouterTransport
  void send(RoutedMessage& message) override;
  void close() override;
  PeerDetails peerDetails() const override;

  /// Holds on to `something` until the connection has ended.
  void holdUntilEnd(std::shared_ptr<void> something) { held_.push_back(std::move(something)); }
  bool hasEnded() const { return hasEnded_; }

 private:
  void detach();

  std::weak_ptr<RouterHost> host_;
  std::shared_ptr<Transport> transport_;
  std::shared_ptr<RouterSession> session_;
  std::vector<std::shared_ptr<void>> held_;
  bool hasEnded_ = false;
};

}  // namespace autobahn::inline v0::wamp
