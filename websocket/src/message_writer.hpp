// From messages to bytes: framing, fragmentation, masking, compression (RFC 6455 section 5, RFC 7692).
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/util/send_queue.hpp>
#include <autobahn/websocket/engine.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "frame.hpp"
#include "message_reader.hpp"
#include "permessage_deflate.hpp"

namespace autobahn::inline v0::websocket {

/// From here on one more part of a write is taken to cost less than a copy behind the header: measured are
/// 4 KiB copied and 16 KiB borrowed (docs/benchmarks.md).
inline constexpr std::size_t kBorrowFrom = 8 * 1024;
// Messages that are not packed, and that others may be moved over, are copied when they are echoed.
static_assert(kInPlaceFrom <= kBorrowFrom);

/// What the connection as a whole lends to its writer.
struct WriterContext {
  SendQueue& queue;
  const ProtocolOptions& options;
  Role role;
  bool mask;                   ///< frames are masked (RFC 6455 section 5.3)
  PerMessageDeflate* deflate;  ///< null when compression was not negotiated
  util::BufferPool* pool;      ///< null: buffers are allocated
  TrafficStats& stats;
  const FrameTraceFunction* trace;
};

class MessageWriter {
 public:
  /// How the bytes of a payload may be used.
  enum class Payload : std::uint8_t { copy, borrow };

  void sendMessage(std::string_view payload, bool isBinary, const SendOptions& options, Payload use,
                   const WriterContext& context);
  void sendMessage(std::string&& payload, bool isBinary, const SendOptions& options,
                   const WriterContext& context);
  /// Sends the payload from where it lies, its header written before it: what is there may be overwritten, if
  /// it is no larger than a header of a message of this size. The queue's borrowed bytes, see SendQueue.
  void sendInPlace(std::span<char> payload, bool isBinary, const SendOptions& options,
                   const WriterContext& context);
  void sendPrepared(const PreparedMessage& message, const WriterContext& context);
  /// Ping, pong, close. Held back while a frame is being streamed, and sent behind it.
  void sendControl(Opcode opcode, std::string_view payload, const WriterContext& context);

  void beginMessage(bool isBinary, bool doNotCompress, const WriterContext& context);
  void beginFrame(std::uint64_t length, const WriterContext& context);
  std::int64_t sendFrameData(std::string_view payload, const WriterContext& context);
  void sendFrame(std::string_view payload, const WriterContext& context);
  void endMessage(const WriterContext& context);
  /// A frame was begun and octets of it are missing.
  bool inFrame() const { return inFrame_; }
  /// No message is half sent.
  bool isIdle() const { return !inMessage_; }

 private:
  void requireNoMessage() const {
    if (inMessage_) refuseMessage();
  }
  [[noreturn]] static void refuseMessage();
  void requireMessage(const char* action) const;
  void requireNoFrame(const char* action) const;
  static bool isCopied(std::size_t size, const WriterContext& context) {
    return context.mask || size < kBorrowFrom;
  }
  bool compresses(std::size_t size, bool doNotCompress, const WriterContext& context) const;
  void writeFragments(std::string_view payload, Opcode opcode, bool compressed, std::size_t fragmentSize,
                      Payload use, const WriterContext& context);
  void writeCopied(FrameHeader header, std::string_view payload, const WriterContext& context);
  void writeMasked(FrameHeader header, std::string_view payload, const WriterContext& context);
  void writeFrame(FrameHeader header, std::string_view payload, Payload use, const WriterContext& context);
  void writeStreamed(std::string_view payload, bool fin, const WriterContext& context);
  FrameHeader startHeader(FrameHeader header, const WriterContext& context);
  FrameHeader nextStreamedHeader(bool fin, std::uint64_t length);
  void writeHeldControl(const WriterContext& context);

  bool inMessage_ = false;    ///< between beginMessage and endMessage
  bool inFrame_ = false;      ///< between beginFrame and its last octet
  bool compressing_ = false;  ///< the streamed message is compressed
  bool firstFrame_ = false;   ///< no frame of the streamed message is out yet
  Opcode opcode_ = Opcode::text;
  MaskKey mask_{};
  std::uint64_t frameLength_ = 0;
  std::uint64_t framePosition_ = 0;
  std::string held_;  ///< control frames waiting for the end of the streamed frame
};

}  // namespace autobahn::inline v0::websocket
