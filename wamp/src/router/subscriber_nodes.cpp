#include "subscriber_nodes.hpp"

#include <utility>

#include "keyed_hash.hpp"
#include "rendezvous.hpp"

namespace autobahn::inline v0::wamp::router {

std::uint64_t shardOfKey(std::string_view rkey) {
  // No secret, and never to be changed: it says which node has which keys.
  return KeyedHash({0x6175746f6261686e, 0x7368617264696e67})(rkey);
}

void SubscriberNodes::set(std::size_t position, const std::optional<std::string_view>& nkey) {
  if (!nkey) return clear(position);
  auto found = nodes_.find(*nkey);
  if (found == nodes_.end()) found = nodes_.emplace(*nkey, Node{shardOfKey(*nkey)}).first;
  // First: the node that is left may be this one.
  ++found->second.subscribers;
  clear(position);
  if (position >= places_.size()) places_.resize(position + 1);
  places_[position] = &*found;
}

void SubscriberNodes::clear(std::size_t position) {
  if (position >= places_.size()) return;
  Entry* const left = std::exchange(places_[position], nullptr);
  if (left != nullptr && --left->second.subscribers == 0) nodes_.erase(left->first);
}

void SubscriberNodes::remove(std::size_t position, std::size_t count) {
  clear(position);
  if (places_.size() < count) return;  // the last one is at no node
  if (position + 1 < count) places_[position] = places_[count - 1];
  places_.pop_back();
}

const SubscriberNodes::Entry* SubscriberNodes::ownerOf(std::uint64_t shard) const {
  const Entry* owner = nullptr;
  std::uint64_t most = 0;
  for (const Entry& each : nodes_) {
    const std::uint64_t weight = rendezvousWeight(shard, each.second.hash);
    if (owner != nullptr && weight <= most) continue;
    owner = &each;
    most = weight;
  }
  return owner;
}

}  // namespace autobahn::inline v0::wamp::router
