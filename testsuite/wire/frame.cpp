#include "wire/frame.hpp"

#include <cstring>

namespace wstest {
namespace {

void appendBigEndian(std::string& out, std::uint64_t value, int octets) {
  for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

std::uint64_t bigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

int lengthOctets(std::uint64_t length, LengthForm form) {
  if (form == LengthForm::sixtyFourBits || length > 0xFFFF) return 8;
  if (form == LengthForm::sixteenBits || length > 125) return 2;
  return 0;
}

}  // namespace

void applyMask(char* bytes, std::size_t size, std::uint32_t key) {
  std::string pattern;
  appendBigEndian(pattern, key, 4);
  appendBigEndian(pattern, key, 4);
  std::uint64_t wide = 0;
  std::memcpy(&wide, pattern.data(), sizeof wide);
  std::size_t i = 0;
  for (; i + sizeof wide <= size; i += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof word);
    word ^= wide;
    std::memcpy(bytes + i, &word, sizeof word);
  }
  for (; i < size; ++i) bytes[i] = static_cast<char>(bytes[i] ^ pattern[i % 4]);
}

std::string encodeFrame(const Frame& frame, bool isMasked, std::uint32_t maskKey) {
  const bool masks = frame.isMasked.value_or(isMasked);
  const std::uint64_t length = frame.declaredLength.value_or(frame.payload.size());
  const int octets = lengthOctets(length, frame.lengthForm);
  std::string out;
  out.reserve(14 + frame.payload.size());
  out += static_cast<char>((frame.fin ? 0x80 : 0) | (frame.rsv & 7) << 4 | (frame.opcode & 15));
  const auto shortLength = octets == 8 ? 127U : octets == 2 ? 126U : static_cast<unsigned>(length);
  out += static_cast<char>((masks ? 0x80U : 0U) | shortLength);
  if (octets > 0) appendBigEndian(out, length, octets);
  const std::uint32_t key = frame.maskKey.value_or(maskKey);
  if (masks) appendBigEndian(out, key, 4);
  const std::size_t head = out.size();
  out += frame.payload;
  if (masks) applyMask(out.data() + head, out.size() - head, key);
  return out;
}

std::optional<FrameHead> FrameReader::peek() const {
  const std::string_view bytes = rest();
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  const unsigned shortLength = second & 0x7FU;
  const std::size_t octets = shortLength == 127 ? 8 : shortLength == 126 ? 2 : 0;
  const bool isMasked = (second & 0x80) != 0;
  FrameHead head;
  head.headSize = 2 + octets + (isMasked ? 4U : 0U);
  if (bytes.size() < head.headSize) return std::nullopt;
  head.fin = (first & 0x80) != 0;
  head.rsv = first >> 4 & 7;
  head.opcode = first & 15;
  head.length = octets == 0 ? shortLength : bigEndian(bytes.substr(2, octets));
  head.isShortestLength = lengthOctets(head.length, LengthForm::shortest) == static_cast<int>(octets);
  if (isMasked) head.maskKey = static_cast<std::uint32_t>(bigEndian(bytes.substr(2 + octets, 4)));
  return head;
}

std::optional<ReceivedFrame> FrameReader::next() {
  const auto head = peek();
  if (!head || rest().size() - head->headSize < head->length) return std::nullopt;
  ReceivedFrame frame{head->opcode,
                      head->fin,
                      head->rsv,
                      head->maskKey,
                      head->isShortestLength,
                      std::string(rest().substr(head->headSize, head->length))};
  if (frame.maskKey) applyMask(frame.payload.data(), frame.payload.size(), *frame.maskKey);
  taken_ += head->headSize + frame.payload.size();
  // What was taken goes when it is most of the buffer: each byte is moved once at most, on average.
  if (taken_ * 2 > buffer_.size()) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  return frame;
}

}  // namespace wstest
