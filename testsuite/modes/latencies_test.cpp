#include "modes/latencies.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace wstest {
namespace {

TEST(Latencies, NothingIsZero) {
  const Latencies none;
  EXPECT_EQ(none.percentile(0.5), 0);
  EXPECT_EQ(none.most(), 0);
}

TEST(Latencies, PercentilesAreRightToTheBucket) {
  Latencies times;
  for (int i = 1; i <= 1000; ++i) times.add(std::chrono::microseconds(i));
  EXPECT_EQ(times.count(), 1000u);
  EXPECT_NEAR(times.percentile(0.5), 0.5, 0.5 / 60);
  EXPECT_NEAR(times.percentile(0.9), 0.9, 0.9 / 60);
  EXPECT_NEAR(times.percentile(0.99), 0.99, 0.99 / 60);
  EXPECT_EQ(times.percentile(1), 1);
  EXPECT_EQ(times.most(), 1);
}

TEST(Latencies, EverySizeHasABucket) {
  for (std::int64_t value = 1; value > 0 && value < std::int64_t{1} << 62; value = value * 3 + 1) {
    Latencies one;
    one.add(std::chrono::nanoseconds(value));
    EXPECT_NEAR(one.percentile(0.5), static_cast<double>(value) / 1e6, static_cast<double>(value) / 6e7)
        << value;
  }
  Latencies negative;
  negative.add(-5ns);
  EXPECT_EQ(negative.most(), 0);
}

TEST(Latencies, AddUp) {
  Latencies one;
  Latencies other;
  one.add(1ms);
  other.add(3ms);
  one.add(other);
  EXPECT_EQ(one.count(), 2u);
  EXPECT_EQ(one.most(), 3);
}

}  // namespace
}  // namespace wstest
