#include "server_loop.hpp"

#include <utility>

namespace autobahn::inline v0::rawsocket {

void ServerLoop::serve(std::unique_ptr<util::Stream> stream, std::string_view received,
                       std::shared_ptr<void> admitted) {
  if (core_ == nullptr) return;
  const auto options = core_->config().options;
  const util::Admission::Verdict verdict = core_->admission.enter(options->maxConnections);
  if (goingAway_ || verdict == util::Admission::Verdict::overrun) return core_->admission.leave();
  const auto connection =
      std::make_shared<Connection>(loop_, std::move(stream), Engine(options), shared_from_this());
  add(connection);
  if (admitted) admitted_[connection.get()] = std::move(admitted);
  if (verdict == util::Admission::Verdict::busy) connection->refuseAsBusy();
  connection->start(received);
}

/// Counts the connection for its address when there is a limit on that.
void ServerLoop::transportReady(Connection& connection) {
  if (core_ == nullptr) return;
  const std::size_t limit = core_->config().options->maxConnectionsPerIp;
  const std::string address = limit == 0 ? std::string() : connection.transport().peerAddress;
  if (address.empty()) return;
  addresses_[&connection] = address;
  switch (core_->admission.enterAddress(address, limit)) {
    case util::Admission::Verdict::welcome:
      break;
    case util::Admission::Verdict::busy:
      return connection.refuseAsBusy();
    case util::Admission::Verdict::overrun:
      return connection.terminate("too many connections of one address");
  }
}

std::shared_ptr<RawSocketProtocol> ServerLoop::protocolFor(const HandshakeRequest& request) {
  if (core_ == nullptr) return nullptr;
  auto protocol = core_->factory.buildProtocol(request);
  if (protocol) protocol->factory_ = &core_->factory;
  return protocol;
}

void ServerLoop::ended(Connection& connection) {
  const auto address = addresses_.extract(&connection);
  admitted_.erase(&connection);
  ConnectionSet::ended(connection);
  if (core_ == nullptr) return;
  if (address) core_->admission.leaveAddress(address.mapped());
  core_->admission.leave();
  core_->connectionEnded();
}

void ServerLoop::goAway() {
  goingAway_ = true;
  forEach([](Connection& connection) { connection.act([](Engine& engine) { engine.close(); }); });
}

void ServerLoop::shutDown() {
  core_ = nullptr;
  terminateAll("server stopped");
}

}  // namespace autobahn::inline v0::rawsocket
