// Frames as they lie on the wire (RFC 6455, 5.2), legal or not: nothing is judged here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wstest {

/// RFC 6455, 5.2 and 11.8. 3–7 and 11–15 are reserved; the harness sends them as well.
namespace opcode {
constexpr std::uint8_t continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10;
constexpr bool isControl(std::uint8_t code) { return (code & 8) != 0; }
}  // namespace opcode

/// How the payload length is written: RFC 6455, 5.2 demands the shortest.
enum class LengthForm : std::uint8_t { shortest, sixteenBits, sixtyFourBits };

/// A frame to send. What is not said is as the RFC wants it from us.
struct Frame {
  std::uint8_t opcode = opcode::text;
  std::string payload{};
  bool fin = true;
  std::uint8_t rsv = 0;                           ///< RSV1 is 4, RSV2 is 2, RSV3 is 1
  std::optional<bool> isMasked{};                 ///< unsaid: as our role demands
  std::optional<std::uint32_t> maskKey{};         ///< unsaid: random
  std::optional<std::uint64_t> declaredLength{};  ///< unsaid: what the payload has
  LengthForm lengthForm = LengthForm::shortest;
};

/// The bytes of `frame`; `isMasked` and `maskKey` are used where the frame leaves them open.
std::string encodeFrame(const Frame& frame, bool isMasked, std::uint32_t maskKey);

/// XORs `bytes` with the key, whose most significant byte comes first (RFC 6455, 5.3).
void applyMask(char* bytes, std::size_t size, std::uint32_t key);

/// A frame that came, its payload unmasked.
struct ReceivedFrame {
  std::uint8_t opcode = 0;
  bool fin = true;
  std::uint8_t rsv = 0;
  std::optional<std::uint32_t> maskKey{};
  bool isShortestLength = true;
  std::string payload{};
};

/// Only the beginning of a frame: to judge a declared length before the payload is there.
struct FrameHead {
  std::uint8_t opcode = 0;
  bool fin = true;
  std::uint8_t rsv = 0;
  std::optional<std::uint32_t> maskKey{};
  bool isShortestLength = true;
  std::uint64_t length = 0;
  std::size_t headSize = 0;
};

/// Cuts bytes into frames.
class FrameReader {
 public:
  void add(std::string_view bytes) { buffer_.append(bytes); }
  /// The next whole frame, when it is there.
  std::optional<ReceivedFrame> next();
  /// The head of the next frame, when it is there.
  std::optional<FrameHead> peek() const;
  /// Bytes that no frame has taken yet.
  std::string_view rest() const { return std::string_view(buffer_).substr(taken_); }

 private:
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace wstest
