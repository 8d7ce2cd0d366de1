#include "connection_set.hpp"

#include <algorithm>
#include <autobahn/util/log.hpp>
#include <utility>

#include "connection_guard.hpp"

namespace autobahn::inline v0::websocket {

namespace {

constexpr util::Logger kLog{"autobahn.websocket"};

void add(TrafficStats& sum, const TrafficStats& other) {
  sum.incomingOctetsWireLevel += other.incomingOctetsWireLevel;
  sum.outgoingOctetsWireLevel += other.outgoingOctetsWireLevel;
  sum.incomingOctetsAppLevel += other.incomingOctetsAppLevel;
  sum.outgoingOctetsAppLevel += other.outgoingOctetsAppLevel;
  sum.incomingWebSocketFrames += other.incomingWebSocketFrames;
  sum.outgoingWebSocketFrames += other.outgoingWebSocketFrames;
  sum.incomingWebSocketMessages += other.incomingWebSocketMessages;
  sum.outgoingWebSocketMessages += other.outgoingWebSocketMessages;
}

}  // namespace

Metrics& Metrics::operator+=(const Metrics& other) {
  transportsAccepted += other.transportsAccepted;
  connectionsOpened += other.connectionsOpened;
  handshakesFailed += other.handshakesFailed;
  for (const auto& [code, count] : other.closeCodes) closeCodes[code] += count;
  add(traffic, other.traffic);
  transports += other.transports;
  connections += other.connections;
  queuedOctets += other.queuedOctets;
  longestQueue = std::max(longestQueue, other.longestQueue);
  return *this;
}

void ConnectionSet::add(std::shared_ptr<Connection> connection) {
  ++totals_.transportsAccepted;
  connection->hostSlot = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back(std::move(connection));
}

void ConnectionSet::forEach(const std::function<void(Connection&)>& visit) {
  const std::vector<std::shared_ptr<Connection>> present = connections_;
  for (const auto& connection : present) visit(*connection);
}

void ConnectionSet::terminateAll(std::string_view reason) {
  forEach([&](Connection& connection) { connection.terminate(reason); });
}

Metrics ConnectionSet::metrics() const {
  Metrics metrics = totals_;
  metrics.transports = connections_.size();
  for (const auto& connection : connections_) {
    const std::size_t queued = connection->bufferedAmount();
    metrics.connections += connection->engine().state() == State::open ? 1 : 0;
    metrics.queuedOctets += queued;
    metrics.longestQueue = std::max(metrics.longestQueue, queued);
    websocket::add(metrics.traffic, connection->engine().trafficStats());
  }
  return metrics;
}

/// What an observer throws must not harm the connection it is told of.
template <class Notice>
void ConnectionSet::tell(Notice&& notice) {
  if (!observer) return;
  try {
    notice(*observer);
  } catch (...) {
    kLog.error("exception in a MetricsObserver", {{"error", describeException(std::current_exception())}});
  }
}

void ConnectionSet::opened(Connection& connection) {
  ++totals_.connectionsOpened;
  tell([&](MetricsObserver& told) { told.onOpened(connection.transport().peer); });
}

void ConnectionSet::handshakeFailed(Connection& connection, const std::string& reason) {
  ++totals_.handshakesFailed;
  tell([&](MetricsObserver& told) { told.onHandshakeFailed(connection.transport().peer, reason); });
}

void ConnectionSet::ended(Connection& connection, const CloseInfo& info) {
  websocket::add(totals_.traffic, connection.engine().trafficStats());
  if (connection.engine().wasEverOpen()) {
    ++totals_.closeCodes[info.code];
    tell([&](MetricsObserver& told) {
      told.onClosed(connection.transport().peer, info, connection.engine().trafficStats());
    });
  }
  const std::uint32_t slot = connection.hostSlot;
  connections_.back()->hostSlot = slot;
  std::swap(connections_[slot], connections_.back());
  connections_.pop_back();
}

}  // namespace autobahn::inline v0::websocket
