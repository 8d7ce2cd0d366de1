#include "message_writer.hpp"

#include <algorithm>
#include <autobahn/util/random.hpp>
#include <autobahn/websocket/prepared_message.hpp>
#include <bit>
#include <new>

namespace autobahn::inline v0::websocket {

namespace {

/// Compressing less than this without context takeover makes it longer, not shorter.
constexpr std::size_t kCompressFrom = 32;
/// A peer that makes us hold more control frames than this during one streamed frame loses some.
constexpr std::size_t kMaxHeldControl = 4096;

void traceOutgoing(const FrameHeader& header, const FrameTraceFunction* trace) {
  if (trace == nullptr) return;
  (*trace)({false, header.fin, header.rsv, static_cast<std::uint8_t>(header.opcode), header.masked,
            header.length});
}

/// A buffer that goes back to its pool.
class ScratchBuffer {
 public:
  explicit ScratchBuffer(util::BufferPool* pool) : pool_(pool) {
    if (pool_ != nullptr) buffer = pool_->take();
  }
  ~ScratchBuffer() {
    if (pool_ == nullptr) return;
    try {
      pool_->give(std::move(buffer));
    } catch (const std::bad_alloc&) {  // it is freed
    }
  }
  ScratchBuffer(const ScratchBuffer&) = delete;
  ScratchBuffer& operator=(const ScratchBuffer&) = delete;

  util::ByteBuffer buffer;

 private:
  util::BufferPool* pool_;
};

}  // namespace

void MessageWriter::refuseMessage() {
  throw InvalidState("a streamed message is being sent: call endMessage() before sending another message");
}

void MessageWriter::requireMessage(const char* action) const {
  if (!inMessage_) throw InvalidState(std::string(action) + " needs a message: call beginMessage() first");
}

void MessageWriter::requireNoFrame(const char* action) const {
  if (inFrame_) {
    throw InvalidState(std::string(action) +
                       " inside a frame: send the octets announced to beginMessageFrame() first");
  }
}

bool MessageWriter::compresses(std::size_t size, bool doNotCompress, const WriterContext& context) const {
  return context.deflate != nullptr && !doNotCompress && size >= kCompressFrom;
}

/// The most frequent frame: not masked and small, joined to what is there.
[[gnu::always_inline]] inline void MessageWriter::writeCopied(FrameHeader header, std::string_view payload,
                                                              const WriterContext& context) {
  header.length = payload.size();
  if (context.mask) return writeMasked(header, payload, context);
  const std::size_t size = headerSize(header) + payload.size();
  char* const target = context.queue.extend(size);
  std::copy_n(payload.data(), payload.size(), target + encodeHeader(header, target));
  ++context.stats.outgoingWebSocketFrames;
  context.stats.outgoingOctetsWireLevel += size;
  traceOutgoing(header, context.trace);
}

/// Masking makes a copy anyway (RFC 6455 section 5.3).
void MessageWriter::writeMasked(FrameHeader header, std::string_view payload, const WriterContext& context) {
  header.masked = true;
  header.mask = std::bit_cast<MaskKey>(util::randomMaskKey());
  const std::size_t size = headerSize(header) + payload.size();
  char* const target = context.queue.extend(size);
  char* const into = target + encodeHeader(header, target);
  if (context.options.applyMask) {
    maskCopy(into, payload, header.mask);
  } else {
    std::copy_n(payload.data(), payload.size(), into);
  }
  ++context.stats.outgoingWebSocketFrames;
  context.stats.outgoingOctetsWireLevel += size;
  traceOutgoing(header, context.trace);
}

void MessageWriter::sendMessage(std::string_view payload, bool isBinary, const SendOptions& options,
                                Payload use, const WriterContext& context) {
  requireNoMessage();
  ++context.stats.outgoingWebSocketMessages;
  context.stats.outgoingOctetsAppLevel += payload.size();
  const Opcode opcode = isBinary ? Opcode::binary : Opcode::text;
  const std::size_t fragmentSize =
      options.fragmentSize != 0 ? options.fragmentSize : context.options.autoFragmentSize;
  if (!compresses(payload.size(), options.doNotCompress, context)) {
    if (fragmentSize != 0) return writeFragments(payload, opcode, false, fragmentSize, use, context);
    if (isCopied(payload.size(), context)) return writeCopied({.opcode = opcode}, payload, context);
    return writeFrame({.opcode = opcode}, payload, use, context);
  }
  ScratchBuffer scratch(context.pool);
  context.deflate->compress(payload, true, scratch.buffer);
  writeFragments(scratch.buffer.view(), opcode, true, fragmentSize, Payload::copy, context);
}

void MessageWriter::sendMessage(std::string&& payload, bool isBinary, const SendOptions& options,
                                const WriterContext& context) {
  const bool fragmented = options.fragmentSize != 0 || context.options.autoFragmentSize != 0;
  if (fragmented || payload.size() < kBorrowFrom ||
      compresses(payload.size(), options.doNotCompress, context)) {
    return sendMessage(std::string_view(payload), isBinary, options, Payload::copy, context);
  }
  requireNoMessage();
  ++context.stats.outgoingWebSocketMessages;
  context.stats.outgoingOctetsAppLevel += payload.size();
  FrameHeader header;
  header.opcode = isBinary ? Opcode::binary : Opcode::text;
  header.length = payload.size();
  header = startHeader(header, context);
  if (header.masked && context.options.applyMask) applyMask(payload, header.mask);
  context.stats.outgoingOctetsWireLevel += payload.size();
  context.queue.append(std::move(payload));
}

void MessageWriter::sendInPlace(std::span<char> payload, bool isBinary, const SendOptions& options,
                                const WriterContext& context) {
  const bool fragmented = options.fragmentSize != 0 || context.options.autoFragmentSize != 0;
  if (context.mask || fragmented || compresses(payload.size(), options.doNotCompress, context)) {
    return sendMessage({payload.data(), payload.size()}, isBinary, options, Payload::borrow, context);
  }
  requireNoMessage();
  FrameHeader header;
  header.opcode = isBinary ? Opcode::binary : Opcode::text;
  header.length = payload.size();
  const std::size_t room = headerSize(header);
  const std::string_view frame(payload.data() - room, room + payload.size());
  encodeHeader(header, payload.data() - room);
  context.queue.appendBorrowed(frame);
  ++context.stats.outgoingWebSocketMessages;
  ++context.stats.outgoingWebSocketFrames;
  context.stats.outgoingOctetsAppLevel += payload.size();
  context.stats.outgoingOctetsWireLevel += frame.size();
  traceOutgoing(header, context.trace);
}

void MessageWriter::sendPrepared(const PreparedMessage& message, const WriterContext& context) {
  const std::size_t size = message.payload().size();
  if (context.mask || context.options.autoFragmentSize != 0) {
    return sendMessage(message.payload(), message.isBinary(), {}, Payload::copy, context);
  }
  requireNoMessage();
  std::shared_ptr<const std::string> frame;
  if (compresses(size, false, context)) {
    const PerMessageDeflateParameters& parameters = context.deflate->parameters();
    frame =
        message.compressedFrame(parameters, context.role == Role::server ? parameters.serverMaxWindowBits
                                                                         : parameters.clientMaxWindowBits);
    // The peer's window now ends with bytes our compressor has not seen.
    if (frame != nullptr) context.deflate->resetCompressor();
  }
  const bool compressed = frame != nullptr;
  if (!compressed) frame = message.frame();
  ++context.stats.outgoingWebSocketMessages;
  ++context.stats.outgoingWebSocketFrames;
  context.stats.outgoingOctetsAppLevel += size;
  context.stats.outgoingOctetsWireLevel += frame->size();
  if (context.trace != nullptr) {
    FrameHeader header;
    parseHeader(*frame, header);
    traceOutgoing(header, context.trace);
  }
  context.queue.append(std::move(frame));
}

void MessageWriter::writeFragments(std::string_view payload, Opcode opcode, bool compressed,
                                   std::size_t fragmentSize, Payload use, const WriterContext& context) {
  if (fragmentSize == 0) fragmentSize = std::max<std::size_t>(payload.size(), 1);
  FrameHeader header;
  header.opcode = opcode;
  header.rsv = compressed ? kRsv1 : 0;
  do {
    const std::string_view piece = payload.substr(0, fragmentSize);
    payload.remove_prefix(piece.size());
    header.fin = payload.empty();
    writeFrame(header, piece, use, context);
    header.opcode = Opcode::continuation;
    header.rsv = 0;
  } while (!payload.empty());
}

FrameHeader MessageWriter::startHeader(FrameHeader header, const WriterContext& context) {
  header.masked = context.mask;
  if (header.masked) header.mask = std::bit_cast<MaskKey>(util::randomMaskKey());
  char bytes[kMaxHeaderSize];
  const std::size_t size = encodeHeader(header, bytes);
  context.queue.append(std::string_view(bytes, size));
  context.stats.outgoingOctetsWireLevel += size;
  ++context.stats.outgoingWebSocketFrames;
  traceOutgoing(header, context.trace);
  return header;
}

void MessageWriter::writeFrame(FrameHeader header, std::string_view payload, Payload use,
                               const WriterContext& context) {
  if (isCopied(payload.size(), context)) return writeCopied(header, payload, context);
  header.length = payload.size();
  startHeader(header, context);
  context.stats.outgoingOctetsWireLevel += payload.size();
  if (use == Payload::borrow) {
    context.queue.appendBorrowed(payload);
  } else {
    context.queue.append(payload);
  }
}

void MessageWriter::sendControl(Opcode opcode, std::string_view payload, const WriterContext& context) {
  FrameHeader header;
  header.opcode = opcode;
  if (!inFrame_) return writeFrame(header, payload, Payload::copy, context);
  if (opcode != Opcode::close && held_.size() + payload.size() + 2 > kMaxHeldControl) return;
  held_ += static_cast<char>(opcode);
  held_ += static_cast<char>(payload.size());
  held_ += payload;
}

void MessageWriter::writeHeldControl(const WriterContext& context) {
  std::string_view rest = held_;
  while (rest.size() >= 2) {
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(rest[1]));
    FrameHeader header;
    header.opcode = static_cast<Opcode>(rest[0]);
    writeFrame(header, rest.substr(2, size), Payload::copy, context);
    rest.remove_prefix(2 + size);
  }
  held_ = {};
}

void MessageWriter::beginMessage(bool isBinary, bool doNotCompress, const WriterContext& context) {
  requireNoMessage();
  inMessage_ = true;
  firstFrame_ = true;
  opcode_ = isBinary ? Opcode::binary : Opcode::text;
  compressing_ = context.deflate != nullptr && !doNotCompress;
  ++context.stats.outgoingWebSocketMessages;
}

FrameHeader MessageWriter::nextStreamedHeader(bool fin, std::uint64_t length) {
  FrameHeader header;
  header.fin = fin;
  header.opcode = firstFrame_ ? opcode_ : Opcode::continuation;
  header.rsv = firstFrame_ && compressing_ ? kRsv1 : 0;
  header.length = length;
  firstFrame_ = false;
  return header;
}

void MessageWriter::beginFrame(std::uint64_t length, const WriterContext& context) {
  requireMessage("beginMessageFrame");
  requireNoFrame("beginMessageFrame");
  if (length >> 63 != 0) throw std::invalid_argument("a frame has at most 2^63 - 1 octets");
  frameLength_ = length;
  framePosition_ = 0;
  inFrame_ = length != 0;
  // A compressed frame's length is known only when its data is: it goes out piece by piece instead.
  if (!compressing_) mask_ = startHeader(nextStreamedHeader(false, length), context).mask;
}

std::int64_t MessageWriter::sendFrameData(std::string_view payload, const WriterContext& context) {
  if (!inFrame_) {
    throw InvalidState(
        "sendMessageFrameData needs a frame with octets missing: call beginMessageFrame() first");
  }
  const std::uint64_t missing = frameLength_ - framePosition_;
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(missing, payload.size()));
  const std::string_view piece = payload.substr(0, taken);
  if (compressing_) {
    writeStreamed(piece, false, context);
  } else {
    context.stats.outgoingOctetsAppLevel += taken;
    context.stats.outgoingOctetsWireLevel += taken;
    if (context.mask && context.options.applyMask && taken != 0) {
      maskCopy(context.queue.extend(taken), piece, mask_, static_cast<std::size_t>(framePosition_ % 4));
    } else {
      context.queue.append(piece);
    }
  }
  framePosition_ += taken;
  if (framePosition_ == frameLength_) {
    inFrame_ = false;
    writeHeldControl(context);
  }
  if (taken < payload.size()) return -static_cast<std::int64_t>(payload.size() - taken);
  return static_cast<std::int64_t>(frameLength_ - framePosition_);
}

/// One frame of a streamed message; of a compressed one, whatever the compressor gives for the piece.
void MessageWriter::writeStreamed(std::string_view payload, bool fin, const WriterContext& context) {
  context.stats.outgoingOctetsAppLevel += payload.size();
  if (!compressing_) return writeFrame(nextStreamedHeader(fin, 0), payload, Payload::copy, context);
  ScratchBuffer scratch(context.pool);
  context.deflate->compress(payload, fin, scratch.buffer);
  if (scratch.buffer.empty() && !fin) return;
  writeFrame(nextStreamedHeader(fin, 0), scratch.buffer.view(), Payload::copy, context);
}

void MessageWriter::sendFrame(std::string_view payload, const WriterContext& context) {
  requireMessage("sendMessageFrame");
  requireNoFrame("sendMessageFrame");
  writeStreamed(payload, false, context);
}

void MessageWriter::endMessage(const WriterContext& context) {
  requireMessage("endMessage");
  requireNoFrame("endMessage");
  writeStreamed({}, true, context);
  inMessage_ = false;
  compressing_ = false;
}

}  // namespace autobahn::inline v0::websocket
