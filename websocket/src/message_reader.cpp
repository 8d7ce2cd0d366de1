#include "message_reader.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace autobahn::inline v0::websocket {

namespace {

/// Receiving straight into the message pays off from here on; below, one large read takes what follows, too.
constexpr std::uint64_t kWindowMin = 32 * 1024;
constexpr std::size_t kWindowStep = 64 * 1024;
/// Compressed input is streamed in slices of this size, which bounds what one slice can inflate to.
constexpr std::size_t kStreamSlice = 4096;
/// Buffers above this are not kept by a connection that has no pool to give them to. A message of 64 KiB
/// fits, however its buffer grew by doubling.
constexpr std::size_t kKeptCapacity = 128 * 1024;

/// A message of one frame is larger than the limits of either.
bool exceeds(std::size_t length, const ProtocolOptions& options) {
  return (options.maxFramePayloadSize != 0 && length > options.maxFramePayloadSize) ||
         (options.maxMessagePayloadSize != 0 && length > options.maxMessagePayloadSize);
}

std::string_view asView(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

std::uint64_t saturatingAdd(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max()
                                                           : a + b;
}

/// A header with a length of 16 bits and no mask. Messages that have room for one are long enough for it.
constexpr std::size_t kRoom = 4;
static_assert(kInPlaceFrom >= 126);

/// Incompressible data grows a little when deflated; a message of the permitted size must still fit.
std::uint64_t wireLimit(std::uint64_t limit, bool compressed) {
  return compressed ? saturatingAdd(limit, limit / 256 + 64) : limit;
}

}  // namespace

/// `next` by the general way.
MessageReader::Step MessageReader::nextOfAny(std::span<char>& input, const ReaderContext& context,
                                             Event& event) {
  if (input.empty() && due_ == 0 && !inFrame_) return Step::needMore;
  for (;;) {
    if (takeDue(event)) return Step::event;
    if (!inFrame_) {
      if (!readHeader(input)) return violation_.code != 0 ? Step::violation : Step::needMore;
      if (!startFrame(context)) return Step::violation;
      continue;
    }
    if (isControl(header_.opcode)) return readControl(input, context, event);
    const std::uint64_t before = framePosition_;
    if (readData(input, context, event)) return Step::event;
    if (violation_.code != 0) return Step::violation;
    if (inFrame_ && framePosition_ == before) return Step::needMore;
  }
}

/// The most frequent message by itself: one frame with a length of up to 16 bits, not compressed, all of it
/// in the input. `needMore`: anything else, of which nothing was touched; what breaks a rule is among that,
/// but for text that is no UTF-8.
MessageReader::Step MessageReader::readSmall(std::span<char>& input, const ReaderContext& context,
                                             Event& event) {
  if (inMessage_ || inFrame_ || stashSize_ != 0 || due_ != 0 || chosenMode_ != ReceiveMode::message ||
      context.trace != nullptr || input.size() < 2) {
    return Step::needMore;
  }
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(input[at]); };
  // FIN, no reserved bit, text or binary; then whether it is masked, and the length.
  const bool isText = byte(0) == 0x81;
  if (!isText && byte(0) != 0x82) return Step::needMore;
  const bool isMasked = (byte(1) & 0x80) != 0;
  if (isMasked ? context.forbidMask : context.requireMask) return Step::needMore;
  std::size_t length = byte(1) & 0x7F;
  std::size_t head = 2;
  if (length >= 126) {
    if (length == 127 || input.size() < 4) return Step::needMore;
    length = std::size_t{byte(2)} << 8 | byte(3);
    if (length < 126) return Step::needMore;
    head = 4;
  }
  MaskKey key{};
  const std::size_t start = isMasked ? head + key.size() : head;
  if (input.size() < start + length || exceeds(length, context.options)) return Step::needMore;
  std::span<char> payload = input.subspan(start, length);
  if (isMasked && context.options.applyMask) {
    std::memcpy(key.data(), input.data() + head, key.size());
    if (length < kInPlaceFrom) {
      applyMask(payload, key);
    } else {
      payload = unmaskPacked(payload, key);
    }
  } else {
    packedEnd_ = nullptr;
  }
  input = input.subspan(start + length);
  ++context.stats.incomingWebSocketFrames;
  context.stats.incomingOctetsWireLevel += start + length;
  if (isText) {
    isBinary_ = false;
    utf8_.reset();
    if (!validate(asView(payload), context) || !isTextComplete(context)) return Step::violation;
  }
  ++context.stats.incomingWebSocketMessages;
  context.stats.incomingOctetsAppLevel += length;
  event.type = EventType::message;
  event.isBinary = !isText;
  event.payload = asView(payload);
  return Step::event;
}

/// Masked headers are longer than those of answers. So a message that is unmasked can move down to behind the
/// one before it, with just the room for a header between: what is echoed of a batch is one run of bytes
/// then, written without a copy and without a list of parts.
[[gnu::noinline]] std::span<char> MessageReader::unmaskPacked(std::span<char> payload, MaskKey key) {
  room_ = packedEnd_ == nullptr ? payload.data() : packedEnd_ + kRoom;
  maskCopy(room_, asView(payload), key);
  packedEnd_ = room_ + payload.size();
  return {room_, payload.size()};
}

bool MessageReader::takeDue(Event& event) {
  if (due_ == 0) return false;
  event = {};
  event.isBinary = isBinary_;
  const std::uint8_t bit = due_ & static_cast<std::uint8_t>(-due_);
  due_ = static_cast<std::uint8_t>(due_ & ~bit);
  switch (bit) {
    case kMessageBegin:
      event.type = EventType::messageBegin;
      break;
    case kFrameBegin:
      event.type = EventType::frameBegin;
      event.length = header_.length;
      break;
    case kFrameEnd:
      event.type = EventType::frameEnd;
      break;
    default:
      event.type = EventType::messageEnd;
      break;
  }
  return true;
}

bool MessageReader::readHeader(std::span<char>& input) {
  if (stashSize_ == 0) {
    const HeaderParse parse = parseHeader(asView(input), header_);
    if (parse.error != nullptr) return fail(CloseCode::protocolError, parse.error);
    if (parse.complete) {
      input = input.subspan(parse.size);
      return true;
    }
  }
  // The header spans reads: collect it byte-exactly, so that nothing behind it is taken.
  for (;;) {
    const std::size_t wanted = parseHeader({stash_, stashSize_}, header_).size;
    const std::size_t missing = (wanted == 0 ? 2 : wanted) - stashSize_;
    const std::size_t taken = std::min(missing, input.size());
    std::copy_n(input.data(), taken, stash_ + stashSize_);
    stashSize_ = static_cast<std::uint8_t>(stashSize_ + taken);
    input = input.subspan(taken);
    const HeaderParse parse = parseHeader({stash_, stashSize_}, header_);
    if (parse.error != nullptr) return fail(CloseCode::protocolError, parse.error);
    if (parse.complete) {
      stashSize_ = 0;
      return true;
    }
    if (taken < missing) return false;
  }
}

bool MessageReader::startFrame(const ReaderContext& context) {
  if (context.trace != nullptr) {
    (*context.trace)({true, header_.fin, header_.rsv, static_cast<std::uint8_t>(header_.opcode),
                      header_.masked, header_.length});
  }
  if (!checkFrame(context)) return false;
  inFrame_ = true;
  framePosition_ = 0;
  ++context.stats.incomingWebSocketFrames;
  context.stats.incomingOctetsWireLevel += headerSize(header_);
  return isControl(header_.opcode) || startData(context);
}

bool MessageReader::checkFrame(const ReaderContext& context) {
  if (context.requireMask && !header_.masked) {
    return fail(CloseCode::protocolError, "unmasked client-to-server frame");
  }
  if (context.forbidMask && header_.masked) {
    return fail(CloseCode::protocolError, "masked server-to-client frame");
  }
  const bool startsMessage = header_.opcode == Opcode::text || header_.opcode == Opcode::binary;
  const std::uint8_t allowed = context.deflate != nullptr && startsMessage ? kRsv1 : 0;
  if ((header_.rsv & ~allowed) != 0) {
    return fail(CloseCode::protocolError, "reserved bit set without an extension that defines it");
  }
  if (startsMessage && inMessage_) {
    return fail(CloseCode::protocolError, "new data message inside a fragmented message");
  }
  if (header_.opcode == Opcode::continuation && !inMessage_) {
    return fail(CloseCode::protocolError, "continuation frame outside a fragmented message");
  }
  return true;
}

bool MessageReader::startData(const ReaderContext& context) {
  if (header_.opcode != Opcode::continuation) {
    inMessage_ = true;
    mode_ = chosenMode_;
    isBinary_ = header_.opcode == Opcode::binary;
    compressed_ = (header_.rsv & kRsv1) != 0;
    frames_ = 0;
    messageOctets_ = 0;
    utf8_.reset();
    if (mode_ != ReceiveMode::message) due_ |= kMessageBegin;
  }
  if (mode_ == ReceiveMode::stream) due_ |= kFrameBegin;
  const ProtocolOptions& options = context.options;
  ++frames_;
  messageOctets_ = saturatingAdd(messageOctets_, header_.length);
  if (options.maxFramePayloadSize != 0 && header_.length > options.maxFramePayloadSize) {
    return fail(CloseCode::messageTooBig, "frame exceeds the payload limit");
  }
  if (options.maxMessagePayloadSize != 0 &&
      messageOctets_ > wireLimit(options.maxMessagePayloadSize, compressed_)) {
    return fail(CloseCode::messageTooBig, "message exceeds the payload limit");
  }
  if (options.maxFramesPerMessage != 0 && frames_ > options.maxFramesPerMessage) {
    return fail(CloseCode::policyViolation, "message has too many fragments");
  }
  return true;
}

MessageReader::Step MessageReader::readControl(std::span<char>& input, const ReaderContext& context,
                                               Event& event) {
  const auto length = static_cast<std::size_t>(header_.length);
  std::span<char> payload;
  if (framePosition_ == 0 && input.size() >= length) {
    payload = unmask(input.first(length), context);
    input = input.subspan(length);
    advance(length, context);
  } else {
    const auto piece = input.first(std::min<std::size_t>(length - framePosition_, input.size()));
    control_.append(asView(unmask(piece, context)));
    input = input.subspan(piece.size());
    advance(piece.size(), context);
    if (remaining() != 0) return Step::needMore;
    payload = control_;
    controlLent_ = true;
  }
  inFrame_ = false;
  event = {};
  event.payload = asView(payload);
  event.type = header_.opcode == Opcode::ping ? EventType::ping : EventType::pong;
  return header_.opcode == Opcode::close ? Step::close : Step::event;
}

bool MessageReader::readData(std::span<char>& input, const ReaderContext& context, Event& event) {
  if (compressed_) return readCompressed(input, context, event);
  return readPlain(input, context, event);
}

bool MessageReader::isWholeMessage(std::span<char> input) const {
  return mode_ != ReceiveMode::stream && framePosition_ == 0 && assembly_.empty() && windowFilled_ == 0 &&
         input.size() >= header_.length && (mode_ == ReceiveMode::frame || (header_.fin && frames_ == 1));
}

/// Uncompressed payload: delivered where it lies when it is all there, collected otherwise.
bool MessageReader::readPlain(std::span<char>& input, const ReaderContext& context, Event& event) {
  if (windowFilled_ != 0) return takeWindow(context) && remaining() == 0 && finishCollected(context, event);
  const bool inPlace = isWholeMessage(input) || mode_ == ReceiveMode::stream;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining(), input.size()));
  const std::span<char> piece = input.first(size);
  input = input.subspan(size);
  std::string_view plain = asView(piece);
  if (inPlace) {
    unmask(piece, context);
  } else if (size != 0) {
    borrowBuffer(context);
    char* target = assembly_.space(size).data();
    if (header_.masked && context.options.applyMask) {
      maskCopy(target, plain, header_.mask, framePosition_);
    } else {
      std::copy_n(plain.data(), size, target);
    }
    assembly_.commit(size);
    plain = {target, size};
  }
  advance(size, context);
  if (!validate(plain, context)) return false;
  const bool frameDone = remaining() == 0;
  if (mode_ == ReceiveMode::stream) return deliverPiece(plain, frameDone, context, event);
  if (!frameDone) return false;
  return inPlace ? finishFrame(plain, context, event) : finishCollected(context, event);
}

/// Stream mode: hands a piece on as it came, and notes the end of its frame.
bool MessageReader::deliverPiece(std::string_view piece, bool frameDone, const ReaderContext& context,
                                 Event& event) {
  if (!piece.empty()) deliver(event, EventType::frameData, piece, context);
  if (frameDone) finishFrame({}, context, event);
  return !piece.empty() && violation_.code == 0;
}

bool MessageReader::takeWindow(const ReaderContext& context) {
  const std::span<char> piece = assembly_.space(windowFilled_).first(windowFilled_);
  windowFilled_ = 0;
  unmask(piece, context);
  assembly_.commit(piece.size());
  advance(piece.size(), context);
  return validate(asView(piece), context);
}

bool MessageReader::readCompressed(std::span<char>& input, const ReaderContext& context, Event& event) {
  auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining(), input.size()));
  if (mode_ == ReceiveMode::stream) size = std::min(size, kStreamSlice);
  if (size == 0 && remaining() != 0) return false;
  const std::span<char> piece = unmask(input.first(size), context);
  input = input.subspan(size);
  advance(size, context);
  const bool frameDone = remaining() == 0;
  borrowBuffer(context);
  const std::size_t before = assembly_.size();
  switch (context.deflate->decompress(asView(piece), frameDone && header_.fin,
                                      context.options.maxMessagePayloadSize, assembly_)) {
    case PerMessageDeflate::Result::ok:
      break;
    case PerMessageDeflate::Result::tooBig:
      return fail(CloseCode::messageTooBig, "message exceeds the payload limit when inflated");
    case PerMessageDeflate::Result::corrupt:
      return fail(CloseCode::invalidPayload, "compressed message cannot be inflated");
  }
  if (!validate(assembly_.view().substr(before), context)) return false;
  if (mode_ == ReceiveMode::stream) {
    assemblyLent_ = true;
    return deliverPiece(assembly_.view(), frameDone, context, event);
  }
  return frameDone && finishCollected(context, event);
}

bool MessageReader::finishCollected(const ReaderContext& context, Event& event) {
  if (!finishFrame(assembly_.view(), context, event)) return false;
  assemblyLent_ = true;
  return true;
}

/// The frame's payload is complete. True when that makes an event; stream mode only notes what is due.
bool MessageReader::finishFrame(std::string_view collected, const ReaderContext& context, Event& event) {
  inFrame_ = false;
  if (header_.fin) {
    inMessage_ = false;
    ++context.stats.incomingWebSocketMessages;
    if (!isTextComplete(context)) return false;
    if (mode_ != ReceiveMode::message) due_ |= kMessageEnd;
  }
  if (mode_ == ReceiveMode::stream) {
    due_ |= kFrameEnd;
    return false;
  }
  if (mode_ == ReceiveMode::message && !header_.fin) return false;
  deliver(event, mode_ == ReceiveMode::frame ? EventType::frame : EventType::message, collected, context);
  return true;
}

void MessageReader::deliver(Event& event, EventType type, std::string_view payload,
                            const ReaderContext& context) {
  event = {};
  event.type = type;
  event.isBinary = isBinary_;
  event.payload = payload;
  context.stats.incomingOctetsAppLevel += payload.size();
}

std::span<char> MessageReader::unmask(std::span<char> piece, const ReaderContext& context) {
  if (header_.masked && context.options.applyMask) {
    applyMask(piece, header_.mask, static_cast<std::size_t>(framePosition_ % 4));
  }
  return piece;
}

void MessageReader::advance(std::size_t size, const ReaderContext& context) {
  framePosition_ += size;
  context.stats.incomingOctetsWireLevel += size;
}

bool MessageReader::validate(std::string_view text, const ReaderContext& context) {
  if (isBinary_ || !context.options.utf8validateIncoming || utf8_.feed(text)) return true;
  return fail(CloseCode::invalidPayload, "text message is not valid UTF-8");
}

bool MessageReader::isTextComplete(const ReaderContext& context) {
  if (isBinary_ || !context.options.utf8validateIncoming || utf8_.isComplete()) return true;
  return fail(CloseCode::invalidPayload, "text message ends inside a UTF-8 sequence");
}

std::span<char> MessageReader::receiveWindow(const ReaderContext& context) {
  if (!inFrame_ || isControl(header_.opcode) || compressed_ || mode_ == ReceiveMode::stream || due_ != 0 ||
      remaining() < kWindowMin || windowFilled_ != 0) {
    return {};
  }
  borrowBuffer(context);
  const std::uint64_t step = std::min<std::uint64_t>(remaining(), std::max(kWindowStep, assembly_.size()));
  const std::span<char> space = assembly_.space(static_cast<std::size_t>(step));
  return space.first(static_cast<std::size_t>(std::min<std::uint64_t>(remaining(), space.size())));
}

void MessageReader::borrowBuffer(const ReaderContext& context) {
  if (assembly_.capacity() == 0 && context.pool != nullptr) assembly_ = context.pool->take();
}

void MessageReader::release(util::BufferPool* pool) {
  if (controlLent_) {
    controlLent_ = false;
    control_.clear();
  }
  if (!assemblyLent_) return;
  assemblyLent_ = false;
  if (inFrame_ || due_ != 0) {
    // Stream mode, in the middle of a compressed message: the buffer is wanted again at once.
    assembly_.clear();
  } else if (pool != nullptr) {
    pool->give(std::move(assembly_));
  } else if (assembly_.capacity() > kKeptCapacity) {
    assembly_ = {};
  } else {
    assembly_.clear();
  }
}

void MessageReader::abandon(util::BufferPool* pool) {
  if (pool != nullptr) pool->give(std::move(assembly_));
  assembly_ = {};
  assemblyLent_ = false;
  windowFilled_ = 0;
}

bool MessageReader::fail(CloseCode code, const char* reason) {
  violation_ = {static_cast<std::uint16_t>(code), reason};
  return false;
}

}  // namespace autobahn::inline v0::websocket
