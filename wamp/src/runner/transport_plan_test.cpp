#include "transport_plan.hpp"

#include <gtest/gtest.h>

namespace autobahn::wamp {
namespace {

using namespace std::chrono_literals;

websocket::ReconnectOptions retries(int most) {
  websocket::ReconnectOptions options;
  options.maxRetries = most;
  options.initialRetryDelay = 100ms;
  options.maxRetryDelay = 300ms;
  options.retryDelayGrowth = 2;
  options.retryDelayJitter = 0;
  return options;
}

std::vector<std::pair<std::size_t, int>> drain(TransportPlan& plan) {
  std::vector<std::pair<std::size_t, int>> seen;
  while (const auto attempt = plan.next()) {
    seen.emplace_back(attempt->transport, static_cast<int>(attempt->delay.count()));
  }
  return seen;
}

TEST(TransportPlan, EachAtOnceThenEachWithItsDelays) {
  TransportPlan plan({retries(3), retries(1)}, true, 1);
  using Seen = std::vector<std::pair<std::size_t, int>>;
  EXPECT_EQ(drain(plan), (Seen{{0, 0}, {1, 0}, {0, 100}, {1, 100}, {0, 200}, {0, 300}}));
}

TEST(TransportPlan, BeginsAnewAfterItWasOpen) {
  TransportPlan plan({retries(1), retries(1)}, true, 1);
  EXPECT_EQ(plan.next()->transport, 0u);
  EXPECT_EQ(plan.next()->transport, 1u);
  plan.opened(1);
  const auto again = plan.next();
  EXPECT_EQ(again->transport, 1u);
  EXPECT_EQ(again->delay, 100ms);  // not at once: the router may be turning us away
  EXPECT_EQ(again->retryCount, 1);
}

TEST(TransportPlan, UnreachableOnesAreTriedOnceWhenAskedSo) {
  TransportPlan plan({retries(5), retries(5)}, false, 1);
  EXPECT_EQ(plan.next()->transport, 0u);
  EXPECT_EQ(plan.next()->transport, 1u);
  EXPECT_FALSE(plan.next());
}

TEST(TransportPlan, ExcludedOnesAreNotTried) {
  TransportPlan plan({retries(0), retries(0)}, true, 1);
  plan.exclude(0);
  EXPECT_EQ(plan.next()->transport, 1u);
  EXPECT_FALSE(plan.next());
}

TEST(TransportPlan, JitterStaysWithinTheCap) {
  auto options = retries(100);
  options.retryDelayJitter = 1;
  TransportPlan plan({options}, true, 7);
  while (const auto attempt = plan.next()) {
    EXPECT_GE(attempt->delay, 0ms);
    EXPECT_LE(attempt->delay, 300ms);
  }
}

}  // namespace
}  // namespace autobahn::wamp
