// Both ends of a transport in one process: messages are handed over as they are, without serializing.
#pragma once

#include <asio/any_io_executor.hpp>
#include <autobahn/wamp/transport.hpp>
#include <cstddef>
#include <memory>

namespace autobahn::inline v0::wamp {

/// One end's handler, and where it is called.
struct LocalEnd {
  asio::any_io_executor executor;  ///< of an io_context that one thread runs
  std::shared_ptr<TransportHandler> handler;
  /// Messages, and octets of encoded payloads in them, that may wait for this end's thread. More ends the
  /// transport: this end still gets what waits. 0 = unlimited.
  std::size_t maxWaitingMessages = 0;
  std::size_t maxWaitingOctets = 0;
};

/// Joins two handlers, which may live on different threads: both get `onOpen`, later. From any thread.
/// Payloads are shared, not copied. When the io_context of one end is destroyed, that end's handler is let go
/// without a call, and the other one gets `onClose`.
void connectLocally(LocalEnd first, LocalEnd second);

}  // namespace autobahn::inline v0::wamp
