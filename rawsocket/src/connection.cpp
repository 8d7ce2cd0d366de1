// Connection: its life, reading, time, callbacks.
#include "connection.hpp"

#include <algorithm>
#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>

namespace autobahn::inline v0::rawsocket {

namespace {

constexpr util::Logger kLog{"autobahn.rawsocket"};
/// Full reads in one turn, after which the other connections of the loop get theirs.
constexpr int kReadsPerTurn = 4;
/// Octets of messages handed on in one turn, likewise.
constexpr std::uint64_t kOctetsPerTurn = std::uint64_t{16} << 20;

}  // namespace

Connection::Connection(util::EventLoop& loop, std::unique_ptr<util::Stream> stream, Engine engine,
                       std::shared_ptr<ConnectionHost> host)
    : loop_(loop), stream_(std::move(stream)), engine_(std::move(engine)), host_(std::move(host)) {
  engine_.useBufferPool(loop_.bufferPool());
  engine_.setTime(loop_.now());
}

Connection::~Connection() {
  loop_.forget(*this);
  if (protocol_) protocol_->connection_ = nullptr;
}

void Connection::setProtocol(std::shared_ptr<RawSocketProtocol> protocol) {
  protocol_ = std::move(protocol);
  protocol_->connection_ = this;
  protocol_->peer_ = transport().peer;
}

TransportDetails Connection::transport() const { return stream_ ? stream_->details() : TransportDetails{}; }

void Connection::start(std::string_view received) {
  Batch batch(*this);
  early_ = received;
  stream_->setNoDelay(engine_.options().tcpNoDelay);
  if (const std::error_code error = stream_->attach(*this)) {
    return finish("cannot watch the transport: " + error.message());
  }
  advanceTransport();
}

/// The transport's own handshake (TLS).
void Connection::advanceTransport() {
  const std::error_code error = stream_->handshake();
  if (!error) return transportReady();
  if (error == std::errc::operation_would_block) return;
  const std::string detail = stream_->errorDetail();
  finish("transport handshake failed: " + (detail.empty() ? error.message() : detail));
}

void Connection::transportReady() {
  transportReady_ = true;
  if (engine_.role() == Role::server) {
    host_->transportReady(*this);
  } else {
    protocol_->peer_ = transport().peer;
    engine_.start();
  }
  if (ended_) return;
  if (!early_.empty()) {
    const std::string bytes = std::exchange(early_, {});
    engine_.feed(bytes);
    processInput();
  }
  // What the peer sent with the end of its TLS handshake raises no further notice.
  readAvailable();
}

void Connection::onReadable() {
  Batch batch(*this);
  if (!transportReady_) return advanceTransport();
  readAvailable();
}

void Connection::readAvailable() {
  for (int reads = 0; reads < kReadsPerTurn && !ended_; ++reads) {
    if (pauses_ != 0 || again_ || !readOnce()) return;
  }
}

/// One read and everything that follows from it. False when there is nothing more for now.
bool Connection::readOnce() {
  const std::span<char> window = engine_.receiveWindow();
  const std::span<char> buffer = loop_.receiveBuffer();
  const util::IoResult result =
      window.empty() ? stream_->read(buffer) : stream_->readScattered(window, buffer);
  const std::size_t direct = std::min(result.size, window.size());
  if (direct != 0) {
    engine_.received(direct);
    processInput();
  }
  if (!ended_ && result.size > direct) receivedInBuffer(buffer.first(result.size - direct));
  if (ended_) return false;
  if (result.failed()) {
    finish(describe(result));
    return false;
  }
  if (result.eof) {
    // TLS that ends without a goodbye may have been cut off by anybody: no orderly end.
    if (!stream_->errorDetail().empty()) {
      finish(describe(result));
      return false;
    }
    endPending_ = true;
    endOfInput();
    return false;
  }
  // A stream that knows no second place stops where the first is full.
  const bool windowFull = !window.empty() && result.size == window.size();
  return windowFull || result.size == window.size() + buffer.size();
}

/// The buffer is the loop's: what still points into it afterwards leaves, or is copied.
void Connection::receivedInBuffer(std::span<const char> bytes) {
  readsLoopBuffer_ = true;
  engine_.feed(bytes);
  processInput();
  readsLoopBuffer_ = false;
  if (ended_ || !engine_.output().hasBorrowed()) return;
  flush();
  settleOutput();
}

/// Hands on what the engine finds in its input, until that is used up, reading is paused, or the connection
/// has had its share of the turn.
void Connection::processInput() {
  const std::uint64_t share = engine_.trafficStats().incomingOctets + kOctetsPerTurn;
  while (!ended_ && (pauses_ == 0 || engine_.dropDue())) {
    Event event;
    // No memory for it: this connection's end, and nobody else's.
    guarded("the engine", [&] { event = engine_.next(); });
    if (event.type == EventType::none) {
      if (engine_.dropDue()) continue;
      break;
    }
    dispatch(event);
    if (ended_) return;
    // PONGs to one read, and answers of the application, can be many times its size.
    if (engine_.output().size() >= engine_.options().sendBufferHighWatermark) flush();
    if (engine_.trafficStats().incomingOctets >= share) {
      attendAgain();
      break;
    }
  }
  if (ended_) return;
  engine_.retain();
  endOfInput();
}

/// The peer has sent all it will. That is the end of the connection as soon as everything before it is
/// processed, and what is queued is written.
void Connection::endOfInput() {
  if (!endPending_ || ended_ || again_ || (pauses_ & ~kOutputFull) != 0) return;
  endPending_ = false;
  peerEnded_ = true;
  stream_->watchRead(false);
  engine_.inputEnded();
  processInput();
}

void Connection::onWritable() {
  blocked_ = false;
  Batch batch(*this);
  if (!transportReady_) advanceTransport();
}

void Connection::onTimer() {
  armed_ = util::kNever;
  Batch batch(*this);
  if (loop_.now() >= stalledAt_) dropSlowConsumer();
  if (loop_.now() >= engine_.nextDeadline()) engine_.handleTimeout();
  processInput();
}

void Connection::onTurnEnd() {
  dirty_ = false;
  Batch batch(*this);
  processInput();
}

/// The thread rule, checked where asserts are on: a look at another thread's loop per message costs too much
/// otherwise.
void Connection::requireOwnThread() const {
#ifndef NDEBUG
  if (loop_.isForeignThread()) {
    throw InvalidState("called on another thread than the connection's loop: use ref().post(…) instead");
  }
#endif
}

/// Called when something was done to the engine outside a batch: its output leaves at the end of the turn.
void Connection::attendLater() {
  if (inBatch_ || dirty_ || ended_) return;
  dirty_ = true;
  loop_.callAtTurnEnd(*this);
}

/// The same from within a batch, for what only another one can do.
void Connection::attendAgain() {
  again_ = inBatch_;
  attendLater();
}

void Connection::rearm() {
  const util::TimePoint deadline = std::min(engine_.nextDeadline(), stalledAt_);
  // A later deadline is found out when the timer goes off, but one that never comes frees its place at once.
  if (deadline >= armed_ && (deadline != util::kNever || armed_ == util::kNever)) return;
  armed_ = deadline;
  loop_.schedule(*this, deadline);
}

void Connection::setPause(Pause reason, bool on) {
  requireOwnThread();
  const bool wasPaused = pauses_ != 0;
  pauses_ = static_cast<std::uint8_t>(on ? pauses_ | reason : pauses_ & ~reason);
  const bool isPaused = pauses_ != 0;
  if (wasPaused == isPaused || ended_) return;
  engine_.setInputPaused(isPaused);
  if (!peerEnded_) stream_->watchRead(!isPaused);
  if (!isPaused) attendAgain();
}

void Connection::terminate(std::string_view reason) {
  if (ended_) return;
  engine_.setTime(loop_.now());
  engine_.abort(reason);
  stream_->setAbortive();
  finish({});
}

std::string Connection::describe(const util::IoResult& result) const {
  const std::string detail = stream_->errorDetail();
  return "transport failed: " + (detail.empty() ? result.error.message() : detail);
}

// ---- Events

void Connection::callbackFailed(const char* name, const std::exception_ptr& error) {
  kLog.error("exception in a callback of the application",
             {{"callback", name}, {"peer", transport().peer}, {"error", util::describeException(error)}});
  if (ended_) return;
  act([&](Engine& engine) { engine.fail(std::string("internal error in ") + name); });
}

void Connection::dispatch(const Event& event) {
  switch (event.type) {
    case EventType::none:
      return;
    case EventType::handshake:
      return answerHandshake();
    case EventType::open:
      kLog.debug([&](util::LogWriter write) {
        write("connection open",
              {{"peer", protocol_->peer()}, {"serializer", serializerName(engine_.serializer())}});
      });
      return guarded("onOpen", [&] { protocol_->onOpen(); });
    case EventType::message:
      return guarded("onMessage", [&] { protocol_->onMessage(event.payload); });
    case EventType::ping:
      return guarded("onPing", [&] { protocol_->onPing(event.payload); });
    case EventType::pong:
      return guarded("onPong", [&] { protocol_->onPong(event.payload); });
    case EventType::drop:
      return startDrop(event.abort);
  }
}

void Connection::answerHandshake() {
  const TransportDetails details = transport();
  std::shared_ptr<RawSocketProtocol> protocol;
  guarded("buildProtocol", [&] {
    protocol = host_->protocolFor({details.peer, engine_.serializer(), engine_.maxSendSize(), details.tls});
  });
  if (ended_) return;
  if (!protocol) return engine_.refuse(HandshakeError::serializerUnsupported);
  setProtocol(std::move(protocol));
  engine_.accept();
}

/// The end: the stream is closed, the application told, the host lets go. Destruction waits for the end of
/// whatever is on the stack.
void Connection::finish(std::string_view detail) {
  if (ended_) return;
  ended_ = true;
  const std::shared_ptr<Connection> self = shared_from_this();
  engine_.setTime(loop_.now());
  engine_.transportLost(detail);
  loop_.forget(*this);
  const CloseInfo info = engine_.closeInfo();
  kLog.debug([&](util::LogWriter write) {
    write("connection closed",
          {{"peer", transport().peer}, {"clean", info.wasClean}, {"reason", info.reason}});
  });
  stream_.reset();
  if (protocol_) guarded("onClose", [&] { protocol_->onClose(info.wasClean, info.reason); });
  if (drained_) drained_->cancel();
  // Whoever keeps this from here on keeps no host, which may own the loop.
  const std::shared_ptr<ConnectionHost> host = std::move(host_);
  host->ended(*this);
  if (protocol_) protocol_->connection_ = nullptr;
  loop_.post([self] {});
}

}  // namespace autobahn::inline v0::rawsocket
