#include "wire/wire_log.hpp"

#include <algorithm>

namespace wstest {

void WireLog::note(std::string text) {
  WireEntry entry;
  entry.size = text.size();
  entry.data = std::move(text);
  add(std::move(entry));
}

void WireLog::bytes(bool isSent, std::string_view bytes) {
  ++(isSent ? sentOctets : receivedOctets)[bytes.size()];
  WireEntry entry;
  entry.kind = isSent ? WireEntry::Kind::sentBytes : WireEntry::Kind::receivedBytes;
  entry.data = bytes.substr(0, kExcerpt);
  entry.size = bytes.size();
  add(std::move(entry));
}

void WireLog::frame(bool isSent, const FrameHead& head, std::string_view payload) {
  ++(isSent ? sentFrames : receivedFrames)[head.opcode];
  WireEntry entry;
  entry.kind = isSent ? WireEntry::Kind::sentFrame : WireEntry::Kind::receivedFrame;
  entry.data = payload.substr(0, kExcerpt);
  entry.size = head.length;
  entry.opcode = head.opcode;
  entry.fin = head.fin;
  entry.rsv = head.rsv;
  entry.isMasked = head.maskKey.has_value();
  entry.maskKey = head.maskKey.value_or(0);
  add(std::move(entry));
}

void WireLog::add(WireEntry entry) {
  entry.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - begun_).count();
  if (first_.size() < kFirst) {
    first_.push_back(std::move(entry));
  } else if (last_.size() < kLast) {
    last_.push_back(std::move(entry));
  } else {
    last_[(count_ - kFirst) % kLast] = std::move(entry);
  }
  ++count_;
}

std::vector<WireEntry> WireLog::entries() const {
  std::vector<WireEntry> out = first_;
  const std::size_t left = count_ - first_.size() - last_.size();
  if (left > 0) {
    WireEntry gap;
    gap.data = std::to_string(left) + " entries left out";
    gap.milliseconds = out.back().milliseconds;
    out.push_back(std::move(gap));
  }
  const auto oldest = last_.size() < kLast ? 0 : static_cast<std::ptrdiff_t>((count_ - kFirst) % kLast);
  out.insert(out.end(), last_.begin() + oldest, last_.end());
  out.insert(out.end(), last_.begin(), last_.begin() + oldest);
  return out;
}

}  // namespace wstest
