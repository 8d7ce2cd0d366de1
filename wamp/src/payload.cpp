#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/payload.hpp>
#include <cassert>
#include <limits>

#include "payload_derived.hpp"
#include "serializers/codecs.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kEncodingNames[] = {"none", "json", "msgpack", "cbor", "ubjson"};
static_assert(std::size(kEncodingNames) == kEncodingCount);

const List kNoArgs;
const Dict kNoKwargs;

std::string notKnown(Encoding encoding) {
  return "no serializer here knows the encoding " + std::string(encodingName(encoding));
}

// One container in full, or why not. What the decoder accepted as a message's part may still fit no Value.
template <class Container>
std::string decodeInto(Decoder& decoder, std::string_view encoded, std::size_t& valuesLeft, Container& out) {
  if (encoded.empty()) return {};
  decoder.start(encoded, kHighestMaxDepth);
  auto value = decodeCounted(decoder, valuesLeft);
  if (!value) return decoder.failed() ? decoder.error() : "no value";
  if constexpr (std::is_same_v<Container, List>) {
    out = std::move(value->asList());
  } else {
    out = std::move(value->asDict());
  }
  return {};
}

void check(Decoder& decoder, std::string_view encoded, Shape shape, std::string_view what) {
  if (encoded.empty()) return;
  decoder.start(encoded);
  std::string_view raw;
  if (decoder.peek() != shape && !decoder.failed()) decoder.fail("not a " + std::string(what));
  if (!decoder.failed() && decoder.skipValue(raw) && !decoder.atEnd()) decoder.fail("more than one value");
  if (decoder.failed()) throw SerializationError(decoder.error());
}

}  // namespace

std::string_view encodingName(Encoding encoding) {
  return kEncodingNames[static_cast<std::size_t>(encoding)];
}

// ---- Making

Payload::Payload(List args, Dict kwargs) {
  if (args.empty() && kwargs.empty()) return;
  form_ = Form::values;
  buffer_ = SharedBuffer::copyOf({});
  SharedBuffer::Derived& keeper = derived();  // before them: it may fail for lack of memory
  keeper.values = new Values{std::move(args), std::move(kwargs), {}};
}

Payload Payload::opaque(std::string_view bytes) {
  SharedBuffer buffer = SharedBuffer::copyOf(bytes);
  const std::string_view copied = buffer.view();
  return receivedOpaque(std::move(buffer), copied);
}

Payload Payload::encoded(Encoding encoding, std::string_view args, std::string_view kwargs) {
  const Codec* codec = findCodec(encoding);
  if (codec == nullptr) throw SerializationError(notKnown(encoding));
  Decoder& decoder = threadDecoder(*codec);
  check(decoder, args, Shape::list, "list");
  check(decoder, kwargs, Shape::dict, "dict");
  SharedBuffer buffer = SharedBuffer::copyOf(std::string(args) + std::string(kwargs));
  const std::string_view all = buffer.view();
  return received(std::move(buffer), encoding, all.substr(0, args.size()), all.substr(args.size()));
}

Payload Payload::received(SharedBuffer buffer, Encoding encoding, std::string_view args,
                          std::string_view kwargs, std::uint32_t maxValues) {
  Payload payload;
  if (args.empty() && kwargs.empty()) return payload;
  const std::string_view all = buffer.view();
  assert(all.size() <= std::numeric_limits<std::uint32_t>::max());
  const auto offset = [all](std::string_view part) {
    return part.empty() ? 0 : static_cast<std::uint32_t>(part.data() - all.data());
  };
  payload.argsOffset_ = offset(args);
  payload.argsSize_ = static_cast<std::uint32_t>(args.size());
  payload.kwargsOffset_ = offset(kwargs);
  payload.kwargsSize_ = static_cast<std::uint32_t>(kwargs.size());
  payload.form_ = Form::encoded;
  payload.encoding_ = encoding;
  payload.maxValues_ = maxValues;
  payload.buffer_ = std::move(buffer);
  return payload;
}

Payload Payload::receivedOpaque(SharedBuffer buffer, std::string_view bytes) {
  Payload payload = received(std::move(buffer), Encoding::none, bytes, {});
  payload.form_ = Form::opaque;
  return payload;
}

Payload Payload::detached() const {
  if (isOpaque()) return opaque(opaqueBytes());
  if (!hasValues()) return {};
  const Encoding kept = form_ == Form::encoded ? encoding_ : Encoding::cbor;
  const Raw raw = rawFor(kept);
  if (!raw.error.empty()) throw SerializationError("the payload cannot be kept: " + std::string(raw.error));
  util::ByteBuffer both;
  both.append(raw.args);
  both.append(raw.kwargs);
  SharedBuffer buffer = SharedBuffer::copyOf(both.view());
  const std::string_view all = buffer.view();
  return received(std::move(buffer), kept, all.substr(0, raw.args.size()), all.substr(raw.args.size()),
                  maxValues_);
}

// ---- Reading

std::string_view Payload::part(std::uint32_t offset, std::uint32_t size) const noexcept {
  return buffer_.view().substr(offset, size);
}

std::string_view Payload::opaqueBytes() const noexcept {
  return isOpaque() ? part(argsOffset_, argsSize_) : std::string_view();
}

SharedBuffer::Derived& Payload::derived() const {
  std::atomic<SharedBuffer::Derived*>& place = buffer_.block_->derived;
  SharedBuffer::Derived* there = place.load(std::memory_order_acquire);
  if (there == nullptr) there = SharedBuffer::Derived::keep(place, std::make_unique<SharedBuffer::Derived>());
  return *there;
}

Payload::Values Payload::decode() const {
  const Codec* codec = findCodec(encoding_);
  if (codec == nullptr) return {{}, {}, notKnown(encoding_)};
  Decoder& decoder = threadDecoder(*codec);
  Values decoded;
  // Args and kwargs themselves are not counted.
  std::size_t left = std::size_t{maxValues_} + (argsSize_ > 0 ? 1 : 0) + (kwargsSize_ > 0 ? 1 : 0);
  decoded.error = decodeInto(decoder, part(argsOffset_, argsSize_), left, decoded.args);
  if (decoded.error.empty()) {
    decoded.error = decodeInto(decoder, part(kwargsOffset_, kwargsSize_), left, decoded.kwargs);
  }
  // What was read before the error is of no use.
  if (!decoded.error.empty()) return {{}, {}, std::move(decoded.error)};
  return decoded;
}

const Payload::Values& Payload::tryValues() const {
  SharedBuffer::Derived& kept = derived();
  const Values* there = kept.values.load(std::memory_order_acquire);
  if (there == nullptr) there = SharedBuffer::Derived::keep(kept.values, std::make_unique<Values>(decode()));
  return *there;
}

const Payload::Values& Payload::values() const {
  const Values& held = tryValues();
  if (!held.error.empty()) throw SerializationError("the payload cannot be read: " + held.error);
  return held;
}

const List& Payload::args() const { return hasValues() ? values().args : kNoArgs; }
const Dict& Payload::kwargs() const { return hasValues() ? values().kwargs : kNoKwargs; }

std::pair<List, Dict> Payload::take() && {
  if (!hasValues()) return {};
  Values* kept = derived().values.load(std::memory_order_acquire);
  if (kept == nullptr) {
    Values decoded = decode();
    if (!decoded.error.empty()) throw SerializationError("the payload cannot be read: " + decoded.error);
    return {std::move(decoded.args), std::move(decoded.kwargs)};
  }
  const Values& held = values();
  if (!buffer_.isUnique()) return {held.args, held.kwargs};
  std::pair<List, Dict> taken{std::move(kept->args), std::move(kept->kwargs)};
  *this = Payload();
  return taken;
}

std::unique_ptr<Payload::Transcoded> Payload::transcode(Encoding encoding) const {
  auto made = std::make_unique<Transcoded>();
  const Codec* codec = findCodec(encoding);
  const Values& held = tryValues();
  if (codec == nullptr || !held.error.empty()) {
    made->error = codec == nullptr ? notKnown(encoding) : held.error;
    return made;
  }
  Encoder& encoder = threadEncoder(*codec);
  encoder.start(made->bytes, kHighestMaxDepth);
  encodeList(encoder, held.args);
  made->argsSize = made->bytes.size();
  if (!held.kwargs.empty() && !encoder.failed()) {
    encoder.start(made->bytes, kHighestMaxDepth);
    encodeDict(encoder, held.kwargs);
  }
  if (encoder.failed()) {
    made->error = encoder.error();
    made->bytes = {};
    made->argsSize = 0;
  }
  return made;
}

Payload::Raw Payload::rawFor(Encoding encoding) const {
  if (!hasValues()) return {};
  if (form_ == Form::encoded && encoding == encoding_) {
    return {part(argsOffset_, argsSize_), part(kwargsOffset_, kwargsSize_), {}};
  }
  auto& place = derived().transcoded[static_cast<std::size_t>(encoding)];
  const Transcoded* there = place.load(std::memory_order_acquire);
  if (there == nullptr) there = SharedBuffer::Derived::keep(place, transcode(encoding));
  return there->raw();
}

bool operator==(const Payload& a, const Payload& b) {
  if (a.isOpaque() || b.isOpaque()) {
    return a.isOpaque() == b.isOpaque() && a.opaqueBytes() == b.opaqueBytes();
  }
  return a.args() == b.args() && a.kwargs() == b.kwargs();
}

}  // namespace autobahn::inline v0::wamp
