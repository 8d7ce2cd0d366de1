// Drives an engine over a stream on an event loop: reads, hands events to the protocol object, writes. The
// small sister of websocket's Connection; docs/design.md section 4 says why it is as it is.
#pragma once

#include <asio/steady_timer.hpp>
#include <autobahn/rawsocket/engine.hpp>
#include <autobahn/rawsocket/protocol.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/util/net/stream.hpp>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace autobahn::inline v0::rawsocket {

/// What a factory does for its connections. All calls come on the connection's loop.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;

  /// Server: the transport's own handshakes are done, its peer is known.
  virtual void transportReady(Connection&) {}
  /// Server: who handles this connection; null refuses it.
  virtual std::shared_ptr<RawSocketProtocol> protocolFor(const HandshakeRequest&) { return nullptr; }
  /// The connection is over, `onClose` was called. The host lets go of it.
  virtual void ended(Connection& connection) = 0;
};

class Connection final : public std::enable_shared_from_this<Connection>,
                         public util::StreamObserver,
                         public util::LoopTask {
 public:
  Connection(util::EventLoop& loop, std::unique_ptr<util::Stream> stream, Engine engine,
             std::shared_ptr<ConnectionHost> host);
  ~Connection();

  /// Client: the protocol object is known from the start.
  void setProtocol(std::shared_ptr<RawSocketProtocol> protocol);
  /// Watches the stream; from here on the connection lives until it tells its host that it `ended`.
  /// `received`: octets that were read of it already.
  void start(std::string_view received = {});
  /// Ends at once, with `onClose`, for a host that goes away.
  void terminate(std::string_view reason);
  bool ended() const { return ended_; }
  /// Answers the handshake with error 4, whatever it asks for.
  void refuseAsBusy() { engine_.refuseAsBusy(); }

  Engine& engine() { return engine_; }
  const Engine& engine() const { return engine_; }
  util::EventLoop& loop() { return loop_; }
  const util::Stream* stream() const { return stream_.get(); }
  RawSocketProtocol* protocol() const { return protocol_.get(); }
  TransportDetails transport() const;

  // For the protocol object

  /// Runs `action(engine)` and sees to it that its output, its deadline and what it ended are attended to.
  template <class Action>
  auto act(Action&& action) {
    requireOwnThread();
    engine_.setTime(loop_.now());
    // Also when it throws: what it did before that counts.
    attendLater();
    return std::forward<Action>(action)(engine_);
  }
  bool sendMessage(std::string_view payload);
  /// True when the slow-consumer policy lets another message in.
  bool admits();
  std::size_t bufferedAmount() const;
  asio::awaitable<void> drain();
  void pauseReading(bool on) { setPause(kByUser, on); }

  void onReadable() override;
  void onWritable() override;
  void onTimer() override;
  void onTurnEnd() override;

  std::size_t hostSlot = 0;  ///< the host's index of this connection

 private:
  /// Why nothing is read from the peer.
  enum Pause : std::uint8_t { kByUser = 1, kOutputFull = 2 };
  class Batch;

  void requireOwnThread() const;
  void attendLater();
  void attendAgain();
  void advanceTransport();
  void transportReady();
  void readAvailable();
  bool readOnce();
  void receivedInBuffer(std::span<const char> bytes);
  void processInput();
  void endOfInput();
  void dispatch(const Event& event);
  void answerHandshake();
  void startDrop(bool abort);
  void takeCork();
  void giveCorkBack();
  void settleOutput();
  bool liesInInput(std::string_view payload) const;
  void dropSlowConsumer();
  void flush();
  void writeSome();
  void writeFailed(const util::IoResult& result);
  void afterWrite();
  void concludeBatch();
  std::string describe(const util::IoResult& result) const;
  void finish(std::string_view detail);
  void rearm();
  void setPause(Pause reason, bool on);
  void checkWatermarks();
  void callbackFailed(const char* name, const std::exception_ptr& error);
  /// Runs a callback of the application. What it throws is logged and fails the connection.
  template <class Callback>
  void guarded(const char* name, Callback&& callback) {
    try {
      std::forward<Callback>(callback)();
    } catch (...) {
      callbackFailed(name, std::current_exception());
    }
  }

  util::EventLoop& loop_;
  std::unique_ptr<util::Stream> stream_;
  Engine engine_;
  std::shared_ptr<ConnectionHost> host_;
  std::shared_ptr<RawSocketProtocol> protocol_;
  std::unique_ptr<asio::steady_timer> drained_;  ///< wakes `drain()`, once somebody awaits it
  std::unique_ptr<std::string> writeError_;      ///< writing failed: the end is due
  util::TimePoint armed_ = util::kNever;
  util::TimePoint stalledAt_ = util::kNever;  ///< when a peer that takes nothing is given up
  std::string early_;                         ///< read before `start`, not yet processed
  std::uint8_t pauses_ = 0;
  bool transportReady_ : 1 = false;
  bool inBatch_ : 1 = false;
  bool hasCork_ : 1 = false;
  bool readsLoopBuffer_ : 1 = false;    ///< the input under way lies in the loop's receive buffer
  bool again_ : 1 = false;              ///< the batch under way leaves something for the next turn
  bool endPending_ : 1 = false;         ///< the peer's end was read, what came before it is not yet processed
  bool peerEnded_ : 1 = false;          ///< and that is done: nothing more comes
  bool dirty_ : 1 = false;              ///< the end of the turn will flush
  bool watchesWrite_ : 1 = false;       ///< the stream tells when it can be written
  bool blocked_ : 1 = false;            ///< the system took less than it was offered
  bool drainDue_ : 1 = false;           ///< `onDrain` is to be called
  bool overHighWatermark_ : 1 = false;  ///< the system did not take enough to get below it
  bool drainOwed_ : 1 = false;          ///< so much was queued at some moment: `onDrain` is to follow
  bool dropping_ : 1 = false;           ///< no more output than what is queued
  bool shutDown_ : 1 = false;           ///< our sending direction has ended
  bool ended_ : 1 = false;
};

/// One dispatched event of a connection. Keeps the connection alive, tells the engine the time, lends it the
/// loop's cork buffer, and at the end writes the output and moves the timer. Batches of one connection may
/// nest; the outermost does the work.
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
    if (outermost_) connection_.concludeBatch();
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

 private:
  Connection& connection_;
  std::shared_ptr<Connection> self_;
  bool outermost_;
};

}  // namespace autobahn::inline v0::rawsocket
