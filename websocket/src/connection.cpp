// Connection: its life, reading, time.
#include "connection.hpp"

#include <algorithm>
#include <autobahn/util/log.hpp>
#include <utility>

#include "connection_batch.hpp"
#include "connection_guard.hpp"
#include "connection_rare.hpp"

namespace autobahn::inline v0::websocket {

namespace {

constexpr util::Logger kLog{"autobahn.websocket"};
/// Watches a stream that is on its way from one owner to another.
class Nobody final : public util::StreamObserver {
 public:
  void onReadable() override {}
  void onWritable() override {}
};

/// Full reads in one turn, after which the other connections of the loop get theirs.
constexpr int kReadsPerTurn = 4;
/// Octets of messages handed on in one turn, likewise. More than one read of messages that are not
/// compressed.
constexpr std::uint64_t kOctetsPerTurn = std::uint64_t{2} << 20;
/// The same where compression is agreed on: to inflate an octet, and to compress an answer, takes fifty times
/// as long.
constexpr std::uint64_t kInflatedOctetsPerTurn = std::uint64_t{256} << 10;

}  // namespace

void ConnectionHost::transportReady(Connection&) {}
bool ConnectionHost::isForeign(std::string_view) { return false; }
void ConnectionHost::handOver(Connection&, std::unique_ptr<util::Stream>, std::string_view) {}
std::shared_ptr<WebSocketProtocol> ConnectionHost::protocolFor(const ConnectionRequest&) { return nullptr; }
ConnectDecision ConnectionHost::decide(WebSocketProtocol&, const ConnectionRequest&) {
  return ConnectionAccept{};
}
HttpDecision ConnectionHost::answer(const http::Request&, const TransportDetails&) {
  throw ConnectionDeny(ConnectionDeny::kNotFound, "not found");
}
void ConnectionHost::connecting(WebSocketProtocol&, ClientRequest&, const TransportDetails&) {}
void ConnectionHost::connected(WebSocketProtocol&, const ConnectionResponse&) {}
void ConnectionHost::opened(Connection&) {}
void ConnectionHost::handshakeFailed(Connection&, const std::string&) {}

Connection::Connection(util::EventLoop& loop, std::unique_ptr<util::Stream> stream, Engine engine,
                       std::shared_ptr<ConnectionHost> host)
    : loop_(loop), stream_(std::move(stream)), engine_(std::move(engine)), host_(std::move(host)) {
  engine_.useBufferPool(loop_.bufferPool());
  engine_.setTime(loop_.now());
  if (engine_.options().logFrames) traceFrames();
}

Connection::~Connection() {
  loop_.forget(*this);
  if (protocol_) protocol_->connection_ = nullptr;
}

void Connection::setProtocol(std::shared_ptr<WebSocketProtocol> protocol) {
  protocol_ = std::move(protocol);
  protocol_->connection_ = this;
  protocol_->setPeer(transport().peer);
  engine_.setReceiveMode(protocol_->receiveMode_);
}

const TransportDetails& Connection::transport() const {
  std::unique_ptr<TransportDetails>& known = makeRare().transport;
  if (!known) known = std::make_unique<TransportDetails>(stream_ ? stream_->details() : TransportDetails{});
  return *known;
}

/// They may change, and are rarely asked for again.
void Connection::forgetTransport() {
  if (!rare_) return;
  rare_->transport.reset();
  if (rare_->isEmpty()) rare_.reset();
}

Connection::Rare& Connection::makeRare() const {
  if (!rare_) rare_ = std::make_unique<Rare>();
  return *rare_;
}

util::TimePoint Connection::stalledAt() const { return rare_ ? rare_->stalledAt : util::kNever; }

void Connection::start() {
  stream_->setNoDelay(engine_.options().tcpNoDelay);
  if (const std::error_code error = stream_->attach(*this)) {
    return finish("cannot watch the transport: " + error.message());
  }
  Batch batch(*this);
  if (advanceHandshake()) transportReady();
}

void Connection::startUpgraded(std::string_view received,
                               std::optional<PerMessageDeflateParameters> compression) {
  stream_->setNoDelay(engine_.options().tcpNoDelay);
  if (const std::error_code error = stream_->attach(*this)) {
    return finish("cannot watch the transport: " + error.message());
  }
  transportReady_ = true;
  engine_.openUpgraded(compression);
  Batch batch(*this);
  std::string bytes(received);
  engine_.feed(bytes);
  processInput();
}

/// The transport's own handshake (TLS). True when it is done.
bool Connection::advanceHandshake() {
  const std::error_code error = stream_->handshake();
  if (!error) return true;
  if (error == std::errc::operation_would_block) return false;
  const std::string detail = stream_->errorDetail();
  finish("transport handshake failed: " + (detail.empty() ? error.message() : detail), true);
  return false;
}

void Connection::transportReady() {
  // One that looks first comes here at every notice until its first octets are there.
  transportReady_ = !looksFirst_;
  forgetTransport();
  if (engine_.role() == Role::server) {
    host_->transportReady(*this);
    if (ended_) return;
    if (looksFirst_) return readFirst();
    // What the client sent with the end of its TLS handshake raises no further notice.
    return readAvailable();
  }
  protocol_->setPeer(transport().peer);
  try {
    host_->connecting(*protocol_, engine_.clientRequest(), transport());
    engine_.start();
  } catch (...) {
    const std::string reason = describeException(std::current_exception());
    kLog.error("opening handshake cannot be sent", {{"peer", protocol_->peer()}, {"error", reason}});
    engine_.fail(static_cast<std::uint16_t>(CloseCode::internalError),
                 "opening handshake cannot be sent: " + reason);
  }
  processInput();
}

void Connection::onReadable() {
  Batch batch(*this);
  if (!transportReady_) {
    if (advanceHandshake()) transportReady();
    return;
  }
  readAvailable();
}

/// The first octets: ours, or somebody else's?
void Connection::readFirst() {
  const std::span<char> buffer = loop_.receiveBuffer();
  const util::IoResult result = stream_->read(buffer);
  if (result.wouldBlock()) return;
  const std::span<char> bytes = buffer.first(result.size);
  const std::string_view text(bytes.data(), bytes.size());
  bool isForeign = false;
  if (!text.empty()) guarded("a foreign protocol", [&] { isForeign = host_->isForeign(text); });
  if (isForeign) return handOver(text);
  looksFirst_ = false;
  transportReady_ = true;
  if (!bytes.empty()) receivedInBuffer(bytes);
  if (!ended_ && mayGoOn(result) && bytes.size() == buffer.size()) readAvailable();
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
  if (direct != 0) receivedDirectly(window.first(direct));
  if (!ended_ && result.size > direct) receivedInBuffer(buffer.first(result.size - direct));
  if (ended_ || !mayGoOn(result)) return false;
  // A stream that knows no second place stops where the first is full.
  const bool windowFull = !window.empty() && result.size == window.size();
  return windowFull || result.size == window.size() + buffer.size();
}

/// False when a read was the last one: the end, or a failure, which are seen to.
inline bool Connection::mayGoOn(const util::IoResult& result) {
  if (result.failed()) {
    finish(describe(result));
    return false;
  }
  if (result.eof) {
    endPending_ = true;
    endOfInput();
    return false;
  }
  return true;
}

/// What the engine gave room for: the rest of a large message.
void Connection::receivedDirectly(std::span<const char> bytes) {
  if (engine_.options().logOctets) logOctets("received", {bytes.data(), bytes.size()});
  engine_.received(bytes.size());
  processInput();
}

void Connection::receivedInBuffer(std::span<char> bytes) {
  if (engine_.options().logOctets) logOctets("received", {bytes.data(), bytes.size()});
  readsLoopBuffer_ = true;
  engine_.feed(bytes);
  processInput();
  returnLoopBuffer();
}

/// Hands on what the engine finds in its input, until that is used up, reading is paused, or the connection
/// has had its share of the turn: a little compressed input can be a lot of work.
void Connection::processInput() {
  const std::uint64_t& octets = engine_.trafficStats().incomingOctetsAppLevel;
  const std::uint64_t before = octets;
  std::uint64_t share = before + kInflatedOctetsPerTurn;
  const std::size_t highWatermark = engine_.options().sendBufferHighWatermark;
  const SendQueue& queue = engine_.output();  // stays while this batch lasts
  while (!ended_ && (pauses_ == 0 || engine_.dropDue()) && engine_.hasEvents()) {
    Event event;
    // A trace of the application's, or no memory: this connection's end, and nobody else's.
    if (!guarded("the engine", [&] { event = engine_.next(); })) continue;
    if (event.type == EventType::none) break;
    if (event.type == EventType::message) {
      guarded("onMessage", [&] { protocol_->onMessage(event.payload, event.isBinary); });
    } else {
      dispatch(event);
    }
    if (ended_) return;
    // Answers to one read can be many times its size.
    if (queue.size() >= highWatermark) flush();
    if (octets >= share) {
      if (octets >= before + kOctetsPerTurn || engine_.compression()) {
        attendAgain();
        break;
      }
      share = before + kOctetsPerTurn;
    }
  }
  if (ended_) return;
  engine_.retain();
  endOfInput();
}

/// The peer has sent all it will. That is the end of the connection as soon as everything before it is
/// processed.
void Connection::endOfInput() {
  if (!endPending_ || ended_ || again_ || (pauses_ & ~kOutputFull) != 0) return;
  flush();
  if (!ended_) finish({});
}

void Connection::visit(const std::function<void(WebSocketProtocol&)>& visitor) {
  Batch batch(*this);
  visitor(*protocol_);
}

void Connection::onWritable() {
  blocked_ = false;
  Batch batch(*this);
  if (!transportReady_ && advanceHandshake()) transportReady();
}

void Connection::onTimer() {
  armed_ = util::kNever;
  Batch batch(*this);
  if (loop_.now() >= stalledAt()) dropSlowConsumer();
  if (loop_.now() >= engine_.nextDeadline()) engine_.handleTimeout();
  processInput();
}

void Connection::onTurnEnd() {
  const bool wasAgain = again_;
  dirty_ = again_ = false;
  Batch batch(*this);
  processInput();
  // What has become readable meanwhile was told once, and not read.
  if (wasAgain) readAvailable();
}

/// Called when something was done to the engine outside a batch: its output leaves at the end of the turn.
void Connection::attendLater() {
  if (inBatch_ || dirty_ || ended_) return;
  dirty_ = true;
  loop_.callAtTurnEnd(*this);
}

/// The same from within a batch, for what only another one can do.
void Connection::attendAgain() {
  again_ = again_ || inBatch_;
  attendLater();
}

void Connection::rearm() {
  const util::TimePoint deadline = std::min(engine_.nextDeadline(), stalledAt());
  // A later deadline is found out when the timer goes off, but one that never comes frees its place at once.
  if (deadline >= armed_ && (deadline != util::kNever || armed_ == util::kNever)) return;
  armed_ = deadline;
  loop_.schedule(*this, deadline);
}

void Connection::setPause(Pause reason, bool on) {
  const bool wasPaused = pauses_ != 0;
  pauses_ = static_cast<std::uint8_t>(on ? pauses_ | reason : pauses_ & ~reason);
  const bool isPaused = pauses_ != 0;
  if (wasPaused == isPaused || ended_) return;
  engine_.setInputPaused(isPaused);
  stream_->watchRead(!isPaused);
  if (!isPaused) attendAgain();
}

void Connection::terminate(std::string_view reason) {
  if (ended_) return;
  engine_.dropConnection(true, reason);
  finish({});
}

void Connection::goAway(std::string_view reason) {
  if (ended_) return;
  act([&](Engine& engine) {
    if (engine.state() == State::connecting) {
      // A request that was taken is answered still.
      lastAnswer_ = true;
      if (answersHttp_) return true;
      engine.dropConnection(false, reason);
      return true;
    }
    return engine.sendClose(static_cast<std::uint16_t>(CloseCode::goingAway), reason);
  });
}

std::string Connection::describe(const util::IoResult& result) const {
  const std::string detail = stream_->errorDetail();
  return "transport failed: " + (detail.empty() ? result.error.message() : detail);
}

/// The end: the stream is closed, the application told, the host lets go. Destruction waits for the end of
/// whatever is on the stack.
void Connection::finish(std::string_view detail, bool tlsFailed) {
  if (ended_) return;
  ended_ = true;
  const std::shared_ptr<Connection> self = shared_from_this();
  engine_.setTime(loop_.now());
  engine_.transportLost(detail, tlsFailed);
  transport();  // for onClose and the log: asked while there is a stream, and `rare_` holds it from here on
  loop_.forget(*this);
  stream_.reset();
  const CloseInfo info = engine_.closeInfo();
  if (rare_->inbox) rare_->inbox->cancel();
  notifyClosed(info);
  if (rare_->drained) rare_->drained->cancel();
  host_->ended(*this, info);
  if (protocol_) protocol_->connection_ = nullptr;
  loop_.post([self] {});
}

/// The end of this object, but not of what it served.
void Connection::handOver(std::string_view received) {
  if (busy_) return terminate("too many connections");
  static Nobody nobody;
  if (const std::error_code error = stream_->attach(nobody)) {
    return finish("cannot hand the transport over: " + error.message());
  }
  stream_->watchRead(false);  // what comes waits for the new owner
  ended_ = true;
  engine_.transportLost("handed over", false);
  loop_.forget(*this);
  host_->handOver(*this, std::move(stream_), received);
  loop_.post([self = shared_from_this()] {});
}

void Connection::notifyClosed(const CloseInfo& info) {
  if (!engine_.wasEverOpen()) host_->handshakeFailed(*this, engine_.wasNotCleanReason());
  if (kLog.enabled(util::Level::debug)) {
    kLog.debug(
        "connection closed",
        {{"peer", transport().peer}, {"clean", info.wasClean}, {"code", info.code}, {"reason", info.reason}});
  }
  if (!protocol_) return;
  guarded("onClose", [&] { protocol_->onClose(info.wasClean, info.code, info.reason); });
}

}  // namespace autobahn::inline v0::websocket
