#include "wamp.hpp"

#include <CLI/CLI.hpp>
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

/// A connection that plays a role.
class Role {
 public:
  struct Notices {
    std::function<void()> joined;
    std::function<void()> ready;
    std::function<void(int code)> ended;
  };

  virtual ~Role() = default;
  virtual void start(asio::io_context& io, Notices notices) = 0;
  virtual void stop() = 0;
};

/// By a session.
class SessionRole final : public Role {
 public:
  SessionRole(const WampArguments& arguments, std::string_view name, WatchedMaker maker)
      : runner_(arguments.example.url, arguments.example.realm, arguments.runnerOptions(name)),
        maker_(std::move(maker)) {}

  void start(asio::io_context& io, Notices notices) override {
    SessionWatch watch;
    watch.joined = notices.joined;
    watch.ready = notices.ready;
    watch.failed = [this] { hasFailed_ = true; };
    watch.left = [this](const CloseDetails& details) { left(details); };
    runner_.start(
        io, [this, ended = notices.ended](int code) { ended(hasFailed_ ? 1 : code); },
        [this, watch](ComponentConfig config) { return maker_(std::move(config), watch); });
  }
  void stop() override { runner_.stop(); }

 private:
  // A router that goes away in order is no error to the runner. To an example it is, which was not done yet.
  void left(const CloseDetails& details) {
    if (details.reason != close::kSystemShutdown && details.reason != close::kKilled) return;
    std::cerr << "the router has ended the session: " << details.reason << '\n';
    hasFailed_ = true;
  }

  ApplicationRunner runner_;
  WatchedMaker maker_;
  bool hasFailed_ = false;
};

/// By a component.
class ComponentRole final : public Role {
 public:
  explicit ComponentRole(std::unique_ptr<Component> component) : component_(std::move(component)) {}

  void start(asio::io_context& io, Notices notices) override {
    if (notices.joined) {
      component_->onConnect([joined = notices.joined](ApplicationSession&) { joined(); });
    }
    if (notices.ready) {
      component_->onReady(
          [ready = notices.ready](ApplicationSession&, SessionDetails) -> asio::awaitable<void> {
            ready();
            co_return;
          });
    }
    component_->start(io, notices.ended);
  }
  void stop() override { component_->close(); }

 private:
  std::unique_ptr<Component> component_;
};

/// Runs one role or both on one loop.
class Roles {
 public:
  Roles(const WampArguments& arguments, std::unique_ptr<Role> backend, std::unique_ptr<Role> frontend)
      : backend_{std::move(backend)},
        frontend_{std::move(frontend)},
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
  struct Running {
    std::unique_ptr<Role> role;
    bool isRunning = false;
  };

  // Sessions that come again after a reconnect find the frontend started.
  void backendIsReady() {
    if (std::exchange(isReady_, true)) return;
    if (role_ == "backend") {
      std::cout << "backend is ready\n";
    } else {
      startFrontend();
    }
  }
  void startBackend() {
    const auto begin = [this] { backendIsReady(); };
    start(backend_, loops_ ? Role::Notices{begin, {}, {}} : Role::Notices{{}, begin, {}});
  }
  void startFrontend() { start(frontend_, {}); }
  void start(Running& running, Role::Notices notices) {
    running.isRunning = true;
    notices.ended = [this, &running](int code) { ended(running, code); };
    running.role->start(io_, std::move(notices));
  }

  // The first that ends tells how it went: the frontend when it is done, the backend when something is wrong.
  void ended(Running& running, int code) {
    running.isRunning = false;
    if (!isStopping_) code_ = code;
    if (backend_.isRunning || frontend_.isRunning) {
      stop();
    } else {
      loop_.disregardSignals();
    }
  }
  void stop() {
    isStopping_ = true;
    for (const Running* each : {&backend_, &frontend_}) {
      if (each->isRunning) each->role->stop();
    }
  }

  asio::io_context io_{1};
  util::SignalledRun loop_{io_, [this](int) { stop(); }};
  Running backend_;
  Running frontend_;
  bool loops_;
  std::string role_;
  bool isReady_ = false;
  bool isStopping_ = false;
  int code_ = 0;
};

// Empty: it can be one of a router.
std::string checkScheme(const std::string& url) {
  for (const std::string_view scheme : {"ws", "wss", "ws+unix", "rs", "rss", "rs+unix"}) {
    if (url.starts_with(std::string(scheme) + "://")) return {};
  }
  return "no URL of a router: " + url;
}

}  // namespace

void WampArguments::addTo(CLI::App& app) {
  app.add_option("--url", example.url,
                 "the router: ws, wss, ws+unix, rs, rss or rs+unix (default: " + example.url + ")")
      ->check(checkScheme)
      ->option_text("URL");
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
    options.authenticators = {runningRole == "backend"
                                  ? example.authenticate("backend", example.backendSecret)
                                  : example.authenticate(authid, example.secret)};
  }
  return options;
}

ComponentOptions WampArguments::componentOptions() const {
  const RunnerOptions running = runnerOptions("frontend");
  TransportConfig transport(example.url);
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
    return Roles(arguments, std::make_unique<SessionRole>(arguments, "backend", std::move(backend)),
                 std::make_unique<SessionRole>(arguments, "frontend", std::move(frontend)))
        .run();
  });
}

int componentMain(int argc, char** argv, WampExample example, ComponentMaker backend,
                  ComponentMaker frontend) {
  CLI::App app{example.about, example.name};
  WampArguments arguments(std::move(example));
  arguments.addTo(app);
  return run(app, argc, argv, [&] {
    return Roles(arguments, std::make_unique<ComponentRole>(backend(arguments.componentOptions())),
                 std::make_unique<ComponentRole>(frontend(arguments.componentOptions())))
        .run();
  });
}

asio::awaitable<void> pause(asio::any_io_executor executor, std::chrono::milliseconds duration) {
  asio::steady_timer timer(std::move(executor), duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace examples
