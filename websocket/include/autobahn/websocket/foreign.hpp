// Another protocol on a WebSocket server's port.
#pragma once

#include <autobahn/util/net/stream.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::websocket {

/// A connection that turned out to speak something else than HTTP.
struct ForeignConnection {
  /// Its own handshakes (TLS, PROXY protocol) are done. Its new owner attaches to it soon: until then, its
  /// input waits.
  std::unique_ptr<util::Stream> stream;
  std::string received;  ///< what was read of it
  /// While this lives the connection counts as one of the server's (`maxConnections`, `maxConnectionsPerIp`,
  /// `drain`). From any thread.
  std::shared_ptr<void> admitted;
};

/// A protocol beside HTTP. Both run on the connection's loop.
struct ForeignProtocol {
  /// Whether first octets are its own; one octet may be all there is. What it does not recognize is taken for
  /// HTTP.
  std::function<bool(std::string_view received)> recognizes;
  /// Takes such a connection. Not to be used within the call.
  std::function<void(ForeignConnection connection)> take;
};

}  // namespace autobahn::inline v0::websocket
