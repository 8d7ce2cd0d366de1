// Trials of the harness: a peer with one fault, and the cases that find it.
#pragma once

#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "selftest/echo_peer.hpp"

namespace wstest {

/// IDs of cases that did not end with OK or INFORMATIONAL, in both verdicts; UNIMPLEMENTED ones are among
/// them.
using Caught = std::set<std::string>;

/// Runs the quick profile of the cases matching `patterns` against a server with this fault.
Caught tryServer(Fault fault, const std::vector<std::string>& patterns, bool isSecure = false);
/// The same with a client that walks through the cases of a fuzzing server.
Caught tryClient(Fault fault, const std::vector<std::string>& patterns, bool isSecure = false);

/// "1.1.1 1.1.2", for messages of tests.
std::string text(const Caught& caught);
/// The IDs that these words mean: IDs, or patterns such as "6.3.*" of the quick profile.
Caught ids(const std::string& words);

/// A row of a test: a peer with `fault`, on whom `patterns` are tried, is caught by exactly these cases.
struct Trial {
  const char* name;
  Fault fault;
  std::vector<std::string> patterns;
  std::string caughtBy;
  bool isSecure = false;
};
inline void PrintTo(const Trial& trial, std::ostream* out) { *out << trial.name; }

}  // namespace wstest
