#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../testing/codecs.hpp"

namespace autobahn::wamp::testing {
namespace {

constexpr auto kCbor = Encoding::cbor;

TEST(Cbor, ReadsAndWritesTheShortestForms) {
  expectReadsAndWrites(kCbor, {
                                  {"f6", nullptr},
                                  {"f4", false},
                                  {"f5", true},
                                  {"00", 0},
                                  {"17", 23},
                                  {"18 18", 24},
                                  {"18 ff", 255},
                                  {"19 01 00", 256},
                                  {"19 ff ff", 65535},
                                  {"1a 00 01 00 00", 65536},
                                  {"1a ff ff ff ff", 4294967295},
                                  {"1b 00 00 00 01 00 00 00 00", 4294967296},
                                  {"1b ff ff ff ff ff ff ff ff", std::numeric_limits<std::uint64_t>::max()},
                                  {"20", -1},
                                  {"37", -24},
                                  {"38 18", -25},
                                  {"38 ff", -256},
                                  {"39 01 00", -257},
                                  {"3a ff ff ff ff", -4294967296},
                                  {"3b 00 00 00 01 00 00 00 00", -4294967297},
                                  {"3b 7f ff ff ff ff ff ff ff", std::numeric_limits<std::int64_t>::min()},
                                  {"fb 3f f1 99 99 99 99 99 9a", 1.1},
                                  {"fb ff f0 00 00 00 00 00 00", -std::numeric_limits<double>::infinity()},
                                  {"60", ""},
                                  {"63 e2 82 ac", "€"},
                                  {"40", Bytes("")},
                                  {"42 ff 00", Bytes(std::string("\xff\0", 2))},
                                  {"80", List{}},
                                  {"83 01 61 61 41 62", List{1, "a", Bytes("b")}},
                                  {"a0", Dict{}},
                                  {"a2 61 61 01 61 62 81 a0", Dict{{"a", 1}, {"b", List{Dict{}}}}},
                              });
}

TEST(Cbor, WritesLengthsOfEveryWidth) {
  const struct {
    std::size_t size;
    std::string argument;
  } rows[] = {{24, " 18"}, {255, " ff"}, {256, " 01 00"}, {65536, " 00 01 00 00"}};
  for (const auto& row : rows) {
    const char width = row.size < 256 ? '8' : row.size < 65536 ? '9' : 'a';
    const std::string content(row.size, 'x');
    expectReadsAndWrites(
        kCbor, {{(std::string("7") + width + row.argument + " " + hexOf(content)).c_str(), content},
                {(std::string("5") + width + row.argument + " " + hexOf(content)).c_str(), Bytes(content)},
                {(std::string("9") + width + row.argument + " " + hexOf(std::string(row.size, '\1'))).c_str(),
                 List(row.size, Value(1))}});
  }
}

TEST(Cbor, ReadsLongerFormsThanNeeded) {
  expectReads(kCbor, {
                         {"18 01", 1},
                         {"19 00 01", 1},
                         {"1a 00 00 00 01", 1},
                         {"1b 00 00 00 00 00 00 00 01", 1},
                         {"38 00", -1},
                         {"78 01 61", "a"},
                         {"7b 00 00 00 00 00 00 00 01 61", "a"},
                         {"59 00 01 61", Bytes("a")},
                         {"98 01 f6", List{nullptr}},
                         {"b8 01 61 61 f6", Dict{{"a", nullptr}}},
                         {"f7", nullptr},
                     });
}

TEST(Cbor, ReadsOtherWaysToWriteBytesAndIntegers) {
  expectReads(kCbor, {
                         {"d8 40 42 ff 00", Bytes(std::string("\xff\0", 2))},
                         {"d8 40 40", Bytes("")},
                         {"d8 40 5f 41 61 41 62 ff", Bytes("ab")},
                         {"d9 00 40 41 61", Bytes("a")},
                         {"82 d8 40 41 61 01", List{Bytes("a"), 1}},
                         {"a1 61 6b d8 40 41 61", Dict{{"k", Bytes("a")}}},
                         {"c2 40", 0},
                         {"c2 41 07", 7},
                         {"c2 49 00 ff ff ff ff ff ff ff ff", std::numeric_limits<std::uint64_t>::max()},
                         {"c2 5f 41 01 41 00 ff", 256},
                         {"c3 40", -1},
                         {"c3 41 07", -8},
                         {"c3 48 7f ff ff ff ff ff ff ff", std::numeric_limits<std::int64_t>::min()},
                         {"82 c2 41 01 c3 41 01", List{1, -2}},
                     });
}

TEST(Cbor, WhatIsTaggedOtherwiseFitsNoValue) {
  expectForeign(kCbor, {
                           {"c2 49 01 00 00 00 00 00 00 00 00", "the tag 2, an integer beyond 64 bits"},
                           {"c3 48 80 00 00 00 00 00 00 00", "the tag 3, an integer beyond 64 bits"},
                           {"c2 01", "the tag 2 without a byte string"},
                           {"c2 c2 41 01", "the tag 2 without a byte string"},
                           {"d8 40 61 61", "the tag 64 without a byte string"},
                           {"d8 41 42 00 00", "the tag 65, which fits no value"},
                       });
}

// RFC 8949, appendix A.
TEST(Cbor, ReadsHalfAndSinglePrecision) {
  expectReads(kCbor, {
                         {"f9 00 00", 0.0},
                         {"f9 3c 00", 1.0},
                         {"f9 3e 00", 1.5},
                         {"f9 7b ff", 65504.0},
                         {"f9 00 01", 5.960464477539063e-8},
                         {"f9 04 00", 0.00006103515625},
                         {"f9 c4 00", -4.0},
                         {"f9 7c 00", std::numeric_limits<double>::infinity()},
                         {"f9 fc 00", -std::numeric_limits<double>::infinity()},
                         {"fa 47 c3 50 00", 100000.0},
                         {"fa 7f 7f ff ff", 3.4028234663852886e+38},
                     });
  EXPECT_TRUE(std::signbit(decodeBytes(kCbor, bytesOf("f9 80 00")).value->asDouble()));
  for (const char* nan : {"f9 7e 00", "f9 7c 01", "fa 7f c0 00 00", "fb 7f f8 00 00 00 00 00 00"}) {
    EXPECT_TRUE(std::isnan(decodeBytes(kCbor, bytesOf(nan)).value->asDouble())) << nan;
  }
}

TEST(Cbor, ReadsIndefiniteLengths) {
  expectReads(kCbor, {
                         {"9f ff", List{}},
                         {"9f 01 82 02 03 9f 04 05 ff ff", List{1, List{2, 3}, List{4, 5}}},
                         {"83 01 9f 02 ff 03", List{1, List{2}, 3}},
                         {"bf ff", Dict{}},
                         {"bf 61 61 01 61 62 9f 02 03 ff ff", Dict{{"a", 1}, {"b", List{2, 3}}}},
                         {"5f ff", Bytes("")},
                         {"5f 42 01 02 43 03 04 05 ff", Bytes("\1\2\3\4\5")},
                         {"7f 65 73 74 72 65 61 64 6d 69 6e 67 ff", "streaming"},
                         {"7f 60 ff", ""},
                         {"bf 7f 61 61 61 62 ff 01 ff", Dict{{"ab", 1}}},
                     });
}

TEST(Cbor, TagsAndOtherForeignThingsPassButFitNoValue) {
  expectForeign(kCbor,
                {
                    {"c0 61 61", "byte 0: the tag 0, which fits no value"},
                    {"d9 d9 f7 01", "the tag 55799, which fits no value"},
                    {"82 01 c1 c2 c3 02", "byte 2: the tag 1"},
                    {"c4 82 21 19 6a b3", "the tag 4"},
                    {"c1 9f 01 ff", "the tag 1"},
                    {"3b 80 00 00 00 00 00 00 00", "byte 0: an integer below -2^63, which fits no value"},
                    {"3b ff ff ff ff ff ff ff ff", "below -2^63"},
                    {"e0", "the simple value 0, which fits no value"},
                    {"f3", "the simple value 19"},
                    {"f8 ff", "the simple value 255"},
                    {"a1 01 02", "byte 1: a dict's key is not a string"},
                    {"a1 41 61 02", "byte 1: a dict's key is not a string"},
                    {"a1 80 02", "byte 1: a dict's key is not a string"},
                    {"a1 c0 61 61 02", "byte 1: the tag 0"},
                });
}

TEST(Cbor, RefusesWhatIsNoCbor) {
  expectMalformed(kCbor, {
                             {"1c", "byte 0: a first byte that means nothing"},
                             {"1f", "byte 0: a first byte that means nothing"},
                             {"3f", "byte 0: a first byte that means nothing"},
                             {"df 01", "byte 0: a first byte that means nothing"},
                             {"fc", "byte 0: a first byte that means nothing"},
                             {"f8 1f", "byte 0: a simple value below 32 in two bytes"},
                             {"ff", "byte 0: the end of a list or dict where a value is wanted"},
                             {"81 ff", "byte 1: the end of a list or dict where a value is wanted"},
                             {"bf 61 61 ff", "byte 3: the end of a list or dict where a value is wanted"},
                             {"a1 61 61 ff", "byte 3: the end of a list or dict where a value is wanted"},
                             {"61 ff", "byte 1: a string that is not UTF-8"},
                             {"7f 61 e2 62 82 ac ff", "byte 2: a string that is not UTF-8"},
                             {"7f 41 61 ff", "byte 1: a chunk of a string wanted"},
                             {"5f 61 61 ff", "byte 1: a chunk of a string wanted"},
                             {"5f 00 ff", "byte 1: a chunk of a string wanted"},
                             {"5f 5f 41 61 ff ff", "byte 1: a first byte that means nothing"},
                             {"00 00", "more than one value"},
                             {"9f 01", "the data end within a value"},
                             {"5f 41 61", "the data end within a value"},
                         });
}

TEST(Cbor, RefusesDeclaredSizesBeyondTheData) {
  expectMalformed(kCbor,
                  {
                      {"5a ff ff ff ff 00", "a string of 4294967295, and only 1 bytes follow"},
                      {"5b ff ff ff ff ff ff ff ff 00", "a string of 18446744073709551615, and only 1 bytes"},
                      {"7b ff ff ff ff ff ff ff ff 00", "a string of 18446744073709551615, and only 1 bytes"},
                      {"5f 5b ff ff ff ff ff ff ff ff", "a string of 18446744073709551615, and only 0 bytes"},
                      {"9b ff ff ff ff ff ff ff ff 00", "a list of 18446744073709551615, and only 1 bytes"},
                      {"bb ff ff ff ff ff ff ff ff 00", "a dict of 18446744073709551615, and only 1 bytes"},
                      {"bb 80 00 00 00 00 00 00 01 60 60", "a dict of 9223372036854775809, and only 2 bytes"},
                  });
}

// A reader behind a router may recurse into tags.
TEST(Cbor, TagsCountAsNesting) {
  const std::string tags(40, '\xc0');
  EXPECT_EQ(skipBytes(kCbor, tags + '\0', 40), "");
  EXPECT_EQ(skipBytes(kCbor, tags + '\0', 39), "byte 40: nested deeper than 39");
}

}  // namespace
}  // namespace autobahn::wamp::testing
