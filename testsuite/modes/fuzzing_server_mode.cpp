// Tests clients.
#include <iostream>
#include <memory>
#include <optional>
#include <system_error>

#include "modes/arguments.hpp"
#include "modes/fuzzing_arguments.hpp"
#include "modes/mode.hpp"
#include "modes/report_server.hpp"
#include "modes/signals.hpp"
#include "modes/spec.hpp"

namespace wstest {
namespace {

class FuzzingServerMode final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    listen_.addTo(app, "the spec's, else ws://127.0.0.1:9001");
    app.add_option("--webport", webPort_,
                   "serve the reports over HTTP; -1: not (default: the spec's; without one, not)")
        ->check(CLI::Range(-1, 65535))
        ->option_text("PORT");
    addList(app, "--subprotocol", protocols_, "subprotocols to accept");
    fuzzing_.addTo(app, "./reports/clients");
  }

  int run() override {
    FuzzingServerSettings settings = choose();
    fuzzing_.applyTo(settings.run);
    if (!protocols_.empty()) settings.protocols = protocols_;
    if (!listen_.certificateFile.empty()) {
      settings.certificateFile = listen_.certificateFile;
      settings.keyFile = listen_.keyFile;
    }
    if (!settings.isSecure && !listen_.certificateFile.empty()) {
      throw std::invalid_argument("a certificate is of no use without a wss:// URL");
    }
    if (webPort_) settings.webPort = *webPort_;
    std::unique_ptr<ReportServer> reports;
    return runFuzzingServer(settings, stopOnSignals(), [&](const FuzzingServer& server) {
      reports = serveReports(settings);
      announce(server, settings);
      if (reports) std::cout << "reports on " << reports->url() << '\n';
      std::cout << "listening on " << server.url() << std::endl;
    });
  }

 private:
  /// From the spec; else from what the command line says of the place; else from a spec made here.
  FuzzingServerSettings choose() {
    const bool hasPlace = !listen_.url.empty() || !listen_.host.empty() || listen_.port;
    Spec<FuzzingServerSettings> spec;
    spec.settings.run.outdir = "./reports/clients";
    if (fuzzing_.specFile.empty() && !hasPlace) {
      fuzzing_.specFile = "./fuzzingserver.json";
      provideSpec(fuzzing_.specFile, kDefaultServerSpec);
    }
    if (!fuzzing_.specFile.empty()) spec = readServerSpec(fuzzing_.specFile);
    showWarnings(spec.warnings);
    if (!listen_.url.empty()) setListenUrl(spec.settings, listen_.url);
    if (listen_.url.empty() && fuzzing_.specFile.empty())
      spec.settings.isSecure = !listen_.certificateFile.empty();
    if (!listen_.host.empty()) spec.settings.host = listen_.host;
    if (listen_.port) spec.settings.port = *listen_.port;
    return std::move(spec.settings);
  }

  /// Nothing where none are wanted, and where nobody asked and the usual port is taken.
  std::unique_ptr<ReportServer> serveReports(const FuzzingServerSettings& settings) const {
    if (settings.webPort < 0 || settings.run.outdir.empty()) return nullptr;
    const auto port = static_cast<std::uint16_t>(settings.webPort);
    try {
      return std::make_unique<ReportServer>(settings.host, port, settings.run.outdir);
    } catch (const std::system_error& error) {
      if (webPort_) throw std::runtime_error(std::string("--webport: ") + error.what());
      std::cerr << "wstest: no reports over HTTP: " << error.what() << '\n';
      return nullptr;
    }
  }

  static void announce(const FuzzingServer& server, const FuzzingServerSettings& settings) {
    const std::string url = server.url();
    const RunSettings& run = settings.run;
    if (settings.isSecure && settings.certificateFile.empty() && !run.outdir.empty()) {
      std::cout << "no --tls-cert: clients must trust " << run.outdir << "/ca.pem\n";
    }
    std::cout << "cases: " << server.caseCount() << ", for every client that asks\nresources: " << url
              << "/getCaseCount, /runCase?case=N&agent=NAME, /updateReports?agent=NAME\n";
    if (!run.outdir.empty()) std::cout << "reports: " << run.outdir << "/index.html, after /updateReports\n";
  }

  ListenArguments listen_;
  FuzzingArguments fuzzing_;
  std::vector<std::string> protocols_;
  std::optional<int> webPort_;
};

}  // namespace

std::unique_ptr<Mode> makeFuzzingServer() { return std::make_unique<FuzzingServerMode>(); }

}  // namespace wstest
