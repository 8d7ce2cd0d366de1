#include "frame.hpp"

#include <autobahn/util/crypto.hpp>
#include <bit>

namespace autobahn::inline v0::rawsocket {

namespace {

constexpr std::uint8_t kReservedBits = 0xF0;
constexpr std::uint8_t kExtraLengthBit = 0x08;
constexpr std::uint8_t kTypeBits = 0x07;

std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

}  // namespace

std::string_view frameTypeName(FrameType type) {
  switch (type) {
    case FrameType::message:
      return "message";
    case FrameType::ping:
      return "PING";
    case FrameType::pong:
      return "PONG";
  }
  return "reserved";
}

std::string hexOctet(std::uint8_t value) {
  const char byte = static_cast<char>(value);
  return "0x" + util::hexEncode({&byte, 1});
}

FrameHeader parseFrameHeader(std::span<const char, kHeaderSize> bytes) {
  FrameHeader header;
  const std::uint8_t first = octet(bytes[0]);
  header.type = static_cast<FrameType>(first & kTypeBits);
  header.length = std::size_t{octet(bytes[1])} << 16 | std::size_t{octet(bytes[2])} << 8 | octet(bytes[3]);
  if ((first & kReservedBits) != 0) {
    header.error = "frame with reserved bits: the first octet is " + hexOctet(first);
  } else if (header.type > FrameType::pong) {
    header.error = "frame of the reserved type " + std::to_string(first & kTypeBits);
  } else if ((first & kExtraLengthBit) != 0) {
    if (header.length != 0) {
      header.error = "frame with the bit for 16 MiB and a length of " + std::to_string(header.length);
    }
    header.length = kGreatestMaxPayload;
  }
  return header;
}

HeaderBytes frameHeader(FrameType type, std::size_t length) {
  const std::uint8_t extra = length == kGreatestMaxPayload ? kExtraLengthBit : 0;
  return {static_cast<char>(static_cast<std::uint8_t>(type) | extra), static_cast<char>(length >> 16 & 0xFF),
          static_cast<char>(length >> 8 & 0xFF), static_cast<char>(length & 0xFF)};
}

std::uint8_t lengthCode(std::size_t size) {
  return static_cast<std::uint8_t>(std::countr_zero(size) - std::countr_zero(kLeastMaxPayload));
}

Handshake parseHandshake(std::span<const char, kHeaderSize> bytes) {
  return {static_cast<std::uint8_t>(octet(bytes[1]) >> 4), static_cast<std::uint8_t>(octet(bytes[1]) & 0x0F),
          bytes[2] != 0 || bytes[3] != 0};
}

HeaderBytes handshake(std::uint8_t high, std::uint8_t low) {
  return {static_cast<char>(kMagic), static_cast<char>(high << 4 | low), 0, 0};
}

}  // namespace autobahn::inline v0::rawsocket
