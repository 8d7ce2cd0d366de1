// What the loops of a server share: configuration, counts, listeners, the orderly end.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/rawsocket/server.hpp>
#include <autobahn/rawsocket/url.hpp>
#include <autobahn/util/net/admission.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/listener.hpp>
#include <autobahn/util/net/loop_group.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace autobahn::inline v0::rawsocket {

class ServerLoop;

/// What new connections are given; replaced as a whole.
struct ServerConfig {
  std::shared_ptr<const ServerOptions> options = std::make_shared<ServerOptions>();
  std::shared_ptr<const RawSocketServerFactory::Builder> builder;  ///< null: none
};

class ServerCore final : public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(RawSocketServerFactory& factory, asio::io_context* io);
  /// Ends all connections at once.
  ~ServerCore();

  // Configuration; any thread
  ServerConfig config() const;
  void updateConfig(const std::function<void(ServerConfig&)>& change);

  /// Before the first `listen`.
  void shareLoops(std::shared_ptr<util::LoopGroup> loops);
  ListenerInfo listen(const UrlParts& where, const ListenOptions& listening);
  std::uint16_t port() const;
  void reloadCertificates();
  int run(std::chrono::milliseconds drainDeadline);
  void stop();
  void serve(std::unique_ptr<util::Stream> stream, std::string received, std::shared_ptr<void> admitted);
  void drain(std::chrono::milliseconds deadline, std::function<void()> done);
  void close();
  /// Runs `visit` on every loop, on its thread.
  void onEveryLoop(const std::function<void(ServerLoop&)>& visit);
  /// A connection of some loop has ended.
  void connectionEnded();

  RawSocketServerFactory& factory;
  util::Admission admission;
  UrlParts url;
  std::string urlText;

 private:
  /// One address to listen on.
  struct Entry {
    std::unique_ptr<util::Listener> listener;
    std::shared_ptr<util::TlsContext> tls;  ///< null without TLS
  };

  void ensureLoops(int count);
  void onFirstLoop(std::function<void(ServerCore&)> function);
  void deal(int socket, const std::shared_ptr<util::TlsContext>& tls);
  void startDrain(std::chrono::milliseconds deadline, std::function<void()> done);
  void concludeDrain();

  std::unique_ptr<asio::io_context> ownIo_;
  asio::io_context& io_;
  std::shared_ptr<util::LoopGroup> group_;  ///< null: the first loop is the only one
  std::vector<std::shared_ptr<ServerLoop>> loops_;
  std::vector<Entry> entries_;
  asio::steady_timer drainTimer_;
  std::vector<std::function<void()>> drained_;  ///< who waits for the last connection; first loop only
  mutable std::mutex mutex_;
  ServerConfig config_;  ///< guarded by mutex_
};

}  // namespace autobahn::inline v0::rawsocket
