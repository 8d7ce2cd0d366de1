// A Router behind listeners, and for sessions of this process.
//
//   RouterServer server;
//   server.router().addRealm({.name = "realm1"});
//   server.listen("ws://127.0.0.1:8080/ws");
//   server.listen("rs://127.0.0.1:8081");
//   server.connectLocal(session);
//   server.run();
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>
#include <autobahn/util/net/tls.hpp>
#include <autobahn/wamp/longpoll.hpp>
#include <autobahn/wamp/router.hpp>
#include <autobahn/wamp/serializer_set.hpp>
#include <autobahn/wamp/transport.hpp>
#include <autobahn/websocket/http_handler.hpp>
#include <autobahn/websocket/metrics.hpp>
#include <autobahn/websocket/options.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

class CookieStore;

/// How a router listens.
struct RouterListenOptions {
  std::optional<util::TlsOptions> tls{};             ///< needed with wss and rss
  SerializerSet serializers = SerializerSet::all();  ///< what clients may speak
  /// The defaults have automatic pings every 10 s, time-out 5 s. RawSocket keeps to what it has of them: time
  /// limits, pings, watermarks, numbers of connections, and the size of messages (the next lower power of
  /// two, 512 … 16 MiB). The slow consumer policy `dropMessage` is refused: it would drop answers.
  websocket::ServerOptions websocket{};
  unsigned unixMode = 0600;  ///< permissions of a Unix socket's file
  /// A socket that listens already, as from systemd (LISTEN_FDS): `listen` takes it over, also when it
  /// throws; of the URL only the scheme and the path matter then. -1: none.
  int listeningSocket = -1;

  // With WebSocket URLs only
  /// Gives each client a cookie in the handshake, by which a CookieAuthenticator of the same store knows it
  /// again. `websocket.allowedOrigins` must name the origins then: a browser sends cookies for any page.
  std::shared_ptr<CookieStore> cookies{};
  /// Where WebSockets are served, besides the path of the URL ("ws://host/ws": only at "/ws"). Empty and a
  /// URL without path: at any.
  std::vector<std::string> webSocketPaths{};
  /// RawSocket clients (rs, rss, rs+unix) may come to the same port.
  bool detectRawSocket = false;
  /// Where long-poll clients connect ("/lp": http://host/lp); empty: nowhere.
  std::string longPollPath{};
  LongPollOptions longPoll{};
  /// Answers all other plain HTTP, on the router's loop; empty: a status page, or 404 beside long-poll.
  websocket::HttpHandler httpHandler{};

  RouterListenOptions() {
    websocket.autoPingInterval = std::chrono::seconds(10);
    websocket.autoPingTimeout = std::chrono::seconds(5);
  }
};

/// Where a router listens.
struct RouterListener {
  std::string url;         ///< what clients on this machine connect to, with the real port
  std::uint16_t port = 0;  ///< 0 for Unix sockets
};

/// Figures of one listener.
struct RouterListenerMetrics {
  std::string url;               ///< as `RouterListener` has it
  websocket::Metrics webSocket;  ///< of WebSocket URLs: all that comes to the port
  std::size_t rawSockets = 0;    ///< gauge: RawSocket connections, whether open or in their handshake
  std::size_t longPollers = 0;   ///< gauge: long-poll transports
};

/// Runs one Router on one event loop, and its connections there and on others. Methods are for the thread
/// that runs (or will run) the router's loop, but where said.
class RouterServer {
 public:
  /// `threads`: event loops, each on a thread of its own, to which connections are dealt in turn; ≥ 1. The
  /// first is the router's: authenticators, authorizers, histories and HTTP handlers run there. From three
  /// threads on, connections go to the others only.
  explicit RouterServer(RouterOptions options = {}, std::size_t threads = 1);
  /// The same on the caller's event loop, as the first; `io` must outlive the server.
  explicit RouterServer(asio::io_context& io, RouterOptions options = {}, std::size_t threads = 1);
  RouterServer(const RouterServer&) = delete;
  RouterServer& operator=(const RouterServer&) = delete;
  /// Ends all connections at once.
  ~RouterServer();

  /// Realms and limits. Input goes in through listeners and `connectLocal` only.
  Router& router();
  asio::io_context& context();

  /// Listens: ws, wss, ws+unix for WebSocket; rs, rss, rs+unix for RawSocket. Port 0: any free one. Throws
  /// std::invalid_argument, std::system_error saying where and why, InvalidState when TLS has no certificate.
  RouterListener listen(std::string_view url, RouterListenOptions options = {});
  /// Reads certificates and keys of all listeners again, for new connections. Throws std::runtime_error when
  /// they cannot be used; that listener goes on with the old ones.
  void reloadCertificates();
  /// Joins a session of this process. `executor`: where its callbacks run; empty: the router's loop. From any
  /// thread, while the server is there. A session for which 100,000 messages or 16 MiB of payloads wait is
  /// ended, as other slow consumers are.
  void connectLocal(std::shared_ptr<TransportHandler> handler, asio::any_io_executor executor = {});

  /// Runs until `stop`, or until SIGINT or SIGTERM has ended all sessions (a second one ends it at once).
  /// InvalidState on a caller's io_context. Returns the signal that ended it, 0 for `stop`.
  int run();
  /// Makes `run` return soon. From any thread.
  void stop();
  /// Stops listening, ends all sessions with `wamp.close.system_shutdown`, drops the connections left after
  /// `deadline`, then calls `done` on the loop. From any thread.
  void drain(std::chrono::milliseconds deadline, std::function<void()> done = {});
  /// Gathers the figures of all listeners and hands them to `done` on the loop, in the order of their
  /// listening. From any thread; not called when the server goes first.
  void readMetrics(std::function<void(const std::vector<RouterListenerMetrics>&)> done);
  /// Connections, with those of this process. On the loop's thread.
  std::size_t connectionCount() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace autobahn::inline v0::wamp
