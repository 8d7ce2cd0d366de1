#include "mask.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace autobahn::websocket {
namespace {

constexpr MaskKey kKey = {0x37, 0xfa, 0x21, 0x3d};

/// RFC 6455 section 5.3, literally.
std::string reference(std::string data, MaskKey key, std::size_t offset) {
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<char>(static_cast<std::uint8_t>(data[i]) ^ key[(i + offset) % 4]);
  }
  return data;
}

std::string randomBytes(std::size_t size) {
  std::mt19937 random(4711);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST(Mask, MasksTheExampleOfTheRfc) {
  // RFC 6455 section 5.7: a masked "Hello".
  std::string data = "Hello";
  applyMask(data, kKey);
  EXPECT_EQ(data, "\x7f\x9f\x4d\x51\x58");
  applyMask(data, kKey);
  EXPECT_EQ(data, "Hello");
}

/// Lengths around every boundary of the loops.
std::vector<std::size_t> lengths() {
  std::vector<std::size_t> result;
  for (std::size_t length = 0; length <= 320; ++length) result.push_back(length);
  for (const std::size_t around : {512u, 1024u, 4096u, 65536u}) {
    for (std::size_t length = around - 5; length <= around + 5; ++length) result.push_back(length);
  }
  return result;
}

/// The tests with every kernel that the processor has.
class MaskKernel : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override { ASSERT_TRUE(useMaskKernel(GetParam())); }
  void TearDown() override { useMaskKernel(maskKernels().back()); }
};

INSTANTIATE_TEST_SUITE_P(Mask, MaskKernel, testing::ValuesIn(maskKernels()),
                         [](const auto& which) { return std::string(which.param); });

TEST(Mask, KnowsNoOtherKernels) { EXPECT_FALSE(useMaskKernel("abacus")); }

TEST_P(MaskKernel, IsExactForEveryAlignmentOffsetAndLength) {
  for (const std::size_t length : lengths()) {
    const std::string source = randomBytes(length + 80);
    for (std::size_t alignment = 0; alignment < (length > 400 ? 3u : 33u); ++alignment) {
      for (const std::size_t offset : {0u, 1u, 2u, 3u, 6u}) {
        std::string data = source;
        applyMask({data.data() + alignment, length}, kKey, offset);
        // Nothing around it was touched either.
        ASSERT_EQ(data, source.substr(0, alignment) +
                            reference(source.substr(alignment, length), kKey, offset) +
                            source.substr(alignment + length))
            << length << ' ' << alignment << ' ' << offset;
      }
    }
  }
}

TEST_P(MaskKernel, CopiesForEveryAlignmentOfBothSides) {
  const std::string source = randomBytes(2048);
  for (const std::size_t length : {0u, 1u, 3u, 7u, 8u, 31u, 33u, 255u, 256u, 257u, 391u, 1024u}) {
    for (std::size_t from = 0; from < 17; ++from) {
      for (std::size_t to = 0; to < 17; ++to) {
        const std::size_t offset = from + to;
        std::string target(2048, '#');
        maskCopy(target.data() + to, std::string_view(source).substr(from, length), kKey, offset);
        ASSERT_EQ(target, std::string(to, '#') + reference(source.substr(from, length), kKey, offset) +
                              std::string(2048 - to - length, '#'));
      }
    }
  }
}

TEST_P(MaskKernel, MovesDownWithinOneBuffer) {
  for (const std::size_t length : lengths()) {
    const std::string source = randomBytes(length + 200);
    for (const std::size_t distance : {1u, 4u, 7u, 8u, 15u, 16u, 20u, 31u, 32u, 33u, 64u, 127u, 140u}) {
      std::string data = source;
      const std::size_t from = 150;
      maskCopy(data.data() + from - distance, std::string_view(data).substr(from, length), kKey);
      const std::string want = reference(source.substr(from, length), kKey, 0);
      ASSERT_EQ(data.substr(from - distance, length), want) << length << ' ' << distance;
      ASSERT_EQ(data.substr(0, from - distance), source.substr(0, from - distance));
      ASSERT_EQ(data.substr(from + length), source.substr(from + length));
    }
  }
}

TEST_P(MaskKernel, PiecesAreTheSameAsTheWhole) {
  const std::string source = randomBytes(5000);
  const std::string want = reference(source, kKey, 0);
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::string data = source;
    for (std::size_t at = 0; at < data.size();) {
      const std::size_t size = std::min<std::size_t>(random() % 700, data.size() - at);
      applyMask({data.data() + at, size}, kKey, at);
      at += size;
    }
    ASSERT_EQ(data, want);
  }
}

TEST(Mask, HugeOffsetsCount) {
  std::string data = "abcdefgh";
  applyMask(data, kKey, ~std::size_t{0});  // ≡ 3 modulo 4
  EXPECT_EQ(data, reference("abcdefgh", kKey, 3));
}

}  // namespace
}  // namespace autobahn::websocket
