#include "server_loop.hpp"

#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>
#include <utility>

#include "status_page.hpp"

namespace autobahn::inline v0::websocket {

namespace {
constexpr util::Logger kLog{"autobahn.websocket"};
constexpr std::string_view kGoingAway = "server is going away";

/// Says when it is gone; its last owner may be anywhere, and may outlive the loop.
struct Admitted {
  Admitted(util::Poster postTo, std::function<void()> function)
      : post(std::move(postTo)), leave(std::move(function)) {}
  Admitted(const Admitted&) = delete;
  Admitted& operator=(const Admitted&) = delete;
  ~Admitted() { post(std::move(leave)); }

  util::Poster post;
  std::function<void()> leave;
};
}  // namespace

std::shared_ptr<Connection> ServerLoop::makeConnection(std::unique_ptr<util::Stream> stream) {
  const ServerConfig config = core_.config();
  auto connection = std::make_shared<Connection>(loop_, std::move(stream),
                                                 Engine(config.options, config.identity), shared_from_this());
  add(connection);
  return connection;
}

void ServerLoop::serve(std::unique_ptr<util::Stream> stream) {
  if (shutDown_) return;
  const ServerConfig config = core_.config();
  const util::Admission::Verdict verdict = core_.admission.enter(config.options->maxConnections);
  if (verdict == util::Admission::Verdict::overrun || goingAway_) return core_.admission.leave();
  const std::shared_ptr<Connection> connection = makeConnection(std::move(stream));
  if (verdict == util::Admission::Verdict::busy) connection->refuseAsBusy();
  // Behind a proxy the address is known once its header is read.
  if (config.options->proxyProtocol == ProxyProtocol::off) countAddress(*connection);
  if (config.foreign) connection->lookFirst();
  if (!connection->ended()) connection->start();
}

void ServerLoop::transportReady(Connection& connection) { countAddress(connection); }

/// Counts the connection for its address, once, when there is a limit on that.
void ServerLoop::countAddress(Connection& connection) {
  const std::size_t limit = core_.config().options->maxConnectionsPerIp;
  const std::string address = limit == 0 ? std::string() : connection.transport().peerAddress;
  if (address.empty() || addresses_.contains(&connection)) return;
  addresses_[&connection] = address;
  switch (core_.admission.enterAddress(address, limit)) {
    case util::Admission::Verdict::welcome:
      break;
    case util::Admission::Verdict::busy:
      return connection.refuseAsBusy();
    case util::Admission::Verdict::overrun:
      return connection.terminate("too many connections of one address");
  }
}

void ServerLoop::serveUpgraded(std::unique_ptr<util::Stream> stream,
                               std::shared_ptr<WebSocketServerProtocol> protocol, const std::string& received,
                               std::optional<PerMessageDeflateParameters> compression) {
  if (shutDown_) return;
  core_.admission.enter(0);
  const std::shared_ptr<Connection> connection = makeConnection(std::move(stream));
  protocol->factory_ = &core_.factory;
  connection->setProtocol(std::move(protocol));
  connection->startUpgraded(received, compression);
}

void ServerLoop::shutDown() {
  terminateAll("server stopped");
  shutDown_ = true;
}

void ServerLoop::goAway() {
  goingAway_ = true;
  forEach([](Connection& connection) { connection.goAway(kGoingAway); });
}

bool ServerLoop::isForeign(std::string_view received) {
  const auto foreign = core_.config().foreign;
  return foreign && foreign->recognizes(received);
}

void ServerLoop::handOver(Connection& connection, std::unique_ptr<util::Stream> stream,
                          std::string_view received) {
  auto leave = [self = shared_from_this(), address = forgetAddress(connection)] { self->release(address); };
  const auto admitted = std::make_shared<Admitted>(loop_.poster(), std::move(leave));
  ConnectionSet::ended(connection, {});
  const auto foreign = core_.config().foreign;
  try {
    foreign->take({std::move(stream), std::string(received), admitted});
  } catch (...) {
    kLog.error("exception in a foreign protocol's `take`",
               {{"error", util::describeException(std::current_exception())}});
  }
}

std::shared_ptr<WebSocketProtocol> ServerLoop::protocolFor(const ConnectionRequest& request) {
  auto protocol = core_.factory.buildProtocol(request);
  if (protocol) protocol->factory_ = &core_.factory;
  return protocol;
}

ConnectDecision ServerLoop::decide(WebSocketProtocol& protocol, const ConnectionRequest& request) {
  if (goingAway_) throw ConnectionDeny(ConnectionDeny::kServiceUnavailable, std::string(kGoingAway));
  return static_cast<WebSocketServerProtocol&>(protocol).onConnect(request);
}

HttpDecision ServerLoop::answer(const http::Request& request, const TransportDetails& transport) {
  const ServerConfig config = core_.config();
  if (config.httpHandler && *config.httpHandler) return (*config.httpHandler)(request, transport);
  if (config.options->webStatus) return statusPage(request, *config.identity);
  return upgradeRequired(*config.options);
}

void ServerLoop::ended(Connection& connection, const CloseInfo& info) {
  const std::string address = forgetAddress(connection);
  ConnectionSet::ended(connection, info);
  release(address);
}

/// Its address, if it is counted for that, which goes on.
std::string ServerLoop::forgetAddress(const Connection& connection) {
  auto found = addresses_.extract(&connection);
  return found ? std::move(found.mapped()) : std::string();
}

/// A connection is gone, `address`: from where, if that was counted.
void ServerLoop::release(const std::string& address) {
  if (shutDown_) return;
  if (!address.empty()) core_.admission.leaveAddress(address);
  core_.admission.leave();
  core_.connectionEnded();
}

}  // namespace autobahn::inline v0::websocket
