// UBJSON, draft 12: numbers in network byte order. (BJData, which goes by the same name in newer versions of
// Autobahn|Python, writes them the other way round and is another format.)
#pragma once

#include <memory>

#include "codec.hpp"

namespace autobahn::inline v0::wamp {

/// Takes all types, no-ops, and containers with a count or with a type and a count. A list of the type `U`
/// (uint8) is binary data. High-precision numbers are integers and doubles; integers beyond 64 bits and what
/// no double holds are well-formed and fit no Value.
std::unique_ptr<Decoder> makeUbjsonDecoder();
/// The shortest form of integers, those above int64 as high-precision numbers; floating point numbers in 64
/// bits, of which NaN and infinity are refused (UBJSON has none); containers with end markers; binary data as
/// a list of the type `U`.
std::unique_ptr<Encoder> makeUbjsonEncoder();

}  // namespace autobahn::inline v0::wamp
