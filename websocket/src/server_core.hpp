// What the loops of a server share: configuration, counts, listeners, threads.
#pragma once

#include <asio/io_context.hpp>
#include <atomic>
#include <autobahn/util/net/admission.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/listener.hpp>
#include <autobahn/util/net/loop_group.hpp>
#include <autobahn/util/net/tls.hpp>
#include <autobahn/websocket/server.hpp>
#include <autobahn/websocket/url.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace autobahn::inline v0::websocket {

class ServerLoop;

/// What new connections are given; replaced as a whole, so that a connection keeps what it started with.
struct ServerConfig {
  using Builders = std::map<std::string, WebSocketServerFactory::Builder, std::less<>>;  ///< by path
  std::shared_ptr<const ServerOptions> options = std::make_shared<ServerOptions>();
  std::shared_ptr<const ServerIdentity> identity;
  std::shared_ptr<const HttpHandler> httpHandler;
  std::shared_ptr<const ForeignProtocol> foreign;  ///< null: none
  std::shared_ptr<const Builders> builders = std::make_shared<Builders>();
};

/// One address a server listens on.
struct ServerListener {
  std::unique_ptr<util::Listener> listener;
  std::shared_ptr<util::TlsContext> tls;  ///< null without TLS
};

class ServerCore : public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(WebSocketServerFactory& factory, asio::io_context* io);
  ~ServerCore();

  // Configuration; any thread
  ServerConfig config() const;
  void setObserver(std::shared_ptr<MetricsObserver> observer);
  void updateConfig(const std::function<void(ServerConfig&)>& change);

  /// Before the first `listen`.
  void shareLoops(std::shared_ptr<util::LoopGroup> loops);
  ListenerInfo listen(const UrlParts& url, const ListenOptions& options);
  std::uint16_t port() const;
  void reloadCertificates();
  int run(std::chrono::milliseconds drainDeadline);
  void stop();
  void stopListening();
  void drain(std::chrono::milliseconds deadline, std::function<void()> done);
  void close();
  /// Runs `visit` on every loop, on its thread.
  void onEveryLoop(const std::function<void(ServerLoop&)>& visit);
  void readMetrics(std::function<void(const Metrics&)> done);
  /// A connection of some loop has ended.
  void connectionEnded();

  WebSocketServerFactory& factory;
  util::Admission admission;
  UrlParts url;
  std::string urlText;

  std::shared_ptr<ServerLoop> firstLoop() { return loops_.front(); }

 private:
  void ensureLoops(int count);
  void onFirstLoop(std::function<void(ServerCore&)> function);
  void startDrain(std::chrono::milliseconds deadline, std::function<void()> done);
  void deal(int socket, const std::shared_ptr<util::TlsContext>& tls);
  std::unique_ptr<asio::io_context> ownIo_;
  asio::io_context& io_;
  std::shared_ptr<util::LoopGroup> group_;  ///< null: the first loop is the only one
  std::vector<std::shared_ptr<ServerLoop>> loops_;
  std::vector<ServerListener> listeners_;
  std::shared_ptr<MetricsObserver> observer_;  ///< for loops to come
  mutable std::mutex mutex_;
  ServerConfig config_;            ///< guarded by mutex_
  std::function<void()> drained_;  ///< first loop only
};

}  // namespace autobahn::inline v0::websocket
