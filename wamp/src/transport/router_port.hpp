// One place where a router listens, with all that is served there.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/loop_group.hpp>
#include <autobahn/util/net/unique_fd.hpp>
#include <autobahn/wamp/rawsocket.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <autobahn/wamp/websocket.hpp>
#include <autobahn/websocket/http_handler.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "longpoll_server.hpp"

namespace autobahn::inline v0::wamp {

/// A listener and its connections. Destroying it ends them at once.
class RouterPort {
 public:
  /// Listens on `io`, the router's loop. `loops`: where connections are dealt to; null: they stay there.
  /// `makeHandler` gives the router's end of each transport. Throws as RouterServer::listen.
  RouterPort(asio::io_context& io, std::shared_ptr<util::LoopGroup> loops, std::string_view url,
             RouterListenOptions options, TransportHandlerFactory makeHandler);
  RouterPort(const RouterPort&) = delete;
  RouterPort& operator=(const RouterPort&) = delete;
  ~RouterPort();

  const RouterListener& listener() const { return listener_; }
  void reloadCertificates();
  /// Calls `done` on the loop, now or soon.
  void readMetrics(const std::function<void(RouterListenerMetrics)>& done);
  /// Stops listening, ends all connections in order, drops those left after `deadline`; then calls `done`, on
  /// the loop. Long-poll clients come with new requests for their GOODBYE: for them half of the deadline
  /// passes, if need be, until listening stops.
  void drain(std::chrono::milliseconds deadline, const std::function<void()>& done);

 private:
  void listenRawSocket(asio::io_context& io, std::string_view url, RouterListenOptions options,
                       util::UniqueFd given, TransportHandlerFactory makeHandler);
  void listenWebSocket(asio::io_context& io, std::string_view url, RouterListenOptions options,
                       util::UniqueFd given, TransportHandlerFactory makeHandler);

  void shareWithRawSocket();
  websocket::HttpHandler onRouterLoop(websocket::HttpHandler handler) const;
  void serveWeb(asio::io_context& io, const RouterListenOptions& options,
                TransportHandlerFactory makeHandler);
  std::unique_ptr<WampRawSocketServerFactory> makeRawSocket(asio::io_context& io, std::string_view url,
                                                            const RouterListenOptions& options,
                                                            TransportHandlerFactory makeHandler) const;

  std::shared_ptr<util::LoopGroup> loops_;  ///< null: one loop
  RouterListener listener_;
  std::unique_ptr<WampRawSocketServerFactory> rawSocket_;  ///< outlives `webSocket_`, which hands over to it
  std::shared_ptr<LongPollServer> longPoll_;
  std::unique_ptr<WampWebSocketServerFactory> webSocket_;
};

}  // namespace autobahn::inline v0::wamp
