// The frame header: parsing and encoding (RFC 6455 section 5.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "mask.hpp"

namespace autobahn::inline v0::websocket {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline bool isControl(Opcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0x8) != 0; }
std::string_view opcodeName(Opcode opcode);

struct FrameHeader {
  bool fin = true;
  std::uint8_t rsv = 0;  ///< RSV1…3 as 4, 2, 1
  Opcode opcode = Opcode::continuation;
  bool masked = false;
  MaskKey mask{};
  std::uint64_t length = 0;
};

inline constexpr std::uint8_t kRsv1 = 4;
inline constexpr std::size_t kMaxHeaderSize = 14;

/// What a parse of the front of some bytes came to.
struct HeaderParse {
  std::size_t size = 0;         ///< bytes the whole header takes; known once two bytes are there
  bool complete = false;        ///< `size` bytes were there and the header is filled
  const char* error = nullptr;  ///< the rule that is broken, found as early as possible; code 1002
};

/// Parses a header from the front of `bytes`. Checks what holds for any frame: defined opcode, control frames
/// whole and short, minimal length encoding, 63-bit lengths. RSV and masking depend on the connection.
HeaderParse parseHeader(std::string_view bytes, FrameHeader& header);

/// The octets a header takes on the wire.
inline std::size_t headerSize(const FrameHeader& header) {
  const std::size_t lengthBytes = header.length < 126 ? 0 : header.length < 65536 ? 2 : 8;
  return 2 + lengthBytes + (header.masked ? 4 : 0);
}

/// Writes the header to `target`, which has room for kMaxHeaderSize bytes; returns its size. Here, so that
/// what the caller knows of the header is known when this is compiled.
inline std::size_t encodeHeader(const FrameHeader& header, char* target) {
  target[0] = static_cast<char>((header.fin ? 0x80 : 0) | header.rsv << 4 | static_cast<int>(header.opcode));
  const int maskBit = header.masked ? 0x80 : 0;
  std::size_t size = 2;
  if (header.length < 126) {
    target[1] = static_cast<char>(maskBit | static_cast<int>(header.length));
  } else {
    const std::size_t lengthBytes = header.length < 65536 ? 2 : 8;
    target[1] = static_cast<char>(maskBit | (lengthBytes == 2 ? 126 : 127));
    for (std::size_t i = 0; i != lengthBytes; ++i) {
      target[2 + i] =
          static_cast<char>(static_cast<std::uint8_t>(header.length >> (8 * (lengthBytes - 1 - i))));
    }
    size += lengthBytes;
  }
  if (header.masked) {
    std::memcpy(target + size, header.mask.data(), 4);
    size += 4;
  }
  return size;
}

}  // namespace autobahn::inline v0::websocket
