// For tests over an event loop: running it until something has come about.
#pragma once

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>

namespace autobahn::wamp::testing {

/// Runs the loop until `isDone`; a failure after 20 seconds. `looks` for what no event of the loop tells: it
/// is asked every millisecond as well.
template <class Condition>
void runUntil(asio::io_context& io, Condition isDone, bool looks = false) {
  // Shared: a cancelled timer's handler still comes, later.
  const auto isLate = std::make_shared<bool>(false);
  asio::steady_timer limit(io, std::chrono::seconds(20));
  limit.async_wait([isLate](std::error_code error) { *isLate = !error; });
  asio::steady_timer tick(io);
  io.restart();
  while (!isDone() && !*isLate) {
    if (looks) {
      tick.expires_after(std::chrono::milliseconds(1));
      tick.async_wait([](std::error_code) {});
    }
    io.run_one();
  }
  EXPECT_FALSE(*isLate) << "it did not come about";
}

}  // namespace autobahn::wamp::testing
