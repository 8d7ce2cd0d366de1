// Vector kernel for AArch64, where NEON is always there.
#include "utf8_kernels.hpp"

#if defined(AUTOBAHN_NEON_KERNELS)

#include <arm_neon.h>

#include <cstring>

namespace autobahn::inline v0::util::utf8 {
namespace {

inline uint8x16_t errorsNeon(uint8x16_t now, uint8x16_t before) {
  const uint8x16_t back1 = vextq_u8(before, now, 15);
  const uint8x16_t back2 = vextq_u8(before, now, 14);
  const uint8x16_t back3 = vextq_u8(before, now, 13);
  const uint8x16_t firstHigh = vqtbl1q_u8(vld1q_u8(kPairTables.firstHigh.data()), vshrq_n_u8(back1, 4));
  const uint8x16_t firstLow =
      vqtbl1q_u8(vld1q_u8(kPairTables.firstLow.data()), vandq_u8(back1, vdupq_n_u8(0x0F)));
  const uint8x16_t secondHigh = vqtbl1q_u8(vld1q_u8(kPairTables.secondHigh.data()), vshrq_n_u8(now, 4));
  const uint8x16_t pairs = vandq_u8(vandq_u8(firstHigh, firstLow), secondHigh);
  const uint8x16_t due = vorrq_u8(vcgeq_u8(back2, vdupq_n_u8(0xE0)), vcgeq_u8(back3, vdupq_n_u8(0xF0)));
  return veorq_u8(pairs, vandq_u8(due, vdupq_n_u8(0x80)));
}

}  // namespace

bool validateNeon(const unsigned char* text, std::size_t size) {
  uint8x16_t bad = vdupq_n_u8(0);
  uint8x16_t before = vdupq_n_u8(0);
  std::size_t at = 0;
  for (; size - at >= 32; at += 32) {
    const uint8x16_t a = vld1q_u8(text + at);
    const uint8x16_t b = vld1q_u8(text + at + 16);
    // Once the first half has shown that nothing was left open, ASCII needs no further look.
    bad = vorrq_u8(bad, errorsNeon(a, before));
    if (vmaxvq_u8(vorrq_u8(a, b)) >= 0x80) bad = vorrq_u8(bad, errorsNeon(b, a));
    before = b;
  }
  // The rest, with zeros behind it that end whatever is still open.
  unsigned char rest[48] = {};
  const std::size_t left = size - at;
  if (left != 0) std::memcpy(rest, text + at, left);
  for (std::size_t block = 0; block <= left; block += 16) {
    const uint8x16_t now = vld1q_u8(rest + block);
    bad = vorrq_u8(bad, errorsNeon(now, before));
    before = now;
  }
  return vmaxvq_u8(bad) == 0;
}

}  // namespace autobahn::inline v0::util::utf8

#endif
