// What holds for all codecs alike.
#include <gmock/gmock.h>

#include <autobahn/wamp/serializer.hpp>
#include <random>

#include "../testing/codecs.hpp"

namespace autobahn::wamp::testing {
namespace {

constexpr Encoding kEncodings[] = {Encoding::json, Encoding::msgpack, Encoding::cbor, Encoding::ubjson};

class Codecs : public ::testing::TestWithParam<Encoding> {};
INSTANTIATE_TEST_SUITE_P(All, Codecs, ::testing::ValuesIn(kEncodings),
                         [](const auto& row) { return std::string(encodingName(row.param)); });

std::string write(Encoding encoding, const Value& value) {
  util::ByteBuffer out;
  const auto encoder = findCodec(encoding)->makeEncoder();
  encoder->start(out, kHighestMaxDepth);
  encodeValue(*encoder, value);
  EXPECT_EQ(encoder->error(), "");
  return std::string(out.view());
}

// Values that every encoding holds.
class Values {
 public:
  explicit Values(unsigned seed) : random_(seed) {}

  Value any(int depth = 0) {
    switch (below(depth < 6 ? 10 : 8)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return static_cast<std::int64_t>(random_());
      case 3:
        return random_();
      case 4:
        return static_cast<std::int64_t>(below(600)) - 300;
      case 5:
        return std::ldexp(static_cast<double>(static_cast<std::int64_t>(random_())), static_cast<int>(below(200)) - 150);
      case 6:
        return text();
      case 7:
        return Bytes(binary());
      case 8:
        return list(depth + 1);
      default:
        return dict(depth + 1);
    }
  }
  List list(int depth) {
    List values;
    for (std::uint64_t i = below(9); i > 0; --i) values.push_back(any(depth));
    return values;
  }
  Dict dict(int depth) {
    Dict values;
    for (std::uint64_t i = below(9); i > 0; --i) values[text()] = any(depth);
    return values;
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  std::string binary() {
    std::string bytes;
    for (std::uint64_t i = below(5) == 0 ? 300 : below(30); i > 0; --i) bytes += static_cast<char>(random_());
    return bytes;
  }
  std::string text() {
    static constexpr std::string_view kParts[] = {"a", "Z", "\"", "\\", "\n", "\x1f", "ü", "€", "😀", "\x7f", "]}"};
    std::string made;
    for (std::uint64_t i = below(5) == 0 ? 300 : below(30); i > 0; --i) made += kParts[below(std::size(kParts))];
    return made;
  }

  std::mt19937_64 random_;
};

TEST_P(Codecs, RandomValuesComeBack) {
  Values values(1);
  for (int i = 0; i < 300; ++i) {
    const Value value = values.any();
    const std::string bytes = write(GetParam(), value);
    const Decoded decoded = decodeBytes(GetParam(), bytes);
    ASSERT_EQ(decoded.error, "");
    ASSERT_EQ(decoded.value, value);
    ASSERT_EQ(skipBytes(GetParam(), bytes), "");
  }
}

TEST_P(Codecs, PayloadsAreTranscodedToEveryOther) {
  Values values(2);
  for (int i = 0; i < 30; ++i) {
    const List args = values.list(3);
    const Dict kwargs = values.dict(3);
    const Payload payload = Payload::encoded(GetParam(), write(GetParam(), args), write(GetParam(), kwargs));
    for (const Encoding other : kEncodings) {
      const auto raw = payload.rawFor(other);
      ASSERT_EQ(raw.error, "");
      ASSERT_EQ(decodeBytes(other, raw.args).value, Value(args));
      ASSERT_EQ(raw.kwargs.empty() ? Value(Dict()) : decodeBytes(other, raw.kwargs).value, Value(kwargs));
    }
  }
}

// What is passed over is spliced elsewhere, as one value among others.
TEST_P(Codecs, WhatIsPassedOverCanBeSpliced) {
  Values values(3);
  for (int i = 0; i < 100; ++i) {
    const Value value = values.any();
    const std::string input = write(GetParam(), List{1, value, "end"});
    const auto decoder = findCodec(GetParam())->makeDecoder();
    decoder->start(input);
    Token token;
    std::string_view raw;
    ASSERT_TRUE(decoder->next(token) && decoder->next(token) && decoder->skipValue(raw));
    ASSERT_TRUE(decoder->next(token));
    EXPECT_EQ(token.text, "end");
    util::ByteBuffer out;
    const auto encoder = findCodec(GetParam())->makeEncoder();
    encoder->start(out);
    encoder->beginList(2);
    encoder->raw(raw);
    encoder->raw(raw);
    encoder->endList();
    EXPECT_EQ(decodeBytes(GetParam(), out.view()).value, Value(List{value, value}));
  }
}

TEST_P(Codecs, CutOffAnywhereIsAnError) {
  const std::string bytes =
      write(GetParam(), List{1, -1, 70000, 1.5, "text", Bytes("bytes"), Dict{{"key", List{nullptr, true}}}});
  ASSERT_EQ(decodeBytes(GetParam(), bytes).error, "");
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const std::string_view part = std::string_view(bytes).substr(0, size);
    EXPECT_NE(decodeBytes(GetParam(), part).error, "") << size;
    EXPECT_NE(skipBytes(GetParam(), part), "") << size;
  }
}

// Reading and passing over agree on anything.
void checkAny(Encoding encoding, std::string_view bytes) {
  const Decoded decoded = decodeBytes(encoding, bytes);
  const std::string skipped = skipBytes(encoding, bytes);
  EXPECT_TRUE(skipped.empty() || !decoded.value) << hexOf(bytes) << ": " << skipped;
}

TEST_P(Codecs, EveryFirstByte) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const char filler : {'\0', '\x01', '\x60', '\x80', '\xff'}) {
      for (const std::size_t count : {0, 1, 2, 4, 8, 9, 17, 40}) {
        checkAny(GetParam(), static_cast<char>(byte) + std::string(count, filler));
      }
    }
  }
}

TEST_P(Codecs, RandomChanges) {
  Values values(4);
  std::mt19937_64 random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = write(GetParam(), i % 2 == 0 ? Value(values.list(5)) : values.any(4));
    if (bytes.empty()) continue;
    for (int changes = 0; changes < 3; ++changes) bytes[random() % bytes.size()] = static_cast<char>(random());
    checkAny(GetParam(), bytes);
  }
}

// ---- Nesting

Value nested(int depth, bool isDict) {
  Value value = 1;
  for (int i = 0; i < depth; ++i) value = isDict ? Value(Dict{{"k", std::move(value)}}) : Value(List{std::move(value)});
  return value;
}

TEST_P(Codecs, NestingIsLimitedWhereverItComesFrom) {
  for (const bool isDict : {false, true}) {
    const std::string atLimit = write(GetParam(), nested(20, isDict));
    EXPECT_EQ(decodeBytes(GetParam(), atLimit, 20).error, "");
    EXPECT_EQ(skipBytes(GetParam(), atLimit, 20), "");
    EXPECT_THAT(decodeBytes(GetParam(), atLimit, 19).error, ::testing::HasSubstr("nested deeper than 19"));
    EXPECT_THAT(skipBytes(GetParam(), atLimit, 19), ::testing::HasSubstr("nested deeper than 19"));
    util::ByteBuffer out;
    const auto encoder = findCodec(GetParam())->makeEncoder();
    encoder->start(out, 19);
    encodeValue(*encoder, nested(20, isDict));
    EXPECT_EQ(encoder->error(), "nested deeper than 19");
  }
}

TEST_P(Codecs, EndlessNestingDoesNotOverflowTheStack) {
  const std::string_view begins[] = {"[", "{\"k\":", "\x91", "\x81\xa1k", "\xdd\0\0\0\1", "\x81", "\x9f",
                                     "\xa1\x61k", "\xc1", "[[", "{U\1k", "[#U\1[", "[$[#U\1$[#U\1"};
  for (const std::string_view begin : begins) {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += begin;
    EXPECT_NE(decodeBytes(GetParam(), bytes, kHighestMaxDepth).error, "");
    EXPECT_NE(skipBytes(GetParam(), bytes, kHighestMaxDepth), "");
  }
}

// Decoders and encoders are used again after any error.
TEST_P(Codecs, NothingIsLeftFromTheInputBefore) {
  const auto decoder = findCodec(GetParam())->makeDecoder();
  const std::string good = write(GetParam(), List{1, Dict{{"a", List{}}}});
  for (std::size_t size = 0; size <= good.size(); ++size) {
    decoder->start(std::string_view(good).substr(0, size));
    decodeValue(*decoder);
    decoder->start(good);
    EXPECT_TRUE(decodeValue(*decoder).has_value() && decoder->atEnd()) << size;
  }
}

TEST(Batched, EveryMessageHasItsLength) {
  for (const std::string_view id : serializerIds()) {
    if (!id.ends_with(".batched") || id == "json.batched") continue;
    SCOPED_TRACE(id);
    const auto batched = makeSerializer(id);
    const auto plain = makeSerializer(id.substr(0, id.find('.')));
    const std::vector<Message> messages = {message::Published{1, 2}, message::Call{.request = 3, .procedure = "a.b"},
                                           message::Subscribed{4, 5}};
    util::ByteBuffer out;
    util::ByteBuffer one;
    std::string expected;
    for (const Message& each : messages) {
      ASSERT_FALSE(batched->serialize(each, out));
      one.clear();
      ASSERT_FALSE(plain->serialize(each, one));
      expected += std::string(3, '\0') + static_cast<char>(one.size()) + std::string(one.view());
    }
    EXPECT_EQ(out.view(), expected);
    std::vector<Message> read;
    EXPECT_FALSE(batched->unserialize(out.view(), true, read));
    EXPECT_EQ(read, messages);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{3}, one.size(), one.size() + 1}) {
      read.clear();
      EXPECT_TRUE(batched->unserialize(out.view().substr(0, out.size() - cut), true, read)) << cut;
      EXPECT_EQ(read.size(), 2u);
    }
    read.clear();
    EXPECT_TRUE(batched->unserialize(std::string_view("\xff\xff\xff\xff\x91", 5), true, read));
  }
}

}  // namespace
}  // namespace autobahn::wamp::testing
