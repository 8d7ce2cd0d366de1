// The inside of a server factory: listeners, connections, limits, the orderly end.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/rawsocket/server.hpp>
#include <autobahn/rawsocket/url.hpp>
#include <autobahn/util/net/admission.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/listener.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "connection_set.hpp"

namespace autobahn::inline v0::rawsocket {

/// On one loop. Its connections hold it, so it may outlive its factory; then it makes none any more.
class ServerCore final : public ConnectionSet,
                         public util::LoopTask,
                         public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(RawSocketServerFactory& factory, asio::io_context* io);
  ~ServerCore() override;

  ListenerInfo listen(const UrlParts& where, const ListenOptions& listening);
  std::uint16_t port() const;
  void reloadCertificates();
  int run(std::chrono::milliseconds drainDeadline);
  void stop();
  void serve(std::unique_ptr<util::Stream> stream, std::string_view received, std::shared_ptr<void> admitted);
  void drain(std::chrono::milliseconds deadline, std::function<void()> done);
  void close();
  /// The factory is no more.
  void shutDown();
  /// Runs `function` on the loop, soon, unless this is gone by then. From any thread.
  void later(std::function<void(ServerCore&)> function);

  void transportReady(Connection& connection) override;
  std::shared_ptr<RawSocketProtocol> protocolFor(const HandshakeRequest& request) override;
  void ended(Connection& connection) override;
  /// The deadline of `drain`.
  void onTimer() override;

  RawSocketServerFactory::Builder builder;
  std::shared_ptr<const ServerOptions> options = std::make_shared<ServerOptions>();
  UrlParts url;
  std::string urlText;
  util::Admission admission;

 private:
  /// One address to listen on.
  struct Entry {
    std::unique_ptr<util::Listener> listener;
    std::shared_ptr<util::TlsContext> tls;  ///< null without TLS
  };

  void accepted(int socket, const std::shared_ptr<util::TlsContext>& tls);
  void startDrain(std::chrono::milliseconds deadline, std::function<void()> done);
  void concludeDrain();

  RawSocketServerFactory* factory_;  ///< null once it is gone
  std::unique_ptr<asio::io_context> ownIo_;
  asio::io_context& io_;
  util::AsioLoop& loop_;
  std::vector<Entry> entries_;
  std::vector<std::function<void()>> drained_;                    ///< who waits for the last connection
  std::unordered_map<const Connection*, std::string> addresses_;  ///< only with maxConnectionsPerIp
  std::unordered_map<const Connection*, std::shared_ptr<void>> admitted_;  ///< by somebody else
  bool goingAway_ = false;
};

}  // namespace autobahn::inline v0::rawsocket
