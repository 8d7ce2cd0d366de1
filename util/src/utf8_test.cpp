#include "autobahn/util/utf8.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "utf8_kernels.hpp"

namespace autobahn::inline v0::util {
namespace {

// A decoder as slow and as plain as can be: RFC 3629 by the numbers. Returns the size of the longest prefix
// that some valid text begins with; equal to the whole size when nothing is wrong so far. `complete` says
// whether it ends between code points.
std::size_t referencePrefix(std::string_view text, bool& complete) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t i = 0;
  complete = true;
  while (i < text.size()) {
    const unsigned lead = at(i);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC0 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF8 ? 4
                                                             : 0;
    complete = false;
    if (length == 0) return i;
    // The values that are reachable with the bytes seen so far must include a legal one.
    std::uint32_t low = length == 1 ? lead : lead & (0x7Fu >> length);
    std::uint32_t high = low;
    const auto legal = [&](std::uint32_t from, std::uint32_t to) {
      const std::uint32_t least = length == 1 ? 0 : length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
      from = std::max(from, least);
      to = std::min<std::uint32_t>(to, 0x10FFFF);
      if (from > to) return false;
      return !(from >= 0xD800 && to <= 0xDFFF);
    };
    for (std::size_t k = 0;; ++k) {
      const auto open = static_cast<std::uint32_t>(length - 1 - k) * 6;
      if (!legal(low << open, (high << open) | ((1u << open) - 1))) return i + k;
      if (k + 1 == length) break;
      if (i + k + 1 == text.size()) return text.size();
      const unsigned next = at(i + k + 1);
      if (next < 0x80 || next > 0xBF) return i + k + 1;
      low = high = (low << 6) | (next & 0x3F);
    }
    i += length;
    complete = true;
  }
  return text.size();
}

bool referenceValid(std::string_view text) {
  bool complete = false;
  return referencePrefix(text, complete) == text.size() && complete;
}

std::string encode(std::uint32_t c) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)),
          byte(0x80 | (c & 0x3F))};
}

// Every kernel and the public function agree with the reference. The text lies in memory of exactly its size,
// so that a sanitizer sees a read past the end.
void expectAgreement(std::string_view text) {
  const std::vector<char> exact(text.begin(), text.end());
  const bool expected = referenceValid(text);
  for (const utf8::NamedKernel& kernel : utf8::kernels()) {
    ASSERT_EQ(kernel.run(reinterpret_cast<const unsigned char*>(exact.data()), exact.size()), expected)
        << kernel.name << ", size " << text.size() << ": " << testing::PrintToString(std::string(text));
  }
  ASSERT_EQ(isValidUtf8({exact.data(), exact.size()}), expected);
}

// The validator fails in the byte at which the reference does, and knows when the text is complete.
void expectFailFast(std::string_view text) {
  bool complete = false;
  const std::size_t good = referencePrefix(text, complete);
  Utf8Validator validator;
  for (std::size_t i = 0; i < text.size(); ++i) {
    ASSERT_EQ(validator.feed(text.substr(i, 1)), i < good) << "byte " << i;
  }
  ASSERT_EQ(validator.isComplete(), good == text.size() && complete);
}

std::string randomText(std::mt19937& random, std::size_t codePoints) {
  std::string text;
  for (std::size_t i = 0; i < codePoints; ++i) {
    constexpr std::uint32_t kLimits[] = {0x80, 0x80, 0x800, 0xD800, 0x110000};
    std::uint32_t c = static_cast<std::uint32_t>(random()) % kLimits[random() % 5];
    if (c >= 0xD800 && c < 0xE000) c = 'x';
    text += encode(c);
  }
  return text;
}

TEST(Utf8, KnownTexts) {
  const struct {
    std::string_view text;
    bool valid;
  } cases[] = {
      {"", true},
      {"Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!", true},
      {std::string_view("\0", 1), true},
      {"\xED\x9F\xBF", true},
      {"\xED\xA0\x80", false},
      {"\xEE\x80\x80", true},
      {"\xF4\x8F\xBF\xBF", true},
      {"\xF4\x90\x80\x80", false},
      {"\xC0\xAF", false},
      {"\xE0\x80\xAF", false},
      {"\xF0\x80\x80\xAF", false},
      {"\xF0\x8F\xBF\xBF", false},
      {"\xF8\x88\x80\x80\x80", false},
      {"\xFF", false},
      {"\x80", false},
      {"\xEF\xBF", false},
      {"\xEF\xBF\xBF", true},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(referenceValid(test.text), test.valid) << testing::PrintToString(test.text);
    expectAgreement(test.text);
    expectFailFast(test.text);
  }
}

// Every code point as RFC 3629 would write it, surrogates and values past the end included, at every kind of
// position relative to the vector blocks.
TEST(Utf8, AllCodePoints) {
  for (std::uint32_t c = 0; c <= 0x110400; ++c) {
    const bool boundary = (c & 0x3F) < 2 || (c & 0x3F) > 0x3D;
    if (!boundary && c > 0x3000 && c % 37 != 0) continue;
    const std::string text = encode(c);
    ASSERT_NO_FATAL_FAILURE(expectAgreement(text)) << c;
    ASSERT_NO_FATAL_FAILURE(expectFailFast(text)) << c;
    if (c % 16 == 15) {
      ASSERT_NO_FATAL_FAILURE(expectAgreement(std::string(c / 16 % 70, 'a') + text + "bc")) << c;
    }
  }
}

TEST(Utf8, AllPairsAndLeads) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string pair{static_cast<char>(first), static_cast<char>(second)};
      for (const std::string& text : {pair, pair + '\x80', pair + "\x80\xBF", pair + "\xBF\xBF\xBF"}) {
        ASSERT_NO_FATAL_FAILURE(expectAgreement(text));
        ASSERT_NO_FATAL_FAILURE(expectFailFast(text));
        ASSERT_NO_FATAL_FAILURE(expectAgreement(std::string(30, 'a') + text));
        ASSERT_NO_FATAL_FAILURE(expectAgreement(std::string(62, 'a') + text + std::string(40, 'b')));
      }
    }
  }
}

// A code point, whole or cut, on every seam between blocks.
TEST(Utf8, SeamsAndEnds) {
  for (const std::string& point : {encode(0xE9), encode(0x20AC), encode(0x1F600)}) {
    for (std::size_t before = 0; before < 280; ++before) {
      for (std::size_t kept = 1; kept <= point.size(); ++kept) {
        for (const std::size_t after : {0u, 1u, 31u, 64u, 100u, 130u}) {
          const std::string text = std::string(before, 'a') + point.substr(0, kept) + std::string(after, 'z');
          ASSERT_NO_FATAL_FAILURE(expectAgreement(text));
        }
      }
    }
  }
}

TEST(Utf8, RandomMutations) {
  std::mt19937 random(20210422);
  for (int round = 0; round < 6000; ++round) {
    std::string text = randomText(random, random() % 120);
    ASSERT_TRUE(referenceValid(text));
    ASSERT_NO_FATAL_FAILURE(expectAgreement(text));
    for (int mutation = 0; mutation < 3 && !text.empty(); ++mutation) {
      text[random() % text.size()] = static_cast<char>(random());
      if (random() % 4 == 0) text.resize(random() % (text.size() + 1));
      ASSERT_NO_FATAL_FAILURE(expectAgreement(text));
    }
    if (round % 8 == 0) {
      ASSERT_NO_FATAL_FAILURE(expectFailFast(text));
    }
  }
}

// Long enough for every kernel's longest stride, with one wrong byte at every place.
TEST(Utf8, OneErrorAnywhereInALongText) {
  std::mt19937 random(7);
  for (int round = 0; round < 6; ++round) {
    std::string text = round % 2 == 0 ? randomText(random, 500) : std::string(400, 'a');
    text += randomText(random, 250) + std::string(random() % 300, 'b') + randomText(random, random() % 60);
    ASSERT_NO_FATAL_FAILURE(expectAgreement(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string wrong = text;
      constexpr unsigned char kWrong[] = {0xFF, 0x80, 0xC0, 0xED, 'a', 0xF4};
      wrong[i] = static_cast<char>(kWrong[random() % std::size(kWrong)]);
      ASSERT_NO_FATAL_FAILURE(expectAgreement(wrong)) << i;
      if (i % 7 == 0) {
        ASSERT_NO_FATAL_FAILURE(expectAgreement(text.substr(0, i))) << i;
        ASSERT_NO_FATAL_FAILURE(expectAgreement(text.substr(i))) << i;
      }
    }
  }
}

/// Another kernel for one scope.
class KernelUnderTest {
 public:
  explicit KernelUnderTest(std::string_view name) { EXPECT_TRUE(utf8::useKernel(name)); }
  ~KernelUnderTest() { utf8::useKernel(utf8::kernels().back().name); }
  KernelUnderTest(const KernelUnderTest&) = delete;
  KernelUnderTest& operator=(const KernelUnderTest&) = delete;
};

TEST(Utf8, TheLastKernelIsUsedUntilOneIsChosenByName) {
  EXPECT_EQ(utf8::kernel(), utf8::kernels().back().run);
  for (const utf8::NamedKernel& kernel : utf8::kernels()) {
    const KernelUnderTest chosen(kernel.name);
    EXPECT_EQ(utf8::kernel(), kernel.run);
  }
  EXPECT_FALSE(utf8::useKernel("abacus"));
  EXPECT_EQ(utf8::kernel(), utf8::kernels().back().run);
}

// With every kernel in use: each cut of a text into two and, coarser, into three.
TEST(Utf8Validator, EveryKernelAtEverySplit) {
  for (const utf8::NamedKernel& kernel : utf8::kernels()) {
    const KernelUnderTest chosen(kernel.name);
    std::mt19937 random(11);
    for (int round = 0; round < 8; ++round) {
      std::string text = randomText(random, 280);
      if (round % 2 == 1) text[random() % text.size()] = static_cast<char>(random());
      bool complete = false;
      const std::size_t good = referencePrefix(text, complete);
      const std::string_view view = text;
      for (std::size_t a = 0; a <= view.size(); ++a) {
        for (const std::size_t b : {a, std::min(a + 90, view.size())}) {
          Utf8Validator validator;
          ASSERT_EQ(validator.feed(view.substr(0, a)), good >= a) << kernel.name << ' ' << a;
          ASSERT_EQ(validator.feed(view.substr(a, b - a)), good >= b) << kernel.name << ' ' << a;
          ASSERT_EQ(validator.feed(view.substr(b)), good == view.size()) << kernel.name << ' ' << a;
          ASSERT_EQ(validator.isComplete(), good == view.size() && complete) << kernel.name << ' ' << a;
        }
      }
    }
  }
}

TEST(Utf8Validator, AllTwoAndThreePieceSplits) {
  std::mt19937 random(3);
  for (int round = 0; round < 12; ++round) {
    std::string text = randomText(random, 40);
    if (round % 2 == 1) text[random() % text.size()] = static_cast<char>(random());
    bool complete = false;
    const std::size_t good = referencePrefix(text, complete);
    const std::string_view view = text;
    for (std::size_t a = 0; a <= view.size(); ++a) {
      for (std::size_t b = a; b <= view.size(); ++b) {
        Utf8Validator validator;
        ASSERT_EQ(validator.feed(view.substr(0, a)), good >= a);
        ASSERT_EQ(validator.feed(view.substr(a, b - a)), good >= b);
        ASSERT_EQ(validator.feed(view.substr(b)), good == view.size());
        ASSERT_EQ(validator.isComplete(), good == view.size() && complete);
      }
    }
  }
}

TEST(Utf8Validator, FailsAtTheFirstByteThatCannotBeContinued) {
  // RFC 6455 harnesses feed this: the third byte already rules out every code point.
  Utf8Validator validator;
  EXPECT_TRUE(validator.feed("\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xF4"));
  EXPECT_FALSE(validator.isComplete());
  EXPECT_FALSE(validator.feed("\x90"));
}

TEST(Utf8Validator, StaysFailedUntilReset) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed("\xFF"));
  EXPECT_FALSE(validator.feed("a"));
  EXPECT_FALSE(validator.feed(""));
  EXPECT_FALSE(validator.isComplete());
  validator.reset();
  EXPECT_TRUE(validator.feed("a"));
  EXPECT_TRUE(validator.isComplete());
}

}  // namespace
}  // namespace autobahn::inline v0::util
