// The nodes that share a subscription's events (advanced profile, sharded subscription).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp::router {

/// Of a resource key: which share of the events it lies in. The same text gives the same number in every
/// process, so that each node has the same share when the router has been started again. That publishers can
/// compute it gives them nothing: they may send all events under one key anyway.
std::uint64_t shardOfKey(std::string_view rkey);

/// Which subscriber is at which node, by the subscriber's position in its subscription's list.
class SubscriberNodes {
 public:
  /// A node, with the hash of its key and how many subscribers are there.
  struct Node {
    std::uint64_t hash = 0;
    std::size_t subscribers = 0;
  };
  /// With its key.
  using Entry = std::pair<const std::string, Node>;

  /// The subscriber at `position` is at this node; nothing: at none, and gets all events.
  void set(std::size_t position, const std::optional<std::string_view>& nkey);
  /// The subscriber at `position` is gone, and the last one of `count` has taken its place.
  void remove(std::size_t position, std::size_t count);
  /// No subscriber is at a node.
  bool empty() const { return nodes_.empty(); }
  std::size_t nodeCount() const { return nodes_.size(); }

  /// Whose the events of a share are; there is a node.
  const Entry* ownerOf(std::uint64_t shard) const;
  /// Whether the subscriber at `position` gets the events of `owner`.
  bool sharesWith(std::size_t position, const Entry* owner) const {
    return position >= places_.size() || places_[position] == nullptr || places_[position] == owner;
  }

 private:
  void clear(std::size_t position);

  std::map<std::string, Node, std::less<>> nodes_;
  std::vector<Entry*> places_;  ///< by position; shorter than the list when the last ones are at none
};

}  // namespace autobahn::inline v0::wamp::router
