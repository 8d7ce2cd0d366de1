#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/signalled_run.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/runner.hpp>
#include <mutex>

#include "../transport/url_scheme.hpp"
#include "session_keeper.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr util::Logger kLog{"autobahn.wamp.runner"};

}  // namespace

class ApplicationRunner::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(std::string url, std::optional<std::string> realm, RunnerOptions options)
      : url_(std::move(url)), realm_(std::move(realm)), options_(std::move(options)) {}

  void start(asio::io_context& io, std::function<void(int)> done, SessionMaker makeSession);
  int run(SessionMaker makeSession);
  void stop();
  void terminate() {
    if (keeper_ && !keeper_->hasEnded()) keeper_->terminate();
  }

 private:
  TransportConfig transport() const;
  void close() {
    if (keeper_) keeper_->close(std::string(close::kNormal), {});
  }

  std::string url_;
  std::optional<std::string> realm_;
  RunnerOptions options_;
  std::shared_ptr<SessionKeeper> keeper_;
  std::mutex mutex_;  ///< for `mailbox_`
  std::shared_ptr<util::LoopMailbox> mailbox_;
};

TransportConfig ApplicationRunner::Impl::transport() const {
  TransportConfig transport(url_);
  transport.serializers = options_.serializers;
  transport.tls = options_.ssl;
  transport.proxy = options_.proxy;
  transport.headers = options_.headers;
  transport.retry = options_.retry;
  return transport;
}

void ApplicationRunner::Impl::start(asio::io_context& io, std::function<void(int)> done,
                                    SessionMaker makeSession) {
  if (options_.logLevel) util::setLogLevel(*options_.logLevel);
  KeeperPlan plan;
  plan.transports = {transport()};
  plan.reconnects = options_.autoReconnect;
  plan.retriesUnreachable = options_.autoReconnect;
  plan.makeSession = [config = ComponentConfig{realm_, options_.extra, options_.authenticators},
                      makeSession = std::move(makeSession)] { return makeSession(config); };
  plan.onLoss = [](const ConnectionLoss& loss) {
    const util::Level level = loss.reason == "closed" && loss.closeReason.starts_with("wamp.close.")
                                  ? util::Level::info
                                  : util::Level::error;
    kLog.log(level, "connection ended",
             {{"reason", loss.reason},
              {"url", withoutQuery(loss.url)},
              {"message", loss.message},
              {"close_reason", loss.closeReason},
              {"retry_in_ms", loss.willRetry ? static_cast<std::int64_t>(loss.retryDelay.count()) : -1}});
    return true;
  };
  plan.onEnd = [done = std::move(done)](bool isFailure) {
    if (done) done(isFailure ? 1 : 0);
  };
  const std::lock_guard lock(mutex_);
  mailbox_ = util::AsioLoop::of(io).mailbox();
  keeper_ = std::make_shared<SessionKeeper>(io, std::move(plan));
  keeper_->start();
}

int ApplicationRunner::Impl::run(SessionMaker makeSession) {
  asio::io_context io(1);
  const std::shared_ptr<void> detaching(nullptr, [this](void*) {  // before `io` goes, also when it throws
    terminate();
    keeper_ = nullptr;
  });
  int code = 0;
  util::SignalledRun loop(io, [this](int) { close(); });
  start(
      io,
      [&](int result) {
        code = result;
        loop.disregardSignals();
      },
      std::move(makeSession));
  loop.run();
  return code;
}

void ApplicationRunner::Impl::stop() {
  const std::lock_guard lock(mutex_);
  if (!mailbox_) return;
  mailbox_->post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->close();
  });
}

ApplicationRunner::ApplicationRunner(std::string url, std::optional<std::string> realm, RunnerOptions options)
    : impl_(std::make_shared<Impl>(std::move(url), std::move(realm), std::move(options))) {}
ApplicationRunner::~ApplicationRunner() { impl_->terminate(); }

int ApplicationRunner::run(SessionMaker makeSession) { return impl_->run(std::move(makeSession)); }
void ApplicationRunner::start(asio::io_context& io, std::function<void(int)> done, SessionMaker makeSession) {
  impl_->start(io, std::move(done), std::move(makeSession));
}
void ApplicationRunner::stop() { impl_->stop(); }

}  // namespace autobahn::inline v0::wamp
