// Integers and floating point numbers in network byte order.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace autobahn::inline v0::wamp {

/// The unsigned integer of the same size, for bits.
template <class T>
using BitsOf =
    std::conditional_t<sizeof(T) == 1, std::uint8_t,
                       std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                          std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

template <std::unsigned_integral Bits>
constexpr Bits swapBytes(Bits bits) {
  if constexpr (sizeof(Bits) == 1) return bits;
  if constexpr (sizeof(Bits) == 2) return __builtin_bswap16(bits);
  if constexpr (sizeof(Bits) == 4) return __builtin_bswap32(bits);
  if constexpr (sizeof(Bits) == 8) return __builtin_bswap64(bits);
}

/// Reads sizeof(T) bytes.
template <class T>
T loadBigEndian(const char* bytes) {
  BitsOf<T> bits{};
  std::memcpy(&bits, bytes, sizeof(T));
  if constexpr (std::endian::native == std::endian::little) bits = swapBytes(bits);
  return std::bit_cast<T>(bits);
}

/// Writes sizeof(T) bytes.
template <class T>
void storeBigEndian(char* bytes, T value) {
  auto bits = std::bit_cast<BitsOf<T>>(value);
  if constexpr (std::endian::native == std::endian::little) bits = swapBytes(bits);
  std::memcpy(bytes, &bits, sizeof(T));
}

}  // namespace autobahn::inline v0::wamp
