// Text and time helpers. From any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace autobahn::inline v0::util {

/// The longest beginning of `text` (UTF-8) of at most `limit` bytes that does not end inside a code point.
std::string encodeTruncate(std::string_view text, std::size_t limit);

/// A point in time as ISO 8601 in UTC with milliseconds (rounded down): "2026-11-22T05:24:02.947Z".
std::string utcstr(std::chrono::system_clock::time_point time);
/// `utcstr` of now.
std::string utcnow();

/// Seconds on a clock that never goes back; only differences mean something.
double rtime();

}  // namespace autobahn::inline v0::util
