// How sessions and the outside are joined: a Transport takes messages, a TransportHandler is given them.
#pragma once

#include <asio/any_io_executor.hpp>
#include <autobahn/util/net/stream.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/message.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

class Serializer;

/// A message is larger than the peer's transport takes.
class MessageTooLarge : public SerializationError {
 public:
  using SerializationError::SerializationError;
};

/// What is known of a transport: of what kind it is, and of the network under it.
struct TransportDetails {
  std::string type{};                ///< "websocket", "rawsocket", "local"; own transports name themselves
  std::string url{};                 ///< what was connected to; empty on the serving side
  std::string protocol{};            ///< the subprotocol, "wamp.2.cbor"; empty when there is none
  std::string serializer{};          ///< "cbor"; empty when messages are handed over unserialized
  util::TransportDetails network{};  ///< addresses and TLS; empty for "local"
  std::string cookie{};              ///< at a router: the client's (see CookieStore), or empty
};

/// One way for messages to one peer. All methods are for the thread of `executor()`, and may be called inside
/// any callback of the handler.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Hands a message over; never calls the handler back from inside. Messages arrive in the order in which
  /// they were sent. Throws TransportLost when the transport is not open, and SerializationError when this
  /// message cannot be written (or is larger than the peer takes): nothing was sent then, and the transport
  /// goes on.
  virtual void send(const Message& message) = 0;
  /// The serializer in use; nullptr for transports that hand messages over as they are.
  virtual Serializer* serializer() { return nullptr; }
  /// Sends what `serializer()`, or another one of its id, has written: for messages that go to many. Throws
  /// as `send`.
  virtual void sendSerialized(std::string_view bytes);
  /// Stops taking messages from the peer, or goes on; what was read already still comes. Transports that
  /// cannot do nothing.
  virtual void pauseReading() {}
  virtual void resumeReading() {}
  /// Ends the transport in order: what was sent still goes out. `onClose` follows, later.
  virtual void close() = 0;
  /// Ends the transport at once; what was sent may be lost. `onClose` follows, later.
  virtual void abort() = 0;
  /// True from `onOpen` until `close`, `abort` or `onClose`.
  virtual bool isOpen() const = 0;
  virtual TransportDetails details() const = 0;
  /// TLS channel binding data: "tls-exporter", "tls-unique"; empty when there is none of that type.
  virtual std::string getChannelId(std::string_view type = "tls-exporter") const = 0;
  /// Where the handler's callbacks run.
  virtual asio::any_io_executor executor() const = 0;
};

/// What is told of a transport: a session, a router's end of one, a gateway. A transport holds its handler by
/// shared_ptr until it has called `onClose`. Calls come on the transport's executor, none inside another.
class TransportHandler {
 public:
  TransportHandler() = default;
  TransportHandler(const TransportHandler&) = delete;
  TransportHandler& operator=(const TransportHandler&) = delete;
  virtual ~TransportHandler() = default;

  /// Messages can be sent.
  virtual void onOpen(std::shared_ptr<Transport> transport) = 0;
  virtual void onMessage(Message message) = 0;
  /// The peer sent what is no message; `problem` names the field or the byte. What follows is lost: the
  /// handler may send a last message (ABORT); the transport is closed when the call returns.
  virtual void onBadMessage(const std::string& problem) = 0;
  /// The transport is gone; the last call. Also called, without `onOpen` before it, when a connection did not
  /// come about. `wasClean`: one of the ends closed it in order. `reason`: in words.
  virtual void onClose(bool wasClean, const std::string& reason) = 0;
};

}  // namespace autobahn::inline v0::wamp
