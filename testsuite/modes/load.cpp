// Measures an echo server: keeps messages under way on many connections and times their way there and back.
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <deque>
#include <functional>
#include <iostream>
#include <mutex>
#include <random>
#include <stdexcept>

#include "common/compression.hpp"
#include "modes/arguments.hpp"
#include "modes/figures.hpp"
#include "modes/latencies.hpp"
#include "modes/mode.hpp"
#include "modes/signals.hpp"

namespace wstest {
namespace {

using namespace autobahn::websocket;
using SteadyClock = std::chrono::steady_clock;

struct LoadTask {
  std::string url{};
  std::string payload{};
  bool isBinary = true;
  int connections = 1;
  int inFlight = 1;
  std::int64_t count = 0;  ///< messages in total; 0: as many as go into `duration`
  std::chrono::milliseconds duration{10000};
};

/// What all workers have to know of each other. Any thread.
class LoadRun {
 public:
  explicit LoadRun(const LoadTask& task) : task_(task), left_(task.count) {}

  /// Called when the last connection stands, and when something goes wrong: they concern all workers.
  std::function<void()> onBegin{}, onFailure{};

  const LoadTask& task() const { return task_; }
  /// Whether another message may be sent; counts it.
  bool takeOne() { return !isOver_ && (task_.count == 0 || left_-- > 0); }
  void end() { isOver_ = true; }
  void opened() {
    if (++opened_ == task_.connections) onBegin();
  }
  bool hasBegun() const { return opened_ == task_.connections; }
  /// The first thing that goes wrong ends the run.
  void fail(const std::string& why) {
    {
      const std::lock_guard lock(mutex_);
      if (!problem_.empty()) return;
      problem_ = why;
    }
    end();
    onFailure();
  }
  std::string problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
  }

 private:
  const LoadTask& task_;
  std::atomic<std::int64_t> left_;
  std::atomic<int> opened_ = 0;
  std::atomic<bool> isOver_ = false;
  mutable std::mutex mutex_;
  std::string problem_;
};

class LoadWorker;

class Loader final : public WebSocketClientProtocol {
 public:
  explicit Loader(LoadWorker* worker) : worker_(worker) {}

  void onOpen() override;
  void onMessage(std::string_view payload, bool isBinary) override;
  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override;
  /// Fills what may be under way.
  void begin();

 private:
  void send();
  void closeWhenDone();

  LoadWorker* worker_;
  std::deque<SteadyClock::time_point> sent_;
  bool isDone_ = false;
};

/// Some of the connections, on an event loop of their own.
class LoadWorker {
 public:
  LoadWorker(LoadRun& run, const PeerArguments& peer, examples::Deflate deflate)
      : run_(run),
        connect_(peer.connectOptions()),
        endTimer_(io_),
        stallTimer_(io_),
        factory_(io_, run.task().url) {
    peer.applyTo(factory_);
    ClientOptions options;
    options.maxMessagePayloadSize = 0;
    options.openHandshakeTimeout = std::chrono::seconds(30);
    options.perMessageCompressionOffers = examples::deflateOffers(deflate);
    options.perMessageCompressionAccept = examples::deflateResponse(deflate);
    factory_.setProtocolOptions(options);
    factory_.setProtocol<Loader>(this);
  }

  void work(int connections) {
    live_ = connections;
    for (int i = 0; i < connections; ++i) {
      loaders_.push_back(std::static_pointer_cast<Loader>(factory_.connect(connect_)));
    }
    io_.run();
    loaders_.clear();
  }
  /// From any thread.
  void begin() {
    asio::post(io_, [this] {
      begun_ = ended_ = SteadyClock::now();
      for (const auto& each : loaders_) each->begin();
      if (live_ == 0) return;
      if (run_.task().count == 0) endLater();
      watchForStall();
    });
  }
  /// From any thread.
  void close() { factory_.close(); }

  void echoed(SteadyClock::duration time) {
    latencies_.add(time);
    ended_ = SteadyClock::now();
  }
  void closed() {
    if (--live_ > 0) return;
    endTimer_.cancel();
    stallTimer_.cancel();
  }
  LoadRun& run() { return run_; }
  const Latencies& latencies() const { return latencies_; }
  SteadyClock::time_point begun() const { return begun_; }
  SteadyClock::time_point ended() const { return ended_; }

 private:
  void endLater() {
    endTimer_.expires_after(run_.task().duration);
    endTimer_.async_wait([this](std::error_code error) {
      if (!error) run_.end();
    });
  }
  /// A server that stops echoing must not keep us for ever.
  void watchForStall() {
    stallTimer_.expires_at(ended_ + kPatience);
    stallTimer_.async_wait([this](std::error_code error) {
      if (error) return;
      if (SteadyClock::now() >= ended_ + kPatience) return run_.fail("no echo for 30 s");
      watchForStall();
    });
  }

  static constexpr std::chrono::seconds kPatience{30};

  LoadRun& run_;
  const ConnectOptions connect_;
  asio::io_context io_;
  asio::steady_timer endTimer_, stallTimer_;
  WebSocketClientFactory factory_;
  std::vector<std::shared_ptr<Loader>> loaders_;
  int live_ = 0;
  Latencies latencies_;
  SteadyClock::time_point begun_{}, ended_{};
};

void Loader::onOpen() { worker_->run().opened(); }

void Loader::begin() {
  for (int i = 0; i < worker_->run().task().inFlight; ++i) send();
  closeWhenDone();
}

void Loader::send() {
  LoadRun& run = worker_->run();
  if (!isOpen() || !run.takeOne()) return;
  sent_.push_back(SteadyClock::now());
  sendMessage(std::string_view(run.task().payload), run.task().isBinary);
}

void Loader::closeWhenDone() {
  if (!sent_.empty() || !isOpen()) return;
  isDone_ = true;
  sendClose();
}

void Loader::onMessage(std::string_view payload, bool isBinary) {
  LoadRun& run = worker_->run();
  if (sent_.empty()) return run.fail("the server sent a message without being asked");
  if (payload != run.task().payload || isBinary != run.task().isBinary) {
    return run.fail("an echo differs from what was sent");
  }
  worker_->echoed(SteadyClock::now() - sent_.front());
  sent_.pop_front();
  send();
  closeWhenDone();
}

void Loader::onClose(bool /*wasClean*/, std::uint16_t /*code*/, const std::string& reason) {
  if (!isDone_) worker_->run().fail(reason);
  worker_->closed();
}

class Load final : public Mode {
 public:
  void addTo(CLI::App& app) override {
    connect_.addTo(app, "an echo server (default: ws://127.0.0.1:9000)");
    const auto addCount = [&app](const std::string& name, int& into, int most,
                                 const std::string& description) {
      app.add_option(name, into, description)->check(CLI::Range(1, most))->option_text("N");
    };
    addCount("--connections", task_.connections, 100'000, "how many (default: 1)");
    addCount("--in-flight", task_.inFlight, 10'000, "messages under way on each (default: 1)");
    addCount("--threads", threads_, 256, "threads that share the connections (default: 1)");
    app.add_option("--size", size_, "bytes of payload (default: 32)")
        ->check(CLI::Range(0, 1 << 30))
        ->option_text("N");
    app.add_flag("--text", isText_, "text, which can be compressed; otherwise random bytes");
    auto* count = app.add_option("--count", task_.count, "end after so many messages in total");
    count->check(CLI::PositiveNumber)->option_text("N");
    addSeconds(app, "--duration", duration_, "how long to measure (default: 10)")->excludes(count);
    examples::addDeflate(app, deflate_);
    figures_.addTo(app);
  }

  int run() override {
    prepare();
    LoadRun run(task_);
    std::vector<std::unique_ptr<LoadWorker>> workers;
    run.onBegin = [&] {
      for (const auto& each : workers) each->begin();
    };
    run.onFailure = [&] {
      for (const auto& each : workers) each->close();
    };
    const int threads = std::min(threads_, task_.connections);
    for (int i = 0; i < threads; ++i) {
      workers.push_back(std::make_unique<LoadWorker>(run, connect_.peer, deflate_));
    }
    const auto work = [&](int i) {
      const int more = i < task_.connections % threads ? 1 : 0;
      workers[static_cast<std::size_t>(i)]->work(task_.connections / threads + more);
    };
    const bool isInterrupted = runOnThreads(threads, work, [&] { run.fail("interrupted"); });
    if (!run.hasBegun() && !isInterrupted)
      throw std::runtime_error("cannot connect to " + task_.url + ": " + run.problem());
    show(workers);
    if (run.problem().empty()) return 0;
    std::cerr << "wstest load: " << run.problem() << std::endl;
    return isInterrupted ? kInterrupted : 1;
  }

 private:
  void prepare() {
    task_.url = connect_.url("ws://127.0.0.1:9000");
    task_.duration = toDuration(*duration_);
    task_.isBinary = !isText_;
    task_.payload = isText_ ? words(size_) : noise(size_);
    if (figures_.isJson()) return;
    std::cout << task_.connections << " connections to " << task_.url << ", " << task_.inFlight
              << " messages under way on each, " << size_ << " bytes of " << (isText_ ? "text" : "binary")
              << std::endl;
  }

  static std::string words(std::size_t size) {
    constexpr std::string_view kWords = "the quick brown fox jumps over the lazy dog ";
    std::string text;
    while (text.size() < size) text += kWords;
    text.resize(size);
    return text;
  }
  static std::string noise(std::size_t size) {
    std::minstd_rand random(1);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() >> 8);
    return bytes;
  }

  void show(const std::vector<std::unique_ptr<LoadWorker>>& workers) {
    Latencies all;
    auto begun = SteadyClock::time_point::max();
    auto ended = SteadyClock::time_point::min();
    for (const auto& each : workers) {
      all.add(each->latencies());
      begun = std::min(begun, each->begun());
      ended = std::max(ended, each->ended());
    }
    const auto messages = static_cast<double>(all.count());
    const double seconds = messages > 0 ? std::chrono::duration<double>(ended - begun).count() : 0;
    const double perSecond = seconds > 0 ? messages / seconds : 0;
    figures_.add("messages", messages, "messages sent and echoed");
    figures_.add("seconds", seconds, "s");
    figures_.add("messagesPerSecond", perSecond, "messages/s");
    figures_.add("megabytesPerSecond", perSecond * static_cast<double>(size_) / 1e6,
                 "MB/s of payload each way");
    figures_.addLatencies("latency", all);
    figures_.show();
  }

  ConnectArguments connect_;
  LoadTask task_;
  Figures figures_;
  int threads_ = 1;
  std::size_t size_ = 32;
  bool isText_ = false;
  std::optional<double> duration_ = 10;
  examples::Deflate deflate_ = examples::Deflate::off;
};

}  // namespace

std::unique_ptr<Mode> makeLoad() { return std::make_unique<Load>(); }

}  // namespace wstest
