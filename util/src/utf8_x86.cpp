// Vector kernels for x86-64. Both are compiled always and chosen at run time, so the library runs on any
// x86-64; hence the target attribute on every function instead of a compiler flag.
#include "utf8_kernels.hpp"

#if defined(AUTOBAHN_X86_KERNELS)

#include <immintrin.h>

#include <cstring>

namespace autobahn::inline v0::util::utf8 {
namespace {

#define AUTOBAHN_SSSE3 __attribute__((target("ssse3")))
#define AUTOBAHN_AVX2 __attribute__((target("avx2")))

// A byte minus this has its top bit set exactly when the byte leads at least three (four) bytes.
constexpr char kLead3 = 0xE0 - 0x80;
constexpr char kLead4 = 0xF0 - 0x80;

AUTOBAHN_SSSE3 inline __m128i load128(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

AUTOBAHN_SSSE3 inline __m128i errors128(__m128i now, __m128i before) {
  const __m128i nibble = _mm_set1_epi8(0x0F);
  const __m128i back1 = _mm_alignr_epi8(now, before, 15);
  const __m128i back2 = _mm_alignr_epi8(now, before, 14);
  const __m128i back3 = _mm_alignr_epi8(now, before, 13);
  const __m128i firstHigh = _mm_shuffle_epi8(load128(kPairTables.firstHigh.data()),
                                             _mm_and_si128(_mm_srli_epi16(back1, 4), nibble));
  const __m128i firstLow =
      _mm_shuffle_epi8(load128(kPairTables.firstLow.data()), _mm_and_si128(back1, nibble));
  const __m128i secondHigh =
      _mm_shuffle_epi8(load128(kPairTables.secondHigh.data()), _mm_and_si128(_mm_srli_epi16(now, 4), nibble));
  const __m128i pairs = _mm_and_si128(_mm_and_si128(firstHigh, firstLow), secondHigh);
  const __m128i due =
      _mm_or_si128(_mm_subs_epu8(back2, _mm_set1_epi8(kLead3)), _mm_subs_epu8(back3, _mm_set1_epi8(kLead4)));
  return _mm_xor_si128(pairs, _mm_and_si128(due, _mm_set1_epi8(static_cast<char>(0x80))));
}

AUTOBAHN_AVX2 inline __m256i load256(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

AUTOBAHN_AVX2 inline __m256i table256(const NibbleTable& table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

AUTOBAHN_AVX2 inline __m256i errors256(__m256i now, __m256i before) {
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  // alignr works on each half alone, so it needs the half that comes before each half.
  const __m256i halves = _mm256_permute2x128_si256(before, now, 0x21);
  const __m256i back1 = _mm256_alignr_epi8(now, halves, 15);
  const __m256i back2 = _mm256_alignr_epi8(now, halves, 14);
  const __m256i back3 = _mm256_alignr_epi8(now, halves, 13);
  const __m256i firstHigh = _mm256_shuffle_epi8(table256(kPairTables.firstHigh),
                                                _mm256_and_si256(_mm256_srli_epi16(back1, 4), nibble));
  const __m256i firstLow =
      _mm256_shuffle_epi8(table256(kPairTables.firstLow), _mm256_and_si256(back1, nibble));
  const __m256i secondHigh = _mm256_shuffle_epi8(table256(kPairTables.secondHigh),
                                                 _mm256_and_si256(_mm256_srli_epi16(now, 4), nibble));
  const __m256i pairs = _mm256_and_si256(_mm256_and_si256(firstHigh, firstLow), secondHigh);
  const __m256i due = _mm256_or_si256(_mm256_subs_epu8(back2, _mm256_set1_epi8(kLead3)),
                                      _mm256_subs_epu8(back3, _mm256_set1_epi8(kLead4)));
  return _mm256_xor_si256(pairs, _mm256_and_si256(due, _mm256_set1_epi8(static_cast<char>(0x80))));
}

}  // namespace

AUTOBAHN_SSSE3 bool validateSsse3(const unsigned char* text, std::size_t size) {
  __m128i bad = _mm_setzero_si128();
  __m128i before = _mm_setzero_si128();
  std::size_t at = 0;
  for (; size - at >= 32; at += 32) {
    const __m128i a = load128(text + at);
    const __m128i b = load128(text + at + 16);
    // Once the first half has shown that nothing was left open, ASCII needs no further look.
    bad = _mm_or_si128(bad, errors128(a, before));
    if (_mm_movemask_epi8(_mm_or_si128(a, b)) != 0) bad = _mm_or_si128(bad, errors128(b, a));
    before = b;
  }
  // The rest, with zeros behind it that end whatever is still open.
  unsigned char rest[48] = {};
  const std::size_t left = size - at;
  if (left != 0) std::memcpy(rest, text + at, left);
  for (std::size_t block = 0; block <= left; block += 16) {
    const __m128i now = load128(rest + block);
    bad = _mm_or_si128(bad, errors128(now, before));
    before = now;
  }
  return _mm_movemask_epi8(_mm_cmpeq_epi8(bad, _mm_setzero_si128())) == 0xFFFF;
}

AUTOBAHN_AVX2 bool validateAvx2(const unsigned char* text, std::size_t size) {
  __m256i bad = _mm256_setzero_si256();
  __m256i before = _mm256_setzero_si256();
  bool wasAscii = true;
  std::size_t at = 0;
  for (; size - at >= 64; at += 64) {
    const __m256i a = load256(text + at);
    const __m256i b = load256(text + at + 32);
    const bool ascii = _mm256_movemask_epi8(_mm256_or_si256(a, b)) == 0;
    // In ASCII only the seam to what came before can be wrong.
    if (!ascii || !wasAscii) bad = _mm256_or_si256(bad, errors256(a, before));
    if (!ascii) bad = _mm256_or_si256(bad, errors256(b, a));
    wasAscii = ascii;
    before = b;
  }
  // The rest, with zeros behind it that end whatever is still open.
  unsigned char rest[96] = {};
  const std::size_t left = size - at;
  if (left != 0) std::memcpy(rest, text + at, left);
  for (std::size_t block = 0; block <= left; block += 32) {
    const __m256i now = load256(rest + block);
    bad = _mm256_or_si256(bad, errors256(now, before));
    before = now;
  }
  return _mm256_testz_si256(bad, bad) != 0;
}

}  // namespace autobahn::inline v0::util::utf8

#endif
