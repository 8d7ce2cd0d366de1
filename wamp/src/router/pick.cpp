#include "pick.hpp"

#include <algorithm>

#include "keyed_hash.hpp"
#include "random_index.hpp"
#include "rendezvous.hpp"
#include "session.hpp"
#include "suspension.hpp"

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

/// What is asked of the callee that is looked for.
struct Wanted {
  const Routing& routing;
  bool hasTransport = true;

  bool isIt(const Callee& callee) const {
    return !callee.isBusy() && !routing.excludes(callee) &&
           (!hasTransport || callee.session->suspension == nullptr);
  }
};

Callee* firstFree(Registration& registration, const Wanted& wanted, std::size_t from, bool backwards) {
  std::vector<Callee>& callees = registration.callees;
  const std::size_t count = callees.size();
  for (std::size_t i = 0; i < count; ++i) {
    Callee& each = callees[backwards ? (from + count - i) % count : (from + i) % count];
    if (wanted.isIt(each)) return &each;
  }
  return nullptr;
}

Callee* randomFree(Registration& registration, const Wanted& wanted) {
  std::vector<Callee>& callees = registration.callees;
  Callee& first = callees[randomIndex(callees.size())];
  if (wanted.isIt(first)) return &first;
  const auto count = std::ranges::count_if(callees, [&](const Callee& each) { return wanted.isIt(each); });
  if (count == 0) return nullptr;
  std::size_t left = randomIndex(static_cast<std::size_t>(count));
  return &*std::ranges::find_if(callees,
                                [&](const Callee& each) { return wanted.isIt(each) && left-- == 0; });
}

Callee* pickFree(Registration& registration, const Wanted& wanted) {
  const std::size_t count = registration.callees.size();
  switch (registration.invoke) {
    case Invoke::single:
    case Invoke::first:
      return firstFree(registration, wanted, 0, false);
    case Invoke::last:
      return firstFree(registration, wanted, count - 1, true);
    case Invoke::random:
      return randomFree(registration, wanted);
    case Invoke::roundrobin:
      break;
  }
  Callee* picked = firstFree(registration, wanted, registration.next % count, false);
  if (picked != nullptr) noteTurn(registration, *picked);
  return picked;
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
  Callee* const picked = pickFree(registration, {.routing = routing});
  // One without a transport answers when its client has come back, if it does.
  return picked != nullptr ? picked : pickFree(registration, {.routing = routing, .hasTransport = false});
}

bool hasCallee(const Registration& registration, const Routing& routing) {
  return std::ranges::any_of(registration.callees,
                             [&](const Callee& each) { return !routing.excludes(each); });
}

void noteTurn(Registration& registration, const Callee& callee) {
  registration.next = static_cast<std::size_t>(&callee - registration.callees.data()) + 1;
}

}  // namespace autobahn::inline v0::wamp::router
