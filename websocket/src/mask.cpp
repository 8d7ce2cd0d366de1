// Masking of payloads. The wide loops are written with the compilers' vector types, so that one source makes
// SSE2, NEON and, chosen at run time, AVX2 code; without them a loop over 8-byte words remains.
#include "mask.hpp"

#include <bit>
#include <cstring>

namespace autobahn::inline v0::websocket {

namespace {

#if defined(__GNUC__)
#define AUTOBAHN_ALWAYS_INLINE inline __attribute__((always_inline))
using Wide = std::uint64_t __attribute__((vector_size(16)));
#if defined(__x86_64__)
#define AUTOBAHN_MASK_AVX2 1
using Wider = std::uint64_t __attribute__((vector_size(32)));
#endif
#else
#define AUTOBAHN_ALWAYS_INLINE inline
using Wide = std::uint64_t;
#endif

/// Payloads from here on are worth the choice of a kernel.
constexpr std::size_t kLong = 128;

template <class Word>
AUTOBAHN_ALWAYS_INLINE void xorWord(char* target, const char* source, const Word& key) {
  Word word;
  std::memcpy(&word, source, sizeof word);
  word ^= key;
  std::memcpy(target, &word, sizeof word);
}

/// Masks as many whole words as there are and returns how many bytes that was: a multiple of 4, so the key
/// stays in step. `source` may be `target`: each word is read before it is written.
template <class Word>
AUTOBAHN_ALWAYS_INLINE std::size_t xorWords(char* target, const char* source, std::size_t size,
                                            std::uint64_t pattern) {
  constexpr std::size_t kStep = sizeof(Word);
  const Word key = Word{} + pattern;
  std::size_t at = 0;
  for (; size - at >= 4 * kStep; at += 4 * kStep) {
    xorWord(target + at, source + at, key);
    xorWord(target + at + kStep, source + at + kStep, key);
    xorWord(target + at + 2 * kStep, source + at + 2 * kStep, key);
    xorWord(target + at + 3 * kStep, source + at + 3 * kStep, key);
  }
  for (; size - at >= kStep; at += kStep) xorWord(target + at, source + at, key);
  return at;
}

#if defined(AUTOBAHN_MASK_AVX2)
__attribute__((target("avx2"))) std::size_t xorAvx2(char* target, const char* source, std::size_t size,
                                                    std::uint64_t pattern) {
  return xorWords<Wider>(target, source, size, pattern);
}
#endif

std::size_t xorLong(char* target, const char* source, std::size_t size, std::uint64_t pattern) {
#if defined(AUTOBAHN_MASK_AVX2)
  // Includes the operating system's saving of the wide registers.
  if (__builtin_cpu_supports("avx2") != 0) return xorAvx2(target, source, size, pattern);
#endif
  return xorWords<Wide>(target, source, size, pattern);
}

/// The key as it lies in memory, beginning at byte `offset`, twice. Made in a register: bytes written one by
/// one and read back as a word would stall.
std::uint64_t patternOf(MaskKey key, std::size_t offset) {
  const auto bits = static_cast<int>(offset % 4 * 8);
  const auto word = std::bit_cast<std::uint32_t>(key);
  const std::uint32_t turned =
      std::endian::native == std::endian::little ? std::rotr(word, bits) : std::rotl(word, bits);
  return std::uint64_t{turned} << 32 | turned;
}

void mask(char* target, const char* source, std::size_t size, MaskKey key, std::size_t offset) {
  // Octet i of the payload is XORed with octet i modulo 4 of the key (RFC 6455 section 5.3).
  const std::uint64_t pattern = patternOf(key, offset);
  std::size_t done = size >= kLong ? xorLong(target, source, size, pattern) : 0;
  done += xorWords<std::uint64_t>(target + done, source + done, size - done, pattern);
  if (size - done >= 4) {
    xorWord(target + done, source + done, static_cast<std::uint32_t>(pattern));
    done += 4;
  }
  for (; done < size; ++done) target[done] = static_cast<char>(source[done] ^ key[(offset + done) % 4]);
}

}  // namespace

void applyMask(std::span<char> data, MaskKey key, std::size_t offset) {
  mask(data.data(), data.data(), data.size(), key, offset);
}

void maskCopy(char* target, std::string_view source, MaskKey key, std::size_t offset) {
  mask(target, source.data(), source.size(), key, offset);
}

}  // namespace autobahn::inline v0::websocket
