// The engine's inside: handshake and framing (engine_input.cpp), sending, ending and time (engine.cpp).
#pragma once

#include <autobahn/rawsocket/engine.hpp>
#include <new>
#include <optional>

#include "frame.hpp"

namespace autobahn::inline v0::rawsocket {

struct Engine::Impl {
  /// What the next input octets are.
  enum class Input : std::uint8_t {
    handshake,
    undecided,  ///< server: kept until the handshake is answered
    frames,
    discard,
  };

  Impl(Role role_, std::shared_ptr<const ProtocolOptions> options_)
      : options(std::move(options_)), role(role_) {}
  const ServerOptions& serverOptions() const { return static_cast<const ServerOptions&>(*options); }
  const ClientOptions& clientOptions() const { return static_cast<const ClientOptions&>(*options); }

  // Input
  void feed(std::span<const char> bytes);
  Event next();
  Event nextInput();
  bool collectHeader();
  Event takeHandshake();
  Event takeRequest(const Handshake& request);
  Event takeReply(const Handshake& reply);
  bool takeFrameHeader();
  bool frameAllowed(const FrameHeader& header);
  Event nextFrame();
  Event deliver(std::string_view payload);
  void takePong(std::string_view payload);
  void retain();
  void endOwnLoan();
  void releaseDelivered();
  void dropAssembly();
  std::span<char> receiveWindow();
  void sawTraffic();
  void inputEnded();

  // Sending
  bool beginFrame(FrameType type, std::size_t size);

  // Opening and ending
  void open();
  void sendHandshake();
  void refuse(HandshakeError error, const std::string& why);
  void fail(std::string_view reason);
  void drop(bool abortive, bool clean, std::string_view reason);
  void announceDrop(bool abortive);
  void runOut() noexcept;
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

  // Time
  void setTime(TimePoint time);
  void armPhase(std::chrono::milliseconds timeout);
  void armPing();
  void handleTimeout();
  void handlePingTimeout();

  std::shared_ptr<const ProtocolOptions> options;
  util::BufferPool* pool = nullptr;
  TimePoint now{};
  TimePoint deadline = TimePoint::max();

  std::string_view input;     ///< not yet processed
  util::ByteBuffer kept;      ///< what `input` looks at after `retain`
  util::ByteBuffer assembly;  ///< the payload of a frame that spans reads, as far as it has come
  FrameHeader frame;          ///< of the frame under way
  std::size_t maxSend = 0;
  TrafficStats stats;
  SendQueue queue;
  std::string awaitedPong;  ///< payload of the automatic PING that is not answered yet
  std::string endReason;

  HeaderBytes header{};
  std::uint8_t headerSize = 0;
  Role role;
  State state = State::connecting;
  Input mode = Input::handshake;
  SerializerId serializer{};
  bool timeKnown : 1 = false;
  bool inputPaused : 1 = false;
  bool inFrame : 1 = false;    ///< `frame` is known, its payload not complete
  bool delivered : 1 = false;  ///< a view of `assembly` is in the application's hands
  bool lendsOwn : 1 = false;   ///< `queue` may refer to `kept` or `assembly`
  bool openDue : 1 = false;
  bool dropDue : 1 = false;
  bool dropAbort : 1 = false;
  bool dropped : 1 = false;
  bool busy : 1 = false;
  bool everOpen : 1 = false;
  bool wasClean : 1 = false;
  bool pongOverdue : 1 = false;  ///< `deadline` is the PONG's
  bool started : 1 = false;
};

}  // namespace autobahn::inline v0::rawsocket
