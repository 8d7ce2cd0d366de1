// One connection with the implementation under test, as a case sees it: straight-line code, every wait
// bounded.
//
//     x.expect(Behavior::ok, {textMessage("Hello")});
//     x.expectClose({.byMe = true, .codes = {1000}, .isClean = true});
//     x.sendMessage("Hello");
//     x.settle();
//
// The harness checks all that comes (masking, reserved bits, opcodes, fragmentation, UTF-8, close codes,
// deflate): when the peer breaks the protocol the connection is failed, and the case with it.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cases/case.hpp"
#include "cases/verdict.hpp"
#include "wire/frame.hpp"
#include "wire/http_head.hpp"
#include "wire/stream.hpp"
#include "wire/tls.hpp"
#include "wire/utf8.hpp"

namespace wstest {

/// The server under test.
struct ServerTarget {
  std::string url{};
  std::string host{};
  std::uint16_t port = 0;
  bool isSecure = false;
  std::string resource = "/";  ///< path and query
  std::string hostHeader{};    ///< "127.0.0.1:9001"
  std::string origin{};        ///< sent when not empty
  std::vector<std::string> protocols{};
  std::vector<std::pair<std::string, std::string>> headers{};
  TlsClientSettings tls{};
};

/// How long cases wait.
struct Patience {
  Duration reaction = 5s;  ///< for a peer to react, where it must
  Duration quiet = 300ms;  ///< to see that nothing comes, where nothing may
  Duration whole = 480s;   ///< for a case, whatever it does
};

/// How a connection is to end.
struct CloseExpectation {
  bool byMe = true;                           ///< who sends the first Close, or fails the connection
  std::vector<std::uint16_t> codes = {1000};  ///< what the peer's Close may carry; the first is what we send
  bool isClean = true;
  /// The peer may drop TCP instead of answering our Close (7.9.x).
  bool mayDrop = false;
};

/// What receive() ended with.
enum class Received : std::uint8_t {
  event,  ///< a message or pong (or ping, where the case answers them): `Exchange::last()`
  close,  ///< the peer's Close: the handshake is done or answered
  ended,  ///< TCP has ended, or was ended because the peer broke the protocol
  timedOut,
};

/// Thrown when Ctrl-C interrupts a case; caught by the runners only.
struct Interrupted {};

class Exchange {
 public:
  /// The harness as a client of `target`, not connected yet: the runner calls connect().
  Exchange(const ServerTarget& target, const Patience& patience, Profile profile, const StopSwitch& stop);
  /// The harness as the server of a client whose request has been read; `readAhead` came behind the request.
  Exchange(std::unique_ptr<Stream> stream, HttpHead request, std::string readAhead, const Patience& patience,
           Profile profile, const StopSwitch& stop);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // --- who and how ---
  bool testsServer() const { return target_.has_value(); }
  const ServerTarget& target() const { return *target_; }
  const Patience& patience() const { return patience_; }
  Profile profile() const { return profile_; }
  /// `full` in the full profile, else `quick`.
  int amount(int full, int quick) const { return profile_ == Profile::full ? full : quick; }
  const StopSwitch& stop() const { return stop_; }
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.Move): who releases the stream adopts another
  Stream& stream() { return *stream_; }
  bool hasStream() const { return stream_ != nullptr; }

  // --- opening ---
  /// Connects TCP, and TLS when the target is wss and not `isPlain`. Throws ConnectError.
  void connect(bool isPlain = false);
  /// Uses this stream from now on (TLS started by the case).
  void adopt(std::unique_ptr<Stream> stream);
  /// Gives up the stream, to start TLS over it; adopt() follows.
  std::unique_ptr<Stream> release() { return std::move(stream_); }
  /// A second connection to the server, independent and connected; not reported by itself.
  std::unique_ptr<Exchange> another() const;
  /// The opening handshake as an application does it, offering (accepting) permessage-deflate as told. False,
  /// with the verdict set, when the peer does not do its part.
  bool open(const std::vector<DeflateParameters>& deflate = {});
  /// The request that open() would send: for cases that change it. Ends with an empty line.
  std::string request(const std::string& key, const std::vector<DeflateParameters>& deflate = {}) const;
  /// As a server: subprotocols to choose from in open().
  void speak(std::vector<std::string> protocols) { protocols_ = std::move(protocols); }
  /// Headers of a client under test.
  const HttpHead& clientRequest() const { return request_; }
  /// The response that open() would send to a client: for cases that change it.
  std::string response(const std::vector<std::string>& furtherHeaders = {}) const;
  /// Waits for an HTTP head (a response); nothing when the connection ends or time passes first.
  std::optional<HttpHead> receiveHead(Duration within);
  /// For cases that did the opening themselves: frames from now on, with this compression.
  void setOpen(std::optional<DeflateParameters> deflate = {});
  /// What open() has agreed on.
  const std::optional<DeflateParameters>& deflate() const { return deflate_; }
  /// RFC 6455: what a server must answer to our key.
  const std::string& key() const { return key_; }

  // --- sending ---
  /// Frames, in one write; or in writes of `chopSize` bytes.
  void send(std::initializer_list<Frame> frames, std::size_t chopSize = 0);
  void send(const Frame& frame, std::size_t chopSize = 0) { send({frame}, chopSize); }
  /// A message, compressed when agreed on, in fragments of `fragmentSize` bytes (0: one).
  void sendMessage(std::string_view payload, bool isBinary = false, std::size_t fragmentSize = 0,
                   std::size_t chopSize = 0);
  /// A Close with a code and a reason; remembers that we have closed.
  void sendClose(std::optional<std::uint16_t> code, std::string_view reason = {});
  /// A Close with any body; remembers that we have closed.
  void sendCloseBody(std::string_view body);
  /// Anything. False when the peer does not take it within `Patience::whole`, sends a GiB meanwhile, or is
  /// gone.
  bool sendBytes(std::string_view bytes, std::size_t chopSize = 0);
  /// Compresses as agreed on: for cases that build their own compressed frames.
  std::string compress(std::string_view message) { return deflater_->compress(message); }
  void note(std::string text) { log_.note(std::move(text)); }

  // --- receiving ---
  /// The next thing that matters. Pings are answered, Closes are answered, protocol errors end the
  /// connection. What came before an end is delivered first. After the peer's Close only the end of TCP is
  /// waited for; as a server we end TCP ourselves in finish(), settle() or takeResult() only.
  Received receive(Duration within);
  /// The event that receive() has found.
  const Event& last() const { return events_.back(); }
  /// Everything so far. Cases with many or large messages call keepEvents(false): only the last is kept then.
  const std::vector<Event>& events() const { return events_; }
  void keepEvents(bool isKeeping) { isKeepingEvents_ = isKeeping; }
  /// Receives for this long, or until the connection ends.
  void pause(Duration time);
  /// Whether the peer's Close came, and whether TCP has ended.
  bool isCloseReceived() const { return isCloseReceived_; }
  bool hasEnded() const { return ended_.has_value(); }
  /// The peer has closed, or failed the connection, or was failed: nothing more will come.
  bool isOver() const { return isCloseReceived_ || ended_ || !violation_.empty(); }
  /// How TCP ended: Io::end, Io::truncated or Io::reset.
  std::optional<Io> ended() const { return ended_; }
  /// What the peer did wrong, when it broke the protocol.
  const std::string& violation() const { return violation_; }
  /// Bytes as they come, for cases below the frame layer; empty when time passes or the connection ends.
  std::string receiveBytes(Duration within);
  /// Pings are answered, and no events: keep-alives of the peer's. False lets the case see and answer them.
  void answerPings(bool isAnswering) { isAnsweringPings_ = isAnswering; }
  /// Stops judging frames: for cases that look at them one by one.
  std::optional<ReceivedFrame> receiveFrame(Duration within);

  // --- ending ---
  /// Ends the connection in order when it still stands: Close, its answer, TCP (the server first). False when
  /// a message came meanwhile.
  bool finish(std::uint16_t code = 1000);
  void drop();  ///< RST

  // --- judging, classic form ---
  /// An outcome: exactly these events lead to this verdict. Several may be given.
  void expect(Behavior behavior, std::vector<Event> events);
  void expectClose(CloseExpectation expectation);
  /// Receives until the connection has ended or patience is over; sends our Close once an outcome is reached,
  /// when it is for us to close. Then judges.
  void settle() { settle(patience_.reaction); }
  void settle(Duration within);
  /// Judges what happened by what was expected; settle() calls it.
  void judge();

  // --- judging, by hand: the last call counts. The close part becomes the same, unless judgeClose() follows
  // ---
  void pass(std::string why);
  void nonStrict(std::string why);
  void inform(std::string why);
  void unimplemented(std::string why);
  void fail(std::string why);
  /// Sets both verdicts' close part by what was expected.
  void judgeClose();
  Verdict& verdict() { return verdict_; }
  ClosingFacts& closing() { return closing_; }
  bool isJudged() const { return isJudged_; }

  /// Ends what still stands and gives all there is for the report (not: case, agent, time).
  CaseResult takeResult();

 private:
  // opening
  bool openAsClient(const std::vector<DeflateParameters>& deflate);
  bool openAsServer(const std::vector<DeflateParameters>& deflate);
  bool isResponseRight(const HttpHead& head, const std::vector<DeflateParameters>& offers);
  bool refuseOpening(std::string why);
  void startDeflate();
  // receiving
  bool fill(TimePoint until);  // more input; false: time has passed, or the connection has ended
  bool takeInput();            // what is there now, without waiting
  void judgeFrame(ReceivedFrame frame);
  void judgeData(ReceivedFrame frame);
  void endMessage();
  void judgeControl(ReceivedFrame frame);
  void judgeClose(const std::string& body);
  void addEvent(Event event);
  void violate(std::uint16_t code, std::string why);
  // ending
  void awaitEnd(Duration within);
  void endTcp();
  bool isReached() const;
  bool isReachable() const;
  bool isCloseMine() const { return closeExpectation_ && closeExpectation_->byMe; }
  void setBehavior(Behavior behavior, std::string why);
  void decide(Behavior behavior, CloseBehavior closeBehavior, std::string why);
  std::uint32_t nextMaskKey();

  std::optional<ServerTarget> target_;
  Patience patience_;
  Profile profile_;
  const StopSwitch& stop_;
  TimePoint limit_;

  std::unique_ptr<Stream> stream_;
  HttpHead request_;
  std::vector<std::string> protocols_;
  std::string httpRequest_, httpResponse_, key_, tls_;
  std::string input_;  // what came before frames did
  FrameReader frames_;
  WireLog log_;
  bool isOpen_ = false;
  std::optional<Io> ended_;
  std::string violation_;
  std::uint64_t maskState_;

  std::optional<DeflateParameters> deflate_;
  std::optional<Deflater> deflater_;
  std::optional<Inflater> inflater_;

  // the message being received
  std::optional<std::uint8_t> messageOpcode_;
  bool isMessageCompressed_ = false;
  std::string message_;
  Utf8Checker utf8_;

  std::vector<Event> events_;
  bool isKeepingEvents_ = true;
  bool isAnsweringPings_ = true;
  bool isCloseSent_ = false;
  bool isCloseReceived_ = false;
  std::size_t eventCount_ = 0;
  std::size_t keptBytes_ = 0;

  std::vector<std::pair<Behavior, std::vector<Event>>> outcomes_;
  std::optional<CloseExpectation> closeExpectation_;
  ClosingFacts closing_;
  Verdict verdict_;
  bool isJudged_ = false;
};

}  // namespace wstest
