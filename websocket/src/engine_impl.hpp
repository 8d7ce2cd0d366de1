// The state behind Engine: the parts put together, and the connection's life from opening to close.
#pragma once

#include <autobahn/websocket/engine.hpp>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "engine_work.hpp"
#include "opening.hpp"
#include "permessage_deflate.hpp"

namespace autobahn::inline v0::websocket {

/// How the end came about; exists from the first sign of it.
struct Closing {
  bool wasClean = false;
  bool tlsFailed = false;
  std::uint16_t localCode = 0;
  std::uint16_t remoteCode = 0;
  std::string localReason;
  std::string remoteReason;
  std::string notCleanReason;
};

/// The last automatic ping, until it is answered.
struct AwaitedPong {
  std::string payload;
  Engine::TimePoint sent;
};

/// What few connections have, or have only at their beginning or end.
struct Rare {
  bool isEmpty() const {
    return !serverOpening && !clientOpening && !closing && !timings && !trace && !awaitedPong &&
           subprotocol.empty();
  }

  std::unique_ptr<ServerOpening> serverOpening;
  std::unique_ptr<ClientOpening> clientOpening;
  std::unique_ptr<Closing> closing;
  std::unique_ptr<Timings> timings;
  std::unique_ptr<FrameTraceFunction> trace;
  std::unique_ptr<AwaitedPong> awaitedPong;
  std::string subprotocol;
};

/// As small as an idle connection allows: what is not needed for that is `work` or `rare`.
struct Engine::Impl {
  Impl(Role role, std::shared_ptr<const ProtocolOptions> options);

  // engine_input.cpp
  void next(Event& event);
  void nextOpening(Event& event);
  void nextServerOpening(Event& event);
  void nextClientOpening(Event& event);
  bool consumeOpening(std::string_view rest);
  void open(std::optional<PerMessageDeflateParameters> compression);
  void refuse(const http::Response& answer);
  void retain();
  void feed(std::span<char> bytes);
  bool mayAnswer(ServerOpening::Step question, const char* action) const;
  bool mayConfirm(const char* action) const;
  void noteTraffic();
  void takePong(std::string_view payload);

  // engine_close.cpp
  bool sendClose(std::uint16_t code, std::string_view reason);
  void takeClose(std::string_view payload);
  bool parseClose(std::string_view payload, Closing& into);
  void writeClose(std::uint16_t code, std::string_view reason);
  void finishClose();
  void fail(std::uint16_t code, std::string_view reason);
  void drop(bool abort, std::string_view notCleanReason);
  void noteLoss(std::string_view detail, bool tlsFailed);
  void transportLost();
  void announceDrop(bool abort);
  void runOut() noexcept;
  CloseInfo closeInfo() const;
  Closing& closingRecord();

  /// What cannot be finished for lack of memory ends the connection: half a frame may be written, or read.
  template <class Action>
  decltype(auto) guarded(Action&& action) {
    try {
      return action();
    } catch (const std::bad_alloc&) {
      runOut();
      throw;
    }
  }
  /// The same for what is an end itself, and so has done what it was to do.
  template <class Action>
  void ending(Action&& action) noexcept {
    try {
      action();
    } catch (const std::bad_alloc&) {
      runOut();
    }
  }

  // engine_time.cpp
  void setTime(TimePoint time);
  void handleTimeout();
  void handlePhaseTimeout();
  void handlePingTimeout();
  void sendAutoPing();
  void armPhase(std::chrono::milliseconds timeout);
  void armPing();
  bool keepsAlive() const { return state == State::open && deadline != TimePoint::max(); }

  const ServerOptions& serverOptions() const { return static_cast<const ServerOptions&>(*options); }
  const ClientOptions& clientOptions() const { return static_cast<const ClientOptions&>(*options); }
  /// For who is about to write, with `working()`.
  const WriterContext& writing() const { return *work->writing; }
  /// The state of messages under way, from here on until `rest`.
  EngineWork& working() {
    if (!work) startWork();
    return *work;
  }
  void startWork();
  void lend();
  void rest();
  Rare& makeRare();
  ServerOpening* serverOpening() const { return rare ? rare->serverOpening.get() : nullptr; }
  ClientOpening* clientOpening() const { return rare ? rare->clientOpening.get() : nullptr; }
  Closing* closing() const { return rare ? rare->closing.get() : nullptr; }
  Timings* timings() const { return rare ? rare->timings.get() : nullptr; }
  const FrameTraceFunction* traceFunction() const { return rare ? rare->trace.get() : nullptr; }

  /// What the connection does with its input now, beyond its public `State`.
  enum class Input : std::uint8_t { opening, frames, discard };

  std::shared_ptr<const ProtocolOptions> options;
  std::unique_ptr<EngineWork> work;  ///< null while the connection is idle
  std::unique_ptr<PerMessageDeflate> deflate;
  std::unique_ptr<Rare> rare;
  util::BufferPool* pool = nullptr;

  Role role;
  State state = State::connecting;
  Input inputMode = Input::opening;
  ReceiveMode receiveMode = ReceiveMode::message;
  bool timeKnown : 1 = false;
  bool openDue : 1 = false;
  bool dropDue : 1 = false;
  bool dropAbort : 1 = false;
  bool dropped : 1 = false;  ///< a drop was announced: only lingering is left
  bool everOpen : 1 = false;
  bool outOfMemory : 1 = false;
  bool endedByCaller : 1 = false;
  bool inputPaused : 1 = false;     ///< the driver does not read: pongs are not seen
  bool waitsForServer : 1 = false;  ///< client: the close handshake is done, the server is to end TCP
  bool pongOverdue : 1 = false;     ///< at `deadline`, while open; otherwise a ping is due then

  TimePoint now{};
  /// While open: when to ping, or when the pong is overdue. Otherwise the end of what the state is about: the
  /// handshake, the close handshake or the drop.
  TimePoint deadline = TimePoint::max();
  TrafficStats stats;
};

}  // namespace autobahn::inline v0::websocket
