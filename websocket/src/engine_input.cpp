// Engine: from input to events.
#include <autobahn/util/utf8.hpp>

#include "engine_impl.hpp"

namespace autobahn::inline v0::websocket {

/// `event` is a fresh one. Left as it is: nothing for now.
[[gnu::always_inline]] inline void Engine::Impl::next(Event& event) {
  for (;;) {
    if (dropDue) {
      dropDue = false;
      event.type = EventType::drop;
      event.abort = dropAbort;
      return;
    }
    if (openDue && inputMode != Input::discard) {
      openDue = false;
      event.type = EventType::open;
      return;
    }
    if (inputMode == Input::opening) {
      nextOpening(event);
      if (event.type != EventType::none || !(openDue || dropDue)) return;
      continue;
    }
    if (!work) return;
    work->endOwnLoan();
    if (inputMode == Input::discard) {
      work->reader.release(pool);
      work->input = {};
      return;
    }
    switch (work->reader.next(work->input, *work->reading, event)) {
      case MessageReader::Step::needMore:
        return;
      case MessageReader::Step::event:
        if (event.type == EventType::pong) takePong(event.payload);
        return;
      case MessageReader::Step::close:
        takeClose(event.payload);
        break;
      case MessageReader::Step::violation:
        fail(work->reader.violation().code, work->reader.violation().reason);
        work->reader.abandon(pool);
        break;
    }
    event = {};
  }
}

Event Engine::next() {
  Event event;
  impl_->guarded([&] { impl_->next(event); });
  if (event.type != EventType::none) return event;
  impl_->guarded([&] {
    // Input waits behind a question of the opening handshake, but the bytes fed may go away now.
    EngineWork* const work = impl_->work.get();
    if (work == nullptr) return;
    impl_->retain();
    if (work->input.empty() && work->retained.capacity() != 0) work->retained = {};
  });
  return event;
}

bool Engine::hasEvents() const {
  const Impl& impl = *impl_;
  if (impl.dropDue || impl.openDue || impl.inputMode != Impl::Input::frames) return true;
  return impl.work && !(impl.work->input.empty() && impl.work->reader.isIdle());
}

void Engine::Impl::nextOpening(Event& event) {
  if (role == Role::server) return nextServerOpening(event);
  nextClientOpening(event);
}

/// The opening handshake reads from a view; what it took is gone from the input. False when nothing is left.
bool Engine::Impl::consumeOpening(std::string_view rest) {
  std::span<char>& input = working().input;
  input = input.last(rest.size());
  return !input.empty();
}

void Engine::Impl::nextServerOpening(Event& event) {
  ServerOpening& opening = *serverOpening();
  if (opening.waits()) return;
  const std::span<char> input = working().input;
  std::string_view view(input.data(), input.size());
  if (timings() && !view.empty() && timings()->handshakeStarted == TimePoint{}) {
    timings()->handshakeStarted = now;
  }
  const ServerOpening::Step step = opening.next(view);
  consumeOpening(view);
  switch (step) {
    case ServerOpening::Step::needMore:
      return;
    case ServerOpening::Step::httpRequest:
      event.type = EventType::httpRequest;
      if (serverOptions().httpHandlerTimeout.count() != 0) armPhase(serverOptions().httpHandlerTimeout);
      return;
    case ServerOpening::Step::connect:
      event.type = EventType::connect;
      return;
    case ServerOpening::Step::refused:
      return refuse(opening.answer());
    case ServerOpening::Step::flashPolicy:
      work->queue.append(std::string_view(serverOptions().flashSocketPolicy));
      work->queue.append(std::string_view("\0", 1));
      return drop(false, "answered a flash socket policy request");
  }
}

void Engine::Impl::nextClientOpening(Event& event) {
  ClientOpening& opening = *clientOpening();
  if (opening.waits()) return;
  const std::span<char> input = working().input;
  std::string_view view(input.data(), input.size());
  const ClientOpening::Step step = opening.next(view);
  consumeOpening(view);
  if (step == ClientOpening::Step::connected) event.type = EventType::connected;
  if (step == ClientOpening::Step::failed) drop(true, "opening handshake failed: " + opening.error());
}

void Engine::Impl::refuse(const http::Response& answer) {
  working().queue.append(http::serialize(answer));
  drop(false, "opening handshake refused: " + std::to_string(answer.status) + " " + answer.body);
}

void Engine::Impl::open(std::optional<PerMessageDeflateParameters> compression) {
  if (compression) deflate = std::make_unique<PerMessageDeflate>(role, *compression);
  state = State::open;
  inputMode = Input::frames;
  everOpen = true;
  openDue = true;
  lend();
  if (timings()) timings()->opened = now;
  if (rare && rare->isEmpty()) rare.reset();
  armPing();
}

void Engine::Impl::retain() {
  if (!work || work->input.empty()) return;
  work->endOwnLoan();
  // The rest may have to wait for its turn; the last message's buffer serves others meanwhile.
  work->reader.release(pool);
  std::span<char>& input = work->input;
  util::ByteBuffer& retained = work->retained;
  const bool inPlace =
      input.data() >= retained.data() && input.data() < retained.data() + retained.capacity();
  if (inPlace) return;
  retained.clear();
  retained.append({input.data(), input.size()});
  work->setInput({retained.data(), retained.size()});
}

void Engine::Impl::feed(std::span<char> bytes) {
  std::span<char>& input = working().input;
  if (input.empty()) return work->setInput(bytes);
  retain();
  util::ByteBuffer& retained = work->retained;
  auto done = static_cast<std::size_t>(input.data() - retained.data());
  if (done > input.size()) {
    util::ByteBuffer rest;
    rest.append({input.data(), input.size()});
    retained = std::move(rest);
    done = 0;
  }
  retained.append({bytes.data(), bytes.size()});
  work->setInput({retained.data() + done, retained.size() - done});
}

/// False when it is too late for an answer; throws when there was no question.
bool Engine::Impl::mayAnswer(ServerOpening::Step question, const char* action) const {
  if (role == Role::server && dropped) return false;
  if (serverOpening() && serverOpening()->asks(question)) return true;
  throw InvalidState(std::string(action) +
                     " answers nothing: call it once after the event that asks, httpRequest (respond) or "
                     "connect (accept or deny)");
}

bool Engine::Impl::mayConfirm(const char* action) const {
  if (role == Role::client && dropped) return false;
  if (clientOpening() && clientOpening()->waits()) return true;
  throw InvalidState(std::string(action) + " answers nothing: call it once after the event connected");
}

void Engine::Impl::takePong(std::string_view payload) {
  if (!rare || !rare->awaitedPong || rare->awaitedPong->payload != payload) return;
  if (timings()) timings()->lastPingRoundTrip = now - rare->awaitedPong->sent;
  rare->awaitedPong.reset();
  if (pongOverdue && state == State::open) armPing();
}

void Engine::Impl::noteTraffic() {
  if (keepsAlive() && options->autoPingRestartOnAnyTraffic) armPing();
}

}  // namespace autobahn::inline v0::websocket
