#include "autobahn/util/utf8.hpp"

#include <cstring>

#include "utf8_kernels.hpp"

namespace autobahn::inline v0::util {
namespace utf8 {
namespace {

// RFC 3629 section 4 as an automaton. A state names what may follow.
enum State : std::uint8_t {
  kBoundary = kAccept,  // between code points
  kTail1,               // one more continuation byte
  kTail2,               // two more
  kTail3,               // three more
  kAfterE0,             // A0…BF, then one more
  kAfterEd,             // 80…9F, then one more
  kAfterF0,             // 90…BF, then two more
  kAfterF4,             // 80…8F, then two more
  kBad = kReject,
};
constexpr std::size_t kStates = 9;

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

using TransitionTable = std::array<std::array<std::uint8_t, 256>, kStates>;

consteval TransitionTable makeTransitions() {
  TransitionTable table{};
  for (std::size_t state = 0; state < kStates; ++state) {
    for (unsigned byte = 0; byte < 256; ++byte)
      table[state][byte] = nextState(static_cast<State>(state), byte);
  }
  return table;
}

constexpr TransitionTable kTransitions = makeTransitions();

bool isAscii8(const unsigned char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return (word & 0x8080808080808080u) == 0;
}

Kernel pickKernel() {
#if defined(AUTOBAHN_X86_KERNELS)
  if (cpuHasAvx2()) return validateAvx2;
  if (cpuHasSsse3()) return validateSsse3;
#endif
#if defined(AUTOBAHN_NEON_KERNELS)
  return validateNeon;
#endif
  return validatePortable;
}

}  // namespace

std::uint8_t advance(std::uint8_t state, const unsigned char* text, std::size_t size) {
  std::size_t at = 0;
  while (at < size) {
    if (state == kAccept) {
      while (size - at >= 8 && isAscii8(text + at)) at += 8;
      if (at == size) break;
    }
    state = kTransitions[state][text[at++]];
    if (state == kReject) break;
  }
  return state;
}

bool validatePortable(const unsigned char* text, std::size_t size) {
  return advance(kAccept, text, size) == kAccept;
}

Kernel bestKernel() {
  static const Kernel kernel = pickKernel();
  return kernel;
}

}  // namespace utf8

namespace {

// Below this the set-up of the vector kernels costs more than it saves.
constexpr std::size_t kVectorMinimum = 24;

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool isValid(const unsigned char* text, std::size_t size) {
  return size < kVectorMinimum ? utf8::validatePortable(text, size) : utf8::bestKernel()(text, size);
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
  if (size < kVectorMinimum) {
    state_ = utf8::advance(state_, text, size);
    return state_ != utf8::kReject;
  }
  const std::size_t tail = unfinishedTail(text, size);
  const std::size_t whole = size - tail;
  state_ = isValid(text, whole) ? utf8::advance(utf8::kAccept, text + whole, tail) : utf8::kReject;
  return state_ != utf8::kReject;
}

}  // namespace autobahn::inline v0::util
