// What a verdict comes down to: everything that counts or colours results asks here.
#pragma once

#include <cstdint>
#include <string>

#include "cases/case.hpp"
#include "cases/verdict.hpp"
#include "report/report.hpp"

namespace wstest {

/// Of the behavior and the closing the worse, once the case's strictness has had its say.
enum class Outcome : std::uint8_t { ok, nonStrict, informational, unimplemented, failed };
Outcome outcomeOf(Behavior behavior, CloseBehavior behaviorClose, Strictness strictness);
Outcome outcomeOf(const CaseResult& result);

Weight weigh(Behavior behavior, CloseBehavior behaviorClose, Strictness strictness);
/// Null when there is no such case of ours.
const Case* caseOf(const std::string& id);
/// required, when there is no such case of ours.
Strictness strictnessOf(const std::string& id);

/// "FAILED", "closing: WRONG CODE" or both; the closing is silent when it is OK or says the same.
std::string verdictText(const Verdict& verdict);
/// Why, as one printable line: of what verdictText names.
std::string reasonText(const Verdict& verdict);
/// "1.25": seconds.
std::string seconds(std::int64_t milliseconds);
/// "00:12", "1:02:03".
std::string clockText(std::int64_t milliseconds);
/// "1 case", "2 cases".
std::string counted(std::size_t count, const std::string& noun);

}  // namespace wstest
