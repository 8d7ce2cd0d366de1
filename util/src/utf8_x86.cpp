// Vector kernels for x86-64. All are compiled always and chosen at run time, so the library runs on any
// x86-64; hence the target attribute on every function instead of a compiler flag.
//
// Each block is looked at together with the same bytes loaded one, two and three earlier: loads are cheaper
// than shifting across registers. So a kernel begins behind the first three bytes, at a code point, and the
// last block ends with the text, overlapping the one before it: checking a byte twice changes nothing.
// What is ASCII at the beginning, for most texts all, is passed over first.
#include "utf8_kernels.hpp"

#if defined(AUTOBAHN_X86_KERNELS)

// GCC 12 takes the deliberately undefined registers of its AVX-512 header for a mistake (its bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace autobahn::inline v0::util::utf8 {
namespace {

#define AUTOBAHN_SSSE3 __attribute__((target("ssse3")))
#define AUTOBAHN_AVX2 __attribute__((target("avx2")))
#define AUTOBAHN_AVX512 __attribute__((target("avx512f,avx512bw")))

// A byte minus this has its top bit set exactly when the byte leads at least three (four) bytes.
constexpr char kLead3 = 0xE0 - 0x80;
constexpr char kLead4 = 0xF0 - 0x80;
constexpr char kTop = static_cast<char>(0x80);

/// The first place between code points behind at least three bytes; 0: the text is wrong before.
/// Needs seven bytes.
std::size_t firstSeam(const unsigned char* text) {
  if ((text[0] | text[1] | text[2]) < 0x80) [[likely]]
    return 3;
  std::uint8_t state = advance(kAccept, text, 3);
  for (std::size_t at = 3; at < 7; ++at) {
    if (state == kAccept) return at;
    state = advance(state, text + at, 1);
  }
  return 0;
}

/// Whether the text, right in everything else, ends between code points.
bool endsWhole(const unsigned char* end) { return end[-1] < 0xC0 && end[-2] < 0xE0 && end[-3] < 0xF0; }

AUTOBAHN_SSSE3 inline __m128i load128(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

AUTOBAHN_SSSE3 inline __m128i table128(const NibbleTable& table) { return load128(table.data()); }

AUTOBAHN_SSSE3 inline __m128i errors128(const unsigned char* at) {
  const __m128i nibble = _mm_set1_epi8(0x0F);
  const __m128i now = load128(at);
  const __m128i back1 = load128(at - 1);
  const __m128i firstHigh =
      _mm_shuffle_epi8(table128(kPairTables.firstHigh), _mm_and_si128(_mm_srli_epi16(back1, 4), nibble));
  const __m128i firstLow = _mm_shuffle_epi8(table128(kPairTables.firstLow), _mm_and_si128(back1, nibble));
  const __m128i secondHigh =
      _mm_shuffle_epi8(table128(kPairTables.secondHigh), _mm_and_si128(_mm_srli_epi16(now, 4), nibble));
  const __m128i pairs = _mm_and_si128(_mm_and_si128(firstHigh, firstLow), secondHigh);
  const __m128i due = _mm_or_si128(_mm_subs_epu8(load128(at - 2), _mm_set1_epi8(kLead3)),
                                   _mm_subs_epu8(load128(at - 3), _mm_set1_epi8(kLead4)));
  return _mm_xor_si128(pairs, _mm_and_si128(due, _mm_set1_epi8(kTop)));
}

AUTOBAHN_SSSE3 inline bool isAscii1x128(const unsigned char* at) {
  return _mm_movemask_epi8(load128(at)) == 0;
}

AUTOBAHN_SSSE3 inline bool isAscii4x128(const unsigned char* at) {
  const __m128i all = _mm_or_si128(_mm_or_si128(load128(at), load128(at + 16)),
                                   _mm_or_si128(load128(at + 32), load128(at + 48)));
  return _mm_movemask_epi8(all) == 0;
}

AUTOBAHN_AVX2 inline __m256i load256(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

AUTOBAHN_AVX2 inline __m256i table256(const NibbleTable& table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

AUTOBAHN_AVX2 inline __m256i errors256(const unsigned char* at) {
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  const __m256i now = load256(at);
  const __m256i back1 = load256(at - 1);
  const __m256i firstHigh = _mm256_shuffle_epi8(table256(kPairTables.firstHigh),
                                                _mm256_and_si256(_mm256_srli_epi16(back1, 4), nibble));
  const __m256i firstLow =
      _mm256_shuffle_epi8(table256(kPairTables.firstLow), _mm256_and_si256(back1, nibble));
  const __m256i secondHigh = _mm256_shuffle_epi8(table256(kPairTables.secondHigh),
                                                 _mm256_and_si256(_mm256_srli_epi16(now, 4), nibble));
  const __m256i pairs = _mm256_and_si256(_mm256_and_si256(firstHigh, firstLow), secondHigh);
  const __m256i due = _mm256_or_si256(_mm256_subs_epu8(load256(at - 2), _mm256_set1_epi8(kLead3)),
                                      _mm256_subs_epu8(load256(at - 3), _mm256_set1_epi8(kLead4)));
  return _mm256_xor_si256(pairs, _mm256_and_si256(due, _mm256_set1_epi8(kTop)));
}

AUTOBAHN_AVX2 inline bool isAscii1x256(const unsigned char* at) {
  return _mm256_movemask_epi8(load256(at)) == 0;
}

AUTOBAHN_AVX2 inline bool isAscii2x256(const unsigned char* at) {
  return _mm256_movemask_epi8(_mm256_or_si256(load256(at), load256(at + 32))) == 0;
}

AUTOBAHN_AVX2 inline bool isAscii4x256(const unsigned char* at) {
  const __m256i all = _mm256_or_si256(_mm256_or_si256(load256(at), load256(at + 32)),
                                      _mm256_or_si256(load256(at + 64), load256(at + 96)));
  return _mm256_movemask_epi8(all) == 0;
}

AUTOBAHN_AVX512 inline __m512i table512(const NibbleTable& table) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

// Of three bits a, b, c, as an immediate of vpternlog.
constexpr int kAllOfThree = 0x80;     // a & b & c
constexpr int kOtherThanBoth = 0x78;  // a ^ (b & c)

AUTOBAHN_AVX512 inline __m512i errors512(const unsigned char* at) {
  const __m512i nibble = _mm512_set1_epi8(0x0F);
  const __m512i now = _mm512_loadu_si512(at);
  const __m512i back1 = _mm512_loadu_si512(at - 1);
  const __m512i firstHigh = _mm512_shuffle_epi8(table512(kPairTables.firstHigh),
                                                _mm512_and_si512(_mm512_srli_epi16(back1, 4), nibble));
  const __m512i firstLow =
      _mm512_shuffle_epi8(table512(kPairTables.firstLow), _mm512_and_si512(back1, nibble));
  const __m512i secondHigh = _mm512_shuffle_epi8(table512(kPairTables.secondHigh),
                                                 _mm512_and_si512(_mm512_srli_epi16(now, 4), nibble));
  const __m512i pairs = _mm512_ternarylogic_epi32(firstHigh, firstLow, secondHigh, kAllOfThree);
  const __m512i due = _mm512_or_si512(_mm512_subs_epu8(_mm512_loadu_si512(at - 2), _mm512_set1_epi8(kLead3)),
                                      _mm512_subs_epu8(_mm512_loadu_si512(at - 3), _mm512_set1_epi8(kLead4)));
  return _mm512_ternarylogic_epi32(pairs, due, _mm512_set1_epi8(kTop), kOtherThanBoth);
}

AUTOBAHN_AVX512 inline bool isAscii1x512(const unsigned char* at) {
  return _mm512_movepi8_mask(_mm512_loadu_si512(at)) == 0;
}

AUTOBAHN_AVX512 inline bool isAscii2x512(const unsigned char* at) {
  const __m512i all = _mm512_or_si512(_mm512_loadu_si512(at), _mm512_loadu_si512(at + 64));
  return _mm512_movepi8_mask(all) == 0;
}

}  // namespace

AUTOBAHN_SSSE3 bool validateSsse3(const unsigned char* text, std::size_t size) {
  if (size < kVectorMinimum) return validatePortable(text, size);
  std::size_t at = 0;
  for (; size - at >= 64 && isAscii4x128(text + at);) at += 64;
  for (; size - at >= 16 && isAscii1x128(text + at);) at += 16;
  if (size - at < 16 && isAscii1x128(text + size - 16)) return true;
  if (at == 0) at = firstSeam(text);
  if (at == 0) return false;
  __m128i bad = _mm_setzero_si128();
  while (size - at >= 64) {
    // In ASCII only the seam to what came before can be wrong.
    bad = _mm_or_si128(bad, errors128(text + at));
    if (isAscii4x128(text + at)) {
      for (at += 64; size - at >= 64 && isAscii4x128(text + at);) at += 64;
      continue;
    }
    bad = _mm_or_si128(bad, errors128(text + at + 16));
    bad = _mm_or_si128(bad, errors128(text + at + 32));
    bad = _mm_or_si128(bad, errors128(text + at + 48));
    at += 64;
  }
  for (; size - at >= 16; at += 16) bad = _mm_or_si128(bad, errors128(text + at));
  bad = _mm_or_si128(bad, errors128(text + size - 16));
  return _mm_movemask_epi8(_mm_cmpeq_epi8(bad, _mm_setzero_si128())) == 0xFFFF && endsWhole(text + size);
}

AUTOBAHN_AVX2 bool validateAvx2(const unsigned char* text, std::size_t size) {
  if (size < kVectorMinimum) return validatePortable(text, size);
  std::size_t at = 0;
  for (; size - at >= 128 && isAscii4x256(text + at);) at += 128;
  for (; size - at >= 32 && isAscii1x256(text + at);) at += 32;
  if (size - at < 32 && isAscii1x256(text + size - 32)) return true;
  if (at == 0) at = firstSeam(text);
  if (at == 0) return false;
  __m256i bad = _mm256_setzero_si256();
  while (size - at >= 64) {
    // In ASCII only the seam to what came before can be wrong.
    bad = _mm256_or_si256(bad, errors256(text + at));
    if (isAscii2x256(text + at)) {
      for (at += 64; size - at >= 128 && isAscii4x256(text + at);) at += 128;
      continue;
    }
    bad = _mm256_or_si256(bad, errors256(text + at + 32));
    at += 64;
  }
  if (size - at >= 32) bad = _mm256_or_si256(bad, errors256(text + at));
  bad = _mm256_or_si256(bad, errors256(text + size - 32));
  return _mm256_testz_si256(bad, bad) != 0 && endsWhole(text + size);
}

AUTOBAHN_AVX512 bool validateAvx512(const unsigned char* text, std::size_t size) {
  constexpr std::size_t kLeast = 72;
  if (size < kLeast) return validateAvx2(text, size);
  std::size_t at = 0;
  for (; size - at >= 128 && isAscii2x512(text + at);) at += 128;
  for (; size - at >= 64 && isAscii1x512(text + at);) at += 64;
  if (size - at < 64 && isAscii1x512(text + size - 64)) return true;
  if (at == 0) at = firstSeam(text);
  if (at == 0) return false;
  __m512i bad = _mm512_setzero_si512();
  while (size - at >= 128) {
    // In ASCII only the seam to what came before can be wrong.
    bad = _mm512_or_si512(bad, errors512(text + at));
    if (isAscii2x512(text + at)) {
      for (at += 128; size - at >= 128 && isAscii2x512(text + at);) at += 128;
      continue;
    }
    bad = _mm512_or_si512(bad, errors512(text + at + 64));
    at += 128;
  }
  if (size - at >= 64) bad = _mm512_or_si512(bad, errors512(text + at));
  bad = _mm512_or_si512(bad, errors512(text + size - 64));
  return _mm512_test_epi8_mask(bad, bad) == 0 && endsWhole(text + size);
}

}  // namespace autobahn::inline v0::util::utf8

#endif
