// For tests: JSON text to values and messages and back.
#pragma once

#include <gtest/gtest.h>

#include <autobahn/wamp/serializer.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "../serializers/codecs.hpp"

namespace autobahn::wamp::testing {

/// Value of a JSON text; a failure and null when it is none.
inline Value fromJson(std::string_view json) {
  Decoder& decoder = threadDecoder(*findCodec(Encoding::json));
  decoder.start(json, kHighestMaxDepth);
  auto value = decodeValue(decoder);
  EXPECT_TRUE(value && decoder.atEnd()) << decoder.error() << " in " << json;
  return value.value_or(nullptr);
}

/// A value in an encoding; a failure when it does not go.
inline std::string encode(const Value& value, Encoding encoding = Encoding::json) {
  Encoder& encoder = threadEncoder(*findCodec(encoding));
  util::ByteBuffer out;
  encoder.start(out, kHighestMaxDepth);
  encodeValue(encoder, value);
  EXPECT_FALSE(encoder.failed()) << encoder.error();
  return std::string(out.view());
}

/// What a serializer writes; a failure when it does not.
inline std::string serialize(Serializer& serializer, const Message& message) {
  util::ByteBuffer out;
  const Problem problem = serializer.serialize(message, out);
  EXPECT_FALSE(problem) << *problem;
  return std::string(out.view());
}

/// The one message in `bytes`; a failure, and any message, when there is none.
inline Message unserialize(Serializer& serializer, std::string_view bytes) {
  std::vector<Message> messages;
  const Problem problem = serializer.unserialize(bytes, serializer.isBinary(), messages);
  EXPECT_FALSE(problem) << *problem;
  if (messages.size() == 1) return std::move(messages.front());
  ADD_FAILURE() << messages.size() << " messages";
  return {};
}

/// Why `bytes` are refused; empty when they are not.
inline std::string refusal(Serializer& serializer, std::string_view bytes) {
  std::vector<Message> messages;
  return serializer.unserialize(bytes, serializer.isBinary(), messages).value_or("");
}

/// A JSON message as read by a new serializer.
inline Message message(std::string_view json) { return unserialize(*makeSerializer("json"), json); }
/// Why a JSON message is refused.
inline std::string refusal(std::string_view json, SerializerOptions options = {}) {
  return refusal(*makeSerializer("json", options), json);
}
/// A message as JSON.
inline std::string toJson(const Message& message) { return serialize(*makeSerializer("json"), message); }

}  // namespace autobahn::wamp::testing
