// What the sessions of a client factory share: configuration, loop, dialer.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/dialer.hpp>
#include <autobahn/websocket/client.hpp>
#include <autobahn/websocket/url.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client_session.hpp"

namespace autobahn::inline v0::websocket {

class ClientCore : public std::enable_shared_from_this<ClientCore> {
 public:
  ClientCore(WebSocketClientFactory& factory, asio::io_context* io);
  ~ClientCore();

  void setUrl(std::string_view url);
  ClientPlan plan(const ConnectOptions& options) const;
  std::shared_ptr<ClientSession> newSession(ClientPlan plan, std::optional<ReconnectOptions> reconnect);
  /// A session that has started, until it is done.
  void keep(std::shared_ptr<ClientSession> session);
  int run();
  void stop();
  void close(std::uint16_t code, const std::string& reason);
  std::size_t count() const { return sessions_.size(); }
  Metrics metrics() const;

  WebSocketClientFactory& factory;
  WebSocketClientFactory::Builder builder;
  std::shared_ptr<const ClientOptions> options = std::make_shared<ClientOptions>();
  std::shared_ptr<MetricsObserver> observer;
  std::optional<WebSocketClientFactory::Proxy> proxy;
  ClientRequest request;  ///< what all connections ask for
  UrlParts url;
  std::string urlText;

 private:
  void sessionDone(ClientSession& session);
  void onLoop(std::function<void(ClientCore&)> function);

  std::unique_ptr<asio::io_context> ownIo_;
  asio::io_context& io_;
  util::AsioLoop& loop_;
  std::unique_ptr<util::Dialer> dialer_;
  std::vector<std::shared_ptr<ClientSession>> sessions_;
  Metrics ended_;               ///< of sessions that are over
  std::function<void()> idle_;  ///< called when the last session is over, while `run` waits
};

}  // namespace autobahn::inline v0::websocket
