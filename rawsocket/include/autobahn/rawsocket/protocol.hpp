// One RawSocket connection as the application sees it: subclass, override callbacks, call methods.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <autobahn/rawsocket/engine.hpp>
#include <autobahn/rawsocket/types.hpp>
#include <autobahn/util/invalid_state.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/util/net/stream.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::rawsocket {

using util::InvalidState;

class Connection;
class RawSocketProtocol;

/// A weak handle on a connection that any thread may hold, copy and use: the one door from other threads.
/// It keeps nothing alive, and is harmless when the connection or its loop is gone.
class ConnectionRef {
 public:
  ConnectionRef() = default;

  /// Runs `function(protocol)` on the connection's loop, unless the connection is closed by then. `P`: the
  /// application's protocol class. Returns false when the loop is gone (true does not promise a call).
  template <class P = RawSocketProtocol, class Function>
  bool post(Function function) const {
    return postErased([function = std::move(function)](RawSocketProtocol& protocol) mutable {
      function(static_cast<P&>(protocol));
    });
  }

 private:
  friend class RawSocketProtocol;
  bool postErased(std::function<void(RawSocketProtocol&)> function) const;

  std::weak_ptr<RawSocketProtocol> protocol_;
  util::Poster post_;
};

/// Callbacks and methods both roles share. All of them run, and must be called, on the connection's loop;
/// from another thread use `ref()`. A connection may be closed or aborted inside any callback. What a
/// callback throws is logged and fails the connection.
class RawSocketProtocol : public std::enable_shared_from_this<RawSocketProtocol> {
 public:
  RawSocketProtocol() = default;
  RawSocketProtocol(const RawSocketProtocol&) = delete;
  RawSocketProtocol& operator=(const RawSocketProtocol&) = delete;
  virtual ~RawSocketProtocol();

  // ---- Callbacks

  /// The opening handshake is done; messages can be sent.
  virtual void onOpen() {}
  /// A message arrived. `payload` is a view that dies when the call returns: copy what you keep.
  virtual void onMessage(std::string_view /*payload*/) {}
  /// A PING arrived; it is answered already.
  virtual void onPing(std::string_view /*payload*/) {}
  /// A PONG arrived, asked for or not.
  virtual void onPong(std::string_view /*payload*/) {}
  /// `bufferedAmount()` has fallen to the low watermark after it had reached the high one.
  virtual void onDrain() {}
  /// The connection is gone, or did not come about; the last call. `wasClean`: it was open, and one of the
  /// ends ended it in order, between two frames; `reason`: in words.
  virtual void onClose(bool /*wasClean*/, const std::string& /*reason*/) {}

  // ---- Sending. False: the connection is not open (any more), or the slow-consumer policy dropped the
  //      message. PayloadExceeded is thrown when the payload is larger than `maxSendSize()`; nothing was
  //      sent then, and the connection goes on.

  /// Sends a message. The view is written at once or copied.
  bool sendMessage(std::string_view payload);
  /// Sends a message whose bytes are given away: never copied when large.
  bool sendMessage(std::string&& payload);
  /// Sends a message whose bytes are shared by many connections. Not null.
  bool sendMessage(std::shared_ptr<const std::string> payload);
  bool sendMessage(const char* text) { return sendMessage(std::string_view(text)); }
  /// The peer answers with a PONG of the same payload.
  bool sendPing(std::string_view payload = {});

  // ---- Ending

  /// Ends the connection in order: what is queued goes out, then our side ends and the peer's end is awaited
  /// for the option closeTimeout. Messages that arrive meanwhile are thrown away. A client that is not
  /// connected yet gives up.
  void close();
  /// Ends the connection at once, with a reset.
  void abort();

  // ---- Back-pressure

  /// Octets queued for the peer and not yet taken by the system.
  std::size_t bufferedAmount() const;
  /// Completes when `bufferedAmount()` is at or below the low watermark, or the connection is gone.
  asio::awaitable<void> drain();
  /// Stops reading from the peer: no messages, PINGs or ends are seen until `resumeReading`. Messages already
  /// received wait.
  void pauseReading();
  void resumeReading();

  // ---- State

  bool isOpen() const { return state() == State::open; }
  State state() const;
  /// What was agreed on in the handshake.
  SerializerId serializer() const;
  /// Octets of the largest payload the peer receives; 0 when the connection is not open.
  std::size_t maxSendSize() const;
  /// "tcp4:127.0.0.1:51234"; stays known after the end.
  const std::string& peer() const { return peer_; }
  TransportDetails transportDetails() const;
  /// TLS channel binding data; empty when there is none of that type.
  std::string channelId(std::string_view type = "tls-exporter") const;
  TrafficStats trafficStats() const;

  /// The connection's loop, for coroutines and timers. InvalidState once the connection is gone.
  asio::any_io_executor executor() const;
  /// A weak handle for other threads.
  ConnectionRef ref();

 protected:
  /// Null before the connection exists and after its end.
  Connection* connection() const { return connection_; }

 private:
  friend class Connection;
  friend class ClientSession;

  Connection* connection_ = nullptr;
  std::function<void()> giveUp_;  ///< client: ends an attempt that has no connection yet
  std::string peer_;
};

}  // namespace autobahn::inline v0::rawsocket
