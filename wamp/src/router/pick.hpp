// Which callee gets a call.
#pragma once

#include <autobahn/wamp/message_rpc.hpp>
#include <cstdint>
#include <optional>

#include "call.hpp"

namespace autobahn::inline v0::wamp::router {

/// Of the routing key; nothing without one.
std::optional<std::uint64_t> shardOf(const message::Call::Options& options);

/// The callee whose turn it is, of those that are not busy and not excluded; nullptr when there is none. For
/// a call with a shard the one where that is, if it is not busy; `routing` takes note of it.
Callee* pick(Registration& registration, Routing& routing);
/// Whether there is a callee, busy or not, that is not excluded.
bool hasCallee(const Registration& registration, const Routing& routing);
/// Takes note that it was this callee's turn.
void noteTurn(Registration& registration, const Callee& callee);

}  // namespace autobahn::inline v0::wamp::router
