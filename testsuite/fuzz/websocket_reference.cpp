#include "websocket_reference.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>

namespace autobahn::fuzz {
namespace {

// A row of the table in RFC 3629 section 4: what each byte of a code point may be.
struct Range {
  int from;
  int to;
};
struct Utf8Row {
  std::size_t size;
  std::array<Range, 4> bytes;
};
constexpr std::array<Utf8Row, 9> kUtf8Rows = {{
    {1, {{{0x00, 0x7F}}}},
    {2, {{{0xC2, 0xDF}, {0x80, 0xBF}}}},
    {3, {{{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}}},
    {3, {{{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}}},
    {3, {{{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}}},
    {3, {{{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}}},
    {4, {{{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}}},
    {4, {{{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}}},
    {4, {{{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}}},
}};

int byteAt(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

// How many bytes of the row the text begins with.
std::size_t fitting(const Utf8Row& row, std::string_view text) {
  std::size_t count = 0;
  while (count < row.size && count < text.size() && byteAt(text, count) >= row.bytes[count].from &&
         byteAt(text, count) <= row.bytes[count].to) {
    ++count;
  }
  return count;
}

constexpr std::string_view kTrailer("\x00\x00\xff\xff", 4);  // RFC 7692 section 7.2.1
// A message with more final blocks that bring nothing is refused: our own rule.
constexpr int kMostEmptyStreams = 64;

// One raw deflate stream (RFC 1951) after some text.
class Stream {
 public:
  Stream(std::string_view before, int windowBits) {
    inflateInit2(&stream_, -windowBits);
    const auto context =
        before.substr(before.size() - std::min<std::size_t>(before.size(), 1U << windowBits));
    if (!context.empty()) {
      inflateSetDictionary(&stream_, reinterpret_cast<const Bytef*>(context.data()),
                           static_cast<uInt>(context.size()));
    }
  }
  ~Stream() { inflateEnd(&stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Takes what it can from the front of `input`. False: corrupt.
  bool inflate(std::string_view& input, std::string& text) {
    std::array<char, 16384> space;
    for (;;) {
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
      stream_.avail_in = static_cast<uInt>(input.size());
      stream_.next_out = reinterpret_cast<Bytef*>(space.data());
      stream_.avail_out = static_cast<uInt>(space.size());
      const int result = ::inflate(&stream_, Z_SYNC_FLUSH);
      input.remove_prefix(input.size() - stream_.avail_in);
      text.append(space.data(), space.size() - stream_.avail_out);
      hasEnded_ = result == Z_STREAM_END;
      if (hasEnded_) return true;
      if (result != Z_OK && result != Z_BUF_ERROR) return false;
      if (stream_.avail_out != 0) return true;
    }
  }
  bool hasEnded() const { return hasEnded_; }
  // zlib.h, inflate(): 128 right behind a block, the low bits are those of the last byte not used.
  bool isBehindBlock() const { return (stream_.data_type & 128) != 0 && (stream_.data_type & 63) == 0; }

 private:
  z_stream stream_{};
  bool hasEnded_ = false;
};

struct Header {
  bool fin;
  int reserved;  // bits
  int opcode;
  bool isMasked;
  std::uint64_t length;
  std::array<int, 4> mask;
  bool isControl() const { return opcode >= 8; }
};

class Receiver {
 public:
  Receiver(const ReceivingRules& rules, std::string_view bytes)
      : rules_(rules), bytes_(bytes), inflater_(rules.takeover) {}

  Received run() {
    while (!isOver()) {
      const auto header = readHeader();
      if (!header || !checkHeader(*header)) break;
      if (header->isControl() ? !takeControl(*header) : !takeData(*header)) break;
    }
    auto& events = received_.events;
    if (!received_.failure.empty() && !events.empty() && events.back().starts_with("data")) events.pop_back();
    return std::move(received_);
  }

 private:
  bool isOver() const { return received_.closed || !received_.failure.empty(); }
  bool fail(int code) {
    received_.failure.insert(code);
    return false;
  }
  void add(std::string event) { received_.events.push_back(std::move(event)); }

  // RFC 6455 section 5.2. Nothing when it has not arrived, or is wrong for any connection.
  std::optional<Header> readHeader() {
    const std::string_view rest = bytes_.substr(at_);
    if (rest.size() < 2) return std::nullopt;
    Header header{};
    header.fin = (byteAt(rest, 0) & 0x80) != 0;
    header.reserved = byteAt(rest, 0) & 0x70;
    header.opcode = byteAt(rest, 0) & 0x0F;
    header.isMasked = (byteAt(rest, 1) & 0x80) != 0;
    const int shortLength = byteAt(rest, 1) & 0x7F;
    const bool isKnown = header.opcode <= 2 || (header.opcode >= 8 && header.opcode <= 10);
    if (!isKnown || (header.isControl() && (!header.fin || shortLength > 125))) {
      fail(1002);
      return std::nullopt;
    }
    const std::size_t extra = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
    if (rest.size() < 2 + extra) return std::nullopt;
    header.length = extra == 0 ? static_cast<std::uint64_t>(shortLength) : 0;
    for (std::size_t i = 0; i < extra; ++i)
      header.length = header.length * 256 + static_cast<unsigned>(byteAt(rest, 2 + i));
    if ((extra == 2 && header.length < 126) ||
        (extra == 8 && (header.length < 65536 || header.length >> 63 != 0))) {
      fail(1002);
      return std::nullopt;
    }
    const std::size_t size = 2 + extra + (header.isMasked ? 4 : 0);
    if (rest.size() < size) return std::nullopt;
    for (std::size_t i = 0; header.isMasked && i < 4; ++i) header.mask[i] = byteAt(rest, 2 + extra + i);
    at_ += size;
    return header;
  }

  bool checkHeader(const Header& header) {
    const bool begins = header.opcode == 1 || header.opcode == 2;
    if (header.isMasked ? !rules_.mayBeMasked : rules_.mustBeMasked) return fail(1002);
    if ((header.reserved & ~(rules_.inflates && begins ? 0x40 : 0)) != 0) return fail(1002);
    if ((begins && inMessage_) || (header.opcode == 0 && !inMessage_)) return fail(1002);
    if (header.isControl()) return true;
    if (begins) beginMessage(header);
    ++frames_;
    wireSize_ = wireSize_ > ~header.length ? ~std::uint64_t{0} : wireSize_ + header.length;
    if (rules_.maxFrame != 0 && header.length > rules_.maxFrame) return fail(1009);
    // What cannot be compressed grows a little: our own rule.
    const std::uint64_t slack = isCompressed_ ? rules_.maxMessage / 256 + 64 : 0;
    if (rules_.maxMessage != 0 && wireSize_ > rules_.maxMessage + slack) return fail(1009);
    if (rules_.maxFrames != 0 && frames_ > rules_.maxFrames) return fail(1008);
    return true;
  }

  void beginMessage(const Header& header) {
    inMessage_ = true;
    isText_ = header.opcode == 1;
    isCompressed_ = header.reserved != 0;
    frames_ = 0;
    wireSize_ = 0;
    payload_.clear();
    message_.clear();
    checked_ = 0;
    beginsMessage_ = true;
  }

  // What has arrived of the payload, unmasked; `all`: that is all of it.
  std::string readPayload(const Header& header, bool& all) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(header.length, bytes_.size() - at_));
    std::string payload(bytes_.substr(at_, size));
    for (std::size_t i = 0; header.isMasked && i < size; ++i) {
      payload[i] = static_cast<char>(byteAt(payload, i) ^ header.mask[i % 4]);
    }
    at_ += size;
    all = size == header.length;
    return payload;
  }

  // False: there is nothing more to read.
  bool takeControl(const Header& header) {
    bool all = false;
    const std::string payload = readPayload(header, all);
    if (!all) return false;
    if (header.opcode == 8) return takeClose(payload);
    add((header.opcode == 9 ? "ping " : "pong ") + payload);
    return true;
  }

  // RFC 6455 sections 5.5.1 and 7.4.
  bool takeClose(std::string_view payload) {
    if (payload.size() == 1) return fail(1002);
    const int code = payload.empty() ? 1005 : byteAt(payload, 0) * 256 + byteAt(payload, 1);
    const bool isRegistered = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    if (!payload.empty() && !isRegistered && (code < 3000 || code > 4999)) return fail(1002);
    const std::string_view reason = payload.substr(std::min<std::size_t>(2, payload.size()));
    if (rules_.validatesUtf8 && utf8State(reason) != Utf8State::complete) return fail(1007);
    received_.closed = true;
    received_.closeCode = code;
    received_.closeReason = reason;
    return false;
  }

  bool takeData(const Header& header) {
    if (beginsMessage_ && rules_.handing != Handing::message) add(isText_ ? "begin text" : "begin binary");
    beginsMessage_ = false;
    if (rules_.handing == Handing::stream) add("frameBegin " + std::to_string(header.length));
    bool all = false;
    payload_ += readPayload(header, all);
    const std::size_t before = message_.size();
    const bool isLast = all && header.fin;
    if (!expand(isLast) || !checkText(isLast)) return false;
    const std::string fresh = message_.substr(before);
    if (rules_.handing == Handing::stream && !fresh.empty()) add("data " + fresh);
    if (!all) return false;
    if (rules_.handing == Handing::stream) add("frameEnd");
    if (rules_.handing == Handing::frame) add("frame " + fresh);
    if (isLast) endMessage();
    return true;
  }

  // From the payload to the text of the message.
  bool expand(bool isLast) {
    if (!isCompressed_) {
      message_ = payload_;
      return true;
    }
    const auto [text, isCorrupt] = inflater_.inflate(payload_, isLast);
    const auto exceeds = [size = text.size()](std::uint64_t limit) { return limit != 0 && size > limit; };
    const bool isTooBig = exceeds(rules_.maxMessage) || exceeds(rules_.maxInflated);
    message_ = text;
    if (isTooBig) {
      // Wrong in both ways: it depends on how the bytes arrived what is seen first.
      if (rules_.validatesUtf8 && isText_ && utf8State(message_) == Utf8State::wrong) fail(1007);
      return fail(1009);
    }
    return !isCorrupt || fail(1007);
  }

  bool checkText(bool isLast) {
    if (!isText_ || !rules_.validatesUtf8) return true;
    const Utf8State state = utf8State(std::string_view(message_).substr(checked_));
    if (state == Utf8State::complete) checked_ = message_.size();
    return (state != Utf8State::wrong && !(isLast && state == Utf8State::unfinished)) || fail(1007);
  }

  void endMessage() {
    inMessage_ = false;
    if (isCompressed_) inflater_.keep(message_);
    if (rules_.handing != Handing::message) return add("end");
    add((isText_ ? "text " : "binary ") + message_);
  }

  const ReceivingRules& rules_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  ReferenceInflater inflater_;
  bool inMessage_ = false;
  bool beginsMessage_ = false;
  bool isText_ = false;
  bool isCompressed_ = false;
  std::uint64_t frames_ = 0;
  std::uint64_t wireSize_ = 0;
  std::string payload_;      ///< of the message under way, as it came
  std::string message_;      ///< … inflated
  std::size_t checked_ = 0;  ///< so much of it is whole code points
  Received received_;
};

}  // namespace

Received receive(const ReceivingRules& rules, std::string_view bytes) { return Receiver(rules, bytes).run(); }

Utf8State utf8State(std::string_view text) {
  while (!text.empty()) {
    std::size_t taken = 0;
    for (const Utf8Row& row : kUtf8Rows) {
      taken = fitting(row, text);
      if (taken == row.size) break;
      if (taken == text.size()) return Utf8State::unfinished;
      taken = 0;
    }
    if (taken == 0) return Utf8State::wrong;
    text.remove_prefix(taken);
  }
  return Utf8State::complete;
}

ReferenceInflater::Result ReferenceInflater::inflate(std::string_view payload, bool last) {
  std::string all = context_;
  std::optional<Stream> stream(std::in_place, all, windowBits_);
  std::size_t streamStart = all.size();
  bool isAtEnd = false;  // of a stream, with nothing behind it
  int emptyStreams = 0;
  const auto feed = [&](std::string_view bytes) {
    while (!bytes.empty()) {
      // RFC 7692 section 7.2.3.4: a final block ends a stream, not a message.
      if (isAtEnd) stream.emplace(all, windowBits_);
      if (!stream->inflate(bytes, all)) return false;
      isAtEnd = stream->hasEnded();
      if (!isAtEnd) continue;
      if (all.size() == streamStart && ++emptyStreams > kMostEmptyStreams) return false;
      streamStart = all.size();
    }
    return true;
  };
  Result result;
  result.isCorrupt = !feed(payload);
  const std::size_t size = all.size();
  if (last && !result.isCorrupt && !isAtEnd) {
    // The trailer has to complete an empty block.
    result.isCorrupt = !feed(kTrailer) || all.size() != size || !(isAtEnd || stream->isBehindBlock());
  }
  result.text = all.substr(context_.size(), size - context_.size());
  return result;
}

void ReferenceInflater::keep(std::string_view text) {
  if (takeover_) context_ += text;
}

}  // namespace autobahn::fuzz
