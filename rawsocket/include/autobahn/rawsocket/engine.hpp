// The RawSocket protocol as a pure state machine, for both roles: bytes in, events out; actions in, bytes
// out. It never sees a socket, a clock or a thread. `RawSocketProtocol` drives it over Asio; embed it where
// another event loop rules.
//
//   engine.setTime(now);
//   engine.feed(received);
//   for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) { … act … }
//   … write engine.output() to the peer …
#pragma once

#include <autobahn/rawsocket/options.hpp>
#include <autobahn/rawsocket/types.hpp>
#include <autobahn/util/buffer.hpp>
#include <autobahn/util/send_queue.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace autobahn::inline v0::rawsocket {

using util::SendQueue;

/// What `Engine::next` has found, and what it wants done about it.
enum class EventType : std::uint8_t {
  none,       ///< all input is processed; feed more
  handshake,  ///< server: a client asks for `serializer()`; answer with `accept` or `refuse`
  open,       ///< messages can be sent and received from here on
  message,    ///< a message: `payload`
  ping,       ///< a PING with `payload`, which is answered already
  pong,       ///< a PONG with `payload`, asked for or not
  drop,       ///< write `output()`, then end the transport (at once when `abort`); nothing follows but, when
              ///< the peer does not end its side in time, a second one with `abort`
};

/// One thing that happened.
struct Event {
  EventType type = EventType::none;
  bool abort = false;
  /// Valid until the following call of `next`, `feed`, `retain` or `rest`. Lies in the bytes given to `feed`
  /// where all of it came with them.
  std::string_view payload{};
};

/// Not thread-safe; movable. Errors of the peer become events, never exceptions; InvalidState (from util) and
/// PayloadExceeded are thrown for wrong use by the caller. PONGs wait in `output()`: whoever embeds this
/// stops feeding while that is long, or a peer that sends PINGs and does not read makes it grow.
class Engine {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// A server's end of a connection, about to receive the client's handshake. `options` are valid.
  explicit Engine(std::shared_ptr<const ServerOptions> options);
  /// A client's end; call `start` to emit the handshake.
  explicit Engine(std::shared_ptr<const ClientOptions> options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Buffers for payloads that span reads are taken from and given back to `pool` (owned by the caller, and
  /// outliving the engine); without it the engine allocates its own.
  void useBufferPool(util::BufferPool& pool);
  /// Tells the time; needed before `feed`, `handleTimeout` and actions.
  void setTime(TimePoint now);

  // ---- Input

  /// Hands over received bytes, which must live until `next` has returned `none` or `retain` was called.
  void feed(std::span<const char> bytes);
  /// The next event, or `none`.
  Event next();
  /// The driver takes no input for now: a PONG cannot be seen, so none is overdue until it goes on.
  void setInputPaused(bool paused);
  /// True when the next event is `drop`, which is to be attended to even by a driver that has paused input.
  bool dropDue() const;
  /// Copies the input not yet processed, so that the bytes given to `feed` may go away.
  void retain();
  /// Where the payload of the large frame under way may be received directly; empty when `feed` is to be
  /// used. Grows with what has arrived, not with what was announced. Follow with `received`.
  std::span<char> receiveWindow();
  /// `size` bytes were written into the front of `receiveWindow()`. Call `next` afterwards.
  void received(std::size_t size);
  /// The peer has ended its side and all it sent was fed: ends the connection in order when it was open and
  /// between two frames. Follow with `next`.
  void inputEnded();
  /// To be called when what one notice of the transport led to is done: gives buffers back. Never needed.
  void rest();

  // ---- Opening handshake

  /// Client: emits the handshake.
  void start();
  /// Server, after the event `handshake`: goes on with the connection. InvalidState without that event;
  /// ignored after the end.
  void accept();
  /// Server, after the event `handshake`: refuses, and ends the connection.
  void refuse(HandshakeError error);

  // ---- Sending. False: not open (any more), nothing was sent. PayloadExceeded is thrown when the payload is
  //      larger than `maxSendSize()`; nothing was sent then, and the connection goes on.

  /// Sends a copy of the payload.
  bool sendMessage(std::string_view payload);
  /// Sends without copying where it can: `output()` may refer to `payload` until `output().settle()`. It may
  /// be that of the last event: what lies in the bytes that were fed stays there, what lies in memory of the
  /// engine is copied before that goes.
  bool sendMessageBorrowed(std::string_view payload);
  /// Sends bytes that become the engine's.
  bool sendMessage(std::string&& payload);
  /// Sends bytes shared with other connections.
  bool sendMessage(std::shared_ptr<const std::string> payload);
  /// Sends a literal (which would fit several of the above).
  bool sendMessage(const char* payload) { return sendMessage(std::string_view(payload)); }
  /// The peer answers with a PONG of the same payload.
  bool sendPing(std::string_view payload = {});

  // ---- Ending

  /// Ends the connection in order: what is queued still goes out, what arrives is thrown away.
  void close();
  /// Ends it at once, with a reset; what is queued is lost.
  void abort(std::string_view reason = {});
  /// Fails the connection, as for a protocol violation.
  void fail(std::string_view reason);
  /// Server, before the answer to the handshake: refuses whoever it is, whatever it asks for.
  void refuseAsBusy();

  // ---- Output

  SendQueue& output();
  const SendQueue& output() const;

  // ---- Time

  /// When `handleTimeout` wants to be called; TimePoint::max() for never. It may move later by itself, so a
  /// call at an earlier answer is harmless.
  TimePoint nextDeadline() const;
  /// Does what is due; follow with `next`.
  void handleTimeout();

  // ---- The end

  /// The transport is gone. `detail` says why in words; empty: it just ended.
  void transportLost(std::string_view detail = {});
  /// How it ended; final after `transportLost`.
  CloseInfo closeInfo() const;

  // ---- State

  Role role() const;
  State state() const;
  bool wasEverOpen() const;
  /// The serializer in use; from the event `handshake` on the one the client asks for.
  SerializerId serializer() const;
  /// Octets of the largest payload the peer receives; 0 before its handshake.
  std::size_t maxSendSize() const;
  const TrafficStats& trafficStats() const;
  const ProtocolOptions& options() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autobahn::inline v0::rawsocket
