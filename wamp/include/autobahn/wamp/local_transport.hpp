// Both ends of a transport in one process: messages are handed over as they are, without serializing.
#pragma once

#include <asio/any_io_executor.hpp>
#include <autobahn/wamp/transport.hpp>
#include <memory>

namespace autobahn::inline v0::wamp {

/// One end's handler, and where it is called.
struct LocalEnd {
  asio::any_io_executor executor;  ///< of an io_context that one thread runs
  std::shared_ptr<TransportHandler> handler;
};

/// Joins two handlers, which may live on different threads: both get `onOpen`, later. From any thread.
/// Payloads are shared, not copied.
void connectLocally(LocalEnd first, LocalEnd second);

}  // namespace autobahn::inline v0::wamp
