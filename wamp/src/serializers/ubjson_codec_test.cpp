#include <gtest/gtest.h>

#include <limits>

#include "../testing/codecs.hpp"

namespace autobahn::wamp::testing {
namespace {

constexpr auto kUbjson = Encoding::ubjson;

std::string hex(std::string_view text) { return hexOf(text); }

// Markers are letters: written as such where nothing else is needed.
void expectTexts(const std::vector<std::pair<std::string, Value>>& rows) {
  for (const auto& [text, value] : rows) expectReads(kUbjson, {{hex(text).c_str(), value}});
}

TEST(Ubjson, ReadsAndWritesTheShortestForms) {
  expectReadsAndWrites(kUbjson,
                       {
                           {"5a", nullptr},
                           {"46", false},
                           {"54", true},
                           {"55 00", 0},
                           {"55 ff", 255},
                           {"49 01 00", 256},
                           {"49 7f ff", 32767},
                           {"6c 00 00 80 00", 32768},
                           {"6c 7f ff ff ff", 2147483647},
                           {"4c 00 00 00 00 80 00 00 00", 2147483648},
                           {"4c 7f ff ff ff ff ff ff ff", std::numeric_limits<std::int64_t>::max()},
                           {"69 ff", -1},
                           {"69 80", -128},
                           {"49 ff 7f", -129},
                           {"6c ff ff 7f ff", -32769},
                           {"4c ff ff ff ff 7f ff ff ff", -2147483649},
                           {"44 3f f8 00 00 00 00 00 00", 1.5},
                           {"53 55 00", ""},
                           {"53 55 03 e2 82 ac", "€"},
                           {"5b 24 55 23 55 00", Bytes("")},
                           {"5b 24 55 23 55 02 ff 00", Bytes(std::string("\xff\0", 2))},
                           {"5b 5d", List{}},
                           {"5b 55 01 53 55 01 61 5b 24 55 23 55 01 62 5d", List{1, "a", Bytes("b")}},
                           {"7b 7d", Dict{}},
                           {"7b 55 01 61 55 01 55 01 62 5b 7b 7d 5d 7d", Dict{{"a", 1}, {"b", List{Dict{}}}}},
                       });
  expectReadsAndWrites(
      kUbjson, {{hex("HU\x14"
                     "18446744073709551615")
                     .c_str(),
                 std::numeric_limits<std::uint64_t>::max()},
                {(hex("SI") + " 01 00 " + hex(std::string(256, 'x'))).c_str(), std::string(256, 'x')}});
}

TEST(Ubjson, ReadsAllTypes) {
  expectReads(kUbjson, {
                           {"64 3f c0 00 00", 1.5},
                           {"49 00 01", 1},
                           {"4c 00 00 00 00 00 00 00 01", 1},
                           {"43 61", "a"},
                       });
  expectTexts({
      {"HU\1"
       "7",
       7},
      {"HU\2-7", -7},
      {"HU\3"
       "1.5",
       1.5},
      {"HU\4"
       "1e-1",
       0.1},
      {"HU\4-0.5", -0.5},
      {"HU\x13"
       "9223372036854775807",
       std::numeric_limits<std::int64_t>::max()},
      {"HU\x13"
       "9223372036854775808",
       std::uint64_t{1} << 63},
  });
}

TEST(Ubjson, ReadsContainersWithCountsAndTypes) {
  expectTexts({
      {"[#U\2TF", List{true, false}},
      {"{#U\2U\1aTU\1bF", Dict{{"a", true}, {"b", false}}},
      {"[$i#U\3\1\2\3", List{1, 2, 3}},
      {"[$S#U\2U\1aU\1b", List{"a", "b"}},
      {"[$C#U\2ab", List{"a", "b"}},
      {"[$T#U\2", List{true, true}},
      {"[$Z#U\2", List{nullptr, nullptr}},
      {"{$F#U\1U\1a", Dict{{"a", false}}},
      {"{$U#U\1U\1a\7", Dict{{"a", 7}}},
      {"[$[#U\2]$i#U\1\7", List{List{}, List{7}}},
      {"[$[#U\2$U#U\1a]", List{Bytes("a"), List{}}},
      {"[${#U\2}U\1aZ}", List{Dict{}, Dict{{"a", nullptr}}}},
      {"{$[#U\1U\1aU\7]", Dict{{"a", List{7}}}},
      {std::string("[#U\0", 4), List{}},
      {std::string("[$d#U\0", 6), List{}},
      {std::string("{$d#U\0", 6), Dict{}},
  });
}

TEST(Ubjson, PassesOverNoOps) {
  expectTexts({
      {"N[]", List{}},
      {"[NNTNFN]", List{true, false}},
      {"{NU\1aNTN}", Dict{{"a", true}}},
      {"[#U\2NTNF", List{true, false}},
      {"[NNN]", List{}},
      {"[$C#U\1N", List{"N"}},
  });
}

TEST(Ubjson, HighPrecisionBeyondValuesPasses) {
  const std::pair<std::string, const char*> rows[] = {
      {"HU\x14"
       "18446744073709551616",
       "an integer beyond 64 bits"},
      {"HU\x14-9223372036854775809", "an integer beyond 64 bits"},
      {"HU\5"
       "1e999",
       "a number beyond double"},
  };
  for (const auto& [text, error] : rows) expectForeign(kUbjson, {{hex(text).c_str(), error}});
}

TEST(Ubjson, RefusesWhatIsNoUbjson) {
  const std::pair<std::string, const char*> rows[] = {
      {"x", "byte 0: a type that means nothing here"},
      {"m1234", "byte 0: a type that means nothing here"},  // BJData's uint32
      {"]", "byte 0: a type that means nothing here"},
      {"[}", "byte 1: a type that means nothing here"},
      {"{]", "byte 1: a type that means nothing here"},
      {"[T", "the data end within a value"},
      {"{U\1a", "the data end within a value"},
      {"{U\1a}", "byte 4: a type that means nothing here"},
      {"{SU\1aT}", "byte 1: a type that means nothing here"},
      {"SU\1\xff", "byte 3: a string that is not UTF-8"},
      {"C\xc3", "a string that is not UTF-8"},
      {"Si\xff", "byte 1: a negative length"},
      {"[#i\xff", "byte 2: a negative length"},
      {"SZ", "byte 1: a type that means nothing here"},
      {"[$", "the data end within a value"},
      {"[$N#U\1", "byte 2: a type that elements cannot have"},
      {"[$]#U\1", "byte 2: a type that elements cannot have"},
      {"[$iU\1", "byte 3: a count wanted behind the elements' type"},
      {"HU\1x", "a high-precision number that is no number"},
      {std::string("HU\0", 3), "a high-precision number that is no number"},
      {"HU\2"
       "07",
       "a high-precision number that is no number"},
      {"HU\2"
       "1.",
       "a high-precision number that is no number"},
      {"HU\2"
       "1e",
       "a high-precision number that is no number"},
      {"HU\2+1", "a high-precision number that is no number"},
      {"HU\3nan", "a high-precision number that is no number"},
      {"[#U\1T]", "more than one value"},
      {"TT", "more than one value"},
  };
  for (const auto& [text, error] : rows) expectMalformed(kUbjson, {{hex(text).c_str(), error}});
}

TEST(Ubjson, RefusesDeclaredSizesBeyondTheData) {
  expectMalformed(
      kUbjson,
      {
          {"53 4c 7f ff ff ff ff ff ff ff 00", "a string of 9223372036854775807, and only 1 bytes follow"},
          {"48 6c 7f ff ff ff 31", "a string of 2147483647, and only 1 bytes follow"},
          {"5b 24 55 23 4c 7f ff ff ff ff ff ff ff 00", "a string of 9223372036854775807, and only 1 bytes"},
          {"5b 23 4c 7f ff ff ff ff ff ff ff 00", "a list of 9223372036854775807, and only 1 bytes follow"},
          {"7b 23 4c 7f ff ff ff ff ff ff ff 00", "a dict of 9223372036854775807, and only 1 bytes follow"},
          {"5b 24 44 23 6c 7f ff ff ff 00", "a list of 2147483647, and only 1 bytes follow"},
      });
}

// "[$Z#" and a count is a list of that many nulls, in a dozen bytes.
TEST(Ubjson, ElementsWithoutBytesAreLimitedAllTogether) {
  expectMalformed(kUbjson,
                  {{"5b 24 5a 23 6c 7f ff ff ff", "more elements without bytes than the data have bytes"},
                   {"5b 24 54 23 4c 7f ff ff ff ff ff ff ff", "more elements without bytes"}});
  std::string several = "[";
  for (int i = 0; i < 3; ++i) several += "[$Z#U\x06";
  several += "]";  // 3 * 6 elements in 20 bytes
  ASSERT_EQ(several.size(), 20u);
  EXPECT_EQ(decodeBytes(kUbjson, several).error, "");
  several[6] = several[12] = '\x0f';
  EXPECT_EQ(decodeBytes(kUbjson, several).error,
            "byte 13: more elements without bytes than the data have bytes");
}

TEST(Ubjson, NeitherNanNorInfinityIsWritten) {
  for (const double value :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    util::ByteBuffer out;
    const auto encoder = findCodec(kUbjson)->makeEncoder();
    encoder->start(out);
    encoder->real(value);
    EXPECT_EQ(encoder->error(), "NaN and infinity cannot be written in UBJSON");
  }
}

}  // namespace
}  // namespace autobahn::wamp::testing
