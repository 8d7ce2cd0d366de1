#include "cases/run.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace wstest {

std::string utcNow() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto since = now.time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds));
  return std::string(date.data()) + fraction.data();
}

CaseResult runCase(const Case& testCase, Exchange& exchange, const std::function<void()>& connect) {
  const std::string started = utcNow();
  const TimePoint begun = Clock::now();
  try {
    connect();
    if (testCase.opening != Opening::done || exchange.open(testCase.deflate)) testCase.run(exchange);
  } catch (const ConnectError& error) {
    exchange.fail(error.what());
    exchange.verdict().behaviorClose = CloseBehavior::failed;
    exchange.verdict().resultClose = "The connection was never open";
  }
  CaseResult result = exchange.takeResult();
  result.id = testCase.id.text();
  result.started = started;
  result.duration = std::chrono::round<std::chrono::milliseconds>(Clock::now() - begun).count();
  if (testCase.strictness == Strictness::informational &&
      result.verdict.behavior != Behavior::unimplemented) {
    result.verdict.behavior = Behavior::informational;
    result.verdict.behaviorClose = CloseBehavior::informational;
  }
  return result;
}

}  // namespace wstest
