// JSON (RFC 8259) with WAMP's convention for binary data: a string that begins with NUL is base64.
#pragma once

#include <memory>

#include "codec.hpp"

namespace autobahn::inline v0::wamp {

/// Strict: valid UTF-8, no comments, no trailing commas, no NaN, no lone surrogates. Numbers without fraction
/// and exponent are integers as far as 64 bits reach, doubles beyond (JavaScript writes 2^64 without an
/// exponent).
std::unique_ptr<Decoder> makeJsonDecoder();
/// No white space; doubles in the shortest form that reads back the same, always with fraction or exponent.
std::unique_ptr<Encoder> makeJsonEncoder();

}  // namespace autobahn::inline v0::wamp
