// Connection: writing, back-pressure, and the end of the sending direction.
#include <array>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/util/buffer.hpp>
#include <autobahn/util/log.hpp>
#include <new>

#include "connection.hpp"

namespace autobahn::inline v0::rawsocket {

namespace {

constexpr util::Logger kLog{"autobahn.rawsocket"};
constexpr std::size_t kMaxParts = 128;
/// From here on one more system call costs less than a copy (docs/benchmarks.md).
constexpr std::size_t kWriteThroughFrom = 32 * 1024;
/// A peer that takes nothing for so long while it is over the high watermark is a slow consumer, too.
constexpr std::chrono::seconds kStallTimeout{30};

}  // namespace

bool Connection::sendMessage(std::string_view payload) {
  if (!admits()) return false;
  const bool stays = liesInInput(payload);
  if (!stays && (payload.size() < kWriteThroughFrom || blocked_ || ended_)) {
    return act([&](Engine& engine) { return engine.sendMessage(payload); });
  }
  const bool sent = act([&](Engine& engine) { return engine.sendMessageBorrowed(payload); });
  if (stays) return sent;
  // The payload is the caller's: what the system does not take now is copied before we return.
  flush();
  settleOutput();
  return sent;
}

/// An echo: these bytes stay where they are until the input under way is processed.
bool Connection::liesInInput(std::string_view payload) const {
  return readsLoopBuffer_ && util::liesIn(payload, loop_.receiveBuffer());
}

/// Batches of two connections can nest: only one of them has the loop's cork.
void Connection::takeCork() {
  if (loop_.corkTaken || !engine_.output().empty()) return;
  loop_.corkTaken = hasCork_ = true;
  engine_.output().lend(loop_.corkBuffer());
}

void Connection::giveCorkBack() {
  try {
    engine_.output().settle();
  } catch (const std::bad_alloc&) {  // what waited is lost, perhaps from the middle of a frame on
    engine_.abort("out of memory");
    attendLater();
  }
  if (!hasCork_) return;
  loop_.corkTaken = hasCork_ = false;
}

void Connection::settleOutput() {
  giveCorkBack();
  if (inBatch_) takeCork();
}

bool Connection::admits() {
  requireOwnThread();
  const ProtocolOptions& options = engine_.options();
  if (options.slowConsumerPolicy == SlowConsumerPolicy::buffer || ended_) return true;
  if (!overHighWatermark_ && bufferedAmount() >= options.sendBufferHighWatermark) {
    // Much was sent within one batch: what the system takes of it does not count.
    flush();
    settleOutput();
  }
  if (!overHighWatermark_) return true;
  if (options.slowConsumerPolicy == SlowConsumerPolicy::close) dropSlowConsumer();
  return false;
}

void Connection::dropSlowConsumer() {
  if (engine_.state() != State::open) return;
  const std::string reason =
      "slow consumer: " + std::to_string(bufferedAmount()) + " octets wait for the peer to read";
  kLog.warning("connection failed", {{"peer", transport().peer}, {"reason", reason}});
  act([&](Engine& engine) { engine.fail(reason); });
}

std::size_t Connection::bufferedAmount() const {
  return engine_.output().size() + (stream_ ? stream_->pendingWrite() : 0);
}

/// Writes what is queued until the system takes no more.
void Connection::flush() {
  // Who saw this much queued may wait for `onDrain`, also when the system now takes most of it.
  if (bufferedAmount() >= engine_.options().sendBufferHighWatermark) drainOwed_ = true;
  while (!ended_ && !blocked_ && !engine_.output().empty()) writeSome();
  if (!ended_) afterWrite();
}

void Connection::writeSome() {
  const SendQueue& queue = engine_.output();
  if (queue.isOneRun()) {
    std::array<std::string_view, 1> part;
    queue.gather(part);
    return write(part);
  }
  std::array<std::string_view, kMaxParts> parts;  // clearing these costs more than writing one
  const std::size_t count = queue.gather(parts);
  write(std::span(parts).first(count));
}

void Connection::write(std::span<const std::string_view> parts) {
  std::size_t offered = 0;
  for (const std::string_view part : parts) offered += part.size();
  const util::IoResult result = stream_->write(parts);
  if (result.failed()) return writeFailed(result);
  engine_.output().consume(result.size);
  blocked_ = result.size != offered;
  if (stalledAt_ != util::kNever && result.size != 0) stalledAt_ = loop_.now() + kStallTimeout;
}

/// A caller of `sendMessage` must not find its connection gone: the end comes at the end of the batch.
void Connection::writeFailed(const util::IoResult& result) {
  engine_.output().clear();
  shutDown_ = true;
  writeError_ = std::make_unique<std::string>(describe(result));
  attendLater();
}

/// Decides what to wait for, by what is left.
void Connection::afterWrite() {
  const bool waiting = !shutDown_ && bufferedAmount() != 0;
  if (waiting != watchesWrite_) {
    watchesWrite_ = waiting;
    stream_->watchWrite(waiting);
  }
  checkWatermarks();
  if (!dropping_ || waiting || shutDown_) return;
  shutDown_ = true;
  stream_->shutdownWrite();
  watchesWrite_ = stream_->pendingWrite() != 0;
  if (watchesWrite_) stream_->watchWrite(true);
}

void Connection::checkWatermarks() {
  const std::size_t amount = bufferedAmount();
  const ProtocolOptions& options = engine_.options();
  if (amount >= options.sendBufferHighWatermark && !overHighWatermark_) {
    overHighWatermark_ = true;
    if (options.slowConsumerPolicy == SlowConsumerPolicy::close) stalledAt_ = loop_.now() + kStallTimeout;
    // A peer that does not read gets nothing more read from it: an echo must not grow without bound.
    if (!dropping_) setPause(kOutputFull, true);
  }
  if (amount > options.sendBufferLowWatermark) return;
  if (drained_) drained_->cancel();
  if (!drainOwed_) return;
  drainOwed_ = false;
  overHighWatermark_ = false;
  stalledAt_ = util::kNever;
  drainDue_ = true;
  setPause(kOutputFull, false);
  attendAgain();
}

/// The end of a batch: everything leaves, and what was put off is told.
void Connection::concludeBatch() {
  if (!ended_) flush();
  if (drainDue_ && !ended_) {
    drainDue_ = false;
    if (engine_.state() == State::open) guarded("onDrain", [&] { protocol_->onDrain(); });
    flush();
  }
  if (writeError_ && !ended_) {
    // What the peer sent before it went counts; it may say why.
    readAvailable();
    if (!ended_) finish(*writeError_);
  }
  // Both directions have ended: that was the orderly end.
  if (!ended_ && peerEnded_ && shutDown_ && stream_->pendingWrite() == 0) finish({});
  giveCorkBack();
  engine_.rest();
  inBatch_ = false;
  if (ended_) return;
  const bool again = again_;
  again_ = false;
  if (again || engine_.dropDue()) attendLater();
  rearm();
}

asio::awaitable<void> Connection::drain() {
  const std::shared_ptr<Connection> self = shared_from_this();
  while (!ended_ && bufferedAmount() > engine_.options().sendBufferLowWatermark) {
    if (!drained_) drained_ = std::make_unique<asio::steady_timer>(loop_.executor(), util::kNever);
    std::error_code ignored;
    co_await drained_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

/// The engine's `drop`: queued bytes still go out, then the sending direction ends and the peer's end is
/// awaited; or all ends at once.
void Connection::startDrop(bool abort) {
  if (abort) {
    stream_->setAbortive();
    return finish({});
  }
  dropping_ = true;
  if (pauses_ != 0) {
    pauses_ = 0;
    if (!peerEnded_) stream_->watchRead(true);
  }
  flush();
}

}  // namespace autobahn::inline v0::rawsocket
