// One dispatched event of a connection: its output is gathered and leaves as one write at the end.
#pragma once

#include "connection.hpp"

namespace autobahn::inline v0::websocket {

/// Keeps the connection alive, tells the engine the time, lends it the loop's cork buffer, and at the end
/// writes the output and moves the timer. Batches of one connection may nest; the outermost does the work.
class Connection::Batch {
 public:
  explicit Batch(Connection& connection)
      : connection_(connection), self_(connection.shared_from_this()), outermost_(!connection.inBatch_) {
    if (!outermost_) return;
    connection_.inBatch_ = true;
    connection_.engine_.setTime(connection_.loop_.now());
    connection_.takeCork();
  }
  ~Batch() {
    if (!outermost_) return;
    connection_.concludeBatch();
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

 private:
  Connection& connection_;
  std::shared_ptr<Connection> self_;
  bool outermost_;
};

}  // namespace autobahn::inline v0::websocket
