// Numbers as FlatBuffers has them.
#pragma once

#include <bit>
#include <concepts>
#include <cstring>

#include "../big_endian.hpp"

namespace autobahn::inline v0::wamp::flatbuffers {

template <std::unsigned_integral Number>
void storeLittleEndian(char* bytes, Number value) {
  if constexpr (std::endian::native == std::endian::big) value = swapBytes(value);
  std::memcpy(bytes, &value, sizeof value);
}

template <std::unsigned_integral Number>
Number loadLittleEndian(const char* bytes) {
  Number value{};
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = swapBytes(value);
  return value;
}

}  // namespace autobahn::inline v0::wamp::flatbuffers
