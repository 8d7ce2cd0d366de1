// WebSocket servers: subclass WebSocketServerProtocol, give it to a WebSocketServerFactory, listen, run.
//
//   struct Echo : WebSocketServerProtocol {
//     void onMessage(std::string_view payload, bool isBinary) override { sendMessage(payload, isBinary); }
//   };
//   WebSocketServerFactory factory("ws://127.0.0.1:9000");
//   factory.setProtocol<Echo>();
//   factory.listen();
//   factory.run();
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/loop_group.hpp>
#include <autobahn/util/net/tls.hpp>
#include <autobahn/websocket/foreign.hpp>
#include <autobahn/websocket/http_handler.hpp>
#include <autobahn/websocket/metrics.hpp>
#include <autobahn/websocket/options.hpp>
#include <autobahn/websocket/prepared_message.hpp>
#include <autobahn/websocket/protocol.hpp>
#include <autobahn/websocket/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::websocket {

class WebSocketServerFactory;
class ServerCore;

/// A server's end of one connection.
class WebSocketServerProtocol : public WebSocketProtocol {
 public:
  /// Decides on a connection: return a ConnectionAccept (or a coroutine that gives one), or throw
  /// ConnectionDeny; any other exception denies with 500. `request` dies when the call returns: a coroutine
  /// takes it by value. Not overridden: accepts with the first announced subprotocol that the factory speaks.
  virtual ConnectDecision onConnect(const ConnectionRequest& request);

  /// The factory this connection belongs to. InvalidState once the connection is gone.
  WebSocketServerFactory& factory() const;

 private:
  friend class ServerLoop;
  WebSocketServerFactory* factory_ = nullptr;
};

/// Where and how to listen.
struct ListenOptions {
  int threads = 1;           ///< event loops, each on a thread of its own, connections dealt in turn; ≥ 1.
                             ///< Callbacks of one connection always run on one loop.
  int backlog = 1024;        ///< connections the system queues before they are accepted
  bool reusePort = false;    ///< SO_REUSEPORT: other processes may listen on the same port
  bool ipv6Only = true;      ///< an IPv6 wildcard address does not take IPv4 connections
  unsigned unixMode = 0600;  ///< permissions of a Unix socket's file
  std::optional<util::TlsOptions> tls{};  ///< needed with wss
  /// A socket that listens already, as from systemd: `listen` takes it over, also when it throws; of the URL
  /// only the scheme and the path matter then. -1: none.
  int listeningSocket = -1;
};

/// Where a server listens.
struct ListenerInfo {
  std::string url;         ///< what clients on this machine connect to, with the real port
  std::string endpoint;    ///< "tcp4:127.0.0.1:9000", "tcp6:[::1]:9000", "unix:/path"
  std::uint16_t port = 0;  ///< 0 for Unix sockets
};

/// Makes protocol objects, holds options, listens. Its connections must not outlive it; with a caller's
/// io_context, destroy the factory first, on the thread that runs the io_context. Unless said otherwise,
/// methods are for the thread that runs (or will run) the factory.
class WebSocketServerFactory {
 public:
  /// `url`: ws://host:port or wss://…, or ws+unix:///path; see parseUrl. `protocols`: subprotocols spoken.
  /// `server`: the Server header, empty for none. `headers`: added to every accepted handshake.
  /// `externalPort`: the port clients see when a proxy is in front. Throws std::invalid_argument.
  explicit WebSocketServerFactory(std::string_view url = {}, std::vector<std::string> protocols = {},
                                  std::string server = defaultServer(), Headers headers = {},
                                  std::uint16_t externalPort = 0);
  /// The same on the caller's event loop; `io` must outlive the factory.
  explicit WebSocketServerFactory(asio::io_context& io, std::string_view url = {},
                                  std::vector<std::string> protocols = {},
                                  std::string server = defaultServer(), Headers headers = {},
                                  std::uint16_t externalPort = 0);
  WebSocketServerFactory(const WebSocketServerFactory&) = delete;
  WebSocketServerFactory& operator=(const WebSocketServerFactory&) = delete;
  /// Stops listening and ends all connections at once. A derived class that overrides `buildProtocol` and
  /// serves on several threads calls `close` and waits before its own members go.
  virtual ~WebSocketServerFactory();

  /// "AutobahnCpp/version".
  static std::string defaultServer();

  // ---- What is served

  /// Every connection gets a new `P(arguments…)`. Called on the loops' threads: arguments must stand that.
  template <class P, class... Arguments>
  void setProtocol(Arguments... arguments) {
    setProtocolAt<P>("*", std::move(arguments)...);
  }
  /// Connections to `path` ("/chat"; "*" for all others) get a new `P(arguments…)`.
  template <class P, class... Arguments>
  void setProtocolAt(std::string path, Arguments... arguments) {
    setBuilder(std::move(path),
               [... arguments = std::move(arguments)] { return std::make_shared<P>(arguments...); });
  }
  using Builder = std::function<std::shared_ptr<WebSocketServerProtocol>()>;
  void setBuilder(std::string path, Builder builder);
  /// Makes the protocol object for a request; null: 404. Override it to choose by more than the path. Runs on
  /// the connection's loop.
  virtual std::shared_ptr<WebSocketServerProtocol> buildProtocol(const ConnectionRequest& request);
  /// Answers plain HTTP on the same port; without it a status page is shown (option webStatus). Runs on the
  /// connection's loop.
  void setHttpHandler(HttpHandler handler);
  /// Serves another protocol on the same port: connections accepted from now on are looked at when their
  /// first octets arrive. A client that sends none within `openHandshakeTimeout` is dropped.
  void setForeignProtocol(ForeignProtocol protocol);

  void setSessionParameters(std::string_view url, std::vector<std::string> protocols = {},
                            std::string server = defaultServer(), Headers headers = {},
                            std::uint16_t externalPort = 0);
  /// Replaces the fields added to every accepted handshake.
  void setHeaders(Headers headers);
  /// For connections accepted from now on. Throws std::invalid_argument naming the option and its range.
  void setProtocolOptions(ServerOptions options);
  void resetProtocolOptions() { setProtocolOptions({}); }
  /// A copy, to change and set again. From any thread.
  ServerOptions protocolOptions() const;

  bool isSecure() const;
  std::string url() const;
  std::vector<std::string> protocols() const;

  // ---- Running

  /// Connections are dealt to the loops of this group, which other servers may share, instead of to threads
  /// of the factory's own. Its first loop is the factory's. Before the first `listen`; InvalidState later.
  void shareLoops(std::shared_ptr<util::LoopGroup> loops);
  /// Listens on the address of the URL (port 0: any free one), also several times. Throws std::system_error
  /// saying where and why, InvalidState when wss has no certificate.
  ListenerInfo listen(ListenOptions options = {});
  /// Listens on another address than the factory's URL.
  ListenerInfo listen(std::string_view url, ListenOptions options = {});
  /// The port of the first TCP listener; 0 without one.
  std::uint16_t port() const;
  /// Serves a connected stream of the caller's as if it had been accepted.
  void serve(std::unique_ptr<util::Stream> stream);
  /// Takes over a stream on which somebody else has done the opening handshake; `received`: octets read past
  /// it.
  void serveUpgraded(std::unique_ptr<util::Stream> stream, std::shared_ptr<WebSocketServerProtocol> protocol,
                     std::string received = {}, std::optional<PerMessageDeflateParameters> compression = {});
  /// Runs until `stop`, or until SIGINT or SIGTERM has drained the server (a second one ends it at once).
  /// InvalidState on a caller's io_context: run that instead. Returns the signal that ended it, 0 for `stop`.
  int run(std::chrono::milliseconds drainDeadline = std::chrono::seconds(5));
  /// Makes `run` return soon. From any thread.
  void stop();
  /// Stops accepting, closes all connections with 1001, and after `deadline` drops those that are left; then
  /// calls `done` on the first loop. From any thread.
  void drain(std::chrono::milliseconds deadline, std::function<void()> done = {});
  /// Stops accepting and drops all connections. From any thread; takes effect soon.
  void close();
  /// Reads certificates and keys again for new connections. Throws std::runtime_error and keeps the old ones
  /// when they cannot be used.
  void reloadCertificates();

  // ---- Connections

  /// Transports, whether open or in their handshake. From any thread.
  std::size_t connectionCount() const;
  /// Frames (and, for those that negotiated it, compresses) a message once for many.
  PreparedMessage prepareMessage(std::string payload, bool isBinary = false,
                                 bool doNotCompress = false) const;
  /// Sends to every open connection, or to those `filter` (called on their loop) selects. From any thread.
  void broadcast(PreparedMessage message, std::function<bool(WebSocketServerProtocol&)> filter = {});
  /// Visits every open connection on its loop. From any thread.
  void forEach(std::function<void(WebSocketServerProtocol&)> visit);

  /// Gathers the figures of all loops and hands them to `done` on the first loop. From any thread.
  void readMetrics(std::function<void(const Metrics&)> done);
  /// Sees events as they happen, from soon on.
  void setMetricsObserver(std::shared_ptr<MetricsObserver> observer);

 private:
  friend class ServerLoop;
  std::shared_ptr<ServerCore> core_;
};

}  // namespace autobahn::inline v0::websocket
