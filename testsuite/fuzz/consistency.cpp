#include "consistency.hpp"

#include <autobahn/wamp/serializer.hpp>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "target.hpp"
#include "wamp/src/serializers/codecs.hpp"

namespace autobahn::fuzz {
namespace {

using namespace wamp;

std::string canonicalText(char mark, std::string_view text) {
  return mark + std::to_string(text.size()) + ':' + std::string(text);
}

bool holdsNoNumber(const Value& value) {
  if (value.isDouble()) return !std::isfinite(value.asDouble());
  if (value.isList()) {
    for (const Value& each : value.asList()) {
      if (holdsNoNumber(each)) return true;
    }
  }
  if (value.isDict()) {
    for (const auto& [key, each] : value.asDict()) {
      if (holdsNoNumber(each)) return true;
    }
  }
  return false;
}

std::optional<Value> readAll(Decoder& decoder, std::string_view bytes) {
  decoder.start(bytes);
  auto value = decodeValue(decoder);
  if (value && !decoder.atEnd()) decoder.fail("more than one value");
  if (decoder.failed()) value.reset();
  return value;
}

void checkWriting(const Codec& codec, const Value& value) {
  util::ByteBuffer written;
  const auto encoder = codec.makeEncoder();
  encoder->start(written);
  encodeValue(*encoder, value);
  if (encoder->failed()) {
    require(holdsNoNumber(value), "what was read cannot be written: " + encoder->error());
    return;
  }
  const auto decoder = codec.makeDecoder();
  const auto again = readAll(*decoder, written.view());
  require(again.has_value(), "what was written cannot be read: " + decoder->error());
  require(canonical(*again) == canonical(value), "what was written reads differently");
}

}  // namespace

std::string canonical(const Value& value) {
  switch (value.type()) {
    case ValueType::null:
      return "z";
    case ValueType::boolean:
      return value.asBool() ? "t" : "f";
    case ValueType::integer:
      return "i" + std::to_string(value.asInt64());
    case ValueType::unsignedInteger:
      return "i" + std::to_string(value.asUint64());
    case ValueType::real:
      return std::isnan(value.asDouble()) ? "nan"
                                          : "d" + std::to_string(std::bit_cast<std::uint64_t>(value.asDouble()));
    case ValueType::string:
      return canonicalText('s', value.asString());
    case ValueType::bytes:
      return canonicalText('b', value.asBytes().view());
    case ValueType::list: {
      std::string text = "[";
      for (const Value& each : value.asList()) text += canonical(each) + ',';
      return text + ']';
    }
    case ValueType::dict: {
      std::string text = "{";
      for (const auto& [key, each] : value.asDict()) text += canonicalText('s', key) + canonical(each) + ',';
      return text + '}';
    }
  }
  return {};
}

Reading checkValue(Encoding encoding, std::string_view input) {
  const Codec& codec = *findCodec(encoding);
  const auto decoder = codec.makeDecoder();
  Reading reading;
  reading.value = readAll(*decoder, input);
  reading.valueError = reading.value ? "" : decoder->failed() ? decoder->error() : "nothing";
  decoder->start(input);
  std::string_view raw;
  if (decoder->skipValue(raw) && !decoder->atEnd()) decoder->fail("more than one value");
  reading.skipError = decoder->error();
  if (!reading.value) return reading;
  require(reading.skipError.empty(), "read, but not passed over: " + reading.skipError);
  require(input.find(raw) != std::string_view::npos, "passed over something else");
  checkWriting(codec, *reading.value);
  return reading;
}

std::string checkMessage(std::string_view id, std::string_view input) {
  const auto serializer = makeSerializer(id);
  std::vector<Message> messages;
  if (serializer->unserialize(input, serializer->isBinary(), messages)) return {};
  require(messages.size() == 1, "not one message");
  util::ByteBuffer first;
  const Problem notWritten = serializer->serialize(messages[0], first);
  require(!notWritten, "a message that was read cannot be written: " + notWritten.value_or(""));
  std::vector<Message> again;
  const Problem notRead = serializer->unserialize(first.view(), serializer->isBinary(), again);
  require(!notRead, "a message that was written cannot be read: " + notRead.value_or(""));
  util::ByteBuffer second;
  require(!serializer->serialize(again.at(0), second), "the second time it cannot be written");
  require(first.view() == second.view(), "a message changes on its second way");
  return std::string(first.view());
}

bool isOurLimit(std::string_view error) {
  for (const std::string_view reason : {"nested deeper", "not UTF-8"}) {
    if (error.find(reason) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace autobahn::fuzz
