// RawSocket servers: subclass RawSocketServerProtocol, give it to a RawSocketServerFactory, listen, run.
//
//   struct Echo : RawSocketServerProtocol {
//     void onMessage(std::string_view payload) override { sendMessage(payload); }
//   };
//   RawSocketServerFactory factory("rs://127.0.0.1:8080");
//   factory.setProtocol<Echo>();
//   factory.listen();
//   factory.run();
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/rawsocket/options.hpp>
#include <autobahn/rawsocket/protocol.hpp>
#include <autobahn/rawsocket/types.hpp>
#include <autobahn/util/net/loop_group.hpp>
#include <autobahn/util/net/tls.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::rawsocket {

class RawSocketServerFactory;
class ServerCore;

/// A server's end of one connection.
class RawSocketServerProtocol : public RawSocketProtocol {
 public:
  /// The factory this connection belongs to. InvalidState once the connection is gone.
  RawSocketServerFactory& factory() const;

 private:
  friend class ServerLoop;
  RawSocketServerFactory* factory_ = nullptr;
};

/// Where and how to listen.
struct ListenOptions {
  int threads = 1;         ///< event loops, each on a thread of its own, connections dealt in turn; ≥ 1.
                           ///< Callbacks of one connection always run on one loop.
  int backlog = 1024;      ///< connections the system queues before they are accepted
  bool reusePort = false;  ///< SO_REUSEPORT: other factories (say, one per thread) or processes may listen on
                           ///< the same port
  bool ipv6Only = true;    ///< an IPv6 wildcard address does not take IPv4 connections
  unsigned unixMode = 0600;  ///< permissions of a Unix socket's file
  /// Needed with rss. The application protocol "http/1.1" that TlsOptions names by default is left out: this
  /// is none.
  std::optional<util::TlsOptions> tls{};
  /// A socket that listens already, as from systemd: `listen` takes it over, also when it throws; of the URL
  /// only the scheme matters then. -1: none.
  int listeningSocket = -1;
};

/// Where a server listens.
struct ListenerInfo {
  std::string url;         ///< what clients on this machine connect to, with the real port
  std::string endpoint;    ///< "tcp4:127.0.0.1:8080", "tcp6:[::1]:8080", "unix:/path"
  std::uint16_t port = 0;  ///< 0 for Unix sockets
};

/// Makes protocol objects, holds options, listens. Its connections must not outlive it; with a caller's
/// io_context, destroy the factory first, on the thread that runs the io_context. Unless said otherwise,
/// methods are for the thread that runs (or will run) the factory.
class RawSocketServerFactory {
 public:
  /// `url`: rs://host:port, rss://… or rs+unix:///path; see parseUrl. Throws std::invalid_argument.
  explicit RawSocketServerFactory(std::string_view url = {}, ServerOptions options = {});
  /// The same on the caller's event loop; `io` must outlive the factory.
  explicit RawSocketServerFactory(asio::io_context& io, std::string_view url = {},
                                  ServerOptions options = {});
  RawSocketServerFactory(const RawSocketServerFactory&) = delete;
  RawSocketServerFactory& operator=(const RawSocketServerFactory&) = delete;
  /// Stops listening and ends all connections at once. A derived class that overrides `buildProtocol` and
  /// serves on several threads calls `close` and waits before its own members go.
  virtual ~RawSocketServerFactory();

  // ---- What is served

  /// Every connection gets a new `P(arguments…)`. Called on the loops' threads: arguments must stand that.
  template <class P, class... Arguments>
  void setProtocol(Arguments... arguments) {
    setBuilder([... arguments = std::move(arguments)](const HandshakeRequest&) {
      return std::make_shared<P>(arguments...);
    });
  }
  using Builder = std::function<std::shared_ptr<RawSocketServerProtocol>(const HandshakeRequest&)>;
  void setBuilder(Builder builder);
  /// Makes the protocol object of a connection when its handshake is good; null refuses it with "serializer
  /// unsupported". What it throws is logged and ends the connection. Override it, or use `setBuilder`, to
  /// choose by serializer or peer. Runs on the connection's loop.
  virtual std::shared_ptr<RawSocketServerProtocol> buildProtocol(const HandshakeRequest& request);

  /// For connections accepted from now on. Throws std::invalid_argument naming the option and its range.
  void setProtocolOptions(ServerOptions options);
  void resetProtocolOptions() { setProtocolOptions({}); }
  /// A copy, to change and set again.
  ServerOptions protocolOptions() const;

  bool isSecure() const;
  std::string url() const;

  // ---- Running

  /// Connections are dealt to the loops of this group, which other servers may share, instead of to threads
  /// of the factory's own. Its first loop is the factory's. Before the first `listen`; InvalidState later.
  void shareLoops(std::shared_ptr<util::LoopGroup> loops);
  /// Listens on the address of the URL (port 0: any free one), also several times. Throws std::system_error
  /// saying where and why, InvalidState when rss has no certificate.
  ListenerInfo listen(ListenOptions options = {});
  /// Listens on another address than the factory's URL.
  ListenerInfo listen(std::string_view url, ListenOptions options = {});
  /// The port of the first TCP listener; 0 without one.
  std::uint16_t port() const;
  /// Serves a connected stream of the caller's as if it had been accepted. `received`: octets that were read
  /// of it already, as when its protocol was found out (`detectProtocol`). `admitted`: kept until the
  /// connection's end. Starts soon, not within the call. With several threads: on the thread of the loop to
  /// which the stream belongs.
  void serve(std::unique_ptr<util::Stream> stream, std::string_view received = {},
             std::shared_ptr<void> admitted = {});
  /// Runs until `stop`, or until SIGINT or SIGTERM has drained the server (a second one ends it at once).
  /// InvalidState on a caller's io_context: run that instead. Returns the signal that ended it, 0 for `stop`.
  int run(std::chrono::milliseconds drainDeadline = std::chrono::seconds(5));
  /// Makes `run` return soon. From any thread.
  void stop();
  /// Stops accepting, closes all connections in order, and after `deadline` drops those that are left; then
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
  /// Visits every open connection on its loop. From any thread.
  void forEach(std::function<void(RawSocketServerProtocol&)> visit);

 private:
  std::shared_ptr<ServerCore> core_;
};

}  // namespace autobahn::inline v0::rawsocket
