// Tests servers.
#include "modes/arguments.hpp"
#include "modes/fuzzing_arguments.hpp"
#include "modes/mode.hpp"
#include "modes/signals.hpp"
#include "modes/spec.hpp"

namespace wstest {
namespace {

class FuzzingClientMode final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    connect_.addTo(app, "the servers to test (without: those of the spec)");
    app.add_option("-i,--ident,--agent", agent_, "the server's name in reports (default: its Server header)")
        ->option_text("NAME");
    app.add_option("--jobs", jobs_, "cases at a time (default: 1)")
        ->check(CLI::Range(1, 256))
        ->option_text("N");
    fuzzing_.addTo(app, "./reports/servers");
  }

  int run() override {
    FuzzingClientSettings settings = choose();
    fuzzing_.applyTo(settings.run);
    settings.run.jobs = jobs_;
    for (ServerUnderTest& server : settings.servers) {
      connect_.peer.applyTo(server.target);
      if (!agent_.empty()) server.agent = agent_;
    }
    return runFuzzingClient(settings, stopOnSignals());
  }

 private:
  /// From the URLs, else from the spec, else from a spec made here. With both, the spec says how and the URLs
  /// whom.
  FuzzingClientSettings choose() {
    Spec<FuzzingClientSettings> spec;
    spec.settings.run.outdir = "./reports/servers";
    if (fuzzing_.specFile.empty() && connect_.urls.empty()) {
      fuzzing_.specFile = "./fuzzingclient.json";
      provideSpec(fuzzing_.specFile, kDefaultClientSpec);
    }
    if (!fuzzing_.specFile.empty()) spec = readClientSpec(fuzzing_.specFile);
    showWarnings(spec.warnings);
    if (!connect_.urls.empty()) spec.settings.servers.clear();
    for (const std::string& url : connect_.urls) spec.settings.servers.push_back({"", parseServerUrl(url)});
    return std::move(spec.settings);
  }

  ConnectArguments connect_;
  FuzzingArguments fuzzing_;
  std::string agent_;
  int jobs_ = 1;
};

}  // namespace

std::unique_ptr<Mode> makeFuzzingClient() { return std::make_unique<FuzzingClientMode>(); }

}  // namespace wstest
