// The receiving half of RFC 6455 and RFC 7692, slow and written to be seen to be right: what the engine is
// compared with. Nothing of the library is used.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::fuzz {

/// How messages are handed on: as ReceiveMode.
enum class Handing : std::uint8_t { message, frame, stream };

/// What the receiving end of a connection holds to.
struct ReceivingRules {
  bool mustBeMasked = false;
  bool mayBeMasked = true;
  bool validatesUtf8 = true;
  bool inflates = false;  ///< permessage-deflate was negotiated, with the peer's window of 32 KiB
  bool takeover = true;   ///< of the peer's context
  Handing handing = Handing::message;
  std::uint64_t maxFrame = 0;  ///< 0: no limit, as in the others
  std::uint64_t maxMessage = 0;
  std::uint64_t maxFrames = 0;    ///< per message
  std::uint64_t maxInflated = 0;  ///< per compressed message, besides maxMessage
};

/// What comes out of the bytes that arrived.
struct Received {
  /// "text …", "binary …", "ping …", "pong …" and, in the other ways of handing on, "begin", "frameBegin N",
  /// "data …", "frameEnd", "frame …", "end". After a failure without the data of the frame that failed.
  std::vector<std::string> events{};
  std::set<int> failure{};  ///< close codes of which one is right; empty: nothing is wrong
  bool closed = false;      ///< by a valid Close frame, behind which nothing counts
  int closeCode = 0;        ///< 1005 without one
  std::string closeReason{};
};

/// Reads all that has arrived, which may end anywhere.
Received receive(const ReceivingRules& rules, std::string_view bytes);

/// Where UTF-8 stands after some text.
enum class Utf8State : std::uint8_t { complete, unfinished, wrong };
/// By the table of RFC 3629 section 4.
Utf8State utf8State(std::string_view text);

/// Inflates the messages of one connection (RFC 7692 section 7.2.2) with zlib, each from its beginning.
class ReferenceInflater {
 public:
  explicit ReferenceInflater(bool takeover, int windowBits = 15)
      : takeover_(takeover), windowBits_(windowBits) {}

  /// What the payload of a message comes to, as far as it has arrived; `last`: it is all there.
  struct Result {
    std::string text{};
    bool isCorrupt = false;
  };
  Result inflate(std::string_view payload, bool last);
  /// The message is over: its text belongs to the context of the next one.
  void keep(std::string_view text);

 private:
  bool takeover_;
  int windowBits_;
  std::string context_;
};

}  // namespace autobahn::fuzz
