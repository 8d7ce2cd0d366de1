#include "cases/exchange.hpp"

#include <algorithm>
#include <random>

namespace wstest {

Exchange::Exchange(const ServerTarget& target, const Patience& patience, Profile profile,
                   const StopSwitch& stop)
    : target_(target),
      patience_(patience),
      profile_(profile),
      stop_(stop),
      limit_(Clock::now() + patience.whole),
      key_(randomKey()),
      maskState_(std::random_device{}()) {}

Exchange::Exchange(std::unique_ptr<Stream> stream, HttpHead request, std::string readAhead,
                   const Patience& patience, Profile profile, const StopSwitch& stop)
    : patience_(patience),
      profile_(profile),
      stop_(stop),
      limit_(Clock::now() + patience.whole),
      request_(std::move(request)),
      httpRequest_(request_.raw),
      key_(request_.value("Sec-WebSocket-Key").value_or("")),
      input_(std::move(readAhead)),
      maskState_(std::random_device{}()) {
  adopt(std::move(stream));
}

Exchange::~Exchange() = default;

void Exchange::connect(bool isPlain) {
  const TimePoint until = std::min(limit_, Clock::now() + patience_.reaction);
  auto stream = connectTcp(target_->host, target_->port, until, stop_);
  if (target_->isSecure && !isPlain) {
    stream = startTlsClient(std::move(stream), target_->tls.serverName.value_or(target_->host), target_->tls,
                            until, stop_);
  }
  adopt(std::move(stream));
}

void Exchange::adopt(std::unique_ptr<Stream> stream) {
  stream_ = std::move(stream);
  const auto facts = tlsFacts(*stream_);
  if (facts) tls_ = facts->version + " " + facts->cipher;
}

std::unique_ptr<Exchange> Exchange::another() const {
  auto made = std::make_unique<Exchange>(*target_, patience_, profile_, stop_);
  made->connect();
  return made;
}

// --- sending ---

std::uint32_t Exchange::nextMaskKey() {
  maskState_ = maskState_ * 6364136223846793005U + 1442695040888963407U;
  return static_cast<std::uint32_t>(maskState_ >> 32);
}

void Exchange::send(std::initializer_list<Frame> frames, std::size_t chopSize) {
  std::string bytes;
  for (const Frame& frame : frames) {
    const std::uint32_t key = frame.maskKey.value_or(nextMaskKey());
    const bool isMasked = frame.isMasked.value_or(testsServer());
    FrameHead head{
        frame.opcode, frame.fin, frame.rsv, {}, true, frame.declaredLength.value_or(frame.payload.size()), 0};
    if (isMasked) head.maskKey = key;
    log_.frame(true, head, frame.payload);
    bytes += encodeFrame(frame, isMasked, key);
  }
  sendBytes(bytes, chopSize);
}

void Exchange::sendMessage(std::string_view payload, bool isBinary, std::size_t fragmentSize,
                           std::size_t chopSize) {
  std::string compressed;
  if (deflater_) {
    compressed = deflater_->compress(payload);
    payload = compressed;
  }
  if (fragmentSize == 0) fragmentSize = std::max<std::size_t>(1, payload.size());
  Frame frame;
  frame.opcode = isBinary ? opcode::binary : opcode::text;
  frame.rsv = deflater_ ? 4 : 0;
  std::size_t sent = 0;
  do {
    frame.payload = payload.substr(sent, fragmentSize);
    sent += frame.payload.size();
    frame.fin = sent == payload.size();
    send(frame, chopSize);
    frame.opcode = opcode::continuation;
    frame.rsv = 0;
  } while (sent < payload.size() && !ended_);
}

void Exchange::sendClose(std::optional<std::uint16_t> code, std::string_view reason) {
  std::string body;
  if (code) {
    body += static_cast<char>(*code >> 8);
    body += static_cast<char>(*code & 0xFF);
    body += reason;
  }
  sendCloseBody(body);
}

void Exchange::sendCloseBody(std::string_view body) {
  if (!isCloseSent_) {
    isCloseSent_ = true;
    closing_.closedByMe = !isCloseReceived_;
    if (body.size() >= 2) {
      closing_.localCloseCode = static_cast<std::uint16_t>(static_cast<std::uint8_t>(body[0]) << 8 |
                                                           static_cast<std::uint8_t>(body[1]));
      closing_.localCloseReason = body.substr(2);
    }
  }
  send(Frame{.opcode = opcode::close, .payload = std::string(body)});
}

bool Exchange::sendBytes(std::string_view bytes, std::size_t chopSize) {
  constexpr std::size_t kRecordedHead = 16384;
  constexpr std::size_t kMostUnread = std::size_t{1} << 30;
  if (!isOpen_) {
    std::string& record = testsServer() ? httpRequest_ : httpResponse_;
    record.append(bytes.substr(0, kRecordedHead - std::min(kRecordedHead, record.size())));
  }
  while (!bytes.empty() && !ended_ && stream_) {
    const IoResult result = stream_->write(bytes.substr(0, chopSize == 0 ? bytes.size() : chopSize));
    if (result.io == Io::done) {
      log_.bytes(true, bytes.substr(0, result.size));
      bytes.remove_prefix(result.size);
    } else if (result.io == Io::later) {
      // A peer that echoes as it reads stops reading when nobody takes its echo. But it echoes no more than
      // that.
      if (input_.size() + frames_.rest().size() > kMostUnread) return false;
      if (takeInput() && Clock::now() < limit_) continue;
      const Waited waited = stream_->wait(true, limit_, stop_);
      if (waited == Waited::stopped) throw Interrupted{};
      if (waited == Waited::timedOut) return false;
    } else {
      // What the peer sent before it ended is still to be read: a Close that says why.
      while (takeInput()) {
      }
      if (!ended_) ended_ = result.io;
    }
  }
  return bytes.empty();
}

// --- ending ---

bool Exchange::finish(std::uint16_t code) {
  if (!isOpen_ || ended_) return true;
  if (!isCloseSent_) sendClose(code);
  const TimePoint until = Clock::now() + patience_.reaction;
  bool hasMessage = false;
  while (!isCloseReceived_ && receive(until - Clock::now()) == Received::event) {
    hasMessage = hasMessage || last().kind == Event::Kind::message;
    if (Clock::now() >= until) break;
  }
  if (!isCloseReceived_ && !ended_) closing_.wasNotCleanReason = "the peer did not answer our Close in time";
  endTcp();
  return !hasMessage;
}

void Exchange::drop() {
  if (!stream_) return;
  stream_->reset();
  closing_.droppedByMe = true;
  if (!ended_) ended_ = Io::reset;
}

void Exchange::awaitEnd(Duration within) {
  const TimePoint until = std::min(limit_, Clock::now() + within);
  do {
    if (ended_ || !fill(until)) return;
    // Nobody looks at what still comes, and there may be no end of it.
    frames_ = {};
  } while (Clock::now() < until);
}

void Exchange::endTcp() {
  if (!isCloseReceived_ || !isCloseSent_) return;
  // RFC 6455, 7.1.1: the server ends TCP first.
  constexpr Duration kDropTime = 2s;
  const Duration time = std::min(kDropTime, patience_.reaction);
  if (!testsServer() && !ended_) stream_->endWriting();
  awaitEnd(time);
  if (!ended_) {
    closing_.droppedByMe = testsServer();
    if (testsServer()) closing_.wasNotCleanReason = "the server did not end TCP after the closing handshake";
    stream_->endWriting();
    ended_ = Io::end;
  }
  closing_.wasClean = !closing_.droppedByMe && !closing_.failedByMe;
}

CaseResult Exchange::takeResult() {
  endTcp();
  const bool isContent = verdict_.behavior == Behavior::ok || verdict_.behavior == Behavior::nonStrict;
  if (!violation_.empty() && (!isJudged_ || isContent)) fail(violation_);
  if (!isJudged_) fail("the case came to no verdict");
  CaseResult result;
  result.verdict = verdict_;
  if (!closing_.wasClean && closing_.wasNotCleanReason.empty() && isOpen_) {
    closing_.wasNotCleanReason = isCloseReceived_ ? "the connection broke after the peer's Close"
                                                  : "the peer ended TCP without a closing handshake";
  }
  result.closing = closing_;
  result.isServer = !testsServer();
  result.httpRequest = httpRequest_;
  result.httpResponse = httpResponse_;
  result.tls = tls_;
  result.received = describe(events_);
  for (const auto& [behavior, events] : outcomes_) {
    if (!result.expected.empty()) result.expected += "; ";
    result.expected += std::string(name(behavior)) + ": " + describe(events);
  }
  result.wire = std::move(log_);
  if (stream_ && !ended_) stream_->endWriting(true);
  return result;
}

}  // namespace wstest
