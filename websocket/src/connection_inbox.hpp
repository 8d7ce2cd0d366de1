// Messages waiting for a coroutine handler, and the one coroutine that takes them in order.
#pragma once

#include <asio/cancellation_signal.hpp>
#include <deque>

#include "connection.hpp"

namespace autobahn::inline v0::websocket {

struct Connection::Inbox {
  std::deque<Message> messages;
  std::size_t octets = 0;
  bool running = false;
  asio::cancellation_signal cancellation;

  bool isFull() const { return messages.size() >= 64 || octets >= std::size_t{4} << 20; }
  bool isLow() const { return messages.size() < 16 && octets < std::size_t{1} << 20; }
  void cancel() {
    messages.clear();
    cancellation.emit(asio::cancellation_type::terminal);
  }
};

}  // namespace autobahn::inline v0::websocket
