// Times as texts (RFC 3339): "2026-05-17T08:30:00.123Z".
#pragma once

#include <autobahn/wamp/router/history.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp::router {

/// A time that a text gives: what is finer than HistoryTime is cut off.
struct ParsedTime {
  HistoryTime time{};
  bool isCut = false;  ///< there was something finer: it is a bit later than `time`
};

/// With any offset; nothing: it is no such text. A leap second is the first of the next minute.
std::optional<ParsedTime> parseTime(std::string_view text);
/// In UTC, with milliseconds.
std::string formatTime(HistoryTime time);

}  // namespace autobahn::inline v0::wamp::router
