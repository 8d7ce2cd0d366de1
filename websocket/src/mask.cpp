// Masking of payloads. The wide loops are written with the compilers' vector types, so that one source makes
// SSE2, NEON and, chosen at run time, AVX2 code; without them a loop over 8-byte words remains.
#include "mask.hpp"

#include <atomic>
#include <bit>
#include <cstring>

namespace autobahn::inline v0::websocket {

namespace {

#if defined(__GNUC__)
#define AUTOBAHN_ALWAYS_INLINE inline __attribute__((always_inline))
#define AUTOBAHN_MASK_WIDE 1
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

/// The key as it lies in memory, beginning `bytes` bytes later.
AUTOBAHN_ALWAYS_INLINE std::uint64_t turned(std::uint64_t pattern, std::size_t bytes) {
  const auto bits = static_cast<int>(bytes % 4 * 8);
  return std::endian::native == std::endian::little ? std::rotr(pattern, bits) : std::rotl(pattern, bits);
}

template <class Word>
AUTOBAHN_ALWAYS_INLINE void readWord(Word& word, const char* source) {
  std::memcpy(&word, source, sizeof word);
}

template <class Word>
AUTOBAHN_ALWAYS_INLINE void xorWord(char* target, const char* source, const Word& key) {
  Word word;
  readWord(word, source);
  word ^= key;
  std::memcpy(target, &word, sizeof word);
}

/// Masks at least one word's size. The last word ends with the payload: it is read before and written after
/// those it overlaps, as `source` may be `target`.
template <class Word>
AUTOBAHN_ALWAYS_INLINE void xorShort(char* target, const char* source, std::size_t size,
                                     std::uint64_t pattern) {
  constexpr std::size_t kStep = sizeof(Word);
  const std::size_t last = size - kStep;
  const Word key = Word{} + pattern;
  Word tail;
  readWord(tail, source + last);
  tail ^= turned(pattern, last);
  for (std::size_t at = 0; at < last; at += kStep) xorWord(target + at, source + at, key);
  std::memcpy(target + last, &tail, kStep);
}

/// Masks at least two words' size and writes to aligned addresses between the first and the last word.
template <class Word>
AUTOBAHN_ALWAYS_INLINE void xorLong(char* target, const char* source, std::size_t size,
                                    std::uint64_t pattern) {
  constexpr std::size_t kStep = sizeof(Word);
  const std::size_t last = size - kStep;
  Word head;
  readWord(head, source);
  head ^= pattern;
  Word tail;
  readWord(tail, source + last);
  tail ^= turned(pattern, last);
  std::size_t at = kStep - reinterpret_cast<std::uintptr_t>(target) % kStep;
  const Word key = Word{} + turned(pattern, at);
  for (; at + 4 * kStep <= last; at += 4 * kStep) {
    xorWord(target + at, source + at, key);
    xorWord(target + at + kStep, source + at + kStep, key);
    xorWord(target + at + 2 * kStep, source + at + 2 * kStep, key);
    xorWord(target + at + 3 * kStep, source + at + 3 * kStep, key);
  }
  for (; at < last; at += kStep) xorWord(target + at, source + at, key);
  std::memcpy(target + last, &tail, kStep);
  std::memcpy(target, &head, kStep);
}

void xorPortable(char* target, const char* source, std::size_t size, std::uint64_t pattern) {
  xorLong<std::uint64_t>(target, source, size, pattern);
}

#if defined(AUTOBAHN_MASK_WIDE)
void xorWide(char* target, const char* source, std::size_t size, std::uint64_t pattern) {
  xorLong<Wide>(target, source, size, pattern);
}
#endif

#if defined(AUTOBAHN_MASK_AVX2)
__attribute__((target("avx2"))) void xorAvx2(char* target, const char* source, std::size_t size,
                                             std::uint64_t pattern) {
  xorLong<Wider>(target, source, size, pattern);
}
#endif

using Kernel = void (*)(char* target, const char* source, std::size_t size, std::uint64_t pattern);

struct NamedKernel {
  std::string_view name;
  Kernel run;
};

/// Those that this processor can run, the fastest last.
const std::vector<NamedKernel>& kernels() {
  static const std::vector<NamedKernel> list = [] {
    std::vector<NamedKernel> found{{"portable", xorPortable}};
#if defined(AUTOBAHN_MASK_WIDE)
    found.push_back({"wide", xorWide});
#endif
#if defined(AUTOBAHN_MASK_AVX2)
    // Includes the operating system's saving of the wide registers.
    if (__builtin_cpu_supports("avx2") != 0) found.push_back({"avx2", xorAvx2});
#endif
    return found;
  }();
  return list;
}

constinit std::atomic<Kernel> chosenKernel{nullptr};

Kernel kernel() {
  const Kernel chosen = chosenKernel.load(std::memory_order_relaxed);
  if (chosen != nullptr) [[likely]]
    return chosen;
  chosenKernel.store(kernels().back().run, std::memory_order_relaxed);
  return kernels().back().run;
}

/// The key as it lies in memory, beginning at byte `offset`, twice. Made in a register: bytes written one by
/// one and read back as a word would stall.
std::uint64_t patternOf(MaskKey key, std::size_t offset) {
  const auto word = std::bit_cast<std::uint32_t>(key);
  return turned(std::uint64_t{word} << 32 | word, offset);
}

void mask(char* target, const char* source, std::size_t size, MaskKey key, std::size_t offset) {
  // Octet i of the payload is XORed with octet i modulo 4 of the key (RFC 6455 section 5.3).
  const std::uint64_t pattern = patternOf(key, offset);
  if (size >= kLong) return kernel()(target, source, size, pattern);
  if (size >= sizeof(Wide)) return xorShort<Wide>(target, source, size, pattern);
  if (size >= 8) return xorShort<std::uint64_t>(target, source, size, pattern);
  std::size_t done = 0;
  if (size >= 4) {
    xorWord(target, source, static_cast<std::uint32_t>(pattern));
    done = 4;
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

std::vector<std::string_view> maskKernels() {
  std::vector<std::string_view> names;
  for (const NamedKernel& candidate : kernels()) names.push_back(candidate.name);
  return names;
}

bool useMaskKernel(std::string_view name) {
  for (const NamedKernel& candidate : kernels()) {
    if (candidate.name != name) continue;
    chosenKernel.store(candidate.run, std::memory_order_relaxed);
    return true;
  }
  return false;
}

}  // namespace autobahn::inline v0::websocket
