// MessagePack, version 5 of its specification (strings and binary data are different types).
#pragma once

#include <memory>

#include "codec.hpp"

namespace autobahn::inline v0::wamp {

/// Takes any width of any number. Extension types (and with them timestamps) and keys that are no strings are
/// well-formed and fit no Value.
std::unique_ptr<Decoder> makeMsgpackDecoder();
/// The shortest form of integers, strings and containers; floating point numbers in 64 bits.
std::unique_ptr<Encoder> makeMsgpackEncoder();

}  // namespace autobahn::inline v0::wamp
