// Connecting to a router by URL, for one handler.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/dialer.hpp>
#include <autobahn/util/net/tls.hpp>
#include <autobahn/wamp/serializer_set.hpp>
#include <autobahn/wamp/transport.hpp>
#include <autobahn/websocket/options.hpp>
#include <autobahn/websocket/reconnect.hpp>
#include <autobahn/websocket/types.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace autobahn::inline v0::wamp {

/// How to reach a router.
struct TransportConfig {
  TransportConfig();
  TransportConfig(std::string target);                                           // NOLINT(*-explicit-*)
  TransportConfig(const char* target) : TransportConfig(std::string(target)) {}  // NOLINT(*-explicit-*)

  /// ws, wss, ws+unix for WebSocket; rs, rss, rs+unix for RawSocket; http, https, http+unix for long-poll,
  /// the last resort.
  std::string url{};
  /// In order of preference. The router chooses; over RawSocket the first that can be used there is asked
  /// for.
  SerializerSet serializers{};
  std::optional<util::TlsOptions> tls{};  ///< with wss, rss and https; absent: the system's trust store
  std::optional<util::ProxyTarget> proxy{};
  websocket::Headers headers{};  ///< WebSocket, long-poll: added to the requests
  /// WebSocket: with automatic pings every 10 s, time-out 5 s, of which RawSocket takes note too.
  websocket::ClientOptions websocket{};
  std::chrono::milliseconds timeout =
      std::chrono::seconds(30);  ///< for name look-up, TCP and proxy together;
                                 ///< long-poll: also for each request
  /// When it is tried again (ApplicationRunner with autoReconnect, Component). `onFailure` is not used.
  websocket::ReconnectOptions retry{};
};

/// A connection, or an attempt at one. Destroying it ends it at once, with `onClose` at the latest then; not
/// from inside the handler's callbacks.
class ClientConnection {
 public:
  ClientConnection() = default;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  virtual ~ClientConnection() = default;
};

/// Starts connecting; the handler learns how it goes, later. `io` must outlive the connection. Throws
/// std::invalid_argument when the URL, an option or the serializers cannot be used, TlsConfigError for
/// certificates that cannot.
std::unique_ptr<ClientConnection> connectTransport(asio::io_context& io, const TransportConfig& config,
                                                   std::shared_ptr<TransportHandler> handler);

}  // namespace autobahn::inline v0::wamp
