// The four octets in front of every payload, and those of the handshake (sections "Framing", "Handshake").
#pragma once

#include <array>
#include <autobahn/rawsocket/types.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace autobahn::inline v0::rawsocket {

inline constexpr std::size_t kHeaderSize = 4;
inline constexpr std::uint8_t kMagic = 0x7F;

using HeaderBytes = std::array<char, kHeaderSize>;

/// The type of a frame; 3…7 are reserved.
enum class FrameType : std::uint8_t { message = 0, ping = 1, pong = 2 };
/// "message", "PING", "PONG".
std::string_view frameTypeName(FrameType type);

/// A frame's header, taken apart. Empty `error`: it is good.
struct FrameHeader {
  FrameType type = FrameType::message;
  std::size_t length = 0;
  std::string error{};
};
FrameHeader parseFrameHeader(std::span<const char, kHeaderSize> bytes);
/// `length` ≤ 16 MiB.
HeaderBytes frameHeader(FrameType type, std::size_t length);

/// The exponent that announces `size` (a power of two, 512 … 16 MiB), and the reverse.
std::uint8_t lengthCode(std::size_t size);
inline std::size_t lengthOf(std::uint8_t code) { return kLeastMaxPayload << code; }

/// The two nibbles of a handshake's second octet.
struct Handshake {
  std::uint8_t high = 0;  ///< length, or an error's number in a refusal
  std::uint8_t low = 0;   ///< serializer; 0 in a refusal
  bool reservedUsed = false;
};
/// The first octet, the magic one, is looked at before.
Handshake parseHandshake(std::span<const char, kHeaderSize> bytes);
HeaderBytes handshake(std::uint8_t high, std::uint8_t low);

/// "0x7f".
std::string hexOctet(std::uint8_t octet);

}  // namespace autobahn::inline v0::rawsocket
