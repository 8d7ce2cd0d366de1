#include "router_port.hpp"

#include <algorithm>
#include <autobahn/rawsocket/detect.hpp>
#include <autobahn/websocket/url.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "url_scheme.hpp"

namespace autobahn::inline v0::wamp {
namespace {

/// Where WebSockets are served: at the URL's path, if it has one, and at `more`; everywhere without either.
std::vector<std::string> pathsOf(const std::string& urlPath, const std::vector<std::string>& more) {
  std::vector<std::string> paths = more;
  if (urlPath != "/" || paths.empty()) paths.push_back(urlPath == "/" ? "*" : urlPath);
  return paths;
}

void check(const RouterListenOptions& options, bool isRawSocket) {
  if (options.websocket.slowConsumerPolicy == websocket::SlowConsumerPolicy::dropMessage) {
    throw std::invalid_argument("slowConsumerPolicy: dropMessage would drop answers that clients wait for");
  }
  for (const std::string& path : options.webSocketPaths) {
    if (!path.starts_with('/'))
      throw std::invalid_argument("webSocketPaths: \"" + path + "\" begins with no /");
  }
  if (!options.longPollPath.empty() && !options.longPollPath.starts_with('/')) {
    throw std::invalid_argument("longPollPath: \"" + options.longPollPath + "\" begins with no /");
  }
  const bool wantsHttp =
      options.httpHandler || !options.longPollPath.empty() || !options.webSocketPaths.empty();
  if (isRawSocket && wantsHttp) {
    throw std::invalid_argument(
        "a RawSocket URL serves no HTTP: listen on a WebSocket URL, with detectRawSocket");
  }
}

}  // namespace

RouterPort::RouterPort(asio::io_context& io, std::string_view url, RouterListenOptions options,
                       TransportHandlerFactory makeHandler) {
  const bool isRawSocket = isRawSocketUrl(url);
  check(options, isRawSocket);
  if (isRawSocket) {
    listenRawSocket(io, url, std::move(options), std::move(makeHandler));
  } else {
    listenWebSocket(io, url, std::move(options), std::move(makeHandler));
  }
}

RouterPort::~RouterPort() = default;

std::unique_ptr<WampRawSocketServerFactory> RouterPort::makeRawSocket(asio::io_context& io,
                                                                      std::string_view url,
                                                                      const RouterListenOptions& options,
                                                                      TransportHandlerFactory makeHandler) {
  auto factory =
      std::make_unique<WampRawSocketServerFactory>(io, url, std::move(makeHandler), options.serializers);
  rawsocket::ServerOptions settings = factory->protocolOptions();
  settings.autoPingInterval = options.websocket.autoPingInterval;
  settings.autoPingTimeout = options.websocket.autoPingTimeout;
  factory->setProtocolOptions(settings);
  return factory;
}

void RouterPort::listenRawSocket(asio::io_context& io, std::string_view url, RouterListenOptions options,
                                 TransportHandlerFactory makeHandler) {
  rawSocket_ = makeRawSocket(io, url, options, std::move(makeHandler));
  rawsocket::ListenOptions listening;
  listening.tls = std::move(options.tls);
  listening.unixMode = options.unixMode;
  const auto where = rawSocket_->listen(std::move(listening));
  listener_ = {where.url, where.port};
}

void RouterPort::listenWebSocket(asio::io_context& io, std::string_view url, RouterListenOptions options,
                                 TransportHandlerFactory makeHandler) {
  if (options.detectRawSocket) rawSocket_ = makeRawSocket(io, {}, options, makeHandler);
  webSocket_ = std::make_unique<WampWebSocketServerFactory>(
      io, url, std::move(makeHandler), std::move(options.serializers),
      pathsOf(websocket::parseUrl(url).path, options.webSocketPaths));
  webSocket_->setProtocolOptions(std::move(options.websocket));
  if (options.httpHandler) webSocket_->setHttpHandler(std::move(options.httpHandler));
  if (rawSocket_) shareWithRawSocket();
  websocket::ListenOptions listening;
  listening.tls = std::move(options.tls);
  listening.unixMode = options.unixMode;
  const auto where = webSocket_->listen(std::move(listening));
  listener_ = {where.url, where.port};
}

/// RawSockets come to the WebSocket server's port, which also counts them.
void RouterPort::shareWithRawSocket() {
  websocket::ForeignProtocol foreign;
  foreign.recognizes = [](std::string_view received) {
    return rawsocket::detectProtocol(received) == rawsocket::WireProtocol::rawSocket;
  };
  foreign.take = [this](websocket::ForeignConnection connection) {
    rawSocket_->serve(std::move(connection.stream), connection.received, std::move(connection.admitted));
  };
  webSocket_->setForeignProtocol(std::move(foreign));
}

void RouterPort::reloadCertificates() {
  if (webSocket_) webSocket_->reloadCertificates();
  if (rawSocket_) rawSocket_->reloadCertificates();
}

void RouterPort::drain(std::chrono::milliseconds deadline, const std::function<void()>& done) {
  // Called when the last of them drops its share.
  const std::shared_ptr<void> whenAll(nullptr, [done](void*) {
    if (done) done();
  });
  if (webSocket_) webSocket_->drain(deadline, [whenAll] {});
  if (rawSocket_) rawSocket_->drain(deadline, [whenAll] {});
}

}  // namespace autobahn::inline v0::wamp
