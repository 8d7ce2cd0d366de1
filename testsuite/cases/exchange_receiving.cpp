// What comes from the peer: cut into frames, checked against RFC 6455 and RFC 7692, turned into events.
#include <algorithm>
#include <array>
#include <utility>

#include "cases/exchange.hpp"

namespace wstest {
namespace {

constexpr std::uint16_t kProtocolError = 1002, kInvalidPayload = 1007, kTooBig = 1009;
constexpr std::uint64_t kLargestFrame = std::uint64_t{256} << 20;
constexpr std::uint64_t kLargestMessage = kLargestFrame;
constexpr std::size_t kMostEvents = 1'000'000;

bool isDataOpcode(std::uint8_t code) { return code <= opcode::binary; }
bool isKnownOpcode(std::uint8_t code) {
  return isDataOpcode(code) || (code >= opcode::close && code <= opcode::pong);
}

/// RFC 6455, 7.4: codes that a Close may carry.
bool isValidCloseCode(std::uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

std::string opcodeText(std::uint8_t code) { return "opcode " + std::to_string(code); }

}  // namespace

bool Exchange::takeInput() {
  if (ended_ || !stream_) return false;
  std::array<char, 65536> buffer;
  const IoResult result = stream_->read(buffer);
  if (result.io == Io::later) return false;
  if (result.io != Io::done) {
    ended_ = result.io;
    log_.note(result.io == Io::end         ? "the peer has ended its side"
              : result.io == Io::truncated ? "TCP has ended without a close_notify of TLS"
                                           : "the connection broke: " + stream_->problem());
    return false;
  }
  const std::string_view bytes(buffer.data(), result.size);
  log_.bytes(false, bytes);
  if (isOpen_) {
    frames_.add(bytes);
  } else {
    input_ += bytes;
  }
  return true;
}

bool Exchange::fill(TimePoint until) {
  // Not even a peer that never stops sending takes longer than a case may.
  if (Clock::now() >= limit_) return false;
  for (;;) {
    if (takeInput()) return true;
    if (ended_ || !stream_) return false;
    const Waited waited = stream_->wait(false, std::min(until, limit_), stop_);
    if (waited == Waited::stopped) throw Interrupted{};
    if (waited == Waited::timedOut) return false;
  }
}

std::string Exchange::receiveBytes(Duration within) {
  if (input_.empty()) fill(Clock::now() + within);
  std::string bytes = std::move(input_);
  input_.clear();
  return bytes;
}

std::optional<ReceivedFrame> Exchange::receiveFrame(Duration within) {
  const TimePoint until = Clock::now() + within;
  for (;;) {
    if (!isOpen_) frames_.add(std::exchange(input_, {}));
    auto frame = frames_.next();
    if (frame) {
      log_.frame(false,
                 {frame->opcode, frame->fin, frame->rsv, frame->maskKey, true, frame->payload.size(), 0},
                 frame->payload);
      return frame;
    }
    const auto head = frames_.peek();
    if (head && head->length > kLargestFrame) {
      violate(kTooBig, "the peer announced a frame of " + std::to_string(head->length) + " bytes");
      return std::nullopt;
    }
    if (!fill(until)) return std::nullopt;
  }
}

Received Exchange::receive(Duration within) {
  const TimePoint until = Clock::now() + within;
  const std::size_t before = eventCount_;
  if (isCloseReceived_) {
    awaitEnd(within);
    return ended_ ? Received::ended : Received::timedOut;
  }
  while (eventCount_ == before) {
    if (!violation_.empty()) return Received::ended;
    auto frame = receiveFrame(std::max(until - Clock::now(), Duration::zero()));
    if (!frame) return ended_ ? Received::ended : Received::timedOut;
    judgeFrame(std::move(*frame));
    if (!violation_.empty()) return Received::ended;
    if (isCloseReceived_) return Received::close;
    // There may be no end of what is no event.
    if (eventCount_ == before && Clock::now() >= until) return Received::timedOut;
  }
  return Received::event;
}

void Exchange::pause(Duration time) {
  const TimePoint until = Clock::now() + time;
  while (Clock::now() < until) {
    const Received received = receive(until - Clock::now());
    if (received != Received::event) return;
  }
}

void Exchange::judgeFrame(ReceivedFrame frame) {
  const bool isMasked = frame.maskKey.has_value();
  const bool isControl = opcode::isControl(frame.opcode);
  const std::uint8_t allowedRsv = inflater_ && !isControl && frame.opcode != opcode::continuation ? 4 : 0;
  if (testsServer() && isMasked) return violate(kProtocolError, "the server masked a frame (RFC 6455, 5.1)");
  if (!testsServer() && !isMasked)
    return violate(kProtocolError, "the client did not mask a frame (RFC 6455, 5.1)");
  if (!isKnownOpcode(frame.opcode)) {
    return violate(kProtocolError,
                   "the peer used the reserved " + opcodeText(frame.opcode) + " (RFC 6455, 5.2)");
  }
  if ((frame.rsv & ~allowedRsv) != 0) {
    return violate(kProtocolError, "the peer set reserved bits: RSV=" + std::to_string(frame.rsv) + " on " +
                                       opcodeText(frame.opcode) + " (RFC 6455, 5.2)");
  }
  if (!frame.isShortestLength) {
    return violate(kProtocolError, "the peer did not write the length in the shortest form (RFC 6455, 5.2)");
  }
  return isControl ? judgeControl(std::move(frame)) : judgeData(std::move(frame));
}

void Exchange::judgeData(ReceivedFrame frame) {
  if (frame.opcode == opcode::continuation) {
    if (!messageOpcode_) return violate(kProtocolError, "the peer continued no message (RFC 6455, 5.4)");
  } else {
    if (messageOpcode_)
      return violate(kProtocolError, "the peer began a message within another (RFC 6455, 5.4)");
    messageOpcode_ = frame.opcode;
    isMessageCompressed_ = frame.rsv != 0;
    utf8_ = {};
  }
  const bool isCheckedNow = *messageOpcode_ == opcode::text && !isMessageCompressed_;
  if (isCheckedNow && !utf8_.add(frame.payload)) {
    return violate(kInvalidPayload, "the peer sent text that is not UTF-8 (RFC 6455, 8.1)");
  }
  if (message_.size() + frame.payload.size() > kLargestMessage) {
    return violate(kTooBig,
                   "the peer sent a message of more than " + std::to_string(kLargestMessage) + " bytes");
  }
  if (message_.empty()) {
    message_ = std::move(frame.payload);
  } else {
    message_ += frame.payload;
  }
  if (frame.fin) endMessage();
}

void Exchange::endMessage() {
  const bool isBinary = *messageOpcode_ == opcode::binary;
  messageOpcode_.reset();
  std::string message = std::move(message_);
  message_.clear();
  if (isMessageCompressed_) {
    auto inflated = inflater_->inflate(message, kLargestMessage);
    if (!inflated) return violate(kInvalidPayload, "the peer's compressed message: " + inflater_->problem());
    message = std::move(*inflated);
    if (!isBinary) utf8_.add(message);
    if (!isBinary && !isUtf8(message))
      return violate(kInvalidPayload, "the peer's compressed text is not UTF-8");
  } else if (!isBinary && !utf8_.isComplete()) {
    return violate(kInvalidPayload, "the peer's text ends within a character (RFC 6455, 8.1)");
  }
  addEvent({Event::Kind::message, std::move(message), isBinary});
}

void Exchange::judgeControl(ReceivedFrame frame) {
  constexpr std::size_t kLongest = 125;
  if (!frame.fin) return violate(kProtocolError, "the peer fragmented a control frame (RFC 6455, 5.5)");
  if (frame.payload.size() > kLongest) {
    return violate(kProtocolError, "the peer sent a control frame of " +
                                       std::to_string(frame.payload.size()) + " bytes (RFC 6455, 5.5)");
  }
  if (frame.opcode == opcode::close) return judgeClose(frame.payload);
  if (frame.opcode == opcode::ping) {
    if (!isAnsweringPings_) return addEvent({Event::Kind::ping, std::move(frame.payload), false});
    // Anybody may send Pings at any time, to see who is still there (5.5.2): no case asked for them.
    if (!isCloseSent_) send(Frame{.opcode = opcode::pong, .payload = frame.payload});
    return;
  }
  addEvent({Event::Kind::pong, std::move(frame.payload), false});
}

void Exchange::judgeClose(const std::string& body) {
  isCloseReceived_ = true;
  std::optional<std::uint16_t> code;
  if (body.size() == 1)
    return violate(kProtocolError, "the peer's Close has a body of one byte (RFC 6455, 5.5.1)");
  if (body.size() >= 2) {
    code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(body[0]) << 8 |
                                      static_cast<std::uint8_t>(body[1]));
    closing_.remoteCloseCode = code;
    closing_.remoteCloseReason = body.substr(2);
    if (!isValidCloseCode(*code)) {
      return violate(kProtocolError,
                     "the peer's Close has the code " + std::to_string(*code) + " (RFC 6455, 7.4)");
    }
    if (!isUtf8(closing_.remoteCloseReason)) {
      return violate(kProtocolError, "the reason in the peer's Close is not UTF-8 (RFC 6455, 5.5.1)");
    }
  }
  if (!isCloseSent_) sendClose(code);
}

void Exchange::addEvent(Event event) {
  ++eventCount_;
  if (!isKeepingEvents_) {
    events_.clear();
    keptBytes_ = 0;
  }
  keptBytes_ += event.payload.size();
  events_.push_back(std::move(event));
  if (keptBytes_ > kLargestMessage || events_.size() > kMostEvents)
    violate(kTooBig, "the peer does not stop sending");
}

void Exchange::violate(std::uint16_t code, std::string why) {
  violation_ = std::move(why);
  log_.note("protocol violation: " + violation_);
  closing_.failedByMe = true;
  closing_.wasNotCleanReason = violation_;
  if (!isCloseSent_) sendClose(code);
  // The peer may read the code before TCP goes.
  stream_->endWriting();
  awaitEnd(std::min<Duration>(1s, patience_.reaction));
  if (!ended_) closing_.droppedByMe = true;
  ended_ = ended_.value_or(Io::end);
}

}  // namespace wstest
