// DEFLATE blocks bit by bit (RFC 1951), valid or not: what no compressor would write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wstest {

class DeflateBits {
 public:
  /// `count` bits of a number, the least significant first (RFC 1951, 3.1.1).
  DeflateBits& bits(std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) add((value >> i & 1) != 0);
    return *this;
  }
  /// A Huffman code of `count` bits, the most significant first.
  DeflateBits& code(std::uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) add((value >> i & 1) != 0);
    return *this;
  }
  /// The three bits that begin a block. Types: 0 stored, 1 fixed codes, 2 dynamic codes, 3 invalid.
  DeflateBits& block(std::uint32_t type, bool isFinal = false) {
    return bits(isFinal ? 1 : 0, 1).bits(type, 2);
  }
  /// A literal below 144, a length symbol or the end of the block, in fixed codes (RFC 1951, 3.2.6).
  DeflateBits& symbol(std::uint32_t value) {
    if (value < 144) return code(0x30 + value, 8);
    return value < 280 ? code(value - 256, 7) : code(0xC0 + value - 280, 8);
  }
  DeflateBits& literals(std::string_view text) {
    for (const char c : text) symbol(static_cast<std::uint8_t>(c));
    return *this;
  }
  DeflateBits& endOfBlock() { return symbol(256); }
  /// A stored block with everything behind its three bits; NLEN as it has to be.
  DeflateBits& stored(std::string_view data, bool isFinal = false) {
    block(0, isFinal).pad();
    const auto size = static_cast<std::uint16_t>(data.size());
    for (const std::uint32_t each : {std::uint32_t{size}, std::uint32_t{static_cast<std::uint16_t>(~size)}})
      bits(each, 16);
    out_ += data;
    return *this;
  }
  /// Zeros up to the next byte.
  DeflateBits& pad() {
    used_ = 8;
    return *this;
  }
  /// What ends each message: the beginning of an empty stored block, whose last four bytes are not sent
  /// (RFC 7692, 7.2.1).
  std::string flushed() { return block(0).pad().text(); }
  const std::string& text() const { return out_; }

 private:
  void add(bool isSet) {
    if (used_ == 8) out_ += '\0';
    if (used_ == 8) used_ = 0;
    if (isSet) out_.back() = static_cast<char>(static_cast<std::uint8_t>(out_.back()) | 1U << used_);
    ++used_;
  }

  std::string out_;
  int used_ = 8;  ///< bits of the last byte
};

}  // namespace wstest
