// What a fuzzing server does with each connection: the URL protocol of Autobahn's harness.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cases/exchange.hpp"
#include "report/progress.hpp"
#include "report/report.hpp"
#include "server/certificates.hpp"
#include "server/fuzzing_server.hpp"
#include "server/workers.hpp"

namespace wstest {

/// Any thread.
class Visits {
 public:
  Visits(const FuzzingServerSettings& settings, std::vector<const Case*> cases,
         const Certificates& certificates, std::uint16_t port, StopSwitch& stop);

  std::string url() const { return urlOf(settings_.host, port_); }
  const Results& results() const { return results_; }
  /// From the accepted socket to its end; throws nothing.
  void handle(std::unique_ptr<Stream> stream);
  /// Waits for what single cases have opened beside.
  void join() { workers_.join(); }

 private:
  struct Request;
  class Running;

  std::string urlOf(const std::string& host, std::uint16_t port) const;
  void serve(std::unique_ptr<Stream> stream, Presents presents);
  void route(Request& request);
  void answer(Request& request, const std::string& json);
  void respond(Request& request, const std::string& response);
  void answerPlainly(Request& request);
  void runCaseFor(Request& request);
  void record(CaseResult result);
  std::string caseInfo(const Request& request);
  std::string caseStatus(const Request& request);
  void awaitCasesOf(const std::string& agent);
  Verdict verdictOf(const std::string& agent, const std::string& id);
  void updateReports(Request& request);
  void writeNow();
  const Case& caseOf(const Request& request) const;
  std::uint16_t openSpecialPort(const Case& testCase, const std::string& agent);
  void serveSpecial(const Case& testCase, const std::string& agent, TcpListener& listener);

  const FuzzingServerSettings& settings_;
  const RunSettings& run_;
  const std::vector<const Case*> cases_;
  const Certificates& certificates_;
  const std::uint16_t port_;
  StopSwitch& stop_;

  Results results_;
  Progress progress_;
  std::mutex mutex_;
  std::multiset<std::pair<std::string, std::string>> running_;  ///< agents and case IDs, guarded by mutex_
  std::condition_variable isRecorded_;
  std::mutex reportMutex_;
  Workers workers_;
};

}  // namespace wstest
