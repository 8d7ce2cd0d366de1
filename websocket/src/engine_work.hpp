// What an engine needs while bytes are on their way in or out, and what an idle one does without.
#pragma once

#include <autobahn/util/buffer.hpp>
#include <autobahn/util/send_queue.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "message_reader.hpp"
#include "message_writer.hpp"

namespace autobahn::inline v0::websocket {

/// The state of messages under way. An engine takes one when it is fed or sends something, and gives it back
/// when it rests with nothing half done: thousands of idle connections share the few that are in use, which
/// are in the processor's cache besides.
struct EngineWork {
  bool isIdle() const {
    return reader.isIdle() && writer.isIdle() && input.empty() && queue.empty() && !queue.hasLoan();
  }

  /// The reader goes on with these bytes, which lie somewhere else than those before.
  void setInput(std::span<char> bytes) {
    reader.inputMoved();
    input = bytes;
  }

  /// Notes what is sent from where it lies.
  void noteLoan(std::string_view payload) {
    if (payload.size() < kInPlaceFrom) return;  // it is copied
    lendsOwn = lendsOwn || reader.owns(payload) || retained.holds(payload);
  }
  /// Before the memory goes away that a payload sent from where it lies may lie in.
  void endOwnLoan() {
    if (lendsOwn) [[unlikely]]
      settleOwnLoan();
  }
  void settleOwnLoan();

  std::span<char> input;      ///< set by `setInput`; only its front is taken away otherwise
  util::ByteBuffer retained;  ///< where `input` lies when it was not processed in time
  MessageReader reader;
  MessageWriter writer;
  SendQueue queue;
  // What the engine lends to the two, put together once for a batch instead of for each message.
  std::optional<ReaderContext> reading;
  std::optional<WriterContext> writing;
  bool lendsOwn = false;            ///< `queue` may refer to `retained`, or the reader's buffer
  EngineWork* nextSpare = nullptr;  ///< the pool's
};

/// From this thread's pool, or new. As good as new either way, but for memory that it keeps.
std::unique_ptr<EngineWork> takeWork();
/// Back to this thread's pool. `work` is idle.
void giveWork(std::unique_ptr<EngineWork> work);

}  // namespace autobahn::inline v0::websocket
