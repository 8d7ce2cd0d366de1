// Engine: time-outs and automatic pings. Time is told, never looked at.
#include <autobahn/util/random.hpp>

#include "engine_impl.hpp"

namespace autobahn::inline v0::websocket {

void Engine::Impl::setTime(TimePoint time) {
  now = time;
  if (timeKnown) return;
  timeKnown = true;
  if (timings()) timings()->created = time;
  if (state == State::connecting) armPhase(options->openHandshakeTimeout);
}

void Engine::Impl::armPhase(std::chrono::milliseconds timeout) {
  deadline = timeout.count() == 0 ? TimePoint::max() : now + timeout;
}

void Engine::Impl::armPing() {
  pongOverdue = false;
  deadline = options->autoPingInterval.count() == 0 ? TimePoint::max() : now + options->autoPingInterval;
}

void Engine::Impl::handleTimeout() {
  if (now < deadline) return;
  if (state == State::open) return handlePingTimeout();
  handlePhaseTimeout();
}

void Engine::Impl::handlePhaseTimeout() {
  deadline = TimePoint::max();
  if (dropped) return drop(true, {});
  if (state == State::connecting) {
    const std::string_view reason = "peer did not finish the opening handshake in time";
    if (role == Role::client || !serverOpening()->started()) return drop(true, reason);
    if (serverOpening()->waits())
      return refuse(refusal(503, "the server did not decide on the handshake in time"));
    return refuse(refusal(408, reason));
  }
  drop(true, waitsForServer ? "peer did not drop the TCP connection in time"
                            : "peer did not finish the closing handshake in time");
}

void Engine::Impl::handlePingTimeout() {
  if (inputPaused) return armPing();
  if (pongOverdue) return drop(true, "peer did not respond to a ping in time");
  sendAutoPing();
}

void Engine::Impl::sendAutoPing() {
  std::string payload(options->autoPingSize, '\0');
  util::randomBytes(payload);
  working().writer.sendControl(Opcode::ping, payload, writing());
  if (timings()) timings()->lastPingSent = now;
  makeRare().awaitedPong = std::make_unique<AwaitedPong>(AwaitedPong{std::move(payload), now});
  if (options->autoPingTimeout.count() == 0) return armPing();
  pongOverdue = true;
  deadline = now + options->autoPingTimeout;
}

}  // namespace autobahn::inline v0::websocket
