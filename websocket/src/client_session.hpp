// One `connect` of a client factory: dial, handshake, connection, and again when it is to reconnect.
#pragma once

#include <autobahn/util/net/dialer.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/websocket/client.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "backoff.hpp"
#include "connection_set.hpp"

namespace autobahn::inline v0::websocket {

/// What every attempt of a session starts from.
struct ClientPlan {
  std::shared_ptr<const ClientOptions> options;
  ClientRequest request;
  util::DialTarget target;
  std::chrono::milliseconds timeout{0};
  std::function<std::shared_ptr<WebSocketClientProtocol>()> build;
};

/// On one loop. Knows neither Asio nor sockets: time is the loop's, streams are the dialer's.
class ClientSession final : public ConnectionSet,
                            public util::LoopTask,
                            public std::enable_shared_from_this<ClientSession> {
 public:
  ClientSession(util::EventLoop& loop, util::Dialer& dialer, ClientPlan plan,
                std::optional<ReconnectOptions> reconnect, std::function<void(ClientSession&)> done);
  ~ClientSession() override;

  /// Starts the first attempt; returns its protocol object.
  std::shared_ptr<WebSocketClientProtocol> start();
  /// Uses a stream instead of dialling.
  std::shared_ptr<WebSocketClientProtocol> startOver(std::unique_ptr<util::Stream> stream);
  void startUpgraded(std::unique_ptr<util::Stream> stream, std::shared_ptr<WebSocketClientProtocol> protocol,
                     const std::string& received, std::optional<PerMessageDeflateParameters> compression);
  /// Closes the connection, or the attempt, and tries no more.
  void close(std::uint16_t code, std::string_view reason);
  /// The same at once.
  void terminate(std::string_view reason);

  void connecting(WebSocketProtocol& protocol, ClientRequest& request,
                  const TransportDetails& transport) override;
  void connected(WebSocketProtocol& protocol, const ConnectionResponse& response) override;
  void opened(Connection& connection) override;
  void ended(Connection& connection, const CloseInfo& info) override;
  void onTimer() override;

 private:
  void startLater(std::unique_ptr<util::Stream> stream, std::function<void(Connection&)> start);
  void dial();
  void dialed(std::error_code error, const std::string& detail, std::unique_ptr<util::Stream> stream);
  std::shared_ptr<Connection> makeConnection(std::unique_ptr<util::Stream> stream);
  void attemptEnded(ConnectionFailure failure, bool byUs);
  void finish();

  util::EventLoop& loop_;
  util::Dialer& dialer_;
  ClientPlan plan_;
  std::optional<ReconnectOptions> reconnect_;
  Backoff backoff_;
  std::function<void(ClientSession&)> done_;
  std::shared_ptr<WebSocketClientProtocol> protocol_;  ///< of the attempt under way
  util::DialHandle dial_;
  bool wasOpen_ = false;  ///< a connection was open at least once
  bool givenUp_ = false;
  bool finished_ = false;
};

}  // namespace autobahn::inline v0::websocket
