// What went over the wire during a case, for the report: bounded, whatever the case does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wire/frame.hpp"
#include "wire/stream.hpp"

namespace wstest {

struct WireEntry {
  enum class Kind : std::uint8_t { sentBytes, receivedBytes, sentFrame, receivedFrame, note };
  Kind kind = Kind::note;
  double milliseconds = 0;  ///< since the case began
  std::string data{};       ///< the first `WireLog::kExcerpt` bytes; of a note: its text
  std::uint64_t size = 0;   ///< how many there were
  // Of frames:
  std::uint8_t opcode = 0;
  bool fin = true;
  std::uint8_t rsv = 0;
  bool isMasked = false;
  std::uint32_t maskKey = 0;
};

class WireLog {
 public:
  static constexpr std::size_t kExcerpt = 256;
  static constexpr std::size_t kFirst = 200;  ///< entries kept from the beginning
  static constexpr std::size_t kLast = 40;    ///< entries kept from the end

  void note(std::string text);
  void bytes(bool isSent, std::string_view bytes);
  void frame(bool isSent, const FrameHead& head, std::string_view payload);

  /// In order; where entries were left out there is a note that says how many.
  std::vector<WireEntry> entries() const;

  /// Octets per write/read and frames per opcode: value → how often.
  std::map<std::uint64_t, std::uint64_t> sentOctets{}, receivedOctets{};
  std::map<std::uint64_t, std::uint64_t> sentFrames{}, receivedFrames{};

 private:
  void add(WireEntry entry);

  TimePoint begun_ = Clock::now();
  std::vector<WireEntry> first_{};
  std::vector<WireEntry> last_{};  ///< a ring of kLast
  std::size_t count_ = 0;
};

}  // namespace wstest
