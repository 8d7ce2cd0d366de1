#include "frame.hpp"

#include <cstring>

namespace autobahn::inline v0::websocket {

namespace {

std::uint64_t readBigEndian(const char* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

/// What the first two bytes alone give away.
const char* checkStart(std::uint8_t first, std::uint8_t second) {
  const std::uint8_t opcode = first & 0x0F;
  const bool control = opcode >= 8;
  if (control ? opcode > 10 : opcode > 2) return "frame with a reserved opcode";
  if (control && (first & 0x80) == 0) return "fragmented control frame";
  if (control && (second & 0x7F) > 125) return "control frame with a payload above 125 octets";
  return nullptr;
}

const char* checkLength(std::uint64_t length, std::size_t lengthBytes) {
  if (lengthBytes == 8 && length >> 63 != 0) return "frame length with the most significant bit set";
  if ((lengthBytes == 2 && length < 126) || (lengthBytes == 8 && length < 65536)) {
    return "frame length not in its minimal encoding";
  }
  return nullptr;
}

}  // namespace

std::string_view opcodeName(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
      return "continuation";
    case Opcode::text:
      return "text";
    case Opcode::binary:
      return "binary";
    case Opcode::close:
      return "close";
    case Opcode::ping:
      return "ping";
    case Opcode::pong:
      return "pong";
  }
  return "reserved";
}

HeaderParse parseHeader(std::string_view bytes, FrameHeader& header) {
  HeaderParse parse;
  if (bytes.size() < 2) return parse;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  header.fin = (first & 0x80) != 0;
  header.rsv = first >> 4 & 7;
  header.opcode = static_cast<Opcode>(first & 0x0F);
  header.masked = (second & 0x80) != 0;
  const std::uint8_t shortLength = second & 0x7F;
  const std::size_t lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
  parse.size = 2 + lengthBytes + (header.masked ? 4 : 0);
  parse.error = checkStart(first, second);
  if (parse.error != nullptr || bytes.size() < 2 + lengthBytes) return parse;
  header.length = lengthBytes == 0 ? shortLength : readBigEndian(bytes.data() + 2, lengthBytes);
  parse.error = checkLength(header.length, lengthBytes);
  if (parse.error != nullptr || bytes.size() < parse.size) return parse;
  if (header.masked) std::memcpy(header.mask.data(), bytes.data() + 2 + lengthBytes, 4);
  parse.complete = true;
  return parse;
}

}  // namespace autobahn::inline v0::websocket
