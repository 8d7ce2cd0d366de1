#include "daemon.hpp"

#include <asio/post.hpp>
#include <autobahn/util/net/signalled_run.hpp>
#include <autobahn/util/version.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "logging.hpp"
#include "notify.hpp"

namespace router_tool {

using namespace autobahn;

namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& each : parts) all += (all.empty() ? "" : "; ") + each;
  return all;
}

}  // namespace

void applyLog(const LogConfig& log) {
  setLogFormat(log.format.value_or(LogFormat::text));
  util::setLogLevel(log.level.value_or(util::Level::info));
}

Daemon::Daemon(const Options& options, Config config)
    : options_(options), service_(io_, std::move(config)), hangup_(io_, SIGHUP) {}

int Daemon::run() {
  util::SignalledRun run(io_, [this](int signal) { drain(signal); });
  awaitHangup();
  const std::vector<std::string> urls = service_.listen();
  // Said when it runs: who reads it may send the signal that ends it.
  asio::post(io_, [this, urls] {
    kLog.info("autobahn-router starts", {{"version", util::version()}});
    for (const std::string& each : urls) kLog.info("listening on " + each);
    if (options_.config.empty()) {
      kLog.warning(
          "THIS IS FOR DEVELOPMENT ONLY: everybody on this machine may do everything (see --config)");
    }
    notifySystemd("READY=1");
  });
  run.run();
  return hasDrained_ ? kDone : kInterrupted;
}

void Daemon::awaitHangup() {
  hangup_.async_wait([this](std::error_code error, int) {
    if (error) return;
    awaitHangup();
    reload();
  });
}

void Daemon::reload() {
  readsAgain_ = std::exchange(isReading_, true);
  if (readsAgain_) return;
  notifyReloading();
  reader_ = std::jthread([this, lasting = service_.config().lasting] {
    try {
      const auto config = std::make_shared<Config>(options_.load(lasting));
      asio::post(io_, [this, config] { reloaded(std::move(*config)); });
    } catch (const std::exception& error) {
      asio::post(io_, [this, what = std::string(error.what())] {
        kLog.error("nothing is changed: " + what);
        endReload();
      });
    }
  });
}

void Daemon::reloaded(Config config) {
  applyLog(config.log);
  try {
    const std::vector<std::string> unchanged = service_.reload(std::move(config));
    kLog.info("the configuration was read again");
    if (!unchanged.empty()) kLog.warning("a restart is needed for: " + joined(unchanged));
  } catch (const std::exception& error) {  // must not end the router
    kLog.error(std::string("the configuration could not be taken over: ") + error.what());
  }
  endReload();
}

void Daemon::endReload() {
  isReading_ = false;
  notifySystemd("READY=1");
  if (std::exchange(readsAgain_, false)) reload();
}

void Daemon::drain(int signal) {
  kLog.info("ending all sessions", {{"signal", signal}});
  notifySystemd("STOPPING=1");
  service_.drain([this] {
    hasDrained_ = true;
    io_.stop();
  });
}

}  // namespace router_tool
