#include "frame.hpp"

#include <autobahn/util/crypto.hpp>
#include <bit>

namespace autobahn::inline v0::rawsocket {

namespace {

constexpr std::uint8_t kReservedBits = 0xF0;
constexpr std::uint8_t kExtraLengthBit = 0x08;
constexpr std::uint8_t kTypeBits = 0x07;

std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

std::size_t declaredLength(std::span<const char, kHeaderSize> bytes) {
  return std::size_t{octet(bytes[1])} << 16 | std::size_t{octet(bytes[2])} << 8 | octet(bytes[3]);
}

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

std::optional<FrameHeader> parseFrameHeader(std::span<const char, kHeaderSize> bytes) {
  const std::uint8_t first = octet(bytes[0]);
  FrameHeader header{static_cast<FrameType>(first & kTypeBits), declaredLength(bytes)};
  if ((first & kReservedBits) != 0 || header.type > FrameType::pong) return std::nullopt;
  if ((first & kExtraLengthBit) != 0) {
    if (header.length != 0) return std::nullopt;
    header.length = kGreatestMaxPayload;
  }
  return header;
}

std::string frameHeaderProblem(std::span<const char, kHeaderSize> bytes) {
  const std::uint8_t first = octet(bytes[0]);
  if ((first & kReservedBits) != 0) {
    return "frame with reserved bits: the first octet is " + hexOctet(first);
  }
  if ((first & kTypeBits) > static_cast<std::uint8_t>(FrameType::pong)) {
    return "frame of the reserved type " + std::to_string(first & kTypeBits);
  }
  return "frame with the bit for 16 MiB and a length of " + std::to_string(declaredLength(bytes));
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
