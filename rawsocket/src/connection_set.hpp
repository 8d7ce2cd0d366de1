// The connections of one factory: their host, until each ends.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "connection.hpp"

namespace autobahn::inline v0::rawsocket {

/// Used on its loop only.
class ConnectionSet : public ConnectionHost {
 public:
  void add(std::shared_ptr<Connection> connection) {
    connection->hostSlot = connections_.size();
    connections_.push_back(std::move(connection));
  }
  std::size_t size() const { return connections_.size(); }
  /// Calls `visit` for every connection; connections may end meanwhile.
  void forEach(const std::function<void(Connection&)>& visit) {
    const std::vector<std::shared_ptr<Connection>> present = connections_;
    for (const auto& connection : present) visit(*connection);
  }
  /// Ends all at once.
  void terminateAll(std::string_view reason) {
    forEach([&](Connection& connection) { connection.terminate(reason); });
  }
  void ended(Connection& connection) override {
    const std::size_t slot = connection.hostSlot;
    connections_.back()->hostSlot = slot;
    std::swap(connections_[slot], connections_.back());
    connections_.pop_back();
  }

 private:
  std::vector<std::shared_ptr<Connection>> connections_;
};

}  // namespace autobahn::inline v0::rawsocket
