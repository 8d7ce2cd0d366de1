#include "server/fuzzing_server.hpp"

#include <fstream>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include "server/certificates.hpp"
#include "server/visits.hpp"
#include "server/workers.hpp"

namespace wstest {
namespace {

std::vector<const Case*> casesFor(const FuzzingServerSettings& settings) {
  const RunSettings& run = settings.run;
  std::vector<const Case*> cases = selectCases(run.cases, run.exclude, Tests::clients);
  std::erase_if(cases, [&](const Case* each) {
    return (each->needsTls && !settings.isSecure) || (!each->isInQuick && run.profile == Profile::quick);
  });
  if (cases.empty()) throw std::invalid_argument(kNoneLeft);
  return cases;
}

Certificates certificatesFor(const FuzzingServerSettings& settings) {
  Certificates certificates(settings.host);
  if (!settings.certificateFile.empty()) {
    certificates.useFiles(settings.certificateFile, settings.keyFile);
  } else if (settings.isSecure && !settings.run.outdir.empty()) {
    const std::string path = settings.run.outdir + "/ca.pem";
    std::ofstream file(path);
    if (!(file << certificates.authority() << std::flush)) throw std::runtime_error("cannot write " + path);
  }
  return certificates;
}

}  // namespace

struct FuzzingServer::Parts {
  Parts(const FuzzingServerSettings& given, StopSwitch& stopSwitch)
      : settings(given),
        stop(stopSwitch),
        cases(casesFor(settings)),
        listener(settings.host, settings.port),
        certificates(certificatesFor(settings)),
        visits(settings, cases, certificates, listener.port(), stopSwitch) {}

  const FuzzingServerSettings settings;  // the others refer to it
  StopSwitch& stop;
  std::vector<const Case*> cases;
  TcpListener listener;
  Certificates certificates;
  Visits visits;
};

FuzzingServer::FuzzingServer(const FuzzingServerSettings& settings, StopSwitch& stop)
    : parts_(std::make_unique<Parts>(settings, stop)) {}
FuzzingServer::~FuzzingServer() = default;

std::string FuzzingServer::url() const { return parts_->visits.url(); }
std::size_t FuzzingServer::caseCount() const { return parts_->cases.size(); }
const Results& FuzzingServer::results() const { return parts_->visits.results(); }

void FuzzingServer::serve() {
  Workers workers;
  while (auto stream = parts_->listener.accept(parts_->stop)) {
    try {
      workers.start(
          [this, stream = std::move(stream)]() mutable { parts_->visits.handle(std::move(stream)); });
    } catch (const std::system_error& error) {
      // No more threads: this connection has ended, those of others go on.
      std::cerr << "wstest: " << error.what() << '\n';
    }
  }
  workers.join();
  parts_->visits.join();
}

int runFuzzingServer(const FuzzingServerSettings& settings, StopSwitch& stop,
                     const std::function<void(const FuzzingServer&)>& onListening) {
  const RunSettings& run = settings.run;
  const Index before = run.compareFile.empty() ? Index{} : readIndex(run.compareFile);
  prepareReports(run);
  FuzzingServer server(settings, stop);
  if (onListening) onListening(server);
  server.serve();
  return finishRun(server.results(), run, before, false);
}

}  // namespace wstest
