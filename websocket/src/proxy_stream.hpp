// A stream whose bytes start with a PROXY protocol header: read first, it gives the peer's true address.
#pragma once

#include <autobahn/util/net/stream.hpp>
#include <memory>
#include <string>

#include "proxy_header.hpp"

namespace autobahn::inline v0::websocket {

/// The header is read in `handshake()`; bytes behind it come out of `read` as if nothing had been.
std::unique_ptr<util::Stream> makeProxyStream(std::unique_ptr<util::Stream> inner);

}  // namespace autobahn::inline v0::websocket
