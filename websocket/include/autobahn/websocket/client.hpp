// WebSocket clients: subclass WebSocketClientProtocol, give it to a WebSocketClientFactory, connect, run.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/dialer.hpp>
#include <autobahn/util/net/tls.hpp>
#include <autobahn/websocket/identity.hpp>
#include <autobahn/websocket/metrics.hpp>
#include <autobahn/websocket/options.hpp>
#include <autobahn/websocket/protocol.hpp>
#include <autobahn/websocket/reconnect.hpp>
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

class ClientCore;

/// A client's end of one connection. When no connection comes about, `onClose` is called all the same, with
/// 1006 and a reason that says what failed.
class WebSocketClientProtocol : public WebSocketProtocol {
 public:
  /// The transport (TLS included) is up and the opening handshake about to be sent: `request` may be changed,
  /// say by adding headers. What it throws ends the connection.
  virtual void onConnecting(ClientRequest& request, const TransportDetails& transport);
  /// The server accepted. What it throws rejects the connection.
  virtual void onConnect(const ConnectionResponse& response);
};

/// How to reach the server.
struct ConnectOptions {
  std::optional<util::TlsOptions> tls{};  ///< with wss; without it the system's trust store is used
  std::chrono::milliseconds timeout = std::chrono::seconds(30);  ///< for name look-up, TCP and proxy together
};

/// Makes protocol objects, holds options, connects. Its connections must not outlive it; with a caller's
/// io_context, destroy the factory first, on the thread that runs the io_context. Not thread-safe but where
/// said.
class WebSocketClientFactory {
 public:
  using Proxy = util::ProxyTarget;

  /// `url`: where to connect, see parseUrl. `origin`: the Origin header. `protocols`: subprotocols in order
  /// of preference. `useragent`: the User-Agent header, empty for none. `headers`: added to the request.
  /// `proxy`: HTTP CONNECT or SOCKS5. Throws std::invalid_argument.
  explicit WebSocketClientFactory(std::string_view url, std::string origin = {},
                                  std::vector<std::string> protocols = {},
                                  std::string useragent = defaultUserAgent(), Headers headers = {},
                                  std::optional<Proxy> proxy = {});
  /// The same on the caller's event loop; `io` must outlive the factory.
  explicit WebSocketClientFactory(asio::io_context& io, std::string_view url, std::string origin = {},
                                  std::vector<std::string> protocols = {},
                                  std::string useragent = defaultUserAgent(), Headers headers = {},
                                  std::optional<Proxy> proxy = {});
  WebSocketClientFactory(const WebSocketClientFactory&) = delete;
  WebSocketClientFactory& operator=(const WebSocketClientFactory&) = delete;
  /// Ends all connections and attempts at once.
  virtual ~WebSocketClientFactory();

  /// "AutobahnCpp/version".
  static std::string defaultUserAgent();

  /// Every connection gets a new `P(arguments…)`.
  template <class P, class... Arguments>
  void setProtocol(Arguments... arguments) {
    setBuilder([... arguments = std::move(arguments)] { return std::make_shared<P>(arguments...); });
  }
  using Builder = std::function<std::shared_ptr<WebSocketClientProtocol>()>;
  void setBuilder(Builder builder);
  /// Makes the protocol object of an attempt.
  virtual std::shared_ptr<WebSocketClientProtocol> buildProtocol();

  void setSessionParameters(std::string_view url, std::string origin = {},
                            std::vector<std::string> protocols = {},
                            std::string useragent = defaultUserAgent(), Headers headers = {},
                            std::optional<Proxy> proxy = {});
  /// Replaces the fields added to the request, or the proxy, for connections made from now on.
  void setHeaders(Headers headers);
  void setProxy(std::optional<Proxy> proxy);
  /// For connections made from now on. Throws std::invalid_argument naming the option and its range.
  void setProtocolOptions(ClientOptions options);
  void resetProtocolOptions() { setProtocolOptions({}); }
  ClientOptions protocolOptions() const;
  bool isSecure() const;
  std::string url() const;

  /// Starts one connection; may be called several times. Returns its protocol object.
  std::shared_ptr<WebSocketClientProtocol> connect(ConnectOptions options = {});
  /// Keeps one connection up, with the options and headers of now (onConnecting may alter the latter): tries
  /// again, with a new protocol object, until the application closes it
  /// (`sendClose`, `dropConnection`, `close`), the hook says no, or the attempts are used up.
  void connectReconnecting(ReconnectOptions reconnect, ConnectOptions options = {});
  /// Takes over a connected stream of the caller's and does the opening handshake on it.
  std::shared_ptr<WebSocketClientProtocol> connectOver(std::unique_ptr<util::Stream> stream);
  /// Takes over a stream on which somebody else has done the opening handshake; `received`: octets read past
  /// it.
  void connectUpgraded(std::unique_ptr<util::Stream> stream,
                       std::shared_ptr<WebSocketClientProtocol> protocol, std::string received = {},
                       std::optional<PerMessageDeflateParameters> compression = {});

  /// Runs until no connection and no attempt is left, or until SIGINT or SIGTERM has closed them (a second
  /// one ends it at once). InvalidState on a caller's io_context: run that instead.
  /// Returns the signal that ended it, or 0.
  int run();
  /// Makes `run` return soon. From any thread.
  void stop();
  /// Closes all connections with `code` and gives up all attempts. From any thread; takes effect soon.
  void close(std::uint16_t code = 1000, std::string reason = {});

  /// Connections and attempts. On the loop's thread.
  std::size_t connectionCount() const;
  /// The figures of all connections so far. On the loop's thread.
  Metrics metrics() const;
  void setMetricsObserver(std::shared_ptr<MetricsObserver> observer);

 private:
  std::shared_ptr<ClientCore> core_;
};

}  // namespace autobahn::inline v0::websocket
