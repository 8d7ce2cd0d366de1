// The WebSocket protocol as a pure state machine, for both roles: bytes in, events out; actions in, bytes
// out. It never sees a socket, a clock or a thread. `WebSocketProtocol` drives it over Asio; embed it where
// another event loop rules.
//
//   engine.setTime(now);
//   engine.feed(received);
//   for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) { … act … }
//   … write engine.output() to the peer …
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/util/send_queue.hpp>
#include <autobahn/websocket/identity.hpp>
#include <autobahn/websocket/options.hpp>
#include <autobahn/websocket/types.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace autobahn::inline v0::websocket {

using util::SendQueue;

class PreparedMessage;

/// What `Engine::next` has found, and what it wants done about it.
enum class EventType : std::uint8_t {
  none,          ///< all input is processed; feed more
  httpRequest,   ///< server: a request that is not for WebSocket, in `httpRequest()`; answer with `respond`
  connect,       ///< server: a valid opening handshake, in `request()`; answer with `accept` or `deny`
  connected,     ///< client: the server's valid answer, in `response()`; answer with `confirm` or `reject`
  open,          ///< messages can be sent and received from here on
  message,       ///< a whole message: `payload`, `isBinary`
  messageBegin,  ///< ReceiveMode::stream and frame: a message starts: `isBinary`
  frameBegin,    ///< ReceiveMode::stream: a frame starts: `length` octets on the wire
  frameData,     ///< ReceiveMode::stream: a piece of a frame: `payload`
  frameEnd,      ///< ReceiveMode::stream
  frame,         ///< ReceiveMode::frame: a whole frame's `payload`
  messageEnd,    ///< ReceiveMode::stream and frame
  ping,          ///< `payload`; nothing is answered by itself: call `sendPong(payload)`
  pong,          ///< `payload`
  drop,          ///< write `output()`, then end the transport (at once when `abort`); nothing follows
                 ///< but, when the peer does not end its side in time, a second one with `abort`
};

/// One thing that happened.
struct Event {
  EventType type = EventType::none;
  bool isBinary = false;
  bool abort = false;
  std::uint64_t length = 0;
  /// Valid until the following call of `next`, `feed` or `retain`. Lies in the bytes given to `feed` where
  /// possible, unmasked in place.
  std::string_view payload{};
};

/// How much of a message is put together before it is handed on.
enum class ReceiveMode : std::uint8_t { message, frame, stream };

/// How one message is sent.
struct SendOptions {
  std::size_t fragmentSize = 0;  ///< octets per frame; 0 = the option autoFragmentSize
  bool doNotCompress = false;    ///< send uncompressed although compression was negotiated
};

/// One frame as seen by a trace (`ws --frames`, the option logFrames).
struct FrameTrace {
  bool incoming = false;
  bool fin = true;
  std::uint8_t rsv = 0;  ///< RSV1…3 as 4, 2, 1
  std::uint8_t opcode = 0;
  bool masked = false;
  std::uint64_t length = 0;
};

/// Not thread-safe; movable. Errors of the peer become events, never exceptions; InvalidState and
/// std::invalid_argument are thrown for wrong use by the caller.
class Engine {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// A server's end of a connection that is about to start its opening handshake.
  Engine(std::shared_ptr<const ServerOptions> options, std::shared_ptr<const ServerIdentity> identity);
  /// A client's end; call `start` to emit the opening handshake.
  Engine(std::shared_ptr<const ClientOptions> options, ClientRequest request);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Takes the place of the opening handshake when somebody else has done it (RFC 6455 section 1.3 is the
  /// caller's business): `next` yields `open` and goes on with frames.
  void openUpgraded(std::optional<PerMessageDeflateParameters> compression = {});

  /// Buffers for messages that span reads are taken from and given back to `pool` (owned by the caller, and
  /// outliving the engine); without it the engine allocates its own.
  void useBufferPool(util::BufferPool& pool);
  /// Holds from the next message on.
  void setReceiveMode(ReceiveMode mode);
  /// Sees every frame; an empty function turns it off.
  void setFrameTrace(std::function<void(const FrameTrace&)> trace);
  /// Tells the time; needed before `feed`, `handleTimeout` and actions.
  void setTime(TimePoint now);
  TimePoint time() const;

  // ---- Input

  /// Hands over received bytes, which are changed in place and must live until `next` has returned `none`
  /// or `retain` was called. Input that waits for an answer (`accept`, `respond`, `confirm`) is kept by the
  /// engine: stop feeding while the answer is pending, or it grows.
  void feed(std::span<char> bytes);
  /// The next event, or `none`.
  Event next();
  /// False when `next` would say `none` and has nothing to tidy up: a driver may save the call.
  bool hasEvents() const;
  /// The driver takes no input for now: a pong cannot be seen, so none is overdue until it goes on.
  void setInputPaused(bool paused);
  /// True when the next event is `drop`, which is to be attended to even by a driver that has paused input.
  bool dropDue() const;
  /// Copies the input not yet processed, so that the bytes given to `feed` may go away.
  void retain();
  /// Where the payload of the large message under way may be received directly; empty when `feed` is to be
  /// used. Grows with what has arrived, not with what was announced. Follow with `received`.
  std::span<char> receiveWindow();
  /// `size` bytes were written into the front of `receiveWindow()`. Call `next` afterwards.
  void received(std::size_t size);
  /// To be called when what one notice of the transport led to is done and written: an engine in which
  /// nothing is half done lends its buffers and the state of messages under way to others of its thread, and
  /// keeps some 160 bytes. Ends the life of references to `output()` and of views in events. Never needed,
  /// and cheap.
  void rest();

  // ---- Opening handshake, server

  const http::Request& httpRequest() const;
  // Answers that come after the end (drop, transportLost) are ignored; answers without the event that asks
  // throw InvalidState.

  /// Answers `httpRequest()`; the connection takes the next request or ends, by `keepAlive` of both.
  void respond(http::Response response);
  /// Valid from `connect` to `accept` or `deny`. The caller fills in `peer`, `tls`.
  ConnectionRequest& request();
  /// Goes on with the connection. Throws InvalidState for a subprotocol that was not announced.
  void accept(ConnectionAccept accept);
  /// Refuses with an HTTP status and the reason as body.
  void deny(int status, std::string_view reason, Headers headers = {});

  // ---- Opening handshake, client

  /// The request to be sent; may be changed until `start`.
  ClientRequest& clientRequest();
  void start();
  ConnectionResponse& response();
  void confirm();
  void reject(std::string_view reason);

  // ---- Sending. False: not open (any more), nothing was sent.

  /// Sends a copy of the payload.
  bool sendMessage(std::string_view payload, bool isBinary = false, SendOptions options = {});
  /// Sends without copying where it can: `output()` may refer to `payload` until `output().settle()`. It may
  /// be that of the last event: what lies in the bytes that were fed stays there, what lies in memory of the
  /// engine is copied before that goes.
  bool sendMessageBorrowed(std::string_view payload, bool isBinary = false, SendOptions options = {});
  /// Sends bytes that become the engine's; a client masks them in place.
  bool sendMessage(std::string&& payload, bool isBinary = false, SendOptions options = {});
  /// Sends a literal (which would fit both of the above).
  bool sendMessage(const char* payload, bool isBinary = false, SendOptions options = {}) {
    return sendMessage(std::string_view(payload), isBinary, options);
  }
  bool sendPreparedMessage(const PreparedMessage& message);
  /// Payload ≤ 125 octets, else std::invalid_argument.
  bool sendPing(std::string_view payload = {});
  bool sendPong(std::string_view payload = {});

  bool beginMessage(bool isBinary = false, bool doNotCompress = false);
  bool beginMessageFrame(std::uint64_t length);
  /// Returns how many octets of the frame are still missing; negative: so many octets of `payload` were too
  /// many and not taken.
  std::int64_t sendMessageFrameData(std::string_view payload);
  bool sendMessageFrame(std::string_view payload);
  bool endMessage();

  /// Starts the closing handshake (RFC 6455 section 7.1.2). `code` 0: without a code. The reason is cut to
  /// 123 octets at a code point. Inside a streamed frame the Close frame waits for the frame's last octet,
  /// which `sendMessageFrameData` still takes. Throws std::invalid_argument for a code that may not be sent.
  bool sendClose(std::uint16_t code = 1000, std::string_view reason = {});
  /// Fails the connection (RFC 6455 section 7.1.7), as for a protocol violation.
  void fail(std::uint16_t code, std::string_view reason);
  /// Ends the connection without a closing handshake.
  void dropConnection(bool abort, std::string_view reason = {});

  // ---- Output

  /// Valid until `rest`.
  SendQueue& output();
  /// For a look at it, which leaves a resting engine at rest.
  const SendQueue& output() const;

  // ---- Time

  /// When `handleTimeout` wants to be called; TimePoint::max() for never. It may move later by itself, so a
  /// call at an earlier answer is harmless.
  TimePoint nextDeadline() const;
  /// Does what is due; follow with `next`.
  void handleTimeout();

  // ---- The end

  /// The transport is gone. `detail` says why in words; empty: the peer just ended it.
  void transportLost(std::string_view detail = {}, bool tlsFailed = false);
  /// How it ended; final after `transportLost`.
  CloseInfo closeInfo() const;

  // ---- State

  Role role() const;
  State state() const;
  bool wasEverOpen() const;
  /// The handshake was refused or failed: what was wrong. Empty otherwise.
  const std::string& wasNotCleanReason() const;
  /// The end was asked for by the caller: `sendClose` or `dropConnection`.
  bool endedByCaller() const;
  std::uint16_t localCloseCode() const;
  std::string_view localCloseReason() const;
  std::uint16_t remoteCloseCode() const;
  std::string_view remoteCloseReason() const;
  const std::string& subprotocol() const;
  std::optional<PerMessageDeflateParameters> compression() const;
  const TrafficStats& trafficStats() const;
  /// All zero unless the option trackTimings is on.
  Timings timings() const;
  const ProtocolOptions& options() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autobahn::inline v0::websocket
