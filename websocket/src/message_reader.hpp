// From bytes to messages: frame sequence, masking, UTF-8, inflation, limits (RFC 6455 sections 5 and 8).
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/util/utf8.hpp>
#include <autobahn/websocket/engine.hpp>
#include <autobahn/websocket/options.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "frame.hpp"
#include "permessage_deflate.hpp"

namespace autobahn::inline v0::websocket {

using FrameTraceFunction = std::function<void(const FrameTrace&)>;

/// Messages from here on are echoed from where they lie, with their header written before them; smaller ones
/// are copied (docs/benchmarks.md).
inline constexpr std::size_t kInPlaceFrom = 2 * 1024;

/// What the connection as a whole lends to its reader.
struct ReaderContext {
  const ProtocolOptions& options;
  bool requireMask;            ///< an unmasked frame is a violation (RFC 6455 section 5.1)
  bool forbidMask;             ///< a masked frame is a violation
  PerMessageDeflate* deflate;  ///< null when compression was not negotiated
  util::BufferPool* pool;      ///< null: buffers are allocated
  TrafficStats& stats;
  const FrameTraceFunction* trace;  ///< null when nobody looks
};

/// A rule the peer broke, with the close code for it.
struct Violation {
  std::uint16_t code = 0;  ///< 0: none
  const char* reason = "";
};

class MessageReader {
 public:
  /// What `next` found besides the events of the public engine.
  enum class Step : std::uint8_t { needMore, event, close, violation };

  /// Processes the front of `input` up to the next event. `close`: a Close frame with `event.payload`.
  Step next(std::span<char>& input, const ReaderContext& context, Event& event) {
    if (assemblyLent_ || controlLent_) release(context.pool);
    room_ = nullptr;
    const Step step = readSmall(input, context, event);
    if (step != Step::needMore) return step;
    packedEnd_ = nullptr;
    return nextOfAny(input, context, event);
  }
  const Violation& violation() const { return violation_; }

  /// What `next` reads from now on lies somewhere else than before.
  void inputMoved() { packedEnd_ = nullptr; }
  /// `payload` as bytes that may be written to, with room for a header before them, if it is the last event's
  /// and has such room; once only. Null otherwise.
  char* takeRoom(std::string_view payload) {
    if (room_ == nullptr || room_ != payload.data()) return nullptr;
    return std::exchange(room_, nullptr);
  }

  /// See Engine::receiveWindow.
  std::span<char> receiveWindow(const ReaderContext& context);
  void received(std::size_t size) { windowFilled_ += size; }

  /// Holds from the next message on.
  void setMode(ReceiveMode mode) { chosenMode_ = mode; }
  /// The views of the last event are dead; gives their buffer back.
  void release(util::BufferPool* pool);
  /// After a violation: nothing more is read, and what has been collected is given back.
  void abandon(util::BufferPool* pool);
  /// Nothing is half read, and no view of the last event alive. What is kept then is memory only.
  bool isIdle() const {
    return !inFrame_ && !inMessage_ && stashSize_ == 0 && due_ == 0 && !assemblyLent_ && !controlLent_ &&
           violation_.code == 0;
  }
  /// Whether `payload` is the last event's and lies in a buffer that `release` takes away.
  bool owns(std::string_view payload) const { return assembly_.holds(payload); }
  /// Gives up the buffer that is kept without a pool.
  void dropBuffer() {
    if (assembly_.capacity() != 0) assembly_ = {};
  }

 private:
  /// Events that are owed before anything else is processed, in this order.
  enum Due : std::uint8_t { kMessageBegin = 1, kFrameBegin = 2, kFrameEnd = 4, kMessageEnd = 8 };

  Step nextOfAny(std::span<char>& input, const ReaderContext& context, Event& event);
  Step readSmall(std::span<char>& input, const ReaderContext& context, Event& event);
  std::span<char> unmaskPacked(std::span<char> payload, MaskKey key);
  bool takeDue(Event& event);
  bool readHeader(std::span<char>& input);
  bool startFrame(const ReaderContext& context);
  bool checkFrame(const ReaderContext& context);
  bool startData(const ReaderContext& context);
  Step readControl(std::span<char>& input, const ReaderContext& context, Event& event);
  bool readData(std::span<char>& input, const ReaderContext& context, Event& event);
  bool isWholeMessage(std::span<char> input) const;
  bool readPlain(std::span<char>& input, const ReaderContext& context, Event& event);
  bool readCompressed(std::span<char>& input, const ReaderContext& context, Event& event);
  bool deliverPiece(std::string_view piece, bool frameDone, const ReaderContext& context, Event& event);
  bool finishCollected(const ReaderContext& context, Event& event);
  bool takeWindow(const ReaderContext& context);
  bool finishFrame(std::string_view collected, const ReaderContext& context, Event& event);
  void deliver(Event& event, EventType type, std::string_view payload, const ReaderContext& context);
  std::span<char> unmask(std::span<char> piece, const ReaderContext& context);
  void advance(std::size_t size, const ReaderContext& context);
  bool validate(std::string_view text, const ReaderContext& context);
  bool isTextComplete(const ReaderContext& context);
  void borrowBuffer(const ReaderContext& context);
  bool fail(CloseCode code, const char* reason);

  std::uint64_t remaining() const { return header_.length - framePosition_; }

  // One frame
  FrameHeader header_;
  std::uint64_t framePosition_ = 0;  ///< payload octets of the frame already processed
  bool inFrame_ = false;             ///< the header is read, the payload is not
  std::uint8_t stashSize_ = 0;       ///< header bytes seen so far when a header spans reads
  char stash_[kMaxHeaderSize];
  // One message
  ReceiveMode mode_ = ReceiveMode::message;        ///< of the message under way
  ReceiveMode chosenMode_ = ReceiveMode::message;  ///< of the next one
  bool inMessage_ = false;
  bool isBinary_ = false;
  bool compressed_ = false;
  bool assemblyLent_ = false;  ///< the last event's view lies in assembly_
  bool controlLent_ = false;   ///< … in control_
  std::uint8_t due_ = 0;
  util::Utf8Validator utf8_;
  std::uint32_t frames_ = 0;
  std::uint64_t messageOctets_ = 0;  ///< payload octets of the message as announced by its frames so far
  std::size_t windowFilled_ = 0;
  char* packedEnd_ = nullptr;  ///< the end of what was packed last, if only small messages came since
  char* room_ = nullptr;       ///< the last event's payload, while there is room before it
  util::ByteBuffer assembly_;
  std::string control_;  ///< a control frame's payload that spans reads
  Violation violation_;
};

}  // namespace autobahn::inline v0::websocket
