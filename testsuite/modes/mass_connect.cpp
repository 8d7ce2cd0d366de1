// Opens many connections at a rate, to one server or to several, holds them, and tells how it went.
#include <sys/resource.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cstdio>
#include <iostream>
#include <map>
#include <stdexcept>

#include "cases/printable.hpp"
#include "modes/arguments.hpp"
#include "modes/figures.hpp"
#include "modes/fuzzing_arguments.hpp"
#include "modes/latencies.hpp"
#include "modes/mode.hpp"
#include "modes/signals.hpp"
#include "modes/spec.hpp"

namespace wstest {
namespace {

using namespace autobahn::websocket;
using SteadyTime = std::chrono::steady_clock::time_point;

struct MassConnectTask {
  std::vector<MassConnectSpec::Server> servers{};
  int connections = 0;  ///< in total
  int batchSize = 100;
  std::chrono::milliseconds batchDelay{10};
  std::chrono::milliseconds retryDelay{10};
  int retries = 10;  ///< for each connection
  std::chrono::milliseconds hold{0};
  bool isQuiet = false;
};

/// What has happened so far.
struct Tally {
  int started = 0;  ///< without retries
  int open = 0;
  int opened = 0;
  int failed = 0;  ///< given up
  int lost = 0;    ///< ended by the server while they were held
  int retried = 0;
  std::map<std::string, int> reasons{};
  Latencies times{};
};

class MassConnect;

class Holder final : public WebSocketClientProtocol {
 public:
  Holder(MassConnect* run, std::size_t server, int attempt) : run_(run), server_(server), attempt_(attempt) {}
  void onOpen() override;
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override;

 private:
  MassConnect* run_;
  std::size_t server_;
  int attempt_;
  SteadyTime begun_ = std::chrono::steady_clock::now();
  bool wasOpen_ = false;
};

/// One run, on one event loop.
class MassConnect {
 public:
  MassConnect(const MassConnectTask& task, const PeerArguments& peer)
      : task_(task), connect_(peer.connectOptions()), batchTimer_(io_), progressTimer_(io_), holdTimer_(io_) {
    for (const auto& server : task_.servers) {
      factories_.push_back(std::make_unique<WebSocketClientFactory>(io_, server.url));
      peer.applyTo(*factories_.back());
      ClientOptions options;
      options.openHandshakeTimeout = std::chrono::seconds(30);
      factories_.back()->setProtocolOptions(options);
    }
  }

  void run() {
    startBatch();
    if (!task_.isQuiet) showProgressLater();
    io_.run();
  }
  /// From any thread.
  void interrupt() {
    asio::post(io_, [this] { end(); });
  }

  void opened(std::chrono::nanoseconds time) {
    ++tally_.open;
    ++tally_.opened;
    tally_.times.add(time);
    checkAll();
  }

  void failed(std::size_t server, int attempt, const std::string& reason) {
    ++tally_.reasons[reason];
    if (isEnding_) return;
    if (attempt >= task_.retries) {
      ++tally_.failed;
      return checkAll();
    }
    ++tally_.retried;
    auto timer = std::make_shared<asio::steady_timer>(io_, task_.retryDelay);
    timer->async_wait([this, timer, server, attempt](std::error_code error) {
      if (!error && !isEnding_) connectTo(server, attempt + 1);
    });
  }

  void ended(const std::string& reason) {
    --tally_.open;
    if (isEnding_) return;
    ++tally_.lost;
    ++tally_.reasons["lost: " + reason];
    if (complete_ && tally_.open == 0) end();  // nothing is left to hold
  }

  const Tally& tally() const { return tally_; }
  /// From the first attempt until the last connection stood or was given up, in s.
  double connecting() const {
    const auto end = complete_ ? *complete_ : std::chrono::steady_clock::now();
    return std::chrono::duration<double>(end - begun_).count();
  }

 private:
  void connectTo(std::size_t server, int attempt) {
    auto& factory = *factories_[server];
    factory.setProtocol<Holder>(this, server, attempt);
    factory.connect(connect_);
  }

  void startBatch() {
    for (int i = 0; i < task_.batchSize && tally_.started < task_.connections; ++i) {
      connectTo(static_cast<std::size_t>(tally_.started++) % factories_.size(), 0);
    }
    if (tally_.started == task_.connections) return;
    batchTimer_.expires_after(task_.batchDelay);
    batchTimer_.async_wait([this](std::error_code error) {
      if (!error && !isEnding_) startBatch();
    });
  }

  void checkAll() {
    if (complete_ || isEnding_ || tally_.opened + tally_.failed < task_.connections) return;
    complete_ = std::chrono::steady_clock::now();
    if (tally_.open > 0 && task_.hold.count() > 0 && !task_.isQuiet) {
      std::cout << "holding " << tally_.open << " connections for "
                << static_cast<double>(task_.hold.count()) / 1000 << " s" << std::endl;
    }
    holdTimer_.expires_after(task_.hold);
    holdTimer_.async_wait([this](std::error_code error) {
      if (!error) end();
    });
  }

  void showProgressLater() {
    progressTimer_.expires_after(std::chrono::seconds(1));
    progressTimer_.async_wait([this](std::error_code error) {
      if (error || complete_) return;
      std::cout << tally_.opened << " of " << task_.connections << " connected, "
                << tally_.started - tally_.opened << " under way or failed" << std::endl;
      showProgressLater();
    });
  }

  void end() {
    if (isEnding_) return;
    isEnding_ = true;
    for (auto* timer : {&batchTimer_, &progressTimer_, &holdTimer_}) timer->cancel();
    for (const auto& factory : factories_) factory->close();
  }

  const MassConnectTask& task_;
  const ConnectOptions connect_;
  asio::io_context io_;
  asio::steady_timer batchTimer_, progressTimer_, holdTimer_;
  std::vector<std::unique_ptr<WebSocketClientFactory>> factories_;
  Tally tally_;
  SteadyTime begun_ = std::chrono::steady_clock::now();
  std::optional<SteadyTime> complete_;
  bool isEnding_ = false;
};

void Holder::onOpen() {
  wasOpen_ = true;
  run_->opened(std::chrono::steady_clock::now() - begun_);
}

void Holder::onClose(bool /*wasClean*/, std::uint16_t /*code*/, const std::string& reason) {
  if (wasOpen_) {
    run_->ended(reason);
  } else {
    run_->failed(server_, attempt_, reason);
  }
}

/// As many files as the system lets us open.
void raiseFileLimit(int connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t kOthers = 32;
  const auto needed = static_cast<rlim_t>(connections) + kOthers;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed) {
    std::cerr << "wstest: only " << limit.rlim_max << " files may be open here (ulimit -Hn)" << std::endl;
  }
}

class MassConnectMode final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    connect_.addTo(app, "the servers, taken in turn (without: those of the spec)");
    app.add_option("-s,--spec", specFile_, "a massconnect.json of the Autobahn Testsuite")
        ->option_text("FILE");
    app.add_option("--connections", connections_,
                   "how many in total (default: 1000; spec: 10000 to each server)")
        ->check(CLI::Range(1, 1'000'000))
        ->option_text("N");
    app.add_option("--batch", batchSize_, "started at once (default: 100)")
        ->check(CLI::Range(1, 1'000'000))
        ->option_text("N");
    addSeconds(app, "--batch-delay", batchDelay_, "from batch to batch (default: 0.01)");
    addSeconds(app, "--retry-delay", retryDelay_, "before another attempt (default: 0.01)");
    app.add_option("--retries", task_.retries, "further attempts of a connection that fails (default: 10)")
        ->check(CLI::NonNegativeNumber)
        ->option_text("N");
    addSeconds(app, "--hold", hold_, "how long they are held once all stand (default: 0)");
    figures_.addTo(app);
  }

  int run() override {
    prepare();
    raiseFileLimit(task_.connections);
    MassConnect mass(task_, connect_.peer);
    const bool isInterrupted = runOnThreads(
        1, [&](int) { mass.run(); }, [&] { mass.interrupt(); });
    show(mass);
    const Tally& tally = mass.tally();
    if (tally.lost == 0 && tally.opened == task_.connections) return 0;
    return tally.lost == 0 && isInterrupted ? kInterrupted : 1;
  }

 private:
  void prepare() {
    constexpr const char* kSpecFile = "./massconnect.json";
    if (specFile_.empty() && connect_.urls.empty()) {
      specFile_ = kSpecFile;
      provideSpec(specFile_, kDefaultMassConnectSpec);
    }
    task_.connections = 1000;
    if (!specFile_.empty()) takeSpec(readMassConnectSpec(specFile_));
    if (!connect_.urls.empty()) task_.servers.clear();
    for (const std::string& url : connect_.urls) task_.servers.push_back({url, url});
    if (connections_) task_.connections = *connections_;
    if (batchSize_) task_.batchSize = *batchSize_;
    if (batchDelay_) task_.batchDelay = toDuration(*batchDelay_);
    if (retryDelay_) task_.retryDelay = toDuration(*retryDelay_);
    if (hold_) task_.hold = toDuration(*hold_);
    task_.isQuiet = figures_.isJson();
    if (task_.isQuiet) return;
    std::cout << task_.connections << " connections to";
    for (const auto& server : task_.servers) std::cout << ' ' << server.url;
    std::cout << std::endl;
  }

  void takeSpec(const Spec<MassConnectSpec>& spec) {
    showWarnings(spec.warnings);
    task_.servers = spec.settings.servers;
    task_.connections = spec.settings.connections * static_cast<int>(task_.servers.size());
    task_.batchSize = spec.settings.batchSize;
    task_.batchDelay = std::chrono::milliseconds(spec.settings.batchDelay);
    task_.retryDelay = std::chrono::milliseconds(spec.settings.retryDelay);
  }

  void show(const MassConnect& mass) {
    const Tally& tally = mass.tally();
    const double seconds = mass.connecting();
    figures_.add("connections", tally.opened, "connections open");
    figures_.add("seconds", seconds, "s to open them");
    figures_.add("connectsPerSecond", tally.opened / seconds, "connects/s");
    figures_.addLatencies("connect", tally.times);
    figures_.add("retries", tally.retried, "further attempts");
    figures_.add("failed", task_.connections - tally.opened, "not connected");
    figures_.add("lost", tally.lost, "lost while held");
    figures_.show();
    for (const auto& [reason, count] : tally.reasons)
      std::cerr << count << " times: " << printable(reason) << std::endl;
  }

  ConnectArguments connect_;
  MassConnectTask task_;
  Figures figures_;
  std::string specFile_;
  std::optional<int> connections_, batchSize_;
  std::optional<double> batchDelay_, retryDelay_, hold_;
};

}  // namespace

std::unique_ptr<Mode> makeMassConnect() { return std::make_unique<MassConnectMode>(); }

}  // namespace wstest
