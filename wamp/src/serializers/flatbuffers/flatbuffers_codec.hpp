// WAMP in FlatBuffers (`wamp.2.flatbuffers`), payloads in CBOR.
//
// Decoder and encoder present a message as every other format has it, a list of code, IDs, dicts and payload;
// the schema (schema.hpp) says where each of them is kept. So what messages are and how they are checked is
// written once, for all formats.
//
// Reading and writing FlatBuffers is ours, some 200 lines, and not the library's: its verifier says only
// "no", reads everything twice and lets a string be referred to without end; its builder asserts. Tests hold
// ours against it.
#pragma once

#include <memory>

#include "../codec.hpp"

namespace autobahn::inline v0::wamp {

/// Reads messages only. Args and kwargs are passed over (`skipValue`), not read.
std::unique_ptr<Decoder> makeFlatbuffersDecoder();
/// Writes messages only. Attributes for which the schema has no place are an error, unless they are mere
/// information (`agent`, `trustlevel`, custom attributes in details), which is left away.
std::unique_ptr<Encoder> makeFlatbuffersEncoder();

}  // namespace autobahn::inline v0::wamp
