// Figures about a factory's connections, for monitoring. Nothing is counted on the message path for them:
// they are summed from what each connection keeps anyway.
#pragma once

#include <autobahn/websocket/types.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace autobahn::inline v0::websocket {

/// Totals since the factory was made, and gauges of the moment.
struct Metrics {
  std::uint64_t transportsAccepted = 0;  ///< TCP, TLS or Unix connections, before any handshake
  std::uint64_t connectionsOpened = 0;   ///< WebSocket connections that were opened
  std::uint64_t handshakesFailed = 0;    ///< transports that ended without becoming a WebSocket connection;
                                         ///< plain HTTP requests among them
  std::map<std::uint16_t, std::uint64_t> closeCodes;  ///< how opened connections ended: code → how many
  TrafficStats traffic;                               ///< of ended and present connections
  std::size_t transports = 0;                         ///< gauge
  std::size_t connections = 0;                        ///< gauge: open WebSocket connections
  std::size_t queuedOctets = 0;                       ///< gauge: octets waiting to be sent, all connections
  std::size_t longestQueue = 0;                       ///< gauge: the most of them on one connection

  Metrics& operator+=(const Metrics& other);
};

/// Told of events as they happen, on the loop of the connection concerned (so on several threads when there
/// are several loops). All calls are on cold paths.
class MetricsObserver {
 public:
  virtual ~MetricsObserver() = default;
  virtual void onOpened(const std::string& /*peer*/) {}
  virtual void onHandshakeFailed(const std::string& /*peer*/, const std::string& /*reason*/) {}
  virtual void onClosed(const std::string& /*peer*/, const CloseInfo& /*info*/,
                        const TrafficStats& /*traffic*/) {}
};

}  // namespace autobahn::inline v0::websocket
