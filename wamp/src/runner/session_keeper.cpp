#include "session_keeper.hpp"

#include <asio/post.hpp>
#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>
#include <stdexcept>
#include <utility>

#include "../session/impl.hpp"
#include "../transport/url_scheme.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.runner"};

std::vector<websocket::ReconnectOptions> retriesOf(const std::vector<TransportConfig>& transports) {
  std::vector<websocket::ReconnectOptions> all;
  all.reserve(transports.size());
  for (const auto& each : transports) all.push_back(each.retry);
  return all;
}

}  // namespace

/// Between the transport and the session: the keeper learns what the session does.
class SessionKeeper::Handler final : public TransportHandler {
 public:
  Handler(std::shared_ptr<ApplicationSession> session, std::weak_ptr<SessionKeeper> keeper)
      : session_(std::move(session)), keeper_(std::move(keeper)) {}

  void onOpen(std::shared_ptr<Transport> transport) override {
    const Calling calling(keeper_);
    if (calling.keeper) calling.keeper->opened();
    session_->onOpen(std::move(transport));
  }
  void onMessage(Message message) override {
    const Calling calling(keeper_);
    session_->onMessage(std::move(message));
  }
  void onBadMessage(const std::string& problem) override {
    const Calling calling(keeper_);
    session_->onBadMessage(problem);
  }
  void onClose(bool wasClean, const std::string& reason) override {
    const Calling calling(keeper_);
    session_->onClose(wasClean, reason);
    if (calling.keeper && !calling.keeper->hasEnded_) calling.keeper->closed(wasClean, reason);
  }

 private:
  // While it lasts the connection must not be destroyed: it is at work.
  struct Calling {
    explicit Calling(const std::weak_ptr<SessionKeeper>& weak) : keeper(weak.lock()) {
      if (keeper) ++keeper->calls_;
    }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;
    ~Calling() {
      if (keeper) --keeper->calls_;
    }
    std::shared_ptr<SessionKeeper> keeper;
  };

  std::shared_ptr<ApplicationSession> session_;
  std::weak_ptr<SessionKeeper> keeper_;
};

SessionKeeper::SessionKeeper(asio::io_context& io, KeeperPlan plan)
    : io_(io),
      plan_(std::move(plan)),
      transports_(retriesOf(plan_.transports), plan_.retriesUnreachable),
      timer_(io) {
  if (plan_.transports.empty()) throw std::invalid_argument("at least one transport is needed");
}

void SessionKeeper::start() {
  if (std::exchange(hasStarted_, true)) throw InvalidState("it has been started already");
  asio::post(io_, [self = shared_from_this()] {
    if (!self->hasEnded_) self->attemptNext();
  });
}

void SessionKeeper::attemptNext() {
  if (const auto attempt = transports_.next()) return waitFor(*attempt);
  ConnectionLoss loss;
  loss.reason = "unsupported";
  loss.message = "none of the transports can be used";
  concludeAttempt(std::move(loss), false, true);
}

void SessionKeeper::waitFor(const TransportPlan::Attempt& attempt) {
  isWaiting_ = true;
  timer_.expires_after(attempt.delay);
  timer_.async_wait([weak = weak_from_this(), transport = attempt.transport](std::error_code error) {
    const auto self = weak.lock();
    if (error || !self || !self->isWaiting_) return;
    self->isWaiting_ = false;
    self->connect(transport);
  });
}

void SessionKeeper::connect(std::size_t transport) {
  current_ = transport;
  // The last connection's, which could not go while it was calling.
  connection_ = nullptr;
  const TransportConfig& config = plan_.transports[transport];
  try {
    // One that was lost with its transport, but may go on, gets the next one.
    if (!isSuspended()) session_ = plan_.makeSession();
  } catch (...) {
    ConnectionLoss loss;
    loss.reason = "unsupported";
    loss.message = "the session cannot be made: " + util::describeException(std::current_exception());
    loss.url = config.url;
    kLog.error(loss.message);
    return concludeAttempt(std::move(loss), false, true);
  }
  try {
    connection_ = connectTransport(io_, config, std::make_shared<Handler>(session_, weak_from_this()));
  } catch (const std::exception& error) {
    kLog.error("the transport cannot be used", {{"url", withoutQuery(config.url)}, {"why", error.what()}});
    transports_.exclude(transport);
    if (!isSuspended()) session_ = nullptr;
    attemptNext();
  }
}

bool SessionKeeper::isSuspended() const {
  return session_ && SessionAccess::of(*session_).core.isSuspended();
}

void SessionKeeper::opened() {
  isOpen_ = true;
  transports_.opened(*current_);
}

// GOODBYE and ABORT are decisions; so is what the application asked for.
bool SessionKeeper::endedInOrder(bool wasClean) const {
  const SessionImpl& impl = SessionAccess::of(*session_);
  if (isClosing_ || impl.wasDisconnected) return true;
  if (impl.lastEnd) return impl.lastEnd->by != EndedBy::transport;
  return wasClean && !plan_.reconnects;
}

void SessionKeeper::closed(bool wasClean, const std::string& reason) {
  const bool wasOpen = std::exchange(isOpen_, false);
  const bool isInOrder = (wasOpen || isClosing_) && endedInOrder(wasClean);
  ConnectionLoss loss;
  loss.reason = !wasOpen ? "unreachable" : wasClean || isInOrder ? "closed" : "lost";
  loss.message = reason;
  loss.url = plan_.transports[*current_].url;
  bool isFailure = !isInOrder;
  if (const auto& end = SessionAccess::of(*session_).lastEnd) {
    loss.closeReason = end->details.reason;
    if (end->by != EndedBy::transport && !end->details.message.empty()) loss.message = end->details.message;
    if (end->by == EndedBy::abort) isFailure = true;
  }
  if (!isSuspended()) session_ = nullptr;
  const bool mayRetry = !isInOrder && !isClosing_ && (wasOpen ? plan_.reconnects : true);
  concludeAttempt(std::move(loss), mayRetry, isFailure && !isClosing_);
}

void SessionKeeper::concludeAttempt(ConnectionLoss loss, bool mayRetry, bool isFailure) {
  const auto attempt = mayRetry ? transports_.next() : std::nullopt;
  if (attempt) {
    loss.willRetry = true;
    loss.retryDelay = attempt->delay;
    loss.retryCount = attempt->retryCount;
  }
  const auto onLoss = plan_.onLoss;  // a copy: it may lead to `terminate`
  const bool goesOn = !onLoss || onLoss(loss);
  if (hasEnded_) return;  // ended by the callback
  if (!attempt || !goesOn || isClosing_) return end(isFailure);
  waitFor(*attempt);
}

void SessionKeeper::close(const std::string& reason, const std::string& message) {
  if (hasEnded_) return;
  isClosing_ = true;
  if (std::exchange(isWaiting_, false) || !hasStarted_) {
    timer_.cancel();
    ConnectionLoss loss;
    loss.reason = "closed";
    loss.message = message;
    return concludeAttempt(std::move(loss), false, false);
  }
  if (!session_) return;
  if (!isOpen_) {
    // An attempt under way: it is given up.
    asio::post(io_, [self = shared_from_this()] { self->connection_ = nullptr; });
    return;
  }
  try {
    if (session_->isAttached()) session_->leave(reason, message);
  } catch (const Error&) {  // the transport is going
  }
  session_->disconnect();
}

void SessionKeeper::terminate() {
  hasEnded_ = true;
  plan_.onLoss = nullptr;
  plan_.onEnd = nullptr;
  timer_.cancel();
  std::shared_ptr<ClientConnection> gone(std::move(connection_));
  if (calls_ == 0) return;
  // It is the connection that is calling: it goes when it has finished, and brings nothing more.
  if (session_ && session_->transport()) session_->transport()->abort();
  asio::post(io_, [gone = std::move(gone)] {});
}

void SessionKeeper::end(bool isFailure) {
  if (std::exchange(hasEnded_, true)) return;
  // The connection may be the one that is calling.
  asio::post(io_, [self = shared_from_this()] { self->connection_ = nullptr; });
  if (const auto onEnd = std::exchange(plan_.onEnd, nullptr)) onEnd(isFailure);
}

}  // namespace autobahn::inline v0::wamp
