// The interchangeable cores of the UTF-8 validator. Each says whether a whole text is well-formed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cpu.hpp"

namespace autobahn::inline v0::util::utf8 {

using Kernel = bool (*)(const unsigned char* text, std::size_t size);

/// From here on a kernel is worth being called; each takes any size.
inline constexpr std::size_t kVectorMinimum = 40;

/// An automaton, several bytes at a time. Runs everywhere.
bool validatePortable(const unsigned char* text, std::size_t size);
#if defined(AUTOBAHN_X86_KERNELS)
bool validateSsse3(const unsigned char* text, std::size_t size);
bool validateAvx2(const unsigned char* text, std::size_t size);
bool validateAvx512(const unsigned char* text, std::size_t size);
#endif
#if defined(AUTOBAHN_NEON_KERNELS)
bool validateNeon(const unsigned char* text, std::size_t size);
#endif

struct NamedKernel {
  std::string_view name;
  Kernel run;
};

/// Those that this processor can run, the fastest last.
const std::vector<NamedKernel>& kernels();
/// The one in use: the fastest, unless another one was chosen.
Kernel kernel();
/// Chooses for the whole process, for tests and measurements. False: there is none of this name here.
bool useKernel(std::string_view name);

/// States of the automaton.
inline constexpr std::uint8_t kAccept = 0;
inline constexpr std::uint8_t kReject = 48;

/// Feeds bytes to the automaton; stops early at `kReject`.
std::uint8_t advance(std::uint8_t state, const unsigned char* text, std::size_t size);

// The vector kernels classify each pair of neighbouring bytes by three nibbles: the first byte's high and low
// one and the second's high one (Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte",
// 2021). Each way in which a pair can be wrong owns a bit; the pair is wrong in that way when the bit is set
// in all three table entries. The last rule, two continuation bytes in a row, is no error by itself: the pair
// must show it exactly where a third or fourth byte of a code point is due.

using NibbleTable = std::array<std::uint8_t, 16>;

struct PairTables {
  NibbleTable firstHigh{};
  NibbleTable firstLow{};
  NibbleTable secondHigh{};
};

consteval PairTables makePairTables() {
  struct Range {
    unsigned from, to;
    constexpr bool has(unsigned nibble) const { return from <= nibble && nibble <= to; }
  };
  struct Rule {
    unsigned bit;
    Range firstHigh, firstLow, secondHigh;
  };
  constexpr Range kAny{0x0, 0xF}, kContinuation{0x8, 0xB};
  constexpr Rule kRules[] = {
      {0, {0xC, 0xF}, kAny, {0x0, 0x7}},           // lead, then ASCII
      {0, {0xC, 0xF}, kAny, {0xC, 0xF}},           // lead, then lead
      {1, {0x0, 0x7}, kAny, kContinuation},        // ASCII, then continuation
      {2, {0xE, 0xE}, {0x0, 0x0}, {0x8, 0x9}},     // overlong three bytes
      {3, {0xF, 0xF}, {0x4, 0xF}, {0x9, 0xB}},     // past U+10FFFF
      {4, {0xE, 0xE}, {0xD, 0xD}, {0xA, 0xB}},     // surrogates
      {5, {0xC, 0xC}, {0x0, 0x1}, kContinuation},  // overlong two bytes
      {6, {0xF, 0xF}, {0x0, 0x0}, {0x8, 0x8}},     // overlong four bytes
      {6, {0xF, 0xF}, {0x5, 0xF}, {0x8, 0x8}},     // lead F5 and up
      {7, kContinuation, kAny, kContinuation},     // third or fourth byte
  };
  PairTables tables;
  for (const Rule& rule : kRules) {
    const auto bit = static_cast<std::uint8_t>(1u << rule.bit);
    for (unsigned nibble = 0; nibble < 16; ++nibble) {
      if (rule.firstHigh.has(nibble)) tables.firstHigh[nibble] |= bit;
      if (rule.firstLow.has(nibble)) tables.firstLow[nibble] |= bit;
      if (rule.secondHigh.has(nibble)) tables.secondHigh[nibble] |= bit;
    }
  }
  return tables;
}

inline constexpr PairTables kPairTables = makePairTables();

}  // namespace autobahn::inline v0::util::utf8
