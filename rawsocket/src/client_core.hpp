// What the sessions of a client factory share: configuration, loop, dialer.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/rawsocket/client.hpp>
#include <autobahn/rawsocket/url.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/dialer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client_session.hpp"

namespace autobahn::inline v0::rawsocket {

class ClientCore : public std::enable_shared_from_this<ClientCore> {
 public:
  explicit ClientCore(asio::io_context* io);
  ~ClientCore();

  /// Starts the attempt of `protocol`; not null.
  void connect(std::shared_ptr<RawSocketClientProtocol> protocol, const ConnectOptions& connecting);
  void connectOver(std::shared_ptr<RawSocketClientProtocol> protocol, std::unique_ptr<util::Stream> stream);
  int run();
  void stop();
  void close();
  std::size_t count() const { return sessions_.size(); }

  RawSocketClientFactory::Builder builder;
  std::shared_ptr<const ClientOptions> options = std::make_shared<ClientOptions>();
  UrlParts url;
  std::string urlText;

 private:
  std::shared_ptr<ClientSession> newSession(std::shared_ptr<RawSocketClientProtocol> protocol);
  void sessionDone(ClientSession& session);
  void later(std::function<void(ClientCore&)> function);

  std::unique_ptr<asio::io_context> ownIo_;
  asio::io_context& io_;
  util::AsioLoop& loop_;
  std::unique_ptr<util::Dialer> dialer_;
  std::vector<std::shared_ptr<ClientSession>> sessions_;
  std::function<void()> idle_;  ///< called when the last session is over, while `run` waits
};

}  // namespace autobahn::inline v0::rawsocket
