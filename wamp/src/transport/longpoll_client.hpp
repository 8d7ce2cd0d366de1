// A client's end of a long-poll transport.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/transport.hpp>
#include <memory>

namespace autobahn::inline v0::wamp {

/// Connects over "http://host:port/path", "https://…" or "http+unix://…". As `connectTransport`.
std::unique_ptr<ClientConnection> connectLongPoll(asio::io_context& io, const TransportConfig& config,
                                                  std::shared_ptr<TransportHandler> handler);

}  // namespace autobahn::inline v0::wamp
