// Tests clients: a WebSocket server whose resources are the cases.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "report/report.hpp"
#include "report/settings.hpp"

namespace wstest {

struct FuzzingServerSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9001;
  bool isSecure = false;
  std::string certificateFile{},
      keyFile{};     ///< "" with isSecure: made on the spot, the authority in outdir/ca.pem
  int webPort = -1;  ///< reports over HTTP; -1: none
  std::vector<std::string> protocols{};
  RunSettings run{};
};

/// Listening from its construction on.
class FuzzingServer {
 public:
  /// Throws std::invalid_argument (patterns), std::runtime_error (port in use, files).
  FuzzingServer(const FuzzingServerSettings& settings, StopSwitch& stop);
  ~FuzzingServer();
  FuzzingServer(const FuzzingServer&) = delete;
  FuzzingServer& operator=(const FuzzingServer&) = delete;

  /// "ws://127.0.0.1:9001", with the real port.
  std::string url() const;
  std::size_t caseCount() const;
  /// Serves until the switch is pressed, or a client asks for it (shutdownOnComplete, /stopServer).
  void serve();
  const Results& results() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Serves, writes the reports and prints the summary. Returns the exit code. `onListening` is called with the
/// server once clients can connect. Throws as the constructor does.
int runFuzzingServer(const FuzzingServerSettings& settings, StopSwitch& stop,
                     const std::function<void(const FuzzingServer&)>& onListening = {});

}  // namespace wstest
