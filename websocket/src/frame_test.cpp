#include "frame.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "testing/engine_harness.hpp"

namespace autobahn::websocket {
namespace {

using namespace std::string_literals;
using testing::frame;
using testing::FrameSpec;

TEST(FrameHeader, ExamplesOfRfc6455Section57) {
  FrameHeader header;
  HeaderParse parse = parseHeader("\x81\x05Hello"s, header);
  EXPECT_TRUE(parse.complete && header.fin && !header.masked);
  EXPECT_EQ(parse.size, 2u);
  EXPECT_EQ(header.opcode, Opcode::text);
  EXPECT_EQ(header.length, 5u);

  parse = parseHeader("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s, header);
  EXPECT_TRUE(parse.complete && header.masked);
  EXPECT_EQ(parse.size, 6u);
  EXPECT_EQ(header.mask, (MaskKey{0x37, 0xfa, 0x21, 0x3d}));

  parse = parseHeader("\x01\x03Hel"s, header);
  EXPECT_TRUE(parse.complete && !header.fin);
  parse = parseHeader("\x80\x02lo"s, header);
  EXPECT_EQ(header.opcode, Opcode::continuation);
  EXPECT_TRUE(header.fin);

  parse = parseHeader("\x82\x7E\x01\x00"s, header);
  EXPECT_TRUE(parse.complete);
  EXPECT_EQ(header.length, 256u);
  EXPECT_EQ(parse.size, 4u);
  parse = parseHeader("\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s, header);
  EXPECT_TRUE(parse.complete);
  EXPECT_EQ(header.length, 65536u);
  EXPECT_EQ(parse.size, 10u);
}

struct Refused {
  FrameSpec spec;
  const char* error;
  std::size_t seenAfter;  ///< octets that suffice to see it
};

TEST(FrameHeader, RefusesAsEarlyAsItCan) {
  const std::uint64_t highBit = std::uint64_t{1} << 63;
  const Refused cases[] = {
      {{.opcode = 3}, "reserved opcode", 2},
      {{.opcode = 7}, "reserved opcode", 2},
      {{.opcode = 11}, "reserved opcode", 2},
      {{.opcode = 15}, "reserved opcode", 2},
      {{.opcode = 9, .fin = false}, "fragmented control", 2},
      {{.opcode = 8, .fin = false}, "fragmented control", 2},
      {{.opcode = 10, .declared = 126}, "above 125", 2},
      {{.opcode = 9, .lengthBytes = 8, .declared = 5}, "above 125", 2},
      {{.opcode = 1, .lengthBytes = 2, .declared = 0}, "minimal", 4},
      {{.opcode = 1, .lengthBytes = 2, .declared = 125}, "minimal", 4},
      {{.opcode = 1, .lengthBytes = 8, .declared = 0}, "minimal", 10},
      {{.opcode = 1, .lengthBytes = 8, .declared = 65535}, "minimal", 10},
      {{.opcode = 1, .lengthBytes = 8, .declared = highBit}, "most significant bit", 10},
      {{.opcode = 1, .lengthBytes = 8, .declared = ~std::uint64_t{0}}, "most significant bit", 10},
  };
  for (const Refused& c : cases) {
    const std::string bytes = frame(c.spec);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      FrameHeader header;
      const HeaderParse parse = parseHeader(std::string_view(bytes).substr(0, size), header);
      ASSERT_EQ(parse.error != nullptr, size >= c.seenAfter) << c.error << " at " << size;
      if (parse.error != nullptr) {
        EXPECT_NE(std::string_view(parse.error).find(c.error), std::string_view::npos) << parse.error;
      }
      EXPECT_FALSE(parse.complete);
    }
  }
}

TEST(FrameHeader, EncodesWhatItParses) {
  const std::uint64_t lengths[] = {
      0, 1, 125, 126, 127, 65535, 65536, std::uint64_t{1} << 32, (std::uint64_t{1} << 63) - 1};
  for (const std::uint64_t length : lengths) {
    for (const int opcode : {0, 1, 2, 8, 9, 10}) {
      if (opcode >= 8 && length > 125) continue;
      for (int bits = 0; bits < 32; ++bits) {
        FrameHeader header;
        header.fin = opcode >= 8 || (bits & 1) != 0;
        header.masked = (bits & 2) != 0;
        header.rsv = static_cast<std::uint8_t>(bits >> 2);
        header.opcode = static_cast<Opcode>(opcode);
        header.length = length;
        if (header.masked) header.mask = {1, 2, 3, 254};
        char bytes[kMaxHeaderSize];
        const std::size_t size = encodeHeader(header, bytes);
        ASSERT_EQ(size, headerSize(header));
        FrameHeader again;
        for (std::size_t cut = 0; cut < size; ++cut) {
          const HeaderParse part = parseHeader({bytes, cut}, again);
          ASSERT_FALSE(part.complete);
          ASSERT_EQ(part.error, nullptr);
          ASSERT_EQ(part.size, cut < 2 ? 0 : size);
        }
        const HeaderParse parse = parseHeader({bytes, size}, again);
        ASSERT_TRUE(parse.complete);
        EXPECT_EQ(again.fin, header.fin);
        EXPECT_EQ(again.rsv, header.rsv);
        EXPECT_EQ(again.opcode, header.opcode);
        EXPECT_EQ(again.masked, header.masked);
        EXPECT_EQ(again.length, header.length);
        if (header.masked) {
          EXPECT_EQ(again.mask, header.mask);
        }
      }
    }
  }
}

}  // namespace
}  // namespace autobahn::websocket
