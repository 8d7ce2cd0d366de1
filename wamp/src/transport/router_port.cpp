#include "router_port.hpp"

#include <algorithm>
#include <autobahn/rawsocket/detect.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/unique_fd.hpp>
#include <autobahn/websocket/url.hpp>
#include <bit>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http_hop.hpp"
#include "url_scheme.hpp"

namespace autobahn::inline v0::wamp {
namespace {

/// For an answer that is on its way when its time is up.
constexpr std::chrono::seconds kPollGrace{5};

/// Where WebSockets are served: at the URL's path, if it has one, and at `more`; everywhere without either.
std::vector<std::string> pathsOf(const std::string& urlPath, const std::vector<std::string>& more) {
  std::vector<std::string> paths = more;
  if (urlPath != "/" || paths.empty()) paths.push_back(urlPath == "/" ? "*" : urlPath);
  return paths;
}

// What RawSocket has of a WebSocket's options. It knows powers of two only, and no unlimited messages.
rawsocket::ServerOptions rawSocketOptions(const websocket::ServerOptions& from,
                                          rawsocket::ServerOptions options) {
  const std::size_t most = from.maxMessagePayloadSize == 0 ? rawsocket::kGreatestMaxPayload
                                                           : std::bit_floor(from.maxMessagePayloadSize);
  options.maxMessagePayloadSize =
      std::clamp<std::size_t>(most, rawsocket::kLeastMaxPayload, rawsocket::kGreatestMaxPayload);
  options.openHandshakeTimeout = from.openHandshakeTimeout;
  options.closeTimeout = from.closeHandshakeTimeout;
  options.tcpNoDelay = from.tcpNoDelay;
  options.autoPingInterval = from.autoPingInterval;
  options.autoPingTimeout = from.autoPingTimeout;
  options.autoPingSize = from.autoPingSize;
  options.autoPingRestartOnAnyTraffic = from.autoPingRestartOnAnyTraffic;
  options.sendBufferHighWatermark = from.sendBufferHighWatermark;
  options.sendBufferLowWatermark = from.sendBufferLowWatermark;
  options.slowConsumerPolicy = from.slowConsumerPolicy == websocket::SlowConsumerPolicy::close
                                   ? rawsocket::SlowConsumerPolicy::close
                                   : rawsocket::SlowConsumerPolicy::buffer;
  options.maxConnections = from.maxConnections;
  options.maxConnectionsPerIp = from.maxConnectionsPerIp;
  return options;
}

void check(const RouterListenOptions& options, bool isRawSocket) {
  if (options.websocket.slowConsumerPolicy == websocket::SlowConsumerPolicy::dropMessage) {
    throw std::invalid_argument("slowConsumerPolicy: dropMessage would drop answers that clients wait for");
  }
  for (const std::string& path : options.webSocketPaths) {
    if (!path.starts_with('/'))
      throw std::invalid_argument("webSocketPaths: \"" + path + "\" begins with no /");
  }
  const std::string& longPoll = options.longPollPath;
  if (!longPoll.empty() && (!longPoll.starts_with('/') || longPoll.find_first_not_of('/') == longPoll.npos)) {
    throw std::invalid_argument("longPollPath: \"" + longPoll + "\" is no path such as \"/lp\"");
  }
  const std::vector<std::string>& origins = options.websocket.allowedOrigins;
  if (options.cookies && (isRawSocket || std::ranges::find(origins, "*") != origins.end())) {
    throw std::invalid_argument(
        isRawSocket ? "cookies: a RawSocket URL has none"
                    : "cookies: websocket.allowedOrigins must name the origins whose pages may connect: with "
                      "\"*\" any page could, as the user of the browser that shows it");
  }
  const bool wantsHttp =
      options.httpHandler || !options.longPollPath.empty() || !options.webSocketPaths.empty();
  if (isRawSocket && wantsHttp) {
    throw std::invalid_argument(
        "a RawSocket URL serves no HTTP: listen on a WebSocket URL, with detectRawSocket");
  }
}

}  // namespace

RouterPort::RouterPort(asio::io_context& io, std::shared_ptr<util::LoopGroup> loops, std::string_view url,
                       RouterListenOptions options, TransportHandlerFactory makeHandler)
    : loops_(std::move(loops)) {
  util::UniqueFd given(std::exchange(options.listeningSocket, -1));  // closed whatever is thrown
  const bool isRawSocket = isRawSocketUrl(url);
  check(options, isRawSocket);
  if (isRawSocket) {
    listenRawSocket(io, url, std::move(options), std::move(given), std::move(makeHandler));
  } else {
    listenWebSocket(io, url, std::move(options), std::move(given), std::move(makeHandler));
  }
}

RouterPort::~RouterPort() {
  if (longPoll_) longPoll_->shutDown();
}

std::unique_ptr<WampRawSocketServerFactory> RouterPort::makeRawSocket(
    asio::io_context& io, std::string_view url, const RouterListenOptions& options,
    TransportHandlerFactory makeHandler) const {
  auto factory =
      std::make_unique<WampRawSocketServerFactory>(io, url, std::move(makeHandler), options.serializers);
  factory->setProtocolOptions(rawSocketOptions(options.websocket, factory->protocolOptions()));
  if (loops_) factory->shareLoops(loops_);
  return factory;
}

void RouterPort::listenRawSocket(asio::io_context& io, std::string_view url, RouterListenOptions options,
                                 util::UniqueFd given, TransportHandlerFactory makeHandler) {
  rawSocket_ = makeRawSocket(io, url, options, std::move(makeHandler));
  rawsocket::ListenOptions listening;
  listening.tls = std::move(options.tls);
  listening.unixMode = options.unixMode;
  listening.listeningSocket = given.release();
  const auto where = rawSocket_->listen(std::move(listening));
  listener_ = {where.url, where.port};
}

void RouterPort::listenWebSocket(asio::io_context& io, std::string_view url, RouterListenOptions options,
                                 util::UniqueFd given, TransportHandlerFactory makeHandler) {
  if (options.detectRawSocket) rawSocket_ = makeRawSocket(io, {}, options, makeHandler);
  webSocket_ = std::make_unique<WampWebSocketServerFactory>(
      io, url, makeHandler, options.serializers,
      pathsOf(websocket::parseUrl(url).path, options.webSocketPaths), options.cookies);
  if (!options.longPollPath.empty()) {
    // A request that waits for messages is no slow one.
    auto& timeout = options.websocket.httpHandlerTimeout;
    timeout = std::max(timeout, options.longPoll.pollTimeout + kPollGrace);
  }
  webSocket_->setProtocolOptions(options.websocket);
  if (loops_) webSocket_->shareLoops(loops_);
  serveWeb(io, options, std::move(makeHandler));
  if (rawSocket_) shareWithRawSocket();
  websocket::ListenOptions listening;
  listening.tls = std::move(options.tls);
  listening.unixMode = options.unixMode;
  listening.listeningSocket = given.release();
  const auto where = webSocket_->listen(std::move(listening));
  listener_ = {where.url, where.port};
}

void RouterPort::serveWeb(asio::io_context& io, const RouterListenOptions& options,
                          TransportHandlerFactory makeHandler) {
  if (options.longPollPath.empty()) {
    if (options.httpHandler) webSocket_->setHttpHandler(onRouterLoop(options.httpHandler));
    return;
  }
  longPoll_ =
      std::make_shared<LongPollServer>(util::AsioLoop::of(io), options.longPollPath, options.longPoll,
                                       options.serializers, options.websocket, std::move(makeHandler));
  webSocket_->setHttpHandler(
      onRouterLoop([longPoll = longPoll_, other = options.httpHandler](
                       const websocket::http::Request& request,
                       const websocket::TransportDetails& network) -> websocket::HttpDecision {
        if (longPoll->serves(request)) return longPoll->answer(request, network);
        if (other) return other(request, network);
        throw websocket::ConnectionDeny(websocket::ConnectionDeny::kNotFound, "not found");
      }));
}

websocket::HttpHandler RouterPort::onRouterLoop(websocket::HttpHandler handler) const {
  return loops_ ? answerOnFirstLoop(*loops_, std::move(handler)) : handler;
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

void RouterPort::readMetrics(const std::function<void(RouterListenerMetrics)>& done) {
  RouterListenerMetrics metrics;
  metrics.url = listener_.url;
  if (rawSocket_) metrics.rawSockets = rawSocket_->connectionCount();
  if (longPoll_) metrics.longPollers = longPoll_->transportCount();
  if (!webSocket_) return done(std::move(metrics));
  webSocket_->readMetrics([metrics, done](const websocket::Metrics& of) mutable {
    metrics.webSocket = of;
    done(std::move(metrics));
  });
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
  if (longPoll_) {  // its requests are WebSocket's connections
    const auto started = std::chrono::steady_clock::now();
    longPoll_->drain(deadline / 2, [this, deadline, started, whenAll] {
      const auto passed = std::chrono::steady_clock::now() - started;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - passed);
      webSocket_->drain(std::max(left, std::chrono::milliseconds::zero()), [whenAll] {});
    });
  } else if (webSocket_) {
    webSocket_->drain(deadline, [whenAll] {});
  }
  if (rawSocket_) rawSocket_->drain(deadline, [whenAll] {});
}

}  // namespace autobahn::inline v0::wamp
