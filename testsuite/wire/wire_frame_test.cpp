// Frames, legal and not: what is written is what is read.
#include <gtest/gtest.h>

#include "wire/frame.hpp"
#include "wire/testing.hpp"

namespace wstest {
namespace {

using namespace testing;
using namespace std::string_literals;

constexpr std::uint32_t kKey = 0x37FA213D;

std::vector<ReceivedFrame> framesOf(const std::vector<std::string>& pieces) {
  FrameReader reader;
  std::vector<ReceivedFrame> frames;
  for (const std::string& piece : pieces) {
    reader.add(piece);
    while (auto frame = reader.next()) frames.push_back(std::move(*frame));
  }
  return frames;
}

struct Written {
  const char* name;
  Frame frame;
  bool isMasked;
  std::string bytes;
};

/// RFC 6455, 5.7, and what no RFC allows.
const std::vector<Written>& writtenFrames() {
  static const std::vector<Written> kFrames = {
      {"unmasked text", {.payload = "Hello"}, false, "\x81\x05Hello"},
      {"masked text", {.payload = "Hello"}, true, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"},
      {"first fragment", {.payload = "Hel", .fin = false}, false, "\x01\x03Hel"},
      {"last fragment", {.opcode = opcode::continuation, .payload = "lo"}, false, "\x80\x02lo"},
      {"ping", {.opcode = opcode::ping, .payload = "Hello"}, false, "\x89\x05Hello"},
      {"masked pong",
       {.opcode = opcode::pong, .payload = "Hello"},
       true,
       "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"},
      {"nothing", {.opcode = opcode::binary}, false, "\x82\0"s},
      {"RSV1", {.payload = "x", .rsv = 4}, false, "\xC1\x01x"},
      {"RSV2", {.payload = "x", .rsv = 2}, false, "\xA1\x01x"},
      {"RSV3", {.payload = "x", .rsv = 1}, false, "\x91\x01x"},
      {"reserved opcode", {.opcode = 15, .rsv = 7}, false, "\xFF\0"s},
      {"masked against the role", {.payload = "A", .isMasked = true}, false, "\x81\x81\x37\xfa\x21\x3dv"},
      {"unmasked against the role",
       {.payload = "A", .isMasked = false},
       true,
       "\x81\x01"
       "A"},
      {"key of its own", {.payload = "A", .maskKey = 0x01020304}, true, "\x81\x81\1\2\3\4@"},
      {"long form of 5",
       {.payload = "Hello", .lengthForm = LengthForm::sixteenBits},
       false,
       "\x81\x7E\0\5Hello"s},
      {"longest form of 5",
       {.payload = "Hello", .lengthForm = LengthForm::sixtyFourBits},
       false,
       "\x81\x7F\0\0\0\0\0\0\0\5Hello"s},
  };
  return kFrames;
}

TEST(Frame, IsWrittenBitForBit) {
  for (const Written& each : writtenFrames()) {
    EXPECT_EQ(encodeFrame(each.frame, each.isMasked, kKey), each.bytes) << each.name;
  }
}

TEST(Frame, IsReadHoweverItIsCut) {
  for (const Written& each : writtenFrames()) {
    for (const auto& pieces : cuts(each.bytes)) {
      const auto frames = framesOf(pieces);
      ASSERT_EQ(frames.size(), 1U) << each.name;
      const ReceivedFrame& got = frames.front();
      const bool isMasked = each.frame.isMasked.value_or(each.isMasked);
      EXPECT_EQ(got.opcode, each.frame.opcode) << each.name;
      EXPECT_EQ(got.fin, each.frame.fin) << each.name;
      EXPECT_EQ(got.rsv, each.frame.rsv) << each.name;
      EXPECT_EQ(got.payload, each.frame.payload) << each.name;
      EXPECT_EQ(got.maskKey.has_value(), isMasked) << each.name;
      EXPECT_EQ(got.maskKey.value_or(0), isMasked ? each.frame.maskKey.value_or(kKey) : 0) << each.name;
      EXPECT_EQ(got.isShortestLength, each.frame.lengthForm == LengthForm::shortest) << each.name;
    }
  }
}

TEST(Frame, LengthTakesTheShortestFormUnlessTold) {
  struct Row {
    std::size_t size;
    LengthForm form;
    std::size_t headSize;
    bool isShortest;
  };
  for (const auto& [size, form, headSize, isShortest] : {
           Row{0, LengthForm::shortest, 2, true},
           Row{125, LengthForm::shortest, 2, true},
           Row{126, LengthForm::shortest, 4, true},
           Row{65535, LengthForm::shortest, 4, true},
           Row{65536, LengthForm::shortest, 10, true},
           Row{125, LengthForm::sixteenBits, 4, false},
           Row{126, LengthForm::sixteenBits, 4, true},
           Row{65535, LengthForm::sixtyFourBits, 10, false},
           Row{65536, LengthForm::sixteenBits, 10, true},
       }) {
    const std::string payload(size, 'x');
    const std::string bytes = encodeFrame({.payload = payload, .lengthForm = form}, false, 0);
    EXPECT_EQ(bytes.size(), headSize + size) << size;
    FrameReader reader;
    reader.add(bytes);
    const auto head = reader.peek();
    ASSERT_TRUE(head) << size;
    EXPECT_EQ(head->headSize, headSize) << size;
    EXPECT_EQ(head->length, size);
    EXPECT_EQ(head->isShortestLength, isShortest) << size;
    const auto frame = reader.next();
    ASSERT_TRUE(frame) << size;
    EXPECT_EQ(frame->payload, payload);
    EXPECT_EQ(frame->isShortestLength, isShortest) << size;
  }
}

TEST(Frame, DeclaredLengthMayLie) {
  constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63;
  const std::string bytes = encodeFrame({.payload = "abc", .declaredLength = kTopBit | 5}, true, kKey);
  EXPECT_EQ(bytes.substr(0, 14), "\x81\xFF\x80\0\0\0\0\0\0\5\x37\xfa\x21\x3d"s);
  EXPECT_EQ(bytes.size(), 14U + 3U);
  FrameReader reader;
  reader.add(bytes);
  const auto head = reader.peek();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->length, kTopBit | 5);
  EXPECT_EQ(head->maskKey, kKey);
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.rest(), bytes);
}

TEST(Frame, DeclaredLengthMayBeShort) {
  FrameReader reader;
  reader.add(encodeFrame({.payload = "abc", .declaredLength = 1}, false, 0));
  const auto frame = reader.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload, "a");
  EXPECT_EQ(reader.rest(), "bc");
}

TEST(Frame, HeadIsThereOnlyWithItsLastByte) {
  const std::string bytes = encodeFrame({.payload = std::string(70000, 'x')}, true, kKey).substr(0, 14);
  FrameReader reader;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(reader.peek()) << i;
    reader.add(bytes.substr(i, 1));
  }
  ASSERT_TRUE(reader.peek());
  EXPECT_EQ(reader.peek()->length, 70000U);
}

TEST(Frame, ManyComeInOrderHoweverTheyAreCut) {
  std::string bytes;
  std::vector<std::string> payloads;
  for (std::size_t size = 0; size < 300; size += 7) {
    payloads.emplace_back(size, static_cast<char>('a' + size % 26));
    bytes +=
        encodeFrame({.payload = payloads.back()}, size % 2 == 0, kKey + static_cast<std::uint32_t>(size));
  }
  for (const auto& pieces : cuts(bytes)) {
    const auto frames = framesOf(pieces);
    ASSERT_EQ(frames.size(), payloads.size());
    for (std::size_t i = 0; i < frames.size(); ++i) EXPECT_EQ(frames[i].payload, payloads[i]);
  }
}

TEST(Frame, MaskGoesOnFromByteToByte) {
  // RFC 6455, 5.3, byte by byte.
  constexpr unsigned char kBytes[] = {0x37, 0xFA, 0x21, 0x3D};
  for (std::size_t size = 0; size < 40; ++size) {
    std::string bytes;
    std::string expected;
    for (std::size_t i = 0; i < size; ++i) {
      bytes += static_cast<char>(i * 11);
      expected += static_cast<char>((i * 11) ^ kBytes[i % 4]);
    }
    applyMask(bytes.data(), bytes.size(), kKey);
    EXPECT_EQ(bytes, expected) << size;
  }
}

}  // namespace
}  // namespace wstest
