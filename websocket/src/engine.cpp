// Engine: the public face; sending.
#include <autobahn/websocket/engine.hpp>
#include <autobahn/websocket/prepared_message.hpp>
#include <utility>

#include "engine_impl.hpp"

namespace autobahn::inline v0::websocket {

Engine::Impl::Impl(Role role_, std::shared_ptr<const ProtocolOptions> options_)
    : options(std::move(options_)), role(role_) {
  if (options->trackTimings) makeRare().timings = std::make_unique<Timings>();
}

void Engine::Impl::startWork() {
  work = takeWork();
  work->reader.setMode(receiveMode);
  lend();
}

/// To be called again when anything of it changes while there is work.
void Engine::Impl::lend() {
  if (!work) return;
  const bool server = role == Role::server;
  const bool requireMask = server && serverOptions().requireMaskedClientFrames;
  const bool forbidMask = !server && !clientOptions().acceptMaskedServerFrames;
  const bool mask = server ? serverOptions().maskServerFrames : clientOptions().maskClientFrames;
  const FrameTraceFunction* const trace = traceFunction();
  work->reading.emplace(ReaderContext{*options, requireMask, forbidMask, deflate.get(), pool, stats, trace});
  work->writing.emplace(WriterContext{work->queue, *options, role, mask, deflate.get(), pool, stats, trace});
}

void Engine::Impl::rest() {
  if (!work || outOfMemory || !work->isIdle()) return;
  if (work->retained.capacity() != 0) work->retained = {};
  work->reader.dropBuffer();
  work->lendsOwn = false;
  giveWork(std::move(work));
}

Rare& Engine::Impl::makeRare() {
  if (!rare) rare = std::make_unique<Rare>();
  return *rare;
}

Engine::Engine(std::shared_ptr<const ServerOptions> options, std::shared_ptr<const ServerIdentity> identity)
    : impl_(std::make_unique<Impl>(Role::server, options)) {
  impl_->makeRare().serverOpening = std::make_unique<ServerOpening>(std::move(options), std::move(identity));
}

Engine::Engine(std::shared_ptr<const ClientOptions> options, ClientRequest request)
    : impl_(std::make_unique<Impl>(Role::client, options)) {
  impl_->makeRare().clientOpening = std::make_unique<ClientOpening>(std::move(options), std::move(request));
}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

void Engine::openUpgraded(std::optional<PerMessageDeflateParameters> compression) {
  impl_->guarded([&] {
    if (impl_->rare) {
      impl_->rare->serverOpening.reset();
      impl_->rare->clientOpening.reset();
    }
    impl_->open(compression);
  });
}

void Engine::useBufferPool(util::BufferPool& pool) {
  impl_->pool = &pool;
  impl_->lend();
}

void Engine::setReceiveMode(ReceiveMode mode) {
  impl_->receiveMode = mode;
  if (impl_->work) impl_->work->reader.setMode(mode);
}

void Engine::setFrameTrace(std::function<void(const FrameTrace&)> trace) {
  if (!trace && !impl_->rare) return;
  impl_->makeRare().trace = trace ? std::make_unique<FrameTraceFunction>(std::move(trace)) : nullptr;
  impl_->lend();
}

void Engine::setTime(TimePoint now) { impl_->setTime(now); }
Engine::TimePoint Engine::time() const { return impl_->now; }

// ---- Input

void Engine::feed(std::span<char> bytes) {
  if (impl_->inputMode == Impl::Input::discard || bytes.empty()) return;
  impl_->noteTraffic();
  if (impl_->work && impl_->work->input.empty()) {  // the usual case
    impl_->work->setInput(bytes);
  } else {
    impl_->guarded([&] { impl_->feed(bytes); });
  }
}

void Engine::setInputPaused(bool paused) {
  impl_->inputPaused = paused;
  if (!paused && impl_->keepsAlive()) impl_->armPing();
}

bool Engine::dropDue() const { return impl_->dropDue; }
void Engine::retain() {
  if (impl_->work && !impl_->work->input.empty()) impl_->guarded([&] { impl_->retain(); });
}
void Engine::rest() { impl_->rest(); }

std::span<char> Engine::receiveWindow() {
  EngineWork* const work = impl_->work.get();
  if (work == nullptr || impl_->inputMode != Impl::Input::frames || !work->input.empty()) return {};
  return impl_->guarded([&] { return work->reader.receiveWindow(*work->reading); });
}

void Engine::received(std::size_t size) {
  impl_->noteTraffic();
  impl_->guarded([&] { impl_->working().reader.received(size); });
}

// ---- Opening handshake

const http::Request& Engine::httpRequest() const { return impl_->serverOpening()->httpRequest(); }

void Engine::respond(http::Response response) {
  impl_->guarded([&] {
    if (!impl_->mayAnswer(ServerOpening::Step::httpRequest, "respond")) return;
    response.keepAlive = response.keepAlive && httpRequest().keepAlive;
    if (httpRequest().method == "HEAD") {
      const bool hasLength = response.status >= 200 && response.status != 204 && response.status != 304;
      if (hasLength) response.headers.set("Content-Length", std::to_string(response.body.size()));
      response.body.clear();
    }
    impl_->working().queue.append(http::serialize(response));
    if (!response.keepAlive) return impl_->drop(false, "answered an HTTP request");
    impl_->serverOpening()->requestAnswered();
    impl_->armPhase(impl_->options->openHandshakeTimeout);
  });
}

ConnectionRequest& Engine::request() { return impl_->serverOpening()->request(); }

void Engine::accept(ConnectionAccept accept) {
  impl_->guarded([&] {
    if (!impl_->mayAnswer(ServerOpening::Step::connect, "accept")) return;
    ServerOpening& opening = *impl_->serverOpening();
    const auto compression = negotiateServer(opening.request(), impl_->serverOptions());
    impl_->working().queue.append(buildAccept(opening.request(), opening.identity(), accept, compression));
    impl_->rare->subprotocol = std::move(accept.subprotocol);
    std::optional<PerMessageDeflateParameters> parameters;
    if (compression) parameters = compression->parameters();
    impl_->rare->serverOpening.reset();
    impl_->open(parameters);
  });
}

void Engine::deny(int status, std::string_view reason, Headers headers) {
  impl_->guarded([&] {
    if (!impl_->mayAnswer(ServerOpening::Step::connect, "deny")) return;
    impl_->refuse(refusal(status, reason, std::move(headers)));
  });
}

ClientRequest& Engine::clientRequest() { return impl_->clientOpening()->request; }

void Engine::start() {
  impl_->guarded([&] {
    if (!impl_->clientOpening() || impl_->clientOpening()->started())
      throw InvalidState("start() is called once, by a client");
    if (impl_->timings()) impl_->timings()->handshakeStarted = impl_->now;
    impl_->working().queue.append(impl_->clientOpening()->start());
  });
}

ConnectionResponse& Engine::response() { return impl_->clientOpening()->response; }

void Engine::confirm() {
  impl_->guarded([&] {
    if (!impl_->mayConfirm("confirm")) return;
    const auto compression = impl_->clientOpening()->compression;
    impl_->rare->subprotocol = impl_->clientOpening()->response.protocol;
    impl_->rare->clientOpening.reset();
    impl_->open(compression);
  });
}

void Engine::reject(std::string_view reason) {
  impl_->guarded([&] {
    if (!impl_->mayConfirm("reject")) return;
    impl_->drop(true, "opening handshake rejected by the application: " + std::string(reason));
  });
}

// ---- Sending

bool Engine::sendMessage(std::string_view payload, bool isBinary, SendOptions options) {
  return impl_->guarded([&] {
    if (impl_->state != State::open) return false;
    impl_->working().writer.sendMessage(payload, isBinary, options, MessageWriter::Payload::copy,
                                        impl_->writing());
    return true;
  });
}

bool Engine::sendMessageBorrowed(std::string_view payload, bool isBinary, SendOptions options) {
  return impl_->guarded([&] {
    if (impl_->state != State::open) return false;
    EngineWork& work = impl_->working();
    work.noteLoan(payload);
    if (char* const inPlace = work.reader.takeRoom(payload)) {
      work.writer.sendInPlace({inPlace, payload.size()}, isBinary, options, impl_->writing());
    } else {
      work.writer.sendMessage(payload, isBinary, options, MessageWriter::Payload::borrow, impl_->writing());
    }
    return true;
  });
}

bool Engine::sendMessage(std::string&& payload, bool isBinary, SendOptions options) {
  return impl_->guarded([&] {
    if (impl_->state != State::open) return false;
    impl_->working().writer.sendMessage(std::move(payload), isBinary, options, impl_->writing());
    return true;
  });
}

bool Engine::sendPreparedMessage(const PreparedMessage& message) {
  return impl_->guarded([&] {
    if (impl_->state != State::open) return false;
    impl_->working().writer.sendPrepared(message, impl_->writing());
    return true;
  });
}

namespace {
void requireControlSize(std::string_view payload) {
  if (payload.size() > 125) throw std::invalid_argument("a ping or pong carries at most 125 octets");
}
}  // namespace

bool Engine::sendPing(std::string_view payload) {
  return impl_->guarded([&] {
    requireControlSize(payload);
    if (impl_->state != State::open) return false;
    impl_->working().writer.sendControl(Opcode::ping, payload, impl_->writing());
    return true;
  });
}

bool Engine::sendPong(std::string_view payload) {
  return impl_->guarded([&] {
    requireControlSize(payload);
    if (impl_->state != State::open) return false;
    impl_->working().writer.sendControl(Opcode::pong, payload, impl_->writing());
    return true;
  });
}

bool Engine::beginMessage(bool isBinary, bool doNotCompress) {
  return impl_->guarded([&] {
    if (impl_->state != State::open) return false;
    impl_->working().writer.beginMessage(isBinary, doNotCompress, impl_->writing());
    return true;
  });
}

bool Engine::beginMessageFrame(std::uint64_t length) {
  return impl_->guarded([&] {
    if (impl_->state != State::open) return false;
    impl_->working().writer.beginFrame(length, impl_->writing());
    return true;
  });
}

std::int64_t Engine::sendMessageFrameData(std::string_view payload) {
  return impl_->guarded([&]() -> std::int64_t {
    // A frame that was begun is finished behind sendClose, too: the Close frame waits for its end.
    const bool finishes =
        impl_->state == State::closing && !impl_->dropped && impl_->work && impl_->work->writer.inFrame();
    if (impl_->state != State::open && !finishes) return 0;
    return impl_->working().writer.sendFrameData(payload, impl_->writing());
  });
}

bool Engine::sendMessageFrame(std::string_view payload) {
  return impl_->guarded([&] {
    if (impl_->state != State::open) return false;
    impl_->working().writer.sendFrame(payload, impl_->writing());
    return true;
  });
}

bool Engine::endMessage() {
  return impl_->guarded([&] {
    if (impl_->state != State::open) return false;
    impl_->working().writer.endMessage(impl_->writing());
    return true;
  });
}

bool Engine::sendClose(std::uint16_t code, std::string_view reason) {
  return impl_->guarded([&] {
    const bool sent = impl_->sendClose(code, reason);
    impl_->endedByCaller = impl_->endedByCaller || sent;
    return sent;
  });
}

void Engine::fail(std::uint16_t code, std::string_view reason) {
  impl_->ending([&] { impl_->fail(code, reason); });
}

void Engine::dropConnection(bool abort, std::string_view reason) {
  impl_->endedByCaller = true;
  impl_->ending([&] {
    // A closing handshake that was completed stays so (RFC 6455 section 7.1.4).
    if (impl_->closing() && impl_->closing()->wasClean) return impl_->drop(abort, {});
    impl_->drop(abort, reason.empty() ? "dropped by the application" : reason);
  });
}

namespace {
const SendQueue kNothing;
}  // namespace

SendQueue& Engine::output() {
  if (impl_->work) return impl_->work->queue;
  return impl_->guarded([&]() -> SendQueue& { return impl_->working().queue; });
}
const SendQueue& Engine::output() const { return impl_->work ? impl_->work->queue : kNothing; }

// ---- Time, end, state

Engine::TimePoint Engine::nextDeadline() const { return impl_->deadline; }
void Engine::handleTimeout() {
  impl_->guarded([&] { impl_->handleTimeout(); });
}

void Engine::transportLost(std::string_view detail, bool tlsFailed) {
  impl_->ending([&] {
    if (impl_->clientOpening() && impl_->state == State::connecting &&
        impl_->clientOpening()->finish() == ClientOpening::Step::failed) {
      impl_->drop(true, "opening handshake failed: " + impl_->clientOpening()->error());
    }
    impl_->noteLoss(detail, tlsFailed);
  });
  impl_->transportLost();
}

CloseInfo Engine::closeInfo() const { return impl_->closeInfo(); }
Role Engine::role() const { return impl_->role; }
State Engine::state() const { return impl_->state; }
bool Engine::endedByCaller() const { return impl_->endedByCaller; }
bool Engine::wasEverOpen() const { return impl_->everOpen; }

namespace {
const std::string kNone;
}  // namespace

const std::string& Engine::wasNotCleanReason() const {
  return impl_->closing() && !impl_->closing()->wasClean ? impl_->closing()->notCleanReason : kNone;
}
std::uint16_t Engine::localCloseCode() const { return impl_->closing() ? impl_->closing()->localCode : 0; }
std::string_view Engine::localCloseReason() const {
  return impl_->closing() ? impl_->closing()->localReason : kNone;
}
std::uint16_t Engine::remoteCloseCode() const { return impl_->closing() ? impl_->closing()->remoteCode : 0; }
std::string_view Engine::remoteCloseReason() const {
  return impl_->closing() ? impl_->closing()->remoteReason : kNone;
}
const std::string& Engine::subprotocol() const { return impl_->rare ? impl_->rare->subprotocol : kNone; }

std::optional<PerMessageDeflateParameters> Engine::compression() const {
  if (!impl_->deflate) return std::nullopt;
  return impl_->deflate->parameters();
}

const TrafficStats& Engine::trafficStats() const { return impl_->stats; }
Timings Engine::timings() const { return impl_->timings() ? *impl_->timings() : Timings{}; }
const ProtocolOptions& Engine::options() const { return *impl_->options; }

}  // namespace autobahn::inline v0::websocket
