// A wire log cut to what a page with thousands of them can hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wire/wire_log.hpp"

namespace wstest {

struct ExcerptLimits {
  std::size_t entries = 240;
  std::size_t bytes = WireLog::kExcerpt;  ///< of each payload
  bool hasOctets = true;                  ///< whether reads and writes are shown where there are frames
};

struct WireExcerpt {
  std::vector<WireEntry> entries{};
  std::size_t leftOut = 0;  ///< how many of the log are missing
  std::size_t gapAt = 0;    ///< before which of `entries`
};

/// The beginning and, shorter, the end.
WireExcerpt excerptOf(const WireLog& wire, const ExcerptLimits& limits);

/// A payload for people; of a Close its code and reason. `isHex` says that it is not text.
struct ShownPayload {
  std::string text{};
  bool isHex = false;
};
ShownPayload shownPayload(const WireEntry& entry, std::size_t limit);

}  // namespace wstest
