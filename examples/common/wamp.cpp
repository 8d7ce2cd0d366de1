#include "wamp.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/util/net/signalled_run.hpp>
#include <autobahn/wamp/component.hpp>
#include <autobahn/wamp/runner.hpp>
#include <iostream>
#include <optional>

#include "program.hpp"

namespace examples {

using namespace autobahn;
using namespace autobahn::wamp;

namespace {

/// Runs one role or both on one loop.
class Roles {
 public:
  Roles(const WampArguments& arguments, WatchedMaker backend, WatchedMaker frontend)
      : backend_{runner(arguments, "backend"), std::move(backend)},
        frontend_{runner(arguments, "frontend"), std::move(frontend)},
        loops_(arguments.example.backendLoops),
        role_(arguments.role) {}

  int run() {
    if (role_ == "frontend") {
      startFrontend();
    } else {
      startBackend();
    }
    loop_.run();
    return code_;
  }

 private:
  /// A role's connection.
  struct Role {
    std::unique_ptr<ApplicationRunner> runner;
    WatchedMaker makeSession;
    bool isRunning = false;
    bool hasFailed = false;
  };

  static std::unique_ptr<ApplicationRunner> runner(const WampArguments& arguments, std::string_view role) {
    return std::make_unique<ApplicationRunner>(arguments.url, arguments.example.realm,
                                               arguments.runnerOptions(role));
  }

  void startBackend() {
    const auto begin = [this] { backendIsReady(); };
    start(backend_, loops_ ? SessionWatch{.joined = begin} : SessionWatch{.ready = begin});
  }
  void backendIsReady() {
    if (role_ == "backend") {
      std::cout << "backend is ready\n";
    } else {
      startFrontend();
    }
  }
  void startFrontend() { start(frontend_, {}); }

  void start(Role& role, SessionWatch watch) {
    const auto nothing = [] {};
    if (!watch.joined) watch.joined = nothing;
    if (!watch.ready) watch.ready = nothing;
    watch.failed = [&role] { role.hasFailed = true; };
    role.isRunning = true;
    role.runner->start(
        io_, [this, &role](int code) { ended(role, code); },
        [make = role.makeSession, watch = std::move(watch)](ComponentConfig config) {
          return make(std::move(config), watch);
        });
  }

  // The first that ends tells how it went: the frontend when it is done, the backend when something is wrong.
  void ended(Role& role, int code) {
    role.isRunning = false;
    if (!isStopping_) code_ = role.hasFailed ? 1 : code;
    if (backend_.isRunning || frontend_.isRunning) {
      stop();
    } else {
      loop_.disregardSignals();
    }
  }

  void stop() {
    isStopping_ = true;
    for (Role* each : {&backend_, &frontend_}) {
      if (each->isRunning) each->runner->stop();
    }
  }

  asio::io_context io_{1};
  util::SignalledRun loop_{io_, [this](int) { stop(); }};
  Role backend_;
  Role frontend_;
  bool loops_;
  std::string role_;
  bool isStopping_ = false;
  int code_ = 0;
};

}  // namespace

void WampArguments::addTo(CLI::App& app) {
  app.add_option("--url", url, "the router: ws, wss, ws+unix, rs, rss or rs+unix (default: " + url + ")");
  app.add_option("--realm", example.realm, "the realm to join (default: " + example.realm + ")");
  app.add_option("--serializer", serializers,
                 "json, msgpack, cbor, …; several times for several, the preferred one first");
  app.add_option("--ca", ca, "trust the certificate authorities in this file (PEM) instead of the system's")
      ->check(CLI::ExistingFile)
      ->option_text("FILE");
  app.add_flag("--insecure", isInsecure, "accept any certificate: for tests only");
  app.add_option("--role", role, "backend, frontend, or both in one program (default: both)")
      ->check(CLI::IsMember({"backend", "frontend", "both"}))
      ->option_text("ROLE");
  if (example.authenticate) {
    app.add_option("--authid", authid, "who the frontend says it is (default: " + authid + ")");
    app.add_option("--secret", example.secret, "and its secret (default: that of the demonstration's user)");
  }
  if (example.hasCertificate) {
    app.add_option("--tls-cert", certificate, "our certificate (PEM)")
        ->check(CLI::ExistingFile)
        ->option_text("FILE");
    app.add_option("--tls-key", key, "its private key (PEM)")->check(CLI::ExistingFile)->option_text("FILE");
  }
}

RunnerOptions WampArguments::runnerOptions(std::string_view runningRole) const {
  RunnerOptions options;
  if (!serializers.empty()) options.serializers = SerializerSet(serializers);
  if (!ca.empty() || isInsecure || !certificate.empty()) {
    util::TlsOptions tls;
    tls.caFile = ca;
    tls.verifyPeer = !isInsecure;
    tls.certificateFile = certificate;
    tls.keyFile = key;
    options.ssl = tls;
  }
  if (example.authenticate) {
    options.authenticators = {runningRole == "backend" ? example.authenticate("backend", example.backendSecret)
                                                       : example.authenticate(authid, example.secret)};
  }
  return options;
}

ComponentOptions WampArguments::componentOptions() const {
  const RunnerOptions running = runnerOptions("frontend");
  TransportConfig transport(url);
  transport.serializers = running.serializers;
  transport.tls = running.ssl;
  ComponentOptions options;
  options.transports = {std::move(transport)};
  options.realm = example.realm;
  options.authenticators = running.authenticators;
  return options;
}

int runWampExample(int argc, char** argv, WampExample example, WatchedMaker backend, WatchedMaker frontend) {
  CLI::App app{example.about, example.name};
  WampArguments arguments(std::move(example));
  arguments.addTo(app);
  return run(app, argc, argv, [&] {
    return Roles(arguments, std::move(backend), std::move(frontend)).run();
  });
}

asio::awaitable<void> pause(asio::any_io_executor executor, std::chrono::milliseconds duration) {
  asio::steady_timer timer(std::move(executor), duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace examples
