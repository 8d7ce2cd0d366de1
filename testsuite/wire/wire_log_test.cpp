// The wire log keeps its bounds, whatever a case does.
#include <gtest/gtest.h>

#include "wire/wire_log.hpp"

namespace wstest {
namespace {

constexpr std::size_t kAll = WireLog::kFirst + WireLog::kLast;

WireLog logOf(std::size_t notes) {
  WireLog log;
  for (std::size_t i = 0; i < notes; ++i) log.note(std::to_string(i));
  return log;
}

TEST(WireLog, KeepsTheFirstAndTheLast) {
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{1}, WireLog::kFirst, WireLog::kFirst + 1, kAll - 1, kAll}) {
    const auto entries = logOf(count).entries();
    ASSERT_EQ(entries.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(entries[i].data, std::to_string(i));
  }
  for (const std::size_t count : {kAll + 1, kAll + 39, kAll + 40, kAll + 1000}) {
    const auto entries = logOf(count).entries();
    ASSERT_EQ(entries.size(), kAll + 1);
    EXPECT_EQ(entries[WireLog::kFirst - 1].data, std::to_string(WireLog::kFirst - 1));
    EXPECT_EQ(entries[WireLog::kFirst].data, std::to_string(count - kAll) + " entries left out");
    for (std::size_t i = 0; i < WireLog::kLast; ++i) {
      EXPECT_EQ(entries[WireLog::kFirst + 1 + i].data, std::to_string(count - WireLog::kLast + i)) << count;
    }
  }
}

TEST(WireLog, TimesDoNotRunBackwards) {
  const auto entries = logOf(kAll + 10).entries();
  for (std::size_t i = 1; i < entries.size(); ++i)
    EXPECT_GE(entries[i].milliseconds, entries[i - 1].milliseconds);
}

TEST(WireLog, KeepsTheBeginningOfBytes) {
  WireLog log;
  log.bytes(true, std::string(1000, 's'));
  log.bytes(false, "received");
  const auto entries = log.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].kind, WireEntry::Kind::sentBytes);
  EXPECT_EQ(entries[0].data, std::string(WireLog::kExcerpt, 's'));
  EXPECT_EQ(entries[0].size, 1000U);
  EXPECT_EQ(entries[1].kind, WireEntry::Kind::receivedBytes);
  EXPECT_EQ(entries[1].data, "received");
}

TEST(WireLog, KeepsWhatAFrameIs) {
  WireLog log;
  FrameHead head{.opcode = opcode::ping, .fin = false, .rsv = 3, .maskKey = 0xDEADBEEF, .length = 70000};
  log.frame(false, head, std::string(300, 'p'));
  head.maskKey.reset();
  log.frame(true, head, "");
  const auto entries = log.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].kind, WireEntry::Kind::receivedFrame);
  EXPECT_EQ(entries[0].opcode, opcode::ping);
  EXPECT_FALSE(entries[0].fin);
  EXPECT_EQ(entries[0].rsv, 3);
  EXPECT_TRUE(entries[0].isMasked);
  EXPECT_EQ(entries[0].maskKey, 0xDEADBEEF);
  EXPECT_EQ(entries[0].size, 70000U);
  EXPECT_EQ(entries[0].data.size(), WireLog::kExcerpt);
  EXPECT_EQ(entries[1].kind, WireEntry::Kind::sentFrame);
  EXPECT_FALSE(entries[1].isMasked);
}

TEST(WireLog, CountsEverything) {
  WireLog log;
  using Counts = std::map<std::uint64_t, std::uint64_t>;
  for (int i = 0; i < 1000; ++i) {
    log.bytes(true, "abc");
    log.bytes(false, "");
    log.frame(true, {.opcode = opcode::text}, "");
    log.frame(false, {.opcode = opcode::pong}, "");
  }
  log.bytes(true, "abcd");
  EXPECT_EQ(log.sentOctets, (Counts{{3, 1000}, {4, 1}}));
  EXPECT_EQ(log.receivedOctets, (Counts{{0, 1000}}));
  EXPECT_EQ(log.sentFrames, (Counts{{opcode::text, 1000}}));
  EXPECT_EQ(log.receivedFrames, (Counts{{opcode::pong, 1000}}));
}

}  // namespace
}  // namespace wstest
