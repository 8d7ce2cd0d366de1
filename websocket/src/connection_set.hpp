// The connections of one factory on one loop: their host, their counts, their end.
#pragma once

#include <autobahn/websocket/metrics.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "connection.hpp"

namespace autobahn::inline v0::websocket {

/// Used on its loop only.
class ConnectionSet : public ConnectionHost {
 public:
  void add(std::shared_ptr<Connection> connection);
  std::size_t size() const { return connections_.size(); }
  /// Calls `visit` for every connection; connections may end meanwhile.
  void forEach(const std::function<void(Connection&)>& visit);
  /// Ends all at once.
  void terminateAll(std::string_view reason);
  Metrics metrics() const;

  std::shared_ptr<MetricsObserver> observer;

  void opened(Connection& connection) override;
  void handshakeFailed(Connection& connection, const std::string& reason) override;
  void ended(Connection& connection, const CloseInfo& info) override;

 private:
  template <class Notice>
  void tell(Notice&& notice);

  std::vector<std::shared_ptr<Connection>> connections_;
  Metrics totals_;
};

}  // namespace autobahn::inline v0::websocket
