// An echo server as a service of the system: logs in one format, ends with a drain on SIGTERM, reads its
// certificate again on SIGHUP, and keeps to limits. See autobahn-echo.service beside it.
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/websocket/server.hpp>
#include <chrono>
#include <csignal>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn;
using namespace autobahn::websocket;

namespace {

constexpr util::Logger kLog{"echo"};

class Echo final : public WebSocketServerProtocol {
 public:
  void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
};

/// Connections as log records; journald keeps them.
class Journal final : public MetricsObserver {
 public:
  void onOpened(const std::string& peer) override { kLog.info("opened", {{"peer", peer}}); }
  void onHandshakeFailed(const std::string& peer, const std::string& reason) override {
    kLog.warning("refused", {{"peer", peer}, {"reason", reason}});
  }
  void onClosed(const std::string& peer, const CloseInfo& info, const TrafficStats& traffic) override {
    kLog.info("closed",
              {{"peer", peer}, {"code", info.code}, {"messages", traffic.incomingWebSocketMessages}});
  }
};

/// SIGHUP reads certificates again; SIGTERM and SIGINT end the service when its connections are closed.
void handleSignals(asio::io_context& io, asio::signal_set& signals, WebSocketServerFactory& factory) {
  signals.async_wait([&](std::error_code error, int signal) {
    if (error) return;
    if (signal != SIGHUP) {
      kLog.info("draining", {{"connections", factory.connectionCount()}});
      factory.drain(std::chrono::seconds(10), [&io] { io.stop(); });
      return;
    }
    try {
      factory.reloadCertificates();
      kLog.info("certificates reloaded");
    } catch (const std::exception& problem) {
      kLog.error("certificates not reloaded", {{"error", problem.what()}});
    }
    handleSignals(io, signals, factory);
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"An echo server made to run as a service.", "service"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  std::string level = "info";
  app.add_option("--log-level", level, "trace, debug, info, warning, error (default: info)");
  return examples::run(app, argc, argv, [&] {
    const auto parsed = util::parseLevel(level);
    if (!parsed) throw std::invalid_argument("--log-level: no such level: " + level);
    util::setLogLevel(*parsed);
    asio::io_context io(1);
    WebSocketServerFactory factory(io, arguments.url());
    ServerOptions options;
    options.maxConnections = 10'000;
    options.maxConnectionsPerIp = 100;
    options.autoPingInterval = 30s;
    options.autoPingTimeout = 10s;
    options.slowConsumerPolicy = SlowConsumerPolicy::close;
    factory.setProtocolOptions(options);
    factory.setProtocol<Echo>();
    factory.setMetricsObserver(std::make_shared<Journal>());
    asio::signal_set signals(io, SIGINT, SIGTERM, SIGHUP);
    handleSignals(io, signals, factory);
    arguments.listen(factory);
    io.run();
    kLog.info("ended");
    return 0;
  });
}
