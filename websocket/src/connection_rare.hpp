// What a connection has only while it opens, or only when something is out of the ordinary.
#pragma once

#include <asio/steady_timer.hpp>

#include "connection.hpp"
#include "connection_inbox.hpp"

namespace autobahn::inline v0::websocket {

struct Connection::Rare {
  std::unique_ptr<Inbox> inbox;                 ///< coroutine handlers, once one is used
  std::unique_ptr<asio::steady_timer> drained;  ///< wakes `drain()`, once somebody awaits it
  std::unique_ptr<TransportDetails> transport;  ///< asked for once, dropped when open
  std::unique_ptr<std::string> writeError;      ///< writing failed: the end is due
  util::TimePoint stalledAt = util::kNever;     ///< when a peer that takes nothing is given up

  bool isEmpty() const {
    return !inbox && !drained && !transport && !writeError && stalledAt == util::kNever;
  }
};

}  // namespace autobahn::inline v0::websocket
