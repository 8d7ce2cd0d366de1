// Values and names as they appear in error messages: short, quoted, safe to log.
#pragma once

#include <autobahn/wamp/value.hpp>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// In double quotes, control characters and broken UTF-8 escaped, cut after about `limit` bytes.
std::string quoted(std::string_view text, std::size_t limit = 40);

/// `the string "x"`, `the integer 7`, `a list`: what came instead of what was wanted.
std::string describeValue(const Value& value);

}  // namespace autobahn::inline v0::wamp
