#include "autobahn/util/utf8.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "utf8_kernels.hpp"

namespace autobahn::inline v0::util {
namespace utf8 {
namespace {

// RFC 3629 section 4 as an automaton. A state names what may follow, and its value is where the state after
// it stands in a byte's row of transitions.
constexpr unsigned kStateBits = 6;
enum State : std::uint8_t {
  kBoundary = kAccept,        // between code points
  kTail1 = kStateBits,        // one more continuation byte
  kTail2 = 2 * kStateBits,    // two more
  kTail3 = 3 * kStateBits,    // three more
  kAfterE0 = 4 * kStateBits,  // A0…BF, then one more
  kAfterEd = 5 * kStateBits,  // 80…9F, then one more
  kAfterF0 = 6 * kStateBits,  // 90…BF, then two more
  kAfterF4 = 7 * kStateBits,  // 80…8F, then two more
  kBad = kReject,
};
static_assert(kReject == 8 * kStateBits);

consteval State leadState(unsigned byte) {
  if (byte < 0x80) return kBoundary;
  if (byte < 0xC2) return kBad;  // continuation, or overlong
  if (byte < 0xE0) return kTail1;
  if (byte == 0xE0) return kAfterE0;
  if (byte == 0xED) return kAfterEd;
  if (byte < 0xF0) return kTail2;
  if (byte == 0xF0) return kAfterF0;
  if (byte < 0xF4) return kTail3;
  return byte == 0xF4 ? kAfterF4 : kBad;
}

consteval State nextState(State state, unsigned byte) {
  const auto when = [byte](unsigned from, unsigned to, State next) {
    return from <= byte && byte <= to ? next : kBad;
  };
  switch (state) {
    case kBoundary:
      return leadState(byte);
    case kTail1:
      return when(0x80, 0xBF, kBoundary);
    case kTail2:
      return when(0x80, 0xBF, kTail1);
    case kTail3:
      return when(0x80, 0xBF, kTail2);
    case kAfterE0:
      return when(0xA0, 0xBF, kTail1);
    case kAfterEd:
      return when(0x80, 0x9F, kTail1);
    case kAfterF0:
      return when(0x90, 0xBF, kTail2);
    case kAfterF4:
      return when(0x80, 0x8F, kTail2);
    default:
      return kBad;
  }
}

// A byte's row: where each state leads, six bits for each. So a step is one shift of a word that does not
// depend on the state: nothing else stands between one byte and the next.
using Row = std::uint64_t;

consteval std::array<Row, 256> makeRows() {
  std::array<Row, 256> rows{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (unsigned state = 0; state <= kReject; state += kStateBits)
      rows[byte] |= Row{nextState(static_cast<State>(state), byte)} << state;
  }
  return rows;
}

constexpr std::array<Row, 256> kRows = makeRows();

/// Only the lowest six bits of the result are the state.
inline Row step(Row state, unsigned char byte) { return kRows[byte] >> (state & 63); }
inline std::uint8_t stateOf(Row state) { return static_cast<std::uint8_t>(state & 63); }

std::uint64_t wordAt(const unsigned char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return word;
}

bool isAscii(std::uint64_t word) { return (word & 0x8080808080808080u) == 0; }
bool isAscii32(const unsigned char* text) {
  return isAscii(wordAt(text) | wordAt(text + 8) | wordAt(text + 16) | wordAt(text + 24));
}

std::uint8_t advanceBytes(std::uint8_t state, const unsigned char* text, std::size_t size) {
  Row row = state;
  for (std::size_t at = 0; at < size; ++at) row = step(row, text[at]);
  return stateOf(row);
}

/// The last place in the first `size` bytes, four at most from their end, where a code point may begin.
std::size_t cutAt(const unsigned char* text, std::size_t size) {
  std::size_t cut = size;
  for (int back = 0; back < 3 && (text[cut] & 0xC0) == 0x80; ++back) --cut;
  return cut;
}

constexpr std::size_t kBlock = 512;
constexpr std::size_t kLeastBlock = 64;

/// A block in four parts side by side, since one chain of steps leaves a processor idle. Each part has to end
/// between code points; a cut that is not between two makes one of them fail, as no valid text would.
bool validBlock(const unsigned char* text, std::size_t size) {
  const std::size_t quarter = size / 4;
  const std::size_t cuts[] = {0, cutAt(text, quarter), cutAt(text, 2 * quarter), cutAt(text, 3 * quarter),
                              size};
  std::size_t shortest = size;
  for (int part = 0; part < 4; ++part) shortest = std::min(shortest, cuts[part + 1] - cuts[part]);
  Row a = kAccept, b = kAccept, c = kAccept, d = kAccept;
  for (std::size_t at = 0; at < shortest; ++at) {
    a = step(a, text[at]);
    b = step(b, text[cuts[1] + at]);
    c = step(c, text[cuts[2] + at]);
    d = step(d, text[cuts[3] + at]);
  }
  const Row states[] = {a, b, c, d};
  for (std::size_t part = 0; part < 4; ++part) {
    const std::size_t from = cuts[part] + shortest;
    if (advanceBytes(stateOf(states[part]), text + from, cuts[part + 1] - from) != kAccept) return false;
  }
  return true;
}

std::vector<NamedKernel> findKernels() {
  std::vector<NamedKernel> found{{"portable", validatePortable}};
#if defined(AUTOBAHN_X86_KERNELS)
  if (cpuHasSsse3()) found.push_back({"ssse3", validateSsse3});
  if (cpuHasAvx2()) found.push_back({"avx2", validateAvx2});
  if (cpuHasAvx512()) found.push_back({"avx512", validateAvx512});
#endif
#if defined(AUTOBAHN_NEON_KERNELS)
  found.push_back({"neon", validateNeon});
#endif
  return found;
}

constinit std::atomic<Kernel> chosenKernel{nullptr};

}  // namespace

std::uint8_t advance(std::uint8_t state, const unsigned char* text, std::size_t size) {
  std::size_t at = 0;
  Row row = state;
  while (at < size) {
    if (stateOf(row) == kAccept) {
      while (size - at >= 8 && isAscii(wordAt(text + at))) at += 8;
      if (at == size) return kAccept;
    }
    row = step(row, text[at++]);
    if (stateOf(row) == kReject) return kReject;
  }
  return stateOf(row);
}

bool validatePortable(const unsigned char* text, std::size_t size) {
  std::size_t at = 0;
  for (;;) {
    while (size - at >= 32 && isAscii32(text + at)) at += 32;
    const std::size_t left = size - at;
    if (left < kLeastBlock) return advance(kAccept, text + at, left) == kAccept;
    const std::size_t block = left <= kBlock ? left : cutAt(text + at, kBlock);
    if (!validBlock(text + at, block)) return false;
    at += block;
  }
}

const std::vector<NamedKernel>& kernels() {
  static const std::vector<NamedKernel> list = findKernels();
  return list;
}

Kernel kernel() {
  const Kernel chosen = chosenKernel.load(std::memory_order_relaxed);
  if (chosen != nullptr) [[likely]]
    return chosen;
  chosenKernel.store(kernels().back().run, std::memory_order_relaxed);
  return kernels().back().run;
}

bool useKernel(std::string_view name) {
  for (const NamedKernel& candidate : kernels()) {
    if (candidate.name != name) continue;
    chosenKernel.store(candidate.run, std::memory_order_relaxed);
    return true;
  }
  return false;
}

}  // namespace utf8

namespace {

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// For texts of 8 bytes to some dozens.
bool isAsciiShort(const unsigned char* text, std::size_t size) {
  std::uint64_t all = utf8::wordAt(text + size - 8);
  for (std::size_t at = 0; at + 8 < size; at += 8) all |= utf8::wordAt(text + at);
  return utf8::isAscii(all);
}

/// For texts of less than 8 bytes: names and keys.
bool isAsciiTiny(const unsigned char* text, std::size_t size) {
  unsigned char all = 0;
  for (std::size_t at = 0; at < size; ++at) all |= text[at];
  return all < 0x80;
}

bool isValid(const unsigned char* text, std::size_t size) {
  if (size >= utf8::kVectorMinimum) return utf8::kernel()(text, size);
  if (size >= 8 ? isAsciiShort(text, size) : isAsciiTiny(text, size)) return true;
  return utf8::advance(utf8::kAccept, text, size) == utf8::kAccept;
}

// How many bytes at the end begin a code point whose rest is still to come: 0…3.
std::size_t unfinishedTail(const unsigned char* text, std::size_t size) {
  for (std::size_t back = 1; back <= 3 && back <= size; ++back) {
    const unsigned char byte = text[size - back];
    if (byte < 0x80) return 0;
    if (byte < 0xC0) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace

bool isValidUtf8(std::string_view text) { return isValid(bytesOf(text), text.size()); }

bool Utf8Validator::feed(std::string_view piece) {
  const unsigned char* text = bytesOf(piece);
  std::size_t size = piece.size();
  // Finish the code point that the last piece left open.
  for (; size != 0 && state_ != utf8::kAccept; ++text, --size) {
    state_ = utf8::advance(state_, text, 1);
    if (state_ == utf8::kReject) return false;
  }
  if (size < utf8::kVectorMinimum) {
    state_ = utf8::advance(state_, text, size);
    return state_ != utf8::kReject;
  }
  const std::size_t tail = unfinishedTail(text, size);
  const std::size_t whole = size - tail;
  state_ = isValid(text, whole) ? utf8::advance(utf8::kAccept, text + whole, tail) : utf8::kReject;
  return state_ != utf8::kReject;
}

}  // namespace autobahn::inline v0::util
