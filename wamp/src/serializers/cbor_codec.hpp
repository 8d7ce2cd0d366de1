// CBOR (RFC 8949).
#pragma once

#include <memory>

#include "codec.hpp"

namespace autobahn::inline v0::wamp {

/// Takes definite and indefinite lengths, chunked strings, and numbers of any width. `undefined` is null.
/// Tags, other simple values, negative integers below -2^63 and keys that are no strings are well-formed and
/// fit no Value.
std::unique_ptr<Decoder> makeCborDecoder();
/// Definite lengths, the shortest form of integers and lengths; floating point numbers in 64 bits.
std::unique_ptr<Encoder> makeCborEncoder();

}  // namespace autobahn::inline v0::wamp
