// Tests servers: connects for every case.
#pragma once

#include <string>
#include <vector>

#include "report/report.hpp"
#include "report/settings.hpp"

namespace wstest {

/// A server to test.
struct ServerUnderTest {
  std::string agent{};  ///< "" takes the Server header of its first response, else the URL
  ServerTarget target{};
};
/// From "ws://host:port/path?query". Throws std::invalid_argument.
ServerTarget parseServerUrl(const std::string& url);

struct FuzzingClientSettings {
  std::vector<ServerUnderTest> servers{};
  RunSettings run{};
};

/// Runs the cases one after the other (or `jobs` at a time), writes the reports. Returns the exit code.
/// Throws std::invalid_argument for patterns that match nothing, ConnectError when a server cannot be reached
/// at all.
int runFuzzingClient(const FuzzingClientSettings& settings, const StopSwitch& stop);

/// One case against one server, here and now.
CaseResult runCaseAgainst(const Case& testCase, const ServerUnderTest& server, const RunSettings& settings,
                          const StopSwitch& stop);

}  // namespace wstest
