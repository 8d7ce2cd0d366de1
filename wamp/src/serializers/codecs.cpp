#include "codecs.hpp"

#include <algorithm>
#include <array>

#include "cbor_codec.hpp"
#include "flatbuffers/flatbuffers_codec.hpp"
#include "json_codec.hpp"
#include "msgpack_codec.hpp"
#include "ubjson_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// Adding an encoding is adding a row, here.
constexpr Codec kCodecs[] = {
    {Encoding::cbor, "cbor", 3, true, true, makeCborDecoder, makeCborEncoder},
    {Encoding::msgpack, "msgpack", 2, true, true, makeMsgpackDecoder, makeMsgpackEncoder},
    {Encoding::ubjson, "ubjson", 4, true, true, makeUbjsonDecoder, makeUbjsonEncoder},
    {Encoding::json, "json", 1, false, true, makeJsonDecoder, makeJsonEncoder},
    {Encoding::cbor, "flatbuffers", 5, true, false, makeFlatbuffersDecoder, makeFlatbuffersEncoder},
};

template <class T>
using PerEncoding = std::array<std::unique_ptr<T>, kEncodingCount>;

}  // namespace

std::span<const Codec> codecs() { return kCodecs; }

const Codec* findCodec(Encoding encoding) {
  const auto found = std::ranges::find(kCodecs, encoding, &Codec::encoding);
  return found == std::end(kCodecs) ? nullptr : &*found;
}

Decoder& threadDecoder(const Codec& codec) {
  thread_local PerEncoding<Decoder> decoders;
  auto& decoder = decoders[static_cast<std::size_t>(codec.encoding)];
  if (!decoder) decoder = codec.makeDecoder();
  return *decoder;
}

Encoder& threadEncoder(const Codec& codec) {
  thread_local PerEncoding<Encoder> encoders;
  auto& encoder = encoders[static_cast<std::size_t>(codec.encoding)];
  if (!encoder) encoder = codec.makeEncoder();
  return *encoder;
}

}  // namespace autobahn::inline v0::wamp
