// Engine: the closing handshake and every other way a connection ends (RFC 6455 section 7).
#include <autobahn/util/text.hpp>
#include <autobahn/util/utf8.hpp>

#include "engine_impl.hpp"

namespace autobahn::inline v0::websocket {

namespace {

/// A control frame's 125 octets less the code.
constexpr std::size_t kMaxReason = 123;
/// How long a peer gets to take our last bytes when no time-out says otherwise.
constexpr std::chrono::milliseconds kLinger{1000};

}  // namespace

Closing& Engine::Impl::closingRecord() {
  std::unique_ptr<Closing>& closing = makeRare().closing;
  if (!closing) closing = std::make_unique<Closing>();
  return *closing;
}

void Engine::Impl::writeClose(std::uint16_t code, std::string_view reason) {
  Closing& record = closingRecord();
  record.localCode = code;
  record.localReason = util::encodeTruncate(reason, kMaxReason);
  std::string payload;
  if (code != 0) {
    payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    payload += record.localReason;
  }
  if (timings() && timings()->closeStarted == TimePoint{}) timings()->closeStarted = now;
  working().writer.sendControl(Opcode::close, payload, writing());
  state = State::closing;
}

bool Engine::Impl::sendClose(std::uint16_t code, std::string_view reason) {
  if (code != 0 && !maySendCloseCode(code)) {
    throw std::invalid_argument("close code " + std::to_string(code) +
                                " may not be sent: use 1000, 1001, 1008, 1011-1014 or 3000-4999");
  }
  if (code == 0 && !reason.empty()) throw std::invalid_argument("a close reason needs a close code");
  if (!util::isValidUtf8(reason)) throw std::invalid_argument("a close reason must be UTF-8");
  if (state != State::open) return false;
  writeClose(code, reason);
  armPhase(options->closeHandshakeTimeout);
  return true;
}

bool Engine::Impl::parseClose(std::string_view payload, Closing& into) {
  if (payload.empty()) {
    into.remoteCode = static_cast<std::uint16_t>(CloseCode::noStatus);
    return true;
  }
  if (payload.size() == 1) {
    fail(1002, "close frame with a payload of one octet");
    return false;
  }
  const auto code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                               static_cast<std::uint8_t>(payload[1]));
  if (!mayReceiveCloseCode(code)) {
    fail(1002, "close frame with the invalid code " + std::to_string(code));
    return false;
  }
  payload.remove_prefix(2);
  if (options->utf8validateIncoming && !util::isValidUtf8(payload)) {
    fail(1007, "close reason is not valid UTF-8");
    return false;
  }
  into.remoteCode = code;
  into.remoteReason = payload;
  return true;
}

void Engine::Impl::takeClose(std::string_view payload) {
  Closing& record = closingRecord();
  if (!parseClose(payload, record)) return;
  // The peer reads no further: the frame is left unfinished, and no Close frame may stand inside it.
  if (work && work->writer.inFrame())
    return drop(false, "peer closed the connection while a frame was being sent to it");
  record.wasClean = true;
  if (state == State::open) {
    const bool echo = options->echoCloseCodeReason;
    const std::uint16_t echoed = record.remoteCode == 1005 ? 0 : record.remoteCode;
    writeClose(echo ? echoed : 1000, echo ? record.remoteReason : std::string());
  }
  finishClose();
}

/// Both Close frames are on their way: the server ends TCP first (RFC 6455 section 7.1.1).
void Engine::Impl::finishClose() {
  inputMode = Input::discard;
  if (role == Role::server) return drop(false, {});
  waitsForServer = true;
  armPhase(clientOptions().serverConnectionDropTimeout);
}

void Engine::Impl::fail(std::uint16_t code, std::string_view reason) {
  if (dropped) return;
  Closing& record = closingRecord();
  const std::string text = "connection failed: " + std::to_string(code) + " " + std::string(reason);
  const bool answered = state == State::closing;
  if (options->failByDrop || state != State::open) {
    if (!answered) {
      record.localCode = code;
      record.localReason = reason;
    }
    return drop(true, text);
  }
  record.wasClean = false;
  record.notCleanReason = text;
  writeClose(code, reason);
  // RFC 6455 section 7.1.7: nothing more of the peer is processed.
  drop(false, text);
}

/// Announces the end of the transport: after the output, or at once.
void Engine::Impl::drop(bool abort, std::string_view notCleanReason) {
  if (state == State::closed || (dropped && !abort)) return;
  if (!notCleanReason.empty()) {
    Closing& record = closingRecord();
    record.wasClean = false;
    if (record.notCleanReason.empty()) record.notCleanReason = notCleanReason;
  }
  announceDrop(abort);
}

void Engine::Impl::announceDrop(bool abort) {
  state = State::closing;
  inputMode = Input::discard;
  dropped = true;
  dropDue = true;
  dropAbort = abort;
  armPhase(options->closeHandshakeTimeout.count() != 0 ? options->closeHandshakeTimeout : kLinger);
}

void Engine::Impl::noteLoss(std::string_view detail, bool tlsFailed) {
  if (state == State::closed) return;
  Closing& record = closingRecord();
  record.tlsFailed = tlsFailed;
  if (!record.wasClean && record.notCleanReason.empty()) {
    const std::string_view what =
        everOpen ? "peer dropped the TCP connection without previous WebSocket closing handshake"
                 : "peer dropped the TCP connection before the opening handshake was complete";
    record.notCleanReason = detail.empty() ? std::string(what) : std::string(detail);
  }
}

void Engine::Impl::transportLost() {
  if (state == State::closed) return;
  state = State::closed;
  inputMode = Input::discard;
  if (work) work->input = {};
  dropDue = false;
  dropped = true;
  deadline = TimePoint::max();
  if (timings()) timings()->closed = now;
}

/// The end for lack of memory. Needs none: there may be no words for why.
void Engine::Impl::runOut() noexcept {
  if (state == State::closed) return;
  outOfMemory = true;
  if (work) work->input = {};
  if (work) work->queue.clear();
  try {
    Closing& record = closingRecord();
    if (!dropped && !waitsForServer) record.wasClean = false;
    if (record.notCleanReason.empty()) record.notCleanReason = "out of memory";
  } catch (const std::bad_alloc&) {
  }
  openDue = false;
  announceDrop(true);
}

CloseInfo Engine::Impl::closeInfo() const {
  const Closing* const record = closing();
  if (record == nullptr) return {false, 1006, "connection was closed uncleanly"};
  if (record->wasClean) return {true, record->remoteCode, record->remoteReason};
  const auto code =
      static_cast<std::uint16_t>(record->tlsFailed ? CloseCode::tlsFailed : CloseCode::abnormalClose);
  return {false, code, "connection was closed uncleanly (" + record->notCleanReason + ")"};
}

}  // namespace autobahn::inline v0::websocket
