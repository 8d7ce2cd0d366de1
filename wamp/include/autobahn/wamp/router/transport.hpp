// What a router needs of a transport.
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/wamp/message.hpp>
#include <autobahn/wamp/router/session_info.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <autobahn/wamp/shared_buffer.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

/// A message on its way to one session or to many. Lives while it is being sent: a transport takes out of it
/// what it needs before `RouterTransport::send` returns.
class RoutedMessage {
 public:
  /// `receivers`: how many will get it.
  RoutedMessage(Message message, std::size_t receivers)
      : message_(std::move(message)), receiversLeft_(receivers) {}

  const Message& message() const { return message_; }
  /// True when other sessions get it as well: then `bytes` pays, otherwise serializing it where it goes.
  bool isShared() const { return isShared_; }
  /// The message, for transports that hand it on as it is: moved when nobody else needs it.
  Message take();

  /// The message as one that serializers with this ID write: written by the first that asks, shared by all
  /// others.
  struct Bytes {
    SharedBuffer buffer;
    Problem problem;  ///< the message does not go into this format; the buffer is empty
  };
  const Bytes& bytes(Serializer& serializer);

  /// The message with what is made of it, for receivers on another thread: all who come with the same `place`
  /// get the same copy.
  std::shared_ptr<RoutedMessage> copyFor(const void* place);

  /// The router: one receiver has had it.
  void delivered() { --receiversLeft_; }

 private:
  struct Written {
    std::string serializer;
    Bytes bytes;
  };

  Message message_;
  std::size_t receiversLeft_;
  bool isShared_ = receiversLeft_ > 1;
  std::vector<std::unique_ptr<Written>> written_;
  std::vector<std::pair<const void*, std::shared_ptr<RoutedMessage>>> copies_;
};

/// A connection to a client, or to a session in this process, as the router sees it. All in the thread of the
/// router's loop.
///
/// Whoever implements it gets a `RouterSession` from `Router::attach` and hands it what comes in. It lives
/// until it has called `RouterSession::transportClosed`.
class RouterTransport {
 public:
  virtual ~RouterTransport() = default;

  /// To the peer, after all that was sent before. Must not block, and must not throw; it may call
  /// `RouterSession` (the router goes on with that when it is done). A message that cannot be written for
  /// this peer is the transport's business: an event is dropped, for other messages see
  /// `RouterSession::undeliverable`.
  virtual void send(RoutedMessage& message) = 0;
  /// The router is done with the connection: what was sent should still reach the peer. `transportClosed` is
  /// to be called when it is closed, at the latest before destruction.
  virtual void close() = 0;
  /// Where the peer is.
  virtual PeerDetails peerDetails() const { return {}; }
};

}  // namespace autobahn::inline v0::wamp
