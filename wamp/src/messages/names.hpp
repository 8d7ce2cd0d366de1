// The names of enumerations on the wire, and of messages.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <span>
#include <string_view>

namespace autobahn::inline v0::wamp {

// In the order of the enumerators.
inline constexpr std::string_view kMatchNames[] = {"exact", "prefix", "wildcard"};
inline constexpr std::string_view kInvokeNames[] = {"single", "roundrobin", "random", "first", "last"};
inline constexpr std::string_view kCancelModeNames[] = {"skip", "kill", "killnowait"};

constexpr std::span<const std::string_view> namesOf(Match) { return kMatchNames; }
constexpr std::span<const std::string_view> namesOf(Invoke) { return kInvokeNames; }
constexpr std::span<const std::string_view> namesOf(CancelMode) { return kCancelModeNames; }

/// Types that are a name on the wire.
template <class T>
concept NamedEnum = requires(T value) {
  namesOf(value);
};

}  // namespace autobahn::inline v0::wamp
