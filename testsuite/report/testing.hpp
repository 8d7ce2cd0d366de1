// Made-up results for the tests of reports.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>

#include "report/files.hpp"
#include "report/report.hpp"

namespace wstest::testing {

/// A folder of its own, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "wstest-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string read(const std::string& name) const { return readFile(file(name)); }

 private:
  std::string path_;
};

inline CaseResult resultOf(const std::string& agent, const std::string& id, Behavior behavior = Behavior::ok,
                           CloseBehavior behaviorClose = CloseBehavior::ok,
                           const std::string& reason = "because") {
  CaseResult result;
  result.agent = agent;
  result.id = id;
  result.duration = 12;
  result.started = "2026-11-23T22:41:26Z";
  result.verdict = {behavior, behaviorClose, reason, "closing " + reason};
  return result;
}

inline Results::Agents agentsOf(const std::vector<CaseResult>& results) {
  Results::Agents agents;
  for (const CaseResult& result : results) agents[result.agent][parseCaseId(result.id)] = result;
  return agents;
}

/// The first case of ours that is judged like this.
inline std::string idOf(Strictness strictness) {
  const auto found = std::ranges::find(allCases(), strictness, &Case::strictness);
  return found == allCases().end() ? "" : found->id.text();
}

/// Ends elements, comments, strings and CDATA, moves a cursor, reorders text, and is no UTF-8.
inline const std::string kHostile =
    std::string("</script><!--<script>alert('1')</script>]]>&amp;\"\\ # \n\x1b[31m\x7f\xc2\x9b") + '\0' +
    "\xe2\x80\xae\xef\xbf\xbe\xed\xa0\x80\xff";

/// A result in which a peer says that everywhere.
inline CaseResult hostileResult(const std::string& id) {
  CaseResult result = resultOf(kHostile, id, Behavior::failed, CloseBehavior::wrongCode, kHostile);
  result.expected = result.received = result.tls = kHostile;
  result.httpRequest = "GET / HTTP/1.1\r\nX: " + kHostile + "\r\n\r\n";
  result.httpResponse = kHostile;
  result.closing.remoteCloseReason = result.closing.localCloseReason = result.closing.wasNotCleanReason =
      kHostile;
  result.closing.remoteCloseCode = 1002;
  FrameHead head;
  head.opcode = opcode::text;
  head.length = kHostile.size();
  result.wire.bytes(false, kHostile);
  result.wire.frame(false, head, kHostile);
  head.opcode = opcode::close;
  result.wire.frame(false, head, kHostile);
  result.wire.note(kHostile);
  return result;
}

}  // namespace wstest::testing
