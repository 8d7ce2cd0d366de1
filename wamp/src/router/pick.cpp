#include "pick.hpp"

#include <algorithm>

#include "keyed_hash.hpp"
#include "random_index.hpp"
#include "rendezvous.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

Callee* calleeOfShard(Registration& registration, Routing& routing) {
  Callee* best = nullptr;
  std::uint64_t most = 0;
  for (Callee& each : registration.callees) {
    if (routing.excludes(each)) continue;
    const std::uint64_t weight = rendezvousWeight(*routing.shard, each.serial);
    if (best != nullptr && weight <= most) continue;
    best = &each;
    most = weight;
  }
  routing.shardCallee = best == nullptr ? 0 : best->serial;
  return best;
}

bool isFree(const Callee& callee, const Routing& routing) {
  return !callee.isBusy() && !routing.excludes(callee);
}

Callee* firstFree(Registration& registration, const Routing& routing, std::size_t from, bool backwards) {
  std::vector<Callee>& callees = registration.callees;
  const std::size_t count = callees.size();
  for (std::size_t i = 0; i < count; ++i) {
    Callee& each = callees[backwards ? (from + count - i) % count : (from + i) % count];
    if (isFree(each, routing)) return &each;
  }
  return nullptr;
}

Callee* randomFree(Registration& registration, const Routing& routing) {
  std::vector<Callee>& callees = registration.callees;
  Callee& first = callees[randomIndex(callees.size())];
  if (isFree(first, routing)) return &first;
  const auto count =
      std::ranges::count_if(callees, [&](const Callee& each) { return isFree(each, routing); });
  if (count == 0) return nullptr;
  std::size_t left = randomIndex(static_cast<std::size_t>(count));
  return &*std::ranges::find_if(callees,
                                [&](const Callee& each) { return isFree(each, routing) && left-- == 0; });
}

}  // namespace

bool Routing::excludes(const Callee& callee) const {
  return !unavailable.empty() && std::ranges::find(unavailable, callee.serial) != unavailable.end();
}

std::optional<std::uint64_t> shardOf(const message::Call::Options& options) {
  if (!options.rkey) return std::nullopt;
  return KeyedHash()(options.rkey->view());
}

Callee* pick(Registration& registration, Routing& routing) {
  if (routing.shard) {
    Callee* const callee = calleeOfShard(registration, routing);
    return callee == nullptr || callee->isBusy() ? nullptr : callee;
  }
  const std::size_t count = registration.callees.size();
  switch (registration.invoke) {
    case Invoke::single:
    case Invoke::first:
      return firstFree(registration, routing, 0, false);
    case Invoke::last:
      return firstFree(registration, routing, count - 1, true);
    case Invoke::random:
      return randomFree(registration, routing);
    case Invoke::roundrobin:
      break;
  }
  Callee* picked = firstFree(registration, routing, registration.next % count, false);
  if (picked != nullptr) noteTurn(registration, *picked);
  return picked;
}

bool hasCallee(const Registration& registration, const Routing& routing) {
  return std::ranges::any_of(registration.callees,
                             [&](const Callee& each) { return !routing.excludes(each); });
}

void noteTurn(Registration& registration, const Callee& callee) {
  registration.next = static_cast<std::size_t>(&callee - registration.callees.data()) + 1;
}

}  // namespace autobahn::inline v0::wamp::router
