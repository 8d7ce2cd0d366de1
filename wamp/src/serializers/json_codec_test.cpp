#include "json_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace autobahn::wamp {
namespace {

using ::testing::HasSubstr;

/// The value of a text, or the decoder's error.
struct Read {
  std::optional<Value> value;
  std::string error;
};

Read read(std::string_view json, int maxDepth = kDefaultMaxDepth) {
  const auto decoder = makeJsonDecoder();
  decoder->start(json, maxDepth);
  Read result{decodeValue(*decoder), {}};
  if (result.value && !decoder->atEnd()) decoder->fail("more behind the value");
  if (decoder->failed()) result.value.reset();
  result.error = decoder->error();
  // Passing over a value accepts and refuses the same.
  const auto skipper = makeJsonDecoder();
  skipper->start(json, maxDepth);
  std::string_view raw;
  const bool isSkipped = skipper->skipValue(raw) && skipper->atEnd();
  EXPECT_EQ(isSkipped, result.value.has_value()) << json;
  return result;
}

std::string write(const Value& value, std::string* error = nullptr) {
  const auto encoder = makeJsonEncoder();
  util::ByteBuffer out;
  encoder->start(out);
  encodeValue(*encoder, value);
  if (error != nullptr) *error = encoder->error();
  return std::string(out.view());
}

void expectValue(std::string_view json, const Value& value) {
  const Read result = read(json);
  EXPECT_EQ(result.error, "") << json;
  ASSERT_TRUE(result.value) << json;
  EXPECT_EQ(*result.value, value) << json;
}

void expectBoth(std::string_view json, const Value& value) {
  expectValue(json, value);
  EXPECT_EQ(write(value), json);
}

TEST(Json, Scalars) {
  expectBoth("null", nullptr);
  expectBoth("true", true);
  expectBoth("false", false);
  expectBoth("0", 0);
  expectBoth("-1", -1);
  expectBoth(R"("")", "");
  expectBoth(R"("text")", "text");
  expectBoth("[]", List{});
  expectBoth("{}", Dict{});
  expectBoth(R"([1,"a",[],{"k":{"l":null}},2.5])",
             List{1, "a", List{}, Dict{{"k", Dict{{"l", nullptr}}}}, 2.5});
}

TEST(Json, IntegersAreExact) {
  expectBoth("9223372036854775807", std::numeric_limits<std::int64_t>::max());
  expectBoth("-9223372036854775808", std::numeric_limits<std::int64_t>::min());
  expectBoth("9223372036854775808", std::uint64_t{1} << 63);
  expectBoth("18446744073709551615", std::numeric_limits<std::uint64_t>::max());
  expectBoth("9007199254740993", 9007199254740993);
  expectBoth("999999999999999999", 999999999999999999);
  expectBoth("1000000000000000000", 1000000000000000000);
  expectBoth("-999999999999999999", -999999999999999999);
  expectValue("-0", 0);
  // What JavaScript writes for doubles of this size.
  expectValue("18446744073709551616", 18446744073709551616.0);
  expectValue("-9223372036854775809", -9223372036854775809.0);
}

TEST(Json, DoublesComeBackTheSame) {
  for (const double each : {0.1, 1.0, -0.0, 1e22, 1e-7, 5e-324, 1.7976931348623157e308, 123456789.125, 1e100,
                            2.2250738585072011e-308, 9007199254740992.0, 0.30000000000000004}) {
    const std::string text = write(each);
    const Read result = read(text);
    ASSERT_TRUE(result.value && result.value->isDouble()) << text << result.error;
    EXPECT_EQ(std::signbit(result.value->asDouble()), std::signbit(each));
    EXPECT_EQ(result.value->asDouble(), each) << text;
  }
  EXPECT_EQ(write(1.0), "1.0");
  EXPECT_EQ(write(List{1.0, 1}), "[1.0,1]");
  expectValue("1e2", 100.0);
  // What RapidJSON makes anything of.
  for (const char* zero : {"0.0e40", "0.0e-300", "0.000e300"}) expectValue(zero, 0.0);
  expectValue("-0.0e40", -0.0);
  expectValue("1E+2", 100.0);
  expectValue("1.0", 1.0);
}

TEST(Json, Strings) {
  expectBoth(R"("a\"\\\b\f\n\r\t\u0001\u001f/")", "a\"\\\b\f\n\r\t\1\x1f/");
  expectValue(R"("\u00e4\/\ud83d\ude00")", "ä/😀");
  expectBoth("\"ä😀\x7f\"", "ä😀\x7f");
  expectBoth(R"("a\u0000b")", std::string("a\0b", 3));
  expectBoth(R"({"\u0000AQ==":1,"ä\n":2})", Dict{{std::string("\0AQ==", 5), 1}, {"ä\n", 2}});
}

TEST(Json, BinaryIsBase64BehindNul) {
  expectBoth(R"("\u0000")", Bytes());
  expectBoth(R"("\u0000AP8Q")", Bytes(std::string("\0\xff\x10", 3)));
  expectBoth(R"({"k":["\u0000AQ=="]})", Dict{{"k", List{Bytes("\1")}}});
  EXPECT_THAT(read(R"("\u0000A")").error, HasSubstr("not base64"));
  EXPECT_THAT(read(R"(["\u0000A-=="])").error, HasSubstr("not base64"));
}

TEST(Json, WhiteSpaceAndDuplicateKeys) {
  expectValue(" \t\r\n[ 1 , { \"a\" : 2 } ] \n", List{1, Dict{{"a", 2}}});
  expectValue(R"({"a":1,"a":{"b":2},"a":3})", Dict{{"a", 3}});
}

/// RapidJSON sees it by the exponent alone, and makes infinity of the rest.
TEST(Json, RefusesNumbersThatNoDoubleHolds) {
  for (const char* each :
       {"1e309", "5e308", "-5e000000308", "1.7976931348623159e308", "17976931348623159000e289"}) {
    EXPECT_FALSE(read(each).value) << each;
  }
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const char* each :
       {"",          " ",          "[",        "]",         "{",        "}",        "[1",
        "[1,",       "[1,]",       "[,1]",     "[1 2]",     "[1]]",     "[1]x",     "{\"a\"}",
        "{\"a\":}",  "{\"a\":1,}", "{,}",      "{\"a\" 1}", "{1:2}",    "{a:1}",    "[1}",
        "{\"a\":1]", "nul",        "nulls",    "True",      "NaN",      "Infinity", "-Infinity",
        "01",        "-",          "-01",      "1.",        ".5",       "1e",       "1e+",
        "+1",        "0x10",       "1_000",    "'a'",       "\"a",      "\"\\",     "\"\\x\"",
        "\"\\u12\"", "\"\n\"",     "\"\x01\"", "// c\n1",   "/* c */1", "1 2",      "\"a\"\"b\"",
        "1e999",     "-1e999"}) {
    EXPECT_FALSE(read(each).value) << each;
  }
  EXPECT_FALSE(read(std::string_view("\0", 1)).value);
  EXPECT_FALSE(read(std::string_view("[1\0]", 4)).value);
  EXPECT_FALSE(read(std::string_view("1\0", 2)).value);
  EXPECT_FALSE(read(std::string_view("[\"a\0\"]", 6)).value);
  EXPECT_FALSE(read("\xef\xbb\xbf[]").value) << "byte order mark";
}

TEST(Json, RefusesWhatIsNoUtf8) {
  for (const char* each :
       {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xe2\x82\"", "\"\\n\xff\"", "{\"\xff\":1}",
        "{\"\\n\xff\":1}", R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"({"\udc00":1})"}) {
    EXPECT_FALSE(read(each).value) << each;
    EXPECT_FALSE(read("[" + std::string(each) + "]").value) << each;
  }
}

// Strings are scanned several bytes at a time: nothing may be missed at any place.
TEST(Json, SpecialBytesAreSeenAtEveryPlaceOfAString) {
  for (std::size_t size = 1; size <= 26; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      const std::string before(at, 'a');
      const std::string after(size - at - 1, '~');
      SCOPED_TRACE(std::to_string(at) + " of " + std::to_string(size));
      for (int byte = 0; byte < 256; ++byte) {
        if (byte == '"' || byte == '\\') continue;
        const std::string text = before + static_cast<char>(byte) + after;
        const auto result = read('"' + text + '"');
        if (byte < 0x20) {
          EXPECT_EQ(result.error, "byte " + std::to_string(at + 1) + ": a control character in a string");
        } else if (byte >= 0x80) {
          EXPECT_NE(result.error.find("not UTF-8"), std::string::npos) << byte;
        } else {
          EXPECT_EQ(result.value, Value(text)) << byte;
        }
      }
      EXPECT_EQ(read('"' + before + "\xC3\xA9" + after + '"').value, Value(before + "\xC3\xA9" + after));
      EXPECT_EQ(read('"' + before + "\\n" + after + '"').value, Value(before + "\n" + after));
      EXPECT_EQ(read("[\"" + before + "\",\"" + after + "\"]").value, Value(List{before, after}));
    }
  }
}

TEST(Json, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(read("[1, 2").error, "byte 5: the text ends within a list or dict");
  EXPECT_EQ(read("[1 2]").error, "byte 3: ',' or ']' wanted");
  EXPECT_EQ(read("{\"a\" 1}").error, "byte 5: ':' wanted");
  EXPECT_EQ(read("{1:2}").error, "byte 1: a dict's key (a string) wanted");
  EXPECT_EQ(read("[\"a\x01\"]").error, "byte 3: a control character in a string");
  EXPECT_EQ(read("[tru]").error, "byte 4: Invalid value.");
  EXPECT_EQ(read("[1,]").error, "byte 3: a value wanted");
}

std::string deep(int depth, std::string_view open, std::string_view inner, std::string_view close) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  text += inner;
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(Json, NestingIsLimited) {
  EXPECT_TRUE(read(deep(64, "[", "", "]")).value);
  EXPECT_EQ(read(deep(65, "[", "", "]")).error, "byte 64: nested deeper than 64");
  EXPECT_TRUE(read(deep(64, "{\"a\":", "1", "}")).value);
  EXPECT_FALSE(read(deep(65, "{\"a\":", "1", "}")).value);
  EXPECT_TRUE(read(deep(kHighestMaxDepth, "[", "", "]"), 1'000'000).value);
  EXPECT_FALSE(read(deep(kHighestMaxDepth + 1, "[", "", "]"), 1'000'000).value);
  EXPECT_FALSE(read(deep(1'000'000, "[", "", "]")).value);
}

TEST(Json, WritingIsLimitedToo) {
  std::string error;
  Value value = 1;
  for (int i = 0; i < 10'000; ++i) {
    List list;
    list.push_back(std::move(value));
    value = std::move(list);
  }
  write(value, &error);
  EXPECT_EQ(error, "nested deeper than 64");
}

TEST(Json, WhatHasNoFormInJsonIsRefused) {
  const std::pair<Value, std::string> cases[] = {
      {std::nan(""), "NaN and infinity cannot be written in JSON"},
      {List{std::numeric_limits<double>::infinity()}, "NaN and infinity cannot be written in JSON"},
      {std::string("\0a", 2), "a string that begins with NUL would be binary data in JSON"},
      {"\xff", "a string is not UTF-8 (binary data are Bytes)"},
      {"\xed\xa0\x80", "a string is not UTF-8 (binary data are Bytes)"},
      {Dict{{"\xff", 1}}, "a dict's key is not UTF-8"},
  };
  for (const auto& [value, wanted] : cases) {
    std::string error;
    write(value, &error);
    EXPECT_EQ(error, wanted);
  }
}

TEST(Json, PullsTokensAndRawSlices) {
  const std::string json = R"([48, {"a" : [1, {"b":"]"}] , "c":2}, "x\ny", "plain"] )";
  const auto decoder = makeJsonDecoder();
  decoder->start(json);
  Token token;
  EXPECT_EQ(decoder->peek(), Shape::list);
  ASSERT_TRUE(decoder->next(token));
  EXPECT_EQ(token.type, TokenType::beginList);
  EXPECT_EQ(decoder->peek(), Shape::scalar);
  ASSERT_TRUE(decoder->next(token));
  EXPECT_EQ(token.integer, 48);
  EXPECT_EQ(decoder->peek(), Shape::dict);
  EXPECT_EQ(decoder->peek(), Shape::dict) << "peeking twice changes nothing";
  std::string_view raw;
  ASSERT_TRUE(decoder->skipValue(raw));
  EXPECT_EQ(raw, R"({"a" : [1, {"b":"]"}] , "c":2})");
  ASSERT_TRUE(decoder->next(token));
  EXPECT_EQ(token.text, "x\ny");
  EXPECT_FALSE(decoder->isInInput(token.text));
  ASSERT_TRUE(decoder->next(token));
  EXPECT_TRUE(decoder->isInInput(token.text));
  EXPECT_EQ(decoder->peek(), Shape::end);
  ASSERT_TRUE(decoder->next(token));
  EXPECT_EQ(token.type, TokenType::endList);
  EXPECT_TRUE(decoder->atEnd());
  EXPECT_EQ(decoder->peek(), Shape::end);
  EXPECT_FALSE(decoder->next(token));
  EXPECT_FALSE(decoder->failed());
}

TEST(Json, StaysFailed) {
  const auto decoder = makeJsonDecoder();
  decoder->start("[1 2]");
  Token token;
  while (decoder->next(token)) {
  }
  const std::string error = decoder->error();
  std::string_view raw;
  EXPECT_FALSE(decoder->next(token));
  EXPECT_FALSE(decoder->skipValue(raw));
  EXPECT_EQ(decoder->peek(), Shape::bad);
  EXPECT_EQ(decoder->error(), error);
  decoder->start("[1]");
  EXPECT_TRUE(decodeValue(*decoder)) << "and begins anew";
}

TEST(Json, EveryPrefixOfATextIsRefused) {
  const std::string json = R"([1,{"a":[true,null,"\u00e4x"],"b":-1.5e3},"\u0000AQ=="])";
  ASSERT_TRUE(read(json).value);
  for (std::size_t i = 0; i < json.size(); ++i) EXPECT_FALSE(read(json.substr(0, i)).value) << i;
}

}  // namespace
}  // namespace autobahn::wamp
