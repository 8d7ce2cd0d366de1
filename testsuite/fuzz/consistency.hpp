// What must hold of every codec, whatever the bytes are; and how a codec's answer is compared with a library's.
#pragma once

#include <autobahn/wamp/payload.hpp>
#include <autobahn/wamp/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::fuzz {

/// A value in words that differ when values do; NaN is NaN.
std::string canonical(const wamp::Value& value);

/// How our decoder took some bytes.
struct Reading {
  std::optional<wamp::Value> value;
  std::string valueError;  ///< empty: there is a value
  std::string skipError;   ///< empty: well-formed
};

/// Reads and passes over the one value that `input` is, and checks: what is read is well-formed, and comes
/// back the same when it is written and read again.
Reading checkValue(wamp::Encoding encoding, std::string_view input);

/// Reads `input` as a message, and checks: what is read can be written, and what is written reads and writes
/// the same. The result is what was written; empty when there was no message.
std::string checkMessage(std::string_view serializer, std::string_view input);

/// True when `error` says one of the reasons, beyond the format, for which we refuse more than libraries do:
/// nesting, UTF-8.
bool isOurLimit(std::string_view error);

}  // namespace autobahn::fuzz
