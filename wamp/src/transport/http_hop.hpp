// HTTP requests that come on any loop, answered on one.
#pragma once

#include <autobahn/util/net/loop_group.hpp>
#include <autobahn/websocket/http_handler.hpp>

namespace autobahn::inline v0::wamp {

/// A handler for requests on any of the loops, for which `handler` is called on the first one alone. Asked
/// after that loop has ended: 503. `loops` outlives the handler.
websocket::HttpHandler answerOnFirstLoop(const util::LoopGroup& loops, websocket::HttpHandler handler);

}  // namespace autobahn::inline v0::wamp
