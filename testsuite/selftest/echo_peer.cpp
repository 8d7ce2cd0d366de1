#include "selftest/echo_peer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wstest {
namespace {

constexpr std::uint16_t kProtocolError = 1002, kInvalidPayload = 1007, kTooBig = 1009, kInternal = 1011;
constexpr std::size_t kLargest = std::size_t{64} << 20;

std::string codeBytes(std::uint16_t code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
}

bool isCloseCode(int code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

EchoPeer::EchoPeer(std::unique_ptr<Stream> stream, Fault fault, const StopSwitch& stop)
    : stream_(std::move(stream)), fault_(fault), stop_(stop) {}

EchoPeer::EchoPeer(std::unique_ptr<Stream> stream, std::string host, std::string resource, Fault fault,
                   const StopSwitch& stop)
    : stream_(std::move(stream)),
      fault_(fault),
      stop_(stop),
      host_(std::move(host)),
      resource_(std::move(resource)) {}

void EchoPeer::run() {
  isOpen_ = isServer() ? openAsServer() : openAsClient();
  if (isOpen_) echoFrames();
}

bool EchoPeer::fill() {
  std::array<char, 65536> buffer;
  for (;;) {
    const IoResult result = stream_->read(buffer);
    if (result.io == Io::done) {
      (isOpen_ ? frames_.add({buffer.data(), result.size}) : void(input_.append(buffer.data(), result.size)));
      return true;
    }
    ended_ = result.io;
    if (result.io != Io::later || stream_->wait(false, limit_, stop_) != Waited::ready) return false;
  }
}

bool EchoPeer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const IoResult result = stream_->write(bytes);
    if (result.io == Io::done) {
      bytes.remove_prefix(result.size);
    } else if (result.io != Io::later || stream_->wait(true, limit_, stop_) != Waited::ready) {
      return false;
    }
  }
  return true;
}

bool EchoPeer::send(Frame frame) {
  constexpr std::uint32_t kKey = 0x3D216A0B;
  return write(encodeFrame(frame, isServer() == has(Fault::masksWrongly), kKey));
}

void EchoPeer::echoFrames() {
  for (;;) {
    const auto head = frames_.peek();
    if (head && (!isHeadRight(*head) || !isTextSoFarRight(*head))) return;
    auto frame = frames_.next();
    if (frame) {
      if (!take(std::move(*frame))) return;
    } else if (!fill()) {
      break;
    }
  }
  if (has(Fault::deliversTruncated)) echoWhatThereIs();
}

void EchoPeer::echoWhatThereIs() {
  const auto head = frames_.peek();
  std::string part = message_;
  if (head) {
    std::string payload(frames_.rest().substr(head->headSize));
    applyMask(payload.data(), payload.size(), head->maskKey.value_or(0));
    part += payload;
  }
  echo(part, opcode::text, false);
}

bool EchoPeer::isHeadRight(const FrameHead& head) {
  const bool isControl = opcode::isControl(head.opcode);
  const bool isKnown =
      head.opcode <= opcode::binary || (head.opcode >= opcode::close && head.opcode <= opcode::pong);
  const bool mayCompress = inflater_ && !isControl && head.opcode != opcode::continuation;
  const bool isRsvRight = (head.rsv & (mayCompress ? 3 : 7)) == 0;
  const bool isBeginning = !isControl && head.opcode != opcode::continuation;
  if (head.maskKey.has_value() != isServer() && !has(Fault::takesUnmasked)) return fail(kProtocolError);
  if (!isRsvRight && !has(Fault::ignoresRsv)) return fail(kProtocolError);
  if (!isKnown && !has(Fault::ignoresUnknownOpcodes)) return fail(kProtocolError);
  if (isControl && isKnown && !head.fin && !has(Fault::takesFragmentedControl)) return fail(kProtocolError);
  if (isControl && isKnown && head.length > 125 && !has(Fault::takesLongControl)) return fail(kProtocolError);
  if (head.length >> 63 != 0) return has(Fault::takesTopBitLength) || fail(kProtocolError);
  if (!head.isShortestLength) return fail(kProtocolError);
  if (isControl || !isKnown) return true;
  if (isBeginning && opcode_ && !has(Fault::takesInterleaved)) return fail(kProtocolError);
  if (!isBeginning && !opcode_ && !has(Fault::takesLoneContinuation)) return fail(kProtocolError);
  const std::size_t largest = has(Fault::refusesLargeMessages) ? 100'000 : kLargest;
  return head.length + message_.size() <= largest || fail(kTooBig);
}

/// RFC 6455, 8.1: bad text is failed where it is seen, within a frame as well.
bool EchoPeer::isTextSoFarRight(const FrameHead& head) {
  const bool isText =
      head.opcode == opcode::text || (head.opcode == opcode::continuation && opcode_ == opcode::text);
  const bool isCompressed = head.opcode == opcode::continuation ? isCompressed_ : head.rsv != 0;
  if (!isText || isCompressed || has(Fault::checksNoUtf8) || has(Fault::checksUtf8Late)) return true;
  Utf8Checker checker = head.opcode == opcode::text ? Utf8Checker{} : utf8_;
  std::string payload(frames_.rest().substr(head.headSize, head.length));
  if (head.maskKey) applyMask(payload.data(), payload.size(), *head.maskKey);
  return checker.add(payload) || fail(kInvalidPayload);
}

bool EchoPeer::take(ReceivedFrame frame) {
  switch (frame.opcode) {
    case opcode::ping:
      if (has(Fault::answersPingsEmpty)) frame.payload.clear();
      return has(Fault::answersNoPing) || send({.opcode = opcode::pong, .payload = std::move(frame.payload)});
    case opcode::pong:
      return !has(Fault::answersPongs) || send({.opcode = opcode::pong, .payload = std::move(frame.payload)});
    case opcode::close:
      return takeClose(frame.payload);
    case opcode::continuation:
    case opcode::text:
    case opcode::binary:
      return takeData(std::move(frame));
    default:
      return true;
  }
}

bool EchoPeer::takeData(ReceivedFrame frame) {
  const bool isBeginning = frame.opcode != opcode::continuation || !opcode_;
  if (isBeginning) {
    opcode_ = frame.opcode == opcode::continuation ? opcode::text : frame.opcode;
    isCompressed_ = frame.rsv != 0 && inflater_;
    message_.clear();
    utf8_ = {};
  }
  const bool isText = *opcode_ == opcode::text;
  if (isText && !isCompressed_) utf8_.add(frame.payload);
  message_ += frame.payload;
  return (!frame.fin && !has(Fault::echoesFragments)) || endMessage();
}

bool EchoPeer::endMessage() {
  const std::uint8_t code = *opcode_;
  opcode_.reset();
  std::string message = std::exchange(message_, {});
  if (isCompressed_) {
    auto inflated = inflater_->inflate(message, kLargest);
    if (!inflated) return fail(kInvalidPayload);
    message = std::move(*inflated);
  }
  if (code == opcode::text && !has(Fault::checksNoUtf8) && !isUtf8(message)) return fail(kInvalidPayload);
  return echo(message, code, isCompressed_);
}

bool EchoPeer::echo(const std::string& message, std::uint8_t code, bool isCompressed) {
  if (code == opcode::text) lastText_ = message;
  if (!isServer() && !resource_.starts_with("/runCase")) return true;
  std::string payload = has(Fault::cutsAt65535) ? message.substr(0, 65535) : message;
  const bool compresses = isCompressed && deflater_;
  if (compresses) payload = deflater_->compress(payload);
  if (!has(Fault::echoesRsv1) || payload.size() < 2) {
    return send({.opcode = code,
                 .payload = std::move(payload),
                 .rsv = static_cast<std::uint8_t>(compresses ? 4 : 0)});
  }
  return send({.opcode = code, .payload = payload.substr(0, 1), .fin = false, .rsv = 4}) &&
         send({.opcode = opcode::continuation, .payload = payload.substr(1), .rsv = 4});
}

bool EchoPeer::takeClose(const std::string& body) {
  if (body.size() == 1 && !has(Fault::takesOneByteClose)) return fail(kProtocolError);
  if (body.size() >= 2) {
    const int code = static_cast<std::uint8_t>(body[0]) << 8 | static_cast<std::uint8_t>(body[1]);
    if (!isCloseCode(code) && !has(Fault::takesAnyCloseCode)) return fail(kProtocolError);
    if (!isUtf8(std::string_view(body).substr(2)) && !has(Fault::checksNoCloseReason))
      return fail(kProtocolError);
  }
  if (has(Fault::answersNoClose)) return true;
  send({.opcode = opcode::close, .payload = body.substr(0, body.size() >= 2 ? 2 : 0)});
  if (has(Fault::echoesAfterClose)) return true;
  endTcp();
  return false;
}

bool EchoPeer::fail(std::uint16_t code) {
  if (has(Fault::failsWithoutCode)) {
    stream_->reset();
    return false;
  }
  send({.opcode = opcode::close, .payload = codeBytes(has(Fault::failsWithWrongCode) ? kInternal : code)});
  endTcp();
  return false;
}

/// RFC 6455, 7.1.1: the server ends TCP first; what still comes is read, or an RST would overtake our Close.
void EchoPeer::endTcp() {
  if (isServer() && !has(Fault::neverEndsTcp)) stream_->endWriting();
  constexpr Duration kTime = 5s;
  limit_ = std::min(limit_, Clock::now() + kTime);
  while (fill()) {
  }
  if (!isServer()) stream_->endWriting();
}

}  // namespace wstest
