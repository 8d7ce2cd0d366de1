// Drives an engine over a stream on an event loop: reads, hands events to the protocol object, writes.
#pragma once

#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/util/net/stream.hpp>
#include <autobahn/websocket/engine.hpp>
#include <autobahn/websocket/http_handler.hpp>
#include <autobahn/websocket/protocol.hpp>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::websocket {

/// What a factory does for its connections. All calls come on the connection's loop.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;

  /// Server: the transport's own handshakes are done, its peer is known.
  virtual void transportReady(Connection& connection);
  /// Server, of connections that `lookFirst`: whether somebody else is to have a connection that begins so.
  virtual bool isForeign(std::string_view received);
  /// Such a connection is over, as far as we are concerned: its stream goes elsewhere. The host lets go of
  /// it.
  virtual void handOver(Connection& connection, std::unique_ptr<util::Stream> stream,
                        std::string_view received);
  /// Server: who handles this request; may throw ConnectionDeny.
  virtual std::shared_ptr<WebSocketProtocol> protocolFor(const ConnectionRequest& request);
  /// Server: the protocol object decides.
  virtual ConnectDecision decide(WebSocketProtocol& protocol, const ConnectionRequest& request);
  /// Server: answers plain HTTP.
  virtual HttpDecision answer(const http::Request& request, const TransportDetails& transport);
  /// Client: the transport is up, the request may be altered; then the response may be rejected by throwing.
  virtual void connecting(WebSocketProtocol& protocol, ClientRequest& request,
                          const TransportDetails& transport);
  virtual void connected(WebSocketProtocol& protocol, const ConnectionResponse& response);

  virtual void opened(Connection& connection);
  /// The opening handshake failed for `reason`; `protocol` may not exist.
  virtual void handshakeFailed(Connection& connection, const std::string& reason);
  /// The connection is over, `onClose` was called. The host lets go of it.
  virtual void ended(Connection& connection, const CloseInfo& info) = 0;
};

/// Small, since there may be a million of them, most of them idle: the flags are bits, and what few
/// connections need is in `Rare`.
class Connection final : public std::enable_shared_from_this<Connection>,
                         public util::StreamObserver,
                         public util::LoopTask {
 public:
  Connection(util::EventLoop& loop, std::unique_ptr<util::Stream> stream, Engine engine,
             std::shared_ptr<ConnectionHost> host);
  ~Connection();

  /// Client, or an upgraded socket: the protocol object is known from the start.
  void setProtocol(std::shared_ptr<WebSocketProtocol> protocol);
  /// Watches the stream; from here on the connection lives until it tells its host that it `ended`.
  void start();
  /// The same for a stream on which somebody else did the opening handshake; `received`: bytes read past it.
  void startUpgraded(std::string_view received, std::optional<PerMessageDeflateParameters> compression);
  /// Ends at once, with `onClose`, for a host that goes away.
  void terminate(std::string_view reason);
  /// Server: 1001 to an open connection, the end for one still in its opening handshake; a request of plain
  /// HTTP that is being answered comes first.
  void goAway(std::string_view reason);
  bool ended() const { return ended_; }
  /// Answers the opening handshake with 503, whatever it asks for.
  void refuseAsBusy() { busy_ = true; }
  /// Before `start`: the first octets decide whether the connection is for us.
  void lookFirst() { looksFirst_ = true; }

  Engine& engine() { return engine_; }
  const Engine& engine() const { return engine_; }
  util::EventLoop& loop() { return loop_; }
  const util::Stream* stream() const { return stream_.get(); }
  WebSocketProtocol* protocol() const { return protocol_.get(); }
  const TransportDetails& transport() const;

  // For the protocol object

  /// Runs `action(engine)` and sees to it that its output, its deadline and what it ended are attended to.
  template <class Action>
  auto act(Action&& action) {
    requireOwnThread();
    if (inBatch_) return action(engine_);  // which knows the time, and attends to all at its end
    engine_.setTime(loop_.now());
    auto result = action(engine_);
    attendLater();
    return result;
  }
  /// Calls `visitor`, not from within a callback; what it sends leaves when it returns, not at the end of the
  /// turn: each connection is in the cache once.
  void visit(const std::function<void(WebSocketProtocol&)>& visitor);
  bool sendMessage(std::string_view payload, bool isBinary, SendOptions options);
  /// True when the slow-consumer policy lets another message in.
  bool admits() {
    requireOwnThread();
    // The usual case: nothing waits in the transport, and little here.
    const bool little = !watchesWrite_ && queued().size() < engine_.options().sendBufferHighWatermark;
    return (little && !overHighWatermark_) || admitsMore();
  }
  std::size_t bufferedAmount() const;
  asio::awaitable<void> drain();
  void enqueueAsync(Message message);
  void pauseReading(bool on) { setPause(kByUser, on); }

  void onReadable() override;
  void onWritable() override;
  void onTimer() override;
  void onTurnEnd() override;

 private:
  /// Why nothing is read from the peer.
  enum Pause : std::uint8_t { kByUser = 1, kUndecided = 2, kInboxFull = 4, kOutputFull = 8 };

  class Batch;
  struct Inbox;
  struct Rare;

  /// The thread rule, checked where asserts are on: a look at another thread's loop per message costs too
  /// much otherwise.
  void requireOwnThread() const {
#ifndef NDEBUG
    if (loop_.isForeignThread()) {
      throw InvalidState("called on another thread than the connection's loop: use ref().post(…) instead");
    }
#endif
  }
  bool admitsMore();
  void attendLater();
  void attendAgain();
  void endOfInput();
  template <class Send>
  void refuse(const char* who, std::exception_ptr error, Send&& send);

  bool advanceHandshake();
  void transportReady();
  void readAvailable();
  void readFirst();
  bool readOnce();
  bool mayGoOn(const util::IoResult& result);
  void handOver(std::string_view received);
  void receivedDirectly(std::span<const char> bytes);
  void receivedInBuffer(std::span<char> bytes);
  void processInput();
  void dispatch(const Event& event);
  void dispatchMessage(const Event& event);
  void dispatchOpening(const Event& event);
  void decideConnect();
  void finishConnect(std::exception_ptr error, ConnectionAccept accept);
  void answerHttp();
  void finishHttp(std::exception_ptr error, http::Response response);
  void continueAfterDecision();
  void opened();
  void startDrop(bool abort);
  void takeCork();
  void giveCorkBack();
  void settleOutput();
  bool liesInInput(std::string_view payload) const;
  void returnLoopBuffer();
  void dropSlowConsumer();
  void flush();
  void writeSome();
  void write(std::span<const std::string_view> parts);
  void writeFailed(const util::IoResult& result);
  void afterWrite();
  void concludeBatch();
  std::string describe(const util::IoResult& result) const;
  void finish(std::string_view detail, bool tlsFailed = false);
  void notifyClosed(const CloseInfo& info);
  void rearm();
  void setPause(Pause reason, bool on);
  void checkWatermarks(std::size_t amount);
  asio::awaitable<void> runInbox();
  void logOctets(std::string_view direction, std::string_view bytes) const;
  void traceFrames();
  void callbackFailed(const char* name, std::exception_ptr error);
  template <class Callback>
  bool guarded(const char* name, Callback&& callback);

  const SendQueue& queued() const { return engine_.output(); }
  Rare& makeRare() const;
  void forgetTransport();
  util::TimePoint stalledAt() const;

  util::EventLoop& loop_;
  std::unique_ptr<util::Stream> stream_;
  Engine engine_;
  std::shared_ptr<ConnectionHost> host_;
  std::shared_ptr<WebSocketProtocol> protocol_;
  mutable std::unique_ptr<Rare> rare_;
  util::TimePoint armed_ = util::kNever;

 public:
  std::uint32_t hostSlot = 0;  ///< the host's index of this connection

 private:
  std::uint8_t pauses_ = 0;
  bool transportReady_ : 1 = false;
  bool inBatch_ : 1 = false;
  bool hasCork_ : 1 = false;
  bool readsLoopBuffer_ : 1 = false;  ///< the input under way lies in the loop's receive buffer
  /// Something is left for the end of the turn. Nothing more is read before that, or what waits would grow.
  bool again_ : 1 = false;
  bool endPending_ : 1 = false;         ///< the peer's end was read, what came before it is not yet processed
  bool dirty_ : 1 = false;              ///< the end of the turn will flush
  bool watchesWrite_ : 1 = false;       ///< the stream tells when it can be written
  bool blocked_ : 1 = false;            ///< the system took less than it was offered
  bool drainDue_ : 1 = false;           ///< `onDrain` is to be called
  bool overHighWatermark_ : 1 = false;  ///< the system did not take enough to get below it
  bool drainOwed_ : 1 = false;          ///< so much was queued at some moment: `onDrain` is to follow
  bool dropping_ : 1 = false;           ///< no more output than what is queued
  bool shutDown_ : 1 = false;           ///< our sending direction has ended
  bool ended_ : 1 = false;
  bool busy_ : 1 = false;
  bool answersHttp_ : 1 = false;  ///< an HttpHandler takes its time
  bool lastAnswer_ : 1 = false;   ///< the connection ends with it
  bool looksFirst_ : 1 = false;   ///< its first octets have not arrived, and may be for somebody else
};

}  // namespace autobahn::inline v0::websocket
