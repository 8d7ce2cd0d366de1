#include "rfc3339.hpp"

#include <gtest/gtest.h>

namespace autobahn::wamp::router {
namespace {

TEST(Rfc3339, ReadsWhatItIs) {
  const struct {
    const char* text;
    const char* same;
    bool isCut;
  } table[] = {
      {"2026-05-17T08:30:00Z", "2026-05-17T08:30:00.000Z", false},
      {"2026-05-17t08:30:00.5z", "2026-05-17T08:30:00.500Z", false},
      {"2026-05-17 08:30:00.123456Z", "2026-05-17T08:30:00.123Z", true},
      {"2026-05-17T08:30:00.123000Z", "2026-05-17T08:30:00.123Z", false},
      {"2026-05-17T00:30:00+02:00", "2026-05-16T22:30:00.000Z", false},
      {"2026-12-31T23:00:00-01:30", "2027-01-01T00:30:00.000Z", false},
      {"2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z", false},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z", false},
      {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z", false},
      {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z", false},
      {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", false},
  };
  for (const auto& each : table) {
    const std::optional<ParsedTime> parsed = parseTime(each.text);
    ASSERT_TRUE(parsed) << each.text;
    EXPECT_EQ(formatTime(parsed->time), each.same) << each.text;
    EXPECT_EQ(parsed->isCut, each.isCut) << each.text;
  }
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2026",
                           "2026-05-17",
                           "2026-05-17T08:30:00",
                           "2026-5-17T08:30:00Z",
                           "2026-13-17T08:30:00Z",
                           "2026-02-29T08:30:00Z",
                           "2026-05-32T08:30:00Z",
                           "2026-05-17T24:00:00Z",
                           "2026-05-17T08:60:00Z",
                           "2026-05-17T08:30:61Z",
                           "2026-05-17T08:30:00.Z",
                           "2026-05-17T08:30:00,5Z",
                           "2026-05-17T08:30:00+2:00",
                           "2026-05-17T08:30:00+0200",
                           "2026-05-17T08:30:00ZZ",
                           "2026-05-17T08:30:00Z ",
                           " 2026-05-17T08:30:00Z",
                           "2026-05-17T08:30Z",
                           "20260517T083000Z",
                           "+026-05-17T08:30:00Z"}) {
    EXPECT_FALSE(parseTime(text)) << text;
  }
}

}  // namespace
}  // namespace autobahn::wamp::router
