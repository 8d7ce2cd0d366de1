#include "report/outcome.hpp"

#include <cstdio>
#include <stdexcept>

#include "cases/printable.hpp"

namespace wstest {

namespace {

bool isFailure(Behavior behavior, CloseBehavior behaviorClose) {
  return behavior == Behavior::failed || behaviorClose == CloseBehavior::failed ||
         behaviorClose == CloseBehavior::wrongCode || behaviorClose == CloseBehavior::unclean;
}

}  // namespace

const Case* caseOf(const std::string& id) {
  try {
    return findCase(parseCaseId(id));
  } catch (const std::invalid_argument&) {
    return nullptr;
  }
}

Strictness strictnessOf(const std::string& id) {
  const Case* testCase = caseOf(id);
  return testCase != nullptr ? testCase->strictness : Strictness::required;
}

Weight weigh(Behavior behavior, CloseBehavior behaviorClose, Strictness strictness) {
  if (strictness == Strictness::informational) return Weight::good;
  if (isFailure(behavior, behaviorClose)) {
    return strictness == Strictness::required ? Weight::requiredFailure : Weight::recommendedFailure;
  }
  const bool isLoose = behavior == Behavior::nonStrict || behaviorClose == CloseBehavior::failedByClient;
  return isLoose ? Weight::nonStrict : Weight::good;
}

Weight weigh(const CaseResult& result) {
  return weigh(result.verdict.behavior, result.verdict.behaviorClose, strictnessOf(result.id));
}

Outcome outcomeOf(Behavior behavior, CloseBehavior behaviorClose, Strictness strictness) {
  switch (weigh(behavior, behaviorClose, strictness)) {
    case Weight::requiredFailure:
    case Weight::recommendedFailure:
      return Outcome::failed;
    case Weight::nonStrict:
      return Outcome::nonStrict;
    case Weight::good:
      break;
  }
  if (behavior == Behavior::unimplemented) return Outcome::unimplemented;
  return behavior == Behavior::ok && behaviorClose == CloseBehavior::ok ? Outcome::ok
                                                                        : Outcome::informational;
}

Outcome outcomeOf(const CaseResult& result) {
  return outcomeOf(result.verdict.behavior, result.verdict.behaviorClose, strictnessOf(result.id));
}

namespace {

/// Whether the closing has anything to say that the behavior does not.
bool isClosingTold(const Verdict& verdict) {
  return verdict.behaviorClose != CloseBehavior::ok && name(verdict.behaviorClose) != name(verdict.behavior);
}

}  // namespace

std::string verdictText(const Verdict& verdict) {
  if (!isClosingTold(verdict)) return std::string(name(verdict.behavior));
  const std::string closing = "closing: " + std::string(name(verdict.behaviorClose));
  return verdict.behavior == Behavior::ok ? closing : std::string(name(verdict.behavior)) + ", " + closing;
}

std::string reasonText(const Verdict& verdict) {
  std::string text = verdict.behavior == Behavior::ok && isClosingTold(verdict) ? "" : verdict.result;
  if (isClosingTold(verdict) && !verdict.resultClose.empty()) {
    text += (text.empty() ? "" : "; ") + verdict.resultClose;
  }
  return printable(text);
}

std::string seconds(std::int64_t milliseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(milliseconds) / 1000);
  return text;
}

std::string clockText(std::int64_t milliseconds) {
  const long long whole = milliseconds / 1000;
  char text[48];
  if (whole < 3600) {
    std::snprintf(text, sizeof text, "%02lld:%02lld", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return text;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace wstest
