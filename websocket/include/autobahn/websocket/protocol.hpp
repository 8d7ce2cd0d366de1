// One WebSocket connection as the application sees it: subclass, override callbacks, call methods. Names as
// in Autobahn|Python.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/util/net/stream.hpp>
#include <autobahn/websocket/engine.hpp>
#include <autobahn/websocket/maybe_awaitable.hpp>
#include <autobahn/websocket/prepared_message.hpp>
#include <autobahn/websocket/types.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::websocket {

class Connection;
class WebSocketProtocol;

/// A message that owns its payload, for coroutine handlers and other threads.
struct Message {
  std::string payload;
  bool isBinary = false;
};

/// A weak handle on a connection that any thread may hold, copy and use: the one door from other threads.
/// It keeps nothing alive, and is harmless when the connection or its loop is gone.
class ConnectionRef {
 public:
  ConnectionRef() = default;

  /// Runs `function(protocol)` on the connection's loop, unless the connection is closed by then. `P`: the
  /// application's protocol class. Returns false when the loop is gone (true does not promise a call).
  template <class P = WebSocketProtocol, class Function>
  bool post(Function function) const {
    return postErased([function = std::move(function)](WebSocketProtocol& protocol) mutable {
      function(static_cast<P&>(protocol));
    });
  }

 private:
  friend class WebSocketProtocol;
  bool postErased(std::function<void(WebSocketProtocol&)> function) const;

  std::weak_ptr<WebSocketProtocol> protocol_;
  util::Poster post_;
};

/// Callbacks and methods both roles share. All of them run, and must be called, on the connection's loop;
/// from another thread use `ref()`. A connection may be closed or dropped inside any callback. What a
/// callback throws is logged and closes the connection with 1011.
class WebSocketProtocol : public std::enable_shared_from_this<WebSocketProtocol> {
 public:
  WebSocketProtocol() = default;
  WebSocketProtocol(const WebSocketProtocol&) = delete;
  WebSocketProtocol& operator=(const WebSocketProtocol&) = delete;
  virtual ~WebSocketProtocol();

  // ---- Callbacks

  /// The opening handshake is done; messages can be sent.
  virtual void onOpen() {}
  /// A message arrived. `payload` is a view that dies when the call returns: copy what you keep. Not
  /// overridden, the message goes to `onMessageAsync`. Also called for what arrives between our `sendClose`
  /// and the peer's Close.
  virtual void onMessage(std::string_view payload, bool isBinary);
  /// A message arrived, for handlers that await something. They run one at a time, in order of arrival;
  /// reading pauses when too many wait. Cancelled when the connection ends.
  virtual asio::awaitable<void> onMessageAsync(Message message);
  /// A ping arrived; by default it is answered with `sendPong(payload)` (RFC 6455 section 5.5.2).
  virtual void onPing(std::string_view payload);
  /// A pong arrived, asked for or not.
  virtual void onPong(std::string_view payload);
  /// The connection is gone; the last call. `code`: of the peer's Close frame, 1005 without one, 1006 when
  /// there was none, 1015 when TLS failed.
  virtual void onClose(bool wasClean, std::uint16_t code, const std::string& reason);
  /// `bufferedAmount()` has fallen to the low watermark after it had reached the high one.
  virtual void onDrain() {}

  /// Frame and streaming reception, chosen with `setReceiveMode`: begin, frames or pieces of frames, end.
  virtual void onMessageBegin(bool isBinary);
  /// `length`: payload octets of the frame on the wire (before inflation).
  virtual void onMessageFrameBegin(std::uint64_t length);
  /// A piece of the frame's payload (inflated), valid during the call. ReceiveMode::stream.
  virtual void onMessageFrameData(std::string_view payload);
  virtual void onMessageFrameEnd();
  /// A whole frame's payload, valid during the call. ReceiveMode::frame.
  virtual void onMessageFrame(std::string_view payload);
  virtual void onMessageEnd();

  // ---- Sending. False: the connection is not open (any more), or the slow-consumer policy dropped the
  //      message. Payloads of text messages must be UTF-8; that is not checked.

  /// Sends a message. The view is written at once or copied.
  bool sendMessage(std::string_view payload, bool isBinary = false, SendOptions options = {});
  /// Sends a message whose bytes are given away: never copied when large.
  bool sendMessage(std::string&& payload, bool isBinary = false, SendOptions options = {});
  bool sendMessage(const char* text, bool isBinary = false, SendOptions options = {});
  bool sendMessage(const Message& message) {
    return sendMessage(std::string_view(message.payload), message.isBinary);
  }
  /// Sends a message that was framed and compressed once for many connections.
  bool sendPreparedMessage(const PreparedMessage& message);
  /// `payload`: at most 125 octets, else std::invalid_argument.
  bool sendPing(std::string_view payload = {});
  bool sendPong(std::string_view payload = {});

  /// Starts a message that is sent frame by frame; InvalidState when one is already being sent.
  bool beginMessage(bool isBinary = false, bool doNotCompress = false);
  /// Starts a frame of `length` octets (at most 2^63 − 1), to be sent with `sendMessageFrameData`.
  bool beginMessageFrame(std::uint64_t length);
  /// Sends octets of the frame. Returns how many are still missing; negative: so many were too many and are
  /// not sent; 0 also when the connection is not open.
  std::int64_t sendMessageFrameData(std::string_view payload);
  /// Sends one whole frame of the message.
  bool sendMessageFrame(std::string_view payload);
  bool endMessage();

  // ---- Closing

  /// Starts the closing handshake. `code`: 1000, 1001, 1008, 1011–1014, 3000–4999, or 0 for none;
  /// `reason`: UTF-8, cut to 123 octets. Throws std::invalid_argument for others.
  bool sendClose(std::uint16_t code = 1000, std::string_view reason = {});
  bool sendClose(CloseCode code, std::string_view reason = {}) {
    return sendClose(static_cast<std::uint16_t>(code), reason);
  }
  /// Ends the transport without a closing handshake: after what is queued was written, or at once and with
  /// a reset when `abort`.
  void dropConnection(bool abort = false);

  // ---- Back-pressure

  /// Octets queued for the peer and not yet taken by the system.
  std::size_t bufferedAmount() const;
  /// Completes when `bufferedAmount()` is at or below the low watermark, or the connection is gone.
  asio::awaitable<void> drain();
  /// Stops reading from the peer: no messages, pings or closes are seen until `resumeReading`. Messages
  /// already received wait.
  void pauseReading();
  void resumeReading();

  // ---- State

  bool isOpen() const { return state() == State::open; }
  State state() const;
  /// "tcp4:127.0.0.1:51234"; stays known after the end.
  const std::string& peer() const;
  TransportDetails transportDetails() const;
  /// TLS channel binding data; empty when there is none of that type.
  std::string channelId(std::string_view type = "tls-exporter") const;
  TrafficStats trafficStats() const;
  /// Zero unless the option trackTimings is on.
  Timings timings() const;
  /// The subprotocol in use, or empty.
  std::string subprotocol() const;
  /// The permessage-deflate parameters in use.
  std::optional<PerMessageDeflateParameters> compression() const;
  std::string wasNotCleanReason() const;
  std::uint16_t localCloseCode() const;
  std::string localCloseReason() const;
  std::uint16_t remoteCloseCode() const;
  std::string remoteCloseReason() const;

  /// How much of a message is put together before callbacks see it; from the constructor on, at any time
  /// between messages.
  void setReceiveMode(ReceiveMode mode);
  /// Sees every frame sent and received; an empty function turns it off.
  void setFrameTrace(std::function<void(const FrameTrace&)> trace);

  /// The connection's loop, for coroutines and timers. InvalidState once the connection is gone.
  asio::any_io_executor executor() const;
  /// A weak handle for other threads.
  ConnectionRef ref();

 protected:
  /// Null before the connection exists and after its end.
  Connection* connection() const { return connection_; }

 private:
  friend class Connection;
  void setPeer(const std::string& peer);

  Connection* connection_ = nullptr;
  /// Null until asked for when `peerAddress_` and `peerPort_` say it all, as they do for IPv4.
  mutable std::unique_ptr<std::string> peer_;
  std::uint32_t peerAddress_ = 0;  ///< as the socket has it
  std::uint16_t peerPort_ = 0;
  ReceiveMode receiveMode_ = ReceiveMode::message;
};

}  // namespace autobahn::inline v0::websocket
