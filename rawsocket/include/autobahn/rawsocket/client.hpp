// RawSocket clients: subclass RawSocketClientProtocol, give it to a RawSocketClientFactory, connect, run.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/rawsocket/options.hpp>
#include <autobahn/rawsocket/protocol.hpp>
#include <autobahn/util/net/dialer.hpp>
#include <autobahn/util/net/tls.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::rawsocket {

class ClientCore;

/// A client's end of one connection. When no connection comes about, `onClose` is called all the same, with a
/// reason that says what failed.
class RawSocketClientProtocol : public RawSocketProtocol {};

/// How to reach the server.
struct ConnectOptions {
  /// With rss; without it the system's trust store is used. The application protocol "http/1.1" that
  /// TlsOptions names by default is left out: this is none.
  std::optional<util::TlsOptions> tls{};
  std::chrono::milliseconds timeout = std::chrono::seconds(30);  ///< for name look-up, TCP and proxy together
  std::optional<util::ProxyTarget> proxy{};                      ///< HTTP CONNECT or SOCKS5
};

/// Makes protocol objects, holds options, connects. Its connections must not outlive it; with a caller's
/// io_context, destroy the factory first, on the thread that runs the io_context. Not thread-safe but where
/// said.
class RawSocketClientFactory {
 public:
  /// `url`: where to connect, see parseUrl. Throws std::invalid_argument.
  explicit RawSocketClientFactory(std::string_view url, ClientOptions options = {});
  /// The same on the caller's event loop; `io` must outlive the factory.
  explicit RawSocketClientFactory(asio::io_context& io, std::string_view url, ClientOptions options = {});
  RawSocketClientFactory(const RawSocketClientFactory&) = delete;
  RawSocketClientFactory& operator=(const RawSocketClientFactory&) = delete;
  /// Ends all connections and attempts at once.
  virtual ~RawSocketClientFactory();

  /// Every connection gets a new `P(arguments…)`.
  template <class P, class... Arguments>
  void setProtocol(Arguments... arguments) {
    setBuilder([... arguments = std::move(arguments)] { return std::make_shared<P>(arguments...); });
  }
  using Builder = std::function<std::shared_ptr<RawSocketClientProtocol>()>;
  void setBuilder(Builder builder);
  /// Makes the protocol object of an attempt.
  virtual std::shared_ptr<RawSocketClientProtocol> buildProtocol();

  /// For connections made from now on. Throws std::invalid_argument naming the option and its range.
  void setProtocolOptions(ClientOptions options);
  void resetProtocolOptions() { setProtocolOptions({}); }
  ClientOptions protocolOptions() const;
  bool isSecure() const;
  std::string url() const;

  /// Starts one connection; may be called several times. Returns its protocol object. InvalidState without a
  /// protocol.
  std::shared_ptr<RawSocketClientProtocol> connect(ConnectOptions options = {});
  /// Takes over a connected stream of the caller's and does the opening handshake on it.
  std::shared_ptr<RawSocketClientProtocol> connectOver(std::unique_ptr<util::Stream> stream);

  /// Runs until no connection and no attempt is left, or until SIGINT or SIGTERM has closed them (a second
  /// one ends it at once). InvalidState on a caller's io_context: run that instead.
  /// Returns the signal that ended it, or 0.
  int run();
  /// Makes `run` return soon. From any thread.
  void stop();
  /// Closes all connections in order and gives up all attempts. From any thread; takes effect soon.
  void close();

  /// Connections and attempts. On the loop's thread.
  std::size_t connectionCount() const;

 private:
  std::shared_ptr<ClientCore> core_;
};

}  // namespace autobahn::inline v0::rawsocket
