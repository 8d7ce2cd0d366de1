// The client's address as proxies in front of a server tell it.
#pragma once

#include <autobahn/websocket/http.hpp>
#include <string>

namespace autobahn::inline v0::websocket {

/// The address that the outermost of `trusted` proxies saw: that many from the right in X-Forwarded-For, the
/// leftmost when there are fewer. Empty when there is none, it is not plausible, or nobody is trusted. For
/// HTTP handlers; connections have it as `ConnectionRequest::forwardedFor`.
std::string forwardedFor(const http::Headers& headers, int trusted);

}  // namespace autobahn::inline v0::websocket
