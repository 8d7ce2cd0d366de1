#include "server_loop.hpp"

#include <autobahn/util/log.hpp>
#include <utility>

#include "status_page.hpp"

namespace autobahn::inline v0::websocket {

namespace {
constexpr util::Logger kLog{"autobahn.websocket"};
constexpr std::string_view kGoingAway = "server is going away";
}  // namespace

std::shared_ptr<Connection> ServerLoop::makeConnection(std::unique_ptr<util::Stream> stream) {
  const ServerConfig config = core_.config();
  auto connection = std::make_shared<Connection>(loop_, std::move(stream), Engine(config.options, config.identity),
                                                 shared_from_this());
  add(connection);
  return connection;
}

void ServerLoop::serve(std::unique_ptr<util::Stream> stream) {
  if (shutDown_) return;
  const ServerConfig config = core_.config();
  const std::string address =
      config.options->maxConnectionsPerIp != 0 ? stream->details().peerAddress : std::string();
  const Admission::Verdict verdict =
      core_.admission.enter(address, config.options->maxConnections, config.options->maxConnectionsPerIp);
  if (verdict == Admission::Verdict::overrun || goingAway_) {
    core_.admission.leave(address);
    return;
  }
  const std::shared_ptr<Connection> connection = makeConnection(std::move(stream));
  if (!address.empty()) addresses_[connection.get()] = address;
  if (verdict == Admission::Verdict::busy) connection->refuseAsBusy();
  connection->start();
}

void ServerLoop::serveUpgraded(std::unique_ptr<util::Stream> stream,
                               std::shared_ptr<WebSocketServerProtocol> protocol, const std::string& received,
                               std::optional<PerMessageDeflateParameters> compression) {
  if (shutDown_) return;
  core_.admission.enter({}, 0, 0);
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
  std::string address;
  if (const auto found = addresses_.find(&connection); found != addresses_.end()) {
    address = std::move(found->second);
    addresses_.erase(found);
  }
  ConnectionSet::ended(connection, info);
  core_.admission.leave(address);
  core_.connectionEnded();
}

}  // namespace autobahn::inline v0::websocket
