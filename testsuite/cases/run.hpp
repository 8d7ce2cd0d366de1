// Running one case, whoever connected: opening, body, verdict, whatever goes wrong.
#pragma once

#include <functional>

#include "cases/case.hpp"
#include "cases/exchange.hpp"
#include "cases/verdict.hpp"

namespace wstest {

/// Runs `testCase` on `exchange`; `connect` makes the connection (or does nothing when it stands). The result
/// lacks the agent. ConnectError becomes a verdict; Interrupted is passed on.
CaseResult runCase(const Case& testCase, Exchange& exchange, const std::function<void()>& connect);

/// Now, as "2026-11-23T22:41:26.123Z".
std::string utcNow();

}  // namespace wstest
