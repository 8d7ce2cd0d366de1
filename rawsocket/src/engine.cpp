// Engine: sending, ending, time, and the doors to the inside.
#include <autobahn/rawsocket/engine.hpp>
#include <autobahn/util/invalid_state.hpp>
#include <autobahn/util/random.hpp>
#include <cstring>
#include <utility>

#include "engine_impl.hpp"

namespace autobahn::inline v0::rawsocket {

namespace {

/// From here on one more part of a write costs less than a copy (docs/benchmarks.md).
constexpr std::size_t kBorrowFrom = 8 * 1024;
/// How long a peer gets to take our last bytes when no time-out says otherwise.
constexpr std::chrono::milliseconds kLinger{1000};

}  // namespace

// ---- Sending

/// Writes a frame's header. False: not open.
bool Engine::Impl::beginFrame(FrameType type, std::size_t size) {
  if (state != State::open) return false;
  if (size > maxSend) throw PayloadExceeded(size, maxSend);
  if (type == FrameType::message) {
    ++stats.outgoingMessages;
    stats.outgoingOctets += size;
  }
  const HeaderBytes bytes = frameHeader(type, size);
  std::memcpy(queue.extend(bytes.size()), bytes.data(), bytes.size());
  return true;
}

// ---- Opening and ending

void Engine::Impl::open() {
  state = State::open;
  mode = Input::frames;
  everOpen = openDue = true;
  armPing();
}

/// Both ends announce in the same form what they receive and what they speak.
void Engine::Impl::sendHandshake() {
  const HeaderBytes bytes =
      handshake(lengthCode(options->maxMessagePayloadSize), static_cast<std::uint8_t>(serializer));
  queue.append(std::string_view(bytes.data(), bytes.size()));
}

void Engine::Impl::refuse(HandshakeError error, const std::string& why) {
  const HeaderBytes bytes = handshake(static_cast<std::uint8_t>(error), 0);
  queue.append(std::string_view(bytes.data(), bytes.size()));
  drop(false, false, "handshake refused: " + std::string(handshakeErrorText(error)) + ": " + why);
}

void Engine::Impl::fail(std::string_view reason) { drop(true, false, reason); }

/// Announces the end of the transport: after the output, or at once.
void Engine::Impl::drop(bool abortive, bool clean, std::string_view reason) {
  if (state == State::closed || (dropped && !abortive)) return;
  // The first reason stays, unless an orderly end does not come to one.
  if (!dropped || wasClean) endReason = reason;
  wasClean = clean;
  announceDrop(abortive);
}

void Engine::Impl::announceDrop(bool abortive) {
  state = State::closing;
  mode = Input::discard;
  input = {};
  openDue = false;
  dropped = dropDue = true;
  dropAbort = abortive;
  armPhase(options->closeTimeout.count() != 0 ? options->closeTimeout : kLinger);
}

/// The end for lack of memory. Needs none.
void Engine::Impl::runOut() noexcept {
  if (state == State::closed) return;
  queue.clear();
  if (!dropped || wasClean) endReason = "out of memory";  // short enough for a string by itself
  wasClean = false;
  announceDrop(true);
}

// ---- Time

void Engine::Impl::setTime(TimePoint time) {
  now = time;
  if (timeKnown) return;
  timeKnown = true;
  if (state == State::connecting) armPhase(options->openHandshakeTimeout);
}

void Engine::Impl::armPhase(std::chrono::milliseconds timeout) {
  deadline = timeout.count() == 0 ? TimePoint::max() : now + timeout;
}

void Engine::Impl::armPing() {
  pongOverdue = false;
  armPhase(options->autoPingInterval);
}

void Engine::Impl::handleTimeout() {
  if (now < deadline) return;
  if (state == State::open) return handlePingTimeout();
  const bool orderly = dropped;
  drop(true, false,
       orderly ? "peer did not end the connection in time"
               : "peer did not finish the opening handshake in time");
  deadline = TimePoint::max();
}

void Engine::Impl::handlePingTimeout() {
  if (inputPaused) return armPing();
  if (pongOverdue) return drop(true, false, "peer did not respond to a PING in time");
  awaitedPong.resize(options->autoPingSize);
  util::randomBytes(awaitedPong);
  beginFrame(FrameType::ping, awaitedPong.size());
  queue.append(std::string_view(awaitedPong));
  if (options->autoPingTimeout.count() == 0) return armPing();
  pongOverdue = true;
  armPhase(options->autoPingTimeout);
}

// ---- Engine

Engine::Engine(std::shared_ptr<const ServerOptions> options)
    : impl_(std::make_unique<Impl>(Role::server, std::move(options))) {}
Engine::Engine(std::shared_ptr<const ClientOptions> options)
    : impl_(std::make_unique<Impl>(Role::client, std::move(options))) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

void Engine::useBufferPool(util::BufferPool& pool) { impl_->pool = &pool; }
void Engine::setTime(TimePoint now) { impl_->setTime(now); }

void Engine::feed(std::span<const char> bytes) {
  impl_->guarded([&] { impl_->feed(bytes); });
}
Event Engine::next() {
  return impl_->guarded([&] { return impl_->next(); });
}
void Engine::setInputPaused(bool paused) { impl_->inputPaused = paused; }
bool Engine::dropDue() const { return impl_->dropDue; }
void Engine::retain() {
  impl_->guarded([&] { impl_->retain(); });
}
std::span<char> Engine::receiveWindow() {
  return impl_->guarded([&] { return impl_->receiveWindow(); });
}
void Engine::received(std::size_t size) {
  impl_->assembly.commit(size);
  impl_->sawTraffic();
}
void Engine::inputEnded() {
  impl_->ending([&] { impl_->inputEnded(); });
}
void Engine::rest() {
  impl_->guarded([&] { impl_->releaseDelivered(); });
}

void Engine::start() {
  impl_->guarded([&] {
    if (impl_->role != Role::client || impl_->started) {
      throw util::InvalidState("start() is for clients, once: a server's engine waits for the handshake");
    }
    impl_->started = true;
    if (impl_->state != State::connecting) return;
    impl_->serializer = impl_->clientOptions().serializer;
    impl_->sendHandshake();
  });
}

void Engine::accept() {
  impl_->guarded([&] {
    if (impl_->state == State::closing || impl_->state == State::closed) return;
    if (impl_->mode != Impl::Input::undecided) {
      throw util::InvalidState("accept() answers the event handshake, once");
    }
    impl_->sendHandshake();
    impl_->open();
  });
}

void Engine::refuse(HandshakeError error) {
  impl_->guarded([&] {
    if (impl_->state == State::closing || impl_->state == State::closed) return;
    if (impl_->mode != Impl::Input::undecided) {
      throw util::InvalidState("refuse() answers the event handshake, once");
    }
    impl_->refuse(error, "by the application");
  });
}

bool Engine::sendMessage(std::string_view payload) {
  return impl_->guarded([&] {
    if (!impl_->beginFrame(FrameType::message, payload.size())) return false;
    impl_->queue.append(payload);
    return true;
  });
}

bool Engine::sendMessageBorrowed(std::string_view payload) {
  return impl_->guarded([&] {
    if (payload.size() < kBorrowFrom) return sendMessage(payload);
    if (!impl_->beginFrame(FrameType::message, payload.size())) return false;
    if (impl_->assembly.holds(payload) || impl_->kept.holds(payload)) impl_->lendsOwn = true;
    impl_->queue.appendBorrowed(payload);
    return true;
  });
}

bool Engine::sendMessage(std::string&& payload) {
  return impl_->guarded([&] {
    if (!impl_->beginFrame(FrameType::message, payload.size())) return false;
    impl_->queue.append(std::move(payload));
    return true;
  });
}

bool Engine::sendMessage(std::shared_ptr<const std::string> payload) {
  return impl_->guarded([&] {
    if (!impl_->beginFrame(FrameType::message, payload->size())) return false;
    impl_->queue.append(std::move(payload));
    return true;
  });
}

bool Engine::sendPing(std::string_view payload) {
  return impl_->guarded([&] {
    if (!impl_->beginFrame(FrameType::ping, payload.size())) return false;
    impl_->queue.append(payload);
    return true;
  });
}

void Engine::close() {
  impl_->ending([&] {
    impl_->drop(false, impl_->state == State::open,
                impl_->state == State::open ? "closed by this end"
                                            : "closed by this end before the handshake was complete");
  });
}

void Engine::abort(std::string_view reason) {
  impl_->ending([&] { impl_->drop(true, false, reason.empty() ? "aborted by this end" : reason); });
}

void Engine::fail(std::string_view reason) {
  impl_->ending([&] { impl_->fail(reason); });
}
void Engine::refuseAsBusy() { impl_->busy = true; }

SendQueue& Engine::output() { return impl_->queue; }
const SendQueue& Engine::output() const { return impl_->queue; }

Engine::TimePoint Engine::nextDeadline() const { return impl_->deadline; }
void Engine::handleTimeout() {
  impl_->guarded([&] { impl_->handleTimeout(); });
}

void Engine::transportLost(std::string_view detail) {
  Impl& impl = *impl_;
  if (impl.state == State::closed) return;
  impl.ending([&] {
    if (!impl.dropped || (impl.wasClean && !detail.empty())) {
      impl.wasClean = false;
      impl.endReason = !detail.empty() ? std::string(detail) : "the transport ended unexpectedly";
    }
    impl.releaseDelivered();
  });
  impl.state = State::closed;
  impl.mode = Impl::Input::discard;
  impl.input = {};
  impl.dropped = true;
  impl.dropDue = impl.openDue = false;
  impl.deadline = TimePoint::max();
}

CloseInfo Engine::closeInfo() const { return {impl_->wasClean, impl_->endReason}; }

Role Engine::role() const { return impl_->role; }
State Engine::state() const { return impl_->state; }
bool Engine::wasEverOpen() const { return impl_->everOpen; }
SerializerId Engine::serializer() const { return impl_->serializer; }
std::size_t Engine::maxSendSize() const { return impl_->maxSend; }
const TrafficStats& Engine::trafficStats() const { return impl_->stats; }
const ProtocolOptions& Engine::options() const { return *impl_->options; }

}  // namespace autobahn::inline v0::rawsocket
