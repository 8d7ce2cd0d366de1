#include "client_session.hpp"

#include <autobahn/util/log.hpp>
#include <utility>

#include "connection_guard.hpp"

namespace autobahn::inline v0::websocket {

namespace {
constexpr util::Logger kLog{"autobahn.websocket"};
}  // namespace

ClientSession::ClientSession(util::EventLoop& loop, util::Dialer& dialer, ClientPlan plan,
                             std::optional<ReconnectOptions> reconnect,
                             std::function<void(ClientSession&)> done)
    : loop_(loop),
      dialer_(dialer),
      plan_(std::move(plan)),
      reconnect_(std::move(reconnect)),
      backoff_(reconnect_.value_or(ReconnectOptions{})),
      done_(std::move(done)) {}

ClientSession::~ClientSession() { loop_.forget(*this); }

std::shared_ptr<WebSocketClientProtocol> ClientSession::start() {
  protocol_ = plan_.build();
  if (!protocol_) throw InvalidState("no protocol to connect: call setProtocol() first");
  dial();
  return protocol_;
}

std::shared_ptr<WebSocketClientProtocol> ClientSession::startOver(std::unique_ptr<util::Stream> stream) {
  protocol_ = plan_.build();
  if (!protocol_) throw InvalidState("no protocol to connect: call setProtocol() first");
  startLater(std::move(stream), [](Connection& connection) { connection.start(); });
  return protocol_;
}

void ClientSession::startUpgraded(std::unique_ptr<util::Stream> stream,
                                  std::shared_ptr<WebSocketClientProtocol> protocol,
                                  const std::string& received,
                                  std::optional<PerMessageDeflateParameters> compression) {
  protocol_ = std::move(protocol);
  startLater(std::move(stream), [received, compression](Connection& connection) {
    connection.startUpgraded(received, compression);
  });
}

/// Not now: the caller may be inside a callback of another connection of this loop.
void ClientSession::startLater(std::unique_ptr<util::Stream> stream, std::function<void(Connection&)> start) {
  loop_.post([connection = makeConnection(std::move(stream)), start = std::move(start)] {
    if (!connection->ended()) start(*connection);
  });
}

std::shared_ptr<Connection> ClientSession::makeConnection(std::unique_ptr<util::Stream> stream) {
  auto connection = std::make_shared<Connection>(loop_, std::move(stream),
                                                 Engine(plan_.options, plan_.request), shared_from_this());
  add(connection);
  connection->setProtocol(protocol_);
  return connection;
}

void ClientSession::dial() {
  dial_ = dialer_.dial(plan_.target, plan_.timeout,
                       [weak = weak_from_this()](std::error_code error, const std::string& detail,
                                                 std::unique_ptr<util::Stream> stream) {
                         if (const auto self = weak.lock()) self->dialed(error, detail, std::move(stream));
                       });
}

void ClientSession::dialed(std::error_code error, const std::string& detail,
                           std::unique_ptr<util::Stream> stream) {
  dial_ = {};
  if (!error) return makeConnection(std::move(stream))->start();
  ConnectionFailure failure;
  failure.message = detail.empty() ? "cannot connect: " + error.message() : detail;
  attemptEnded(std::move(failure), false);
}

void ClientSession::connecting(WebSocketProtocol& protocol, ClientRequest& request,
                               const TransportDetails& transport) {
  static_cast<WebSocketClientProtocol&>(protocol).onConnecting(request, transport);
}

void ClientSession::connected(WebSocketProtocol& protocol, const ConnectionResponse& response) {
  static_cast<WebSocketClientProtocol&>(protocol).onConnect(response);
}

void ClientSession::opened(Connection& connection) {
  wasOpen_ = true;
  backoff_.reset();
  ConnectionSet::opened(connection);
}

void ClientSession::ended(Connection& connection, const CloseInfo& info) {
  ConnectionFailure failure;
  failure.code = info.code;
  failure.message = info.reason;
  const bool open = connection.engine().wasEverOpen();
  failure.reason = !open ? "unreachable" : info.wasClean ? "closed" : "lost";
  const bool byUs = connection.engine().endedByCaller();
  ConnectionSet::ended(connection, info);
  protocol_.reset();
  attemptEnded(std::move(failure), byUs);
}

/// An attempt, or the connection it had led to, is over: again, or never.
void ClientSession::attemptEnded(ConnectionFailure failure, bool byUs) {
  if (failure.reason.empty()) failure.reason = "unreachable";
  failure.retryCount = backoff_.retryCount();
  const bool unreachable = failure.reason == "unreachable" && !wasOpen_;
  std::optional<std::chrono::milliseconds> delay;
  if (reconnect_ && !givenUp_ && !byUs && !(unreachable && !reconnect_->retryIfUnreachable))
    delay = backoff_.next();
  failure.byApplication = byUs;
  failure.willRetry = delay.has_value();
  failure.retryDelay = delay.value_or(std::chrono::milliseconds{0});
  if (const auto protocol = std::exchange(protocol_, nullptr)) {
    try {
      protocol->onClose(false, failure.code, failure.message);
    } catch (...) {
      kLog.error("exception in a callback of the application",
                 {{"callback", "onClose"}, {"error", describeException(std::current_exception())}});
    }
  }
  bool goesOn = true;
  try {
    if (reconnect_ && reconnect_->onFailure) goesOn = reconnect_->onFailure(failure);
  } catch (...) {
    kLog.error("exception in a callback of the application",
               {{"callback", "onFailure"}, {"error", describeException(std::current_exception())}});
  }
  if (!delay || !goesOn || givenUp_) return finish();
  kLog.info("connecting again", {{"reason", failure.reason},
                                 {"message", failure.message},
                                 {"retry", backoff_.retryCount()},
                                 {"delay_ms", delay->count()}});
  loop_.schedule(*this, loop_.now() + *delay);
}

void ClientSession::onTimer() {
  if (givenUp_) return;
  try {
    protocol_ = plan_.build();
  } catch (...) {
    kLog.error("no protocol for another attempt", {{"error", describeException(std::current_exception())}});
  }
  if (!protocol_) return finish();
  dial();
}

void ClientSession::close(std::uint16_t code, std::string_view reason) {
  givenUp_ = true;
  loop_.forget(*this);
  if (size() != 0) {
    forEach([&](Connection& connection) {
      connection.act([&](Engine& engine) {
        if (engine.sendClose(code, reason)) return true;
        if (engine.state() == State::connecting) engine.dropConnection(true);
        return false;
      });
    });
    return;
  }
  if (finished_) return;
  dial_ = {};
  ConnectionFailure failure;
  failure.message = "given up by the application";
  attemptEnded(std::move(failure), true);
}

void ClientSession::terminate(std::string_view reason) {
  givenUp_ = true;
  loop_.forget(*this);
  dial_ = {};
  terminateAll(reason);
}

void ClientSession::finish() {
  if (finished_) return;
  finished_ = true;
  if (done_) done_(*this);
}

}  // namespace autobahn::inline v0::websocket
