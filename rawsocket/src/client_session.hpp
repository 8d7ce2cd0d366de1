// One `connect` of a client factory: dial, handshake, connection.
#pragma once

#include <autobahn/rawsocket/client.hpp>
#include <autobahn/util/net/dialer.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <functional>
#include <memory>
#include <string>

#include "connection.hpp"

namespace autobahn::inline v0::rawsocket {

/// On one loop. Knows neither Asio nor sockets: time is the loop's, streams are the dialer's.
class ClientSession final : public ConnectionHost, public std::enable_shared_from_this<ClientSession> {
 public:
  /// `done`: called once, at the end.
  ClientSession(util::EventLoop& loop, std::shared_ptr<const ClientOptions> options,
                std::shared_ptr<RawSocketClientProtocol> protocol, std::function<void(ClientSession&)> done);

  void dial(util::Dialer& dialer, const util::DialTarget& target, std::chrono::milliseconds timeout);
  /// Uses a stream instead of dialling.
  void startOver(std::unique_ptr<util::Stream> stream);
  /// Closes the connection in order, or gives up the attempt.
  void close();
  /// The same at once.
  void terminate(std::string_view reason);

  void ended(Connection& connection) override;

 private:
  void connected(std::unique_ptr<util::Stream> stream);
  void giveUp();
  void failed(const std::string& reason);
  void finish();

  util::EventLoop& loop_;
  std::shared_ptr<const ClientOptions> options_;
  std::shared_ptr<RawSocketClientProtocol> protocol_;
  std::function<void(ClientSession&)> done_;
  util::DialHandle dial_;
  std::shared_ptr<Connection> connection_;
  bool givenUp_ = false;
};

}  // namespace autobahn::inline v0::rawsocket
