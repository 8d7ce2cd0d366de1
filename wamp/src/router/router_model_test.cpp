// The router against a simple model of it: the same random things are done to both, and every client must
// hear the same.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "testing/model_comparison.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Comparison;
using Steps = std::vector<unsigned>;

constexpr std::size_t kSteps = 500;

/// How a script has ended.
struct Outcome {
  std::string difference{};  ///< the first one; empty: none
  std::size_t done = 0;      ///< steps
  std::vector<std::string> script{};
  std::map<std::string, int> counts{};
};

void replay(const Steps& steps, const ::testing::TestPartResultArray& failures, Outcome& outcome) try {
  Comparison comparison(outcome.script);
  while (outcome.done < steps.size() && failures.size() == 0) comparison.step(steps[outcome.done++]);
  if (failures.size() == 0) comparison.leaveAll();
  outcome.counts = comparison.counts();
} catch (const std::exception& error) {
  ADD_FAILURE() << "exception: " << error.what();
}

Outcome replay(const Steps& steps) {
  ::testing::TestPartResultArray failures;
  Outcome outcome;
  {
    // Not the test's failures: what follows may have to be tried with less.
    const ::testing::ScopedFakeTestPartResultReporter catching(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    replay(steps, failures, outcome);
  }
  for (int i = 0; i < failures.size(); ++i) {
    outcome.difference += failures.GetTestPartResult(i).message();
    outcome.difference += '\n';
  }
  return outcome;
}

/// Leaves out what is not needed for a difference. The router draws numbers of its own, so that a script may
/// differ one time and not the next: it is the last run that did which is given.
Outcome shrink(Steps steps, Outcome shortest) {
  steps.resize(shortest.done);
  for (std::size_t size = steps.size() / 2; size > 0; size /= 2) {
    for (std::size_t at = 0; at < steps.size();) {
      Steps fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(at));
      if (at + size < steps.size())
        fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(at + size), steps.end());
      Outcome outcome = replay(fewer);
      if (outcome.difference.empty()) {
        at += size;
        continue;
      }
      fewer.resize(outcome.done);
      steps = std::move(fewer);
      shortest = std::move(outcome);
    }
  }
  return shortest;
}

Steps stepsOf(unsigned seed) {
  std::mt19937 random(seed);
  Steps steps(kSteps);
  for (unsigned& each : steps) each = static_cast<unsigned>(random());
  return steps;
}

unsigned numberFrom(const char* variable, unsigned otherwise) {
  const char* const given = std::getenv(variable);
  return given == nullptr ? otherwise : static_cast<unsigned>(std::stoul(given));
}

void show(unsigned seed, const Outcome& first, const Outcome& shortest) {
  std::string text = "seed " + std::to_string(seed) + ", step " + std::to_string(first.done) + ": " +
                     first.difference + "The shortest script found that differs:\n";
  for (const std::string& each : shortest.script) text += "  " + each + '\n';
  ADD_FAILURE() << text << shortest.difference;
}

// What scripts are to bring about, again and again.
constexpr const char* kWanted[] = {"result",
                                   "com.error",
                                   "wamp.error.timeout",
                                   "wamp.error.canceled",
                                   "wamp.error.unavailable",
                                   "wamp.error.no_such_procedure",
                                   "wamp.error.no_available_callee",
                                   "wamp.error.not_authorized",
                                   "wamp.error.option_not_allowed",
                                   "wamp.error.invalid_argument",
                                   "routed by key",
                                   "waits for its key",
                                   "rerouted",
                                   "death",
                                   "not subscribed",
                                   "event",
                                   "retained",
                                   "history events",
                                   "history nothing",
                                   "history truncated",
                                   "history error wamp.error.not_authorized",
                                   "history error wamp.error.invalid_argument",
                                   "history error wamp.error.no_such_subscription",
                                   "history error wamp.error.history_unavailable"};

// AUTOBAHN_MODEL_SEEDS scripts of 500 steps, from the seed AUTOBAHN_MODEL_SEED on.
TEST(RouterModel, RouterAndModelAgree) {
  const unsigned first = numberFrom("AUTOBAHN_MODEL_SEED", 1);
  const unsigned count = numberFrom("AUTOBAHN_MODEL_SEEDS", 100);
  std::map<std::string, int> counts;
  for (unsigned seed = first; seed - first < count; ++seed) {
    // What is running when a sanitizer ends it.
    if (count > 100 && (seed - first) % 100 == 0) std::cerr << "seeds from " << seed << " on\n";
    const Steps steps = stepsOf(seed);
    const Outcome outcome = replay(steps);
    if (!outcome.difference.empty()) return show(seed, outcome, shrink(steps, outcome));
    for (const auto& entry : outcome.counts) counts[entry.first] += entry.second;
  }
  if (count < 100) return;
  for (const char* each : kWanted) EXPECT_GE(counts[each], static_cast<int>(count) / 4) << each;
}

}  // namespace
}  // namespace autobahn::wamp::router
