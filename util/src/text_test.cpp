#include "autobahn/util/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "autobahn/util/utf8.hpp"

namespace autobahn::inline v0::util {
namespace {

using namespace std::chrono_literals;

TEST(EncodeTruncate, AgreesWithAutobahn) {
  const std::string text =
      "a\xC3\xA9"
      "b\xE2\x82\xAC\xF0\x9F\x98\x80";  // a é b € 😀: ends at 1, 3, 4, 7, 11
  const std::size_t expected[] = {0, 1, 1, 3, 4, 4, 4, 7, 7, 7, 7, 11, 11, 11};
  for (std::size_t limit = 0; limit < std::size(expected); ++limit) {
    EXPECT_EQ(encodeTruncate(text, limit), text.substr(0, expected[limit])) << limit;
    EXPECT_TRUE(isValidUtf8(encodeTruncate(text, limit))) << limit;
  }
}

TEST(EncodeTruncate, BadTextLosesAtMostThreeBytesMore) {
  EXPECT_EQ(encodeTruncate(std::string(20, '\x80'), 10).size(), 7u);
  EXPECT_EQ(encodeTruncate(std::string(20, '\x80'), 2).size(), 0u);
}

TEST(Time, Utcstr) {
  using std::chrono::system_clock;
  const system_clock::time_point epoch{};
  EXPECT_EQ(utcstr(epoch), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utcstr(epoch + 1795325042s + 947999us), "2026-11-22T05:24:02.947Z");
  EXPECT_EQ(utcstr(epoch + 951827696s), "2000-02-29T12:34:56.000Z");
  EXPECT_EQ(utcstr(epoch - 1ms), "1969-12-31T23:59:59.999Z");
}

TEST(Time, UtcnowLiesBetweenItsNeighbours) {
  const std::string before = utcstr(std::chrono::system_clock::now());
  const std::string now = utcnow();
  const std::string after = utcstr(std::chrono::system_clock::now());
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

TEST(Time, RtimeIsTheSteadyClockInSeconds) {
  const auto seconds = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  const double before = seconds();
  const double now = rtime();
  EXPECT_LE(before, now);
  EXPECT_LE(now, seconds());
}

}  // namespace
}  // namespace autobahn::inline v0::util
