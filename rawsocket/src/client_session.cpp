#include "client_session.hpp"

#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>
#include <utility>

namespace autobahn::inline v0::rawsocket {

namespace {
constexpr util::Logger kLog{"autobahn.rawsocket"};
}  // namespace

ClientSession::ClientSession(util::EventLoop& loop, std::shared_ptr<const ClientOptions> options,
                             std::shared_ptr<RawSocketClientProtocol> protocol,
                             std::function<void(ClientSession&)> done)
    : loop_(loop), options_(std::move(options)), protocol_(std::move(protocol)), done_(std::move(done)) {}

void ClientSession::dial(util::Dialer& dialer, const util::DialTarget& target,
                         std::chrono::milliseconds timeout) {
  protocol_->giveUp_ = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->giveUp();
  };
  dial_ = dialer.dial(target, timeout,
                      [weak = weak_from_this()](std::error_code error, const std::string& detail,
                                                std::unique_ptr<util::Stream> stream) {
                        const auto self = weak.lock();
                        if (!self) return;
                        self->dial_ = {};
                        if (!error) return self->connected(std::move(stream));
                        self->failed(detail.empty() ? "cannot connect: " + error.message() : detail);
                      });
}

void ClientSession::startOver(std::unique_ptr<util::Stream> stream) {
  // Not now: the caller may be inside a callback of another connection of this loop.
  auto owned = std::make_shared<std::unique_ptr<util::Stream>>(std::move(stream));
  protocol_->giveUp_ = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->giveUp();
  };
  loop_.post([self = shared_from_this(), owned] {
    if (self->protocol_ && !self->givenUp_) self->connected(std::move(*owned));
  });
}

void ClientSession::connected(std::unique_ptr<util::Stream> stream) {
  protocol_->giveUp_ = nullptr;
  connection_ = std::make_shared<Connection>(loop_, std::move(stream), Engine(options_), shared_from_this());
  connection_->setProtocol(protocol_);
  // It may end within the call.
  const std::shared_ptr<Connection> connection = connection_;
  connection->start();
}

void ClientSession::ended(Connection& /*connection*/) {
  connection_.reset();
  finish();
}

void ClientSession::close() {
  if (connection_) return connection_->act([](Engine& engine) { engine.close(); });
  giveUp();
}

/// `onClose` follows soon, never from inside the call.
void ClientSession::giveUp() {
  if (std::exchange(givenUp_, true) || !protocol_) return;
  dial_ = {};
  loop_.post([self = shared_from_this()] { self->failed("given up by the application"); });
}

void ClientSession::terminate(std::string_view reason) {
  dial_ = {};
  if (connection_) return connection_->terminate(reason);
  failed(std::string(reason));
}

/// No connection has come about.
void ClientSession::failed(const std::string& reason) {
  if (!protocol_) return;
  const std::shared_ptr<ClientSession> self = shared_from_this();
  protocol_->giveUp_ = nullptr;
  try {
    protocol_->onClose(false, reason);
  } catch (...) {
    kLog.error("exception in a callback of the application",
               {{"callback", "onClose"}, {"error", util::describeException(std::current_exception())}});
  }
  finish();
}

void ClientSession::finish() {
  protocol_.reset();
  if (const auto done = std::exchange(done_, nullptr)) done(*this);
}

}  // namespace autobahn::inline v0::rawsocket
