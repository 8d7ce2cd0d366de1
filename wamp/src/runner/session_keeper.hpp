// Keeps a session connected: transports in turn, delays, a new session for each connection.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/wamp/connection_loss.hpp>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/session.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport_plan.hpp"

namespace autobahn::inline v0::wamp {

/// What a SessionKeeper is given.
struct KeeperPlan {
  std::vector<TransportConfig> transports{};
  bool reconnects = true;          ///< after a connection was lost
  bool retriesUnreachable = true;  ///< attempts that failed are repeated, besides trying each transport once
  std::function<std::shared_ptr<ApplicationSession>()> makeSession{};
  /// An attempt failed or a connection ended; false: no further attempts.
  std::function<bool(const ConnectionLoss&)> onLoss{};
  /// It is over; the last call. `isFailure`: it did not end in order.
  std::function<void(bool isFailure)> onEnd{};
};

/// On the loop's thread.
class SessionKeeper : public std::enable_shared_from_this<SessionKeeper> {
 public:
  SessionKeeper(asio::io_context& io, KeeperPlan plan);

  /// Begins, later.
  void start();
  /// Leaves, disconnects and makes no further attempt.
  void close(const std::string& reason, const std::string& message);
  /// Ends at once; neither `onLoss` nor `onEnd` is called. Also from inside callbacks.
  void terminate();

  /// Null between connections.
  const std::shared_ptr<ApplicationSession>& session() const { return session_; }
  bool isOpen() const { return isOpen_; }
  bool isRetrying() const { return isWaiting_; }
  bool hasEnded() const { return hasEnded_; }

 private:
  class Handler;
  void attemptNext();
  void waitFor(const TransportPlan::Attempt& attempt);
  void connect(std::size_t transport);
  void opened();
  void closed(bool wasClean, const std::string& reason);
  bool isSuspended() const;
  bool endedInOrder(bool wasClean) const;
  void concludeAttempt(ConnectionLoss loss, bool mayRetry, bool isFailure);
  void end(bool isFailure);

  asio::io_context& io_;
  KeeperPlan plan_;
  TransportPlan transports_;
  asio::steady_timer timer_;
  std::optional<std::size_t> current_;
  std::unique_ptr<ClientConnection> connection_;
  std::shared_ptr<ApplicationSession> session_;  ///< connected, or waiting to go on (session resumption)
  bool isOpen_ = false;
  bool isWaiting_ = false;
  bool isClosing_ = false;
  bool hasStarted_ = false;
  bool hasEnded_ = false;
  int calls_ = 0;  ///< that the connection is making
};

}  // namespace autobahn::inline v0::wamp
