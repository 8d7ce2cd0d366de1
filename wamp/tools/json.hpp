// Values and JSON, as WAMP has it: binary data is a string that begins with NUL ("\u0000" and Base64).
#pragma once

#include <autobahn/wamp/value.hpp>
#include <optional>
#include <string>

namespace wamp_tool {

using autobahn::wamp::Dict;
using autobahn::wamp::List;
using autobahn::wamp::Value;

/// The one value that `text` is, or nothing when it is not JSON.
std::optional<Value> parseJson(const std::string& text);
/// The value that `text` is, or the text itself when it is not JSON.
Value valueOf(const std::string& text);
/// One line. Throws SerializationError for what JSON cannot carry: NaN, a text that begins with NUL.
std::string toJson(const List& values);
std::string toJson(const Dict& values);
std::string toJson(const Value& value);

}  // namespace wamp_tool
