// The encodings there are: one table.
#pragma once

#include <autobahn/wamp/payload.hpp>
#include <memory>
#include <span>

#include "codec.hpp"

namespace autobahn::inline v0::wamp {

/// One row: a serializer of messages, and the encoding of its payloads. Of several with the same encoding the
/// first is the encoding itself.
struct Codec {
  Encoding encoding;
  std::string_view id;  ///< of the serializer: "json"
  int rawSocketId;      ///< WAMP's number for it in RawSocket
  bool isBinary;
  bool isDefault;  ///< offered by clients that do not say
  std::unique_ptr<Decoder> (*makeDecoder)();
  std::unique_ptr<Encoder> (*makeEncoder)();
};

/// All, by preference.
std::span<const Codec> codecs();
/// The row of an encoding, or nullptr when it is not built in.
const Codec* findCodec(Encoding encoding);

/// A decoder and an encoder of this thread, for use within one function. Valid until the thread ends.
Decoder& threadDecoder(const Codec& codec);
Encoder& threadEncoder(const Codec& codec);

}  // namespace autobahn::inline v0::wamp
