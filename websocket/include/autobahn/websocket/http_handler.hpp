// What is decided outside the engine about requests: connections and plain HTTP beside them.
#pragma once

#include <autobahn/websocket/http.hpp>
#include <autobahn/websocket/maybe_awaitable.hpp>
#include <autobahn/websocket/types.hpp>
#include <functional>

namespace autobahn::inline v0::websocket {

/// The answer to a WebSocket opening handshake, now or later; ConnectionDeny is thrown.
using ConnectDecision = MaybeAwaitable<ConnectionAccept>;
/// The answer to a plain HTTP request, now or later; ConnectionDeny is thrown for errors.
using HttpDecision = MaybeAwaitable<http::Response>;
/// Answers plain HTTP requests that arrive on a WebSocket server's port.
using HttpHandler = std::function<HttpDecision(const http::Request&, const TransportDetails&)>;

}  // namespace autobahn::inline v0::websocket
