// Connection: from the engine's events to the application's callbacks.
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <autobahn/util/log.hpp>

#include "connection.hpp"
#include "connection_batch.hpp"
#include "connection_guard.hpp"
#include "connection_rare.hpp"
#include "frame.hpp"
#include "handshake.hpp"

namespace autobahn::inline v0::websocket {

namespace {
constexpr util::Logger kLog{"autobahn.websocket"};
}  // namespace

std::string describeException(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

void Connection::callbackFailed(const char* name, std::exception_ptr error) {
  kLog.error("exception in a callback of the application",
             {{"callback", name}, {"peer", transport().peer}, {"error", describeException(error)}});
  if (ended_) return;
  act([&](Engine& engine) {
    engine.fail(static_cast<std::uint16_t>(CloseCode::internalError),
                std::string("internal error in ") + name);
    return true;
  });
}

void Connection::traceFrames() {
  engine_.setFrameTrace([this](const FrameTrace& frame) {
    kLog.debug(frame.incoming ? "frame received" : "frame sent",
               {{"peer", transport().peer},
                {"opcode", opcodeName(static_cast<Opcode>(frame.opcode))},
                {"fin", frame.fin},
                {"rsv", frame.rsv},
                {"masked", frame.masked},
                {"length", frame.length}});
  });
}

void Connection::dispatch(const Event& event) {
  switch (event.type) {
    case EventType::none:
      return;
    case EventType::drop:
      return startDrop(event.abort);
    case EventType::httpRequest:
    case EventType::connect:
    case EventType::connected:
    case EventType::open:
      return dispatchOpening(event);
    default:
      break;
  }
  guarded("onMessage", [&] { dispatchMessage(event); });
}

void Connection::dispatchMessage(const Event& event) {
  WebSocketProtocol& protocol = *protocol_;
  switch (event.type) {
    case EventType::messageBegin:
      return protocol.onMessageBegin(event.isBinary);
    case EventType::frameBegin:
      return protocol.onMessageFrameBegin(event.length);
    case EventType::frameData:
      return protocol.onMessageFrameData(event.payload);
    case EventType::frameEnd:
      return protocol.onMessageFrameEnd();
    case EventType::frame:
      return protocol.onMessageFrame(event.payload);
    case EventType::messageEnd:
      return protocol.onMessageEnd();
    case EventType::ping:
      return protocol.onPing(event.payload);
    case EventType::pong:
      return protocol.onPong(event.payload);
    default:
      return;
  }
}

void Connection::dispatchOpening(const Event& event) {
  if (event.type == EventType::httpRequest) return answerHttp();
  if (event.type == EventType::connect) return decideConnect();
  if (event.type == EventType::open) return opened();
  try {
    host_->connected(*protocol_, engine_.response());
  } catch (const std::exception& error) {
    return engine_.reject(error.what());
  } catch (...) {
    return engine_.reject("rejected");
  }
  if (!ended_ && engine_.state() == State::connecting) engine_.confirm();
}

void Connection::opened() {
  forgetTransport();
  kLog.debug([&](util::LogWriter write) { write("connection open", {{"peer", transport().peer}}); });
  host_->opened(*this);
  guarded("onOpen", [&] { protocol_->onOpen(); });
}

// ---- Server: opening handshake and plain HTTP, decided now or later

/// Sends the refusal that `error` stands for. One that cannot be sent as the application has it (a line break
/// in a header, a status that is none) becomes a bare 500, as does any other exception.
template <class Send>
void Connection::refuse(const char* who, std::exception_ptr error, Send&& send) {
  try {
    try {
      std::rethrow_exception(error);
    } catch (const ConnectionDeny& deny) {
      send(deny);
    }
  } catch (...) {
    kLog.error(
        "request failed",
        {{"in", who}, {"peer", transport().peer}, {"error", describeException(std::current_exception())}});
    send(ConnectionDeny(ConnectionDeny::kInternalServerError, "internal server error"));
  }
}

void Connection::decideConnect() {
  ConnectionRequest& request = engine_.request();
  request.peer = transport().peer;
  request.tls = transport().tls;
  try {
    if (busy_) throw ConnectionDeny(ConnectionDeny::kServiceUnavailable, "too many connections");
    auto protocol = host_->protocolFor(request);
    if (!protocol) throw ConnectionDeny(ConnectionDeny::kNotFound, "no WebSocket at this path");
    setProtocol(std::move(protocol));
    ConnectDecision decision = host_->decide(*protocol_, request);
    if (ended_) return;
    if (decision.isReady()) return finishConnect(nullptr, decision.takeValue());
    setPause(kUndecided, true);
    asio::co_spawn(loop_.executor(), decision.takeAwaitable(),
                   [self = shared_from_this()](std::exception_ptr error, ConnectionAccept accept) {
                     const Batch batch(*self);
                     self->finishConnect(error, std::move(accept));
                     self->continueAfterDecision();
                   });
  } catch (...) {
    finishConnect(std::current_exception(), {});
  }
}

void Connection::finishConnect(std::exception_ptr error, ConnectionAccept accept) {
  if (ended_ || engine_.state() != State::connecting) return;
  try {
    if (error) std::rethrow_exception(error);
    engine_.accept(std::move(accept));
  } catch (...) {
    refuse("onConnect", std::current_exception(),
           [this](const ConnectionDeny& deny) { engine_.deny(deny.code, deny.what(), deny.headers); });
  }
}

void Connection::answerHttp() {
  try {
    if (busy_) throw ConnectionDeny(ConnectionDeny::kServiceUnavailable, "too many connections");
    HttpDecision decision = host_->answer(engine_.httpRequest(), transport());
    if (ended_) return;
    if (decision.isReady()) return finishHttp(nullptr, decision.takeValue());
    setPause(kUndecided, true);
    answersHttp_ = true;
    asio::co_spawn(loop_.executor(), decision.takeAwaitable(),
                   [self = shared_from_this()](std::exception_ptr error, http::Response response) {
                     const Batch batch(*self);
                     self->finishHttp(error, std::move(response));
                     self->continueAfterDecision();
                   });
  } catch (...) {
    finishHttp(std::current_exception(), {});
  }
}

void Connection::finishHttp(std::exception_ptr error, http::Response response) {
  answersHttp_ = false;
  response.keepAlive = response.keepAlive && !lastAnswer_;
  if (ended_ || engine_.state() != State::connecting) return;
  try {
    if (error) std::rethrow_exception(error);
    engine_.respond(std::move(response));
  } catch (...) {
    refuse("HTTP handler", std::current_exception(), [this](const ConnectionDeny& deny) {
      engine_.respond(refusal(deny.code, deny.what(), deny.headers));
    });
  }
}

void Connection::continueAfterDecision() {
  if (ended_) return;
  setPause(kUndecided, false);
  processInput();
}

// ---- Coroutine handlers

void Connection::enqueueAsync(Message message) {
  if (ended_) return;
  std::unique_ptr<Inbox>& inbox = makeRare().inbox;
  if (!inbox) inbox = std::make_unique<Inbox>();
  inbox->octets += message.payload.size();
  inbox->messages.push_back(std::move(message));
  if (inbox->isFull()) setPause(kInboxFull, true);
  if (inbox->running) return;
  inbox->running = true;
  asio::co_spawn(loop_.executor(), runInbox(),
                 asio::bind_cancellation_slot(inbox->cancellation.slot(), asio::detached));
}

asio::awaitable<void> Connection::runInbox() {
  const std::shared_ptr<Connection> self = shared_from_this();
  const std::shared_ptr<WebSocketProtocol> protocol = protocol_;
  Inbox& inbox = *rare_->inbox;  // stays, once it is there
  while (!inbox.messages.empty()) {
    Message message = std::move(inbox.messages.front());
    inbox.messages.pop_front();
    inbox.octets -= message.payload.size();
    if (inbox.isLow()) setPause(kInboxFull, false);
    try {
      co_await protocol->onMessageAsync(std::move(message));
    } catch (...) {
      if (!ended_) callbackFailed("onMessageAsync", std::current_exception());
    }
  }
  inbox.running = false;
}

}  // namespace autobahn::inline v0::websocket
