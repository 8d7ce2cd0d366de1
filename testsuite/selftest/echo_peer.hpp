// An implementation under test on the harness's own raw layer: right unless told to be wrong in one way.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/deflate.hpp"
#include "wire/frame.hpp"
#include "wire/http_head.hpp"
#include "wire/stream.hpp"
#include "wire/utf8.hpp"

namespace wstest {

/// What a peer can do wrong. Each fault is one `if` in the peer.
enum class Fault : std::uint8_t {
  none,
  cutsAt65535,             ///< echoes no more than 65535 bytes
  answersNoPing,           ///
  answersPingsEmpty,       ///< Pongs without the Ping's payload
  answersPongs,            ///< takes an unasked Pong for a Ping
  takesLongControl,        ///< control frames beyond 125 bytes
  ignoresRsv,              ///< reserved bits
  ignoresUnknownOpcodes,   ///< skips such frames
  takesFragmentedControl,  ///
  takesLoneContinuation,   ///< begins a message with a continuation
  takesInterleaved,        ///< a new message within another
  echoesFragments,         ///< every frame of its own
  checksNoUtf8,            ///
  checksUtf8Late,          ///< at the end of messages only
  takesAnyCloseCode,       ///< echoes invalid codes
  takesOneByteClose,       ///
  checksNoCloseReason,     ///< a reason that is not UTF-8
  failsWithoutCode,        ///< drops TCP instead of a Close with a code
  failsWithWrongCode,      ///< 1011 whatever was wrong
  answersNoClose,          ///
  echoesAfterClose,        ///< goes on after the peer's Close
  neverEndsTcp,            ///
  takesUnmasked,           ///< server: frames without a mask; client: with one
  refusesLargeMessages,    ///< 1009 from 100 KB on
  masksWrongly,            ///< server: masks; client: does not
  forgetsContext,          ///< inflates every message afresh
  ignoresWindow,           ///< compresses with 15 bits, whatever was agreed on
  takesOverAnyway,         ///< compresses with takeover, whatever was agreed on
  echoesRsv1,              ///< RSV1 on each fragment
  takesTopBitLength,       ///< a 64-bit length with the highest bit set: waits for the payload
  acceptsAnyOffer,         ///< permessage-deflate with unknown or broken parameters
  wrongAccept,             ///< server: Sec-WebSocket-Accept of another key
  takesAnyVersion,         ///< server: Sec-WebSocket-Version 8, 99 …
  needsNoKey,              ///< server: any Sec-WebSocket-Key, or none
  choosesProtocol,         ///< server: a subprotocol that nobody offered
  checksNoAccept,          ///< client
  checksNoStatus,          ///< client: any status is 101
  takesAnyExtension,       ///< client: extensions and subprotocols that it did not ask for
  checksNoCertificate,     ///< client
  deliversTruncated,       ///< echoes what there was of a message when TLS is cut off
};

/// One connection, from the opening handshake to its end, echoing. Never throws; returns when it is over, or
/// when `stop` is pressed, or after 30 seconds.
class EchoPeer {
 public:
  /// A server on an accepted (TLS) connection.
  EchoPeer(std::unique_ptr<Stream> stream, Fault fault, const StopSwitch& stop);
  /// A client of `resource` at `host` ("127.0.0.1:9001").
  EchoPeer(std::unique_ptr<Stream> stream, std::string host, std::string resource, Fault fault,
           const StopSwitch& stop);

  void run();
  /// A client's: whether the opening handshake was completed, and the last text that came.
  bool wasOpen() const { return isOpen_; }
  const std::string& lastText() const { return lastText_; }

 private:
  bool has(Fault fault) const { return fault_ == fault; }
  bool isServer() const { return host_.empty(); }
  // echo_handshake.cpp
  bool openAsServer();
  bool openAsClient();
  std::string whyRefused(const HttpHead& request) const;
  std::string whyWrong(const HttpHead& response, const std::string& key);
  std::optional<DeflateParameters> acceptOffer(const std::string& header) const;
  std::optional<HttpHead> readHead();
  // echo_peer.cpp
  bool fill();
  bool write(std::string_view bytes);
  bool send(Frame frame);
  void echoFrames();
  void echoWhatThereIs();
  bool isHeadRight(const FrameHead& head);
  bool isTextSoFarRight(const FrameHead& head);
  bool take(ReceivedFrame frame);
  bool takeData(ReceivedFrame frame);
  bool takeClose(const std::string& body);
  bool endMessage();
  bool echo(const std::string& message, std::uint8_t code, bool isCompressed);
  /// False, always: the connection is over.
  bool fail(std::uint16_t code);
  void endTcp();

  std::unique_ptr<Stream> stream_;
  Fault fault_;
  const StopSwitch& stop_;
  TimePoint limit_ = Clock::now() + 30s;
  std::string host_{}, resource_{};
  std::string input_{};
  FrameReader frames_{};
  Io ended_ = Io::done;
  bool isOpen_ = false;
  std::optional<Deflater> deflater_{};
  std::optional<Inflater> inflater_{};
  std::optional<std::uint8_t> opcode_{};
  bool isCompressed_ = false;
  std::string message_{};
  Utf8Checker utf8_{};
  std::string lastText_{};
};

}  // namespace wstest
