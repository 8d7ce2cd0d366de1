#include <gtest/gtest.h>

#include <limits>

#include "../testing/codecs.hpp"

namespace autobahn::wamp::testing {
namespace {

constexpr auto kMsgpack = Encoding::msgpack;

TEST(Msgpack, ReadsAndWritesTheShortestForms) {
  expectReadsAndWrites(kMsgpack,
                       {
                           {"c0", nullptr},
                           {"c2", false},
                           {"c3", true},
                           {"00", 0},
                           {"7f", 127},
                           {"cc 80", 128},
                           {"cc ff", 255},
                           {"cd 01 00", 256},
                           {"cd ff ff", 65535},
                           {"ce 00 01 00 00", 65536},
                           {"ce ff ff ff ff", 4294967295},
                           {"cf 00 00 00 01 00 00 00 00", 4294967296},
                           {"cf 00 20 00 00 00 00 00 00", std::int64_t{1} << 53},
                           {"cf ff ff ff ff ff ff ff ff", std::numeric_limits<std::uint64_t>::max()},
                           {"ff", -1},
                           {"e0", -32},
                           {"d0 df", -33},
                           {"d0 80", -128},
                           {"d1 ff 7f", -129},
                           {"d1 80 00", -32768},
                           {"d2 ff ff 7f ff", -32769},
                           {"d2 80 00 00 00", -2147483648},
                           {"d3 ff ff ff ff 7f ff ff ff", -2147483649},
                           {"d3 80 00 00 00 00 00 00 00", std::numeric_limits<std::int64_t>::min()},
                           {"cb 3f f8 00 00 00 00 00 00", 1.5},
                           {"cb 7f f0 00 00 00 00 00 00", std::numeric_limits<double>::infinity()},
                           {"a0", ""},
                           {"a3 e2 82 ac", "€"},
                           {"c4 00", Bytes("")},
                           {"c4 02 ff 00", Bytes(std::string("\xff\0", 2))},
                           {"90", List{}},
                           {"93 01 a1 61 c4 01 62", List{1, "a", Bytes("b")}},
                           {"80", Dict{}},
                           {"82 a1 61 01 a1 62 91 80", Dict{{"a", 1}, {"b", List{Dict{}}}}},
                       });
}

TEST(Msgpack, ReadsLongerFormsThanNeeded) {
  expectReads(kMsgpack, {
                            {"cc 01", 1},
                            {"cd 00 01", 1},
                            {"ce 00 00 00 01", 1},
                            {"cf 00 00 00 00 00 00 00 01", 1},
                            {"d0 01", 1},
                            {"d1 ff ff", -1},
                            {"d2 ff ff ff ff", -1},
                            {"d3 ff ff ff ff ff ff ff ff", -1},
                            {"ca 3f c0 00 00", 1.5},
                            {"ca 3d cc cc cd", static_cast<double>(0.1F)},
                            {"d9 01 61", "a"},
                            {"da 00 01 61", "a"},
                            {"db 00 00 00 01 61", "a"},
                            {"c5 00 01 61", Bytes("a")},
                            {"c6 00 00 00 01 61", Bytes("a")},
                            {"dc 00 01 c0", List{nullptr}},
                            {"dd 00 00 00 01 c0", List{nullptr}},
                            {"de 00 01 a1 61 c0", Dict{{"a", nullptr}}},
                            {"df 00 00 00 01 a1 61 c0", Dict{{"a", nullptr}}},
                        });
}

TEST(Msgpack, ReadsJavaScriptsUndefined) {
  expectReads(kMsgpack, {
                            {"d4 00 00", nullptr},
                            {"92 d4 00 00 01", List{nullptr, 1}},
                            {"81 a1 61 d4 00 00", Dict{{"a", nullptr}}},
                        });
}

TEST(Msgpack, WritesLengthsOfEveryWidth) {
  const struct {
    std::size_t size;
    const char* text;
    const char* bytes;
    const char* list;
  } rows[] = {
      {31, "bf", "c4 1f", "dc 00 1f"},
      {32, "d9 20", "c4 20", "dc 00 20"},
      {255, "d9 ff", "c4 ff", "dc 00 ff"},
      {256, "da 01 00", "c5 01 00", "dc 01 00"},
      {65536, "db 00 01 00 00", "c6 00 01 00 00", "dd 00 01 00 00"},
  };
  for (const auto& row : rows) {
    const std::string content(row.size, 'x');
    expectReadsAndWrites(kMsgpack,
                         {{(row.text + std::string(" ") + hexOf(content)).c_str(), content},
                          {(row.bytes + std::string(" ") + hexOf(content)).c_str(), Bytes(content)},
                          {(row.list + std::string(" ") + hexOf(std::string(row.size, '\x01'))).c_str(),
                           List(row.size, Value(1))}});
  }
}

TEST(Msgpack, ExtensionsAndForeignKeysPassButFitNoValue) {
  expectForeign(kMsgpack, {
                              {"d4 00 01", "byte 0: the extension type 0, which fits no value"},
                              {"c7 01 00 00", "extension type 0"},
                              {"d5 00 00 00", "extension type 0"},
                              {"d4 01 00", "byte 0: the extension type 1, which fits no value"},
                              {"d6 ff 00 00 00 00", "extension type -1"},
                              {"d8 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", "extension type 5"},
                              {"c7 00 05", "extension type 5"},
                              {"c8 00 01 05 00", "extension type 5"},
                              {"c9 00 00 00 02 05 00 00", "extension type 5"},
                              {"92 01 d5 07 00 00", "byte 2: the extension type 7"},
                              {"81 01 c0", "byte 1: a dict's key is not a string"},
                              {"81 c4 01 61 c0", "byte 1: a dict's key is not a string"},
                              {"81 91 01 c0", "byte 1: a dict's key is not a string"},
                          });
}

TEST(Msgpack, RefusesWhatIsNoMessagePack) {
  expectMalformed(kMsgpack, {
                                {"c1", "byte 0: the byte 0xc1, which is never used"},
                                {"91 c1", "byte 1: the byte 0xc1"},
                                {"a1 ff", "byte 1: a string that is not UTF-8"},
                                {"a3 ed a0 80", "a string that is not UTF-8"},
                                {"81 a1 ff c0", "byte 2: a string that is not UTF-8"},
                                {"c0 c0", "more than one value"},
                                {"91", "byte 1: a list of 1, and only 0 bytes follow"},
                                {"81 a1", "a dict of 1, and only 1 bytes follow"},
                                {"cd 01", "byte 2: the data end within a value"},
                                {"a2 61", "byte 1: a string of 2, and only 1 bytes follow"},
                            });
}

// Sizes and counts are declared by the sender: they are compared with what is there, and allocate nothing.
TEST(Msgpack, RefusesDeclaredSizesBeyondTheData) {
  expectMalformed(kMsgpack, {
                                {"c6 ff ff ff ff 00", "a string of 4294967295, and only 1 bytes follow"},
                                {"db ff ff ff ff 00", "a string of 4294967295, and only 1 bytes follow"},
                                {"c9 ff ff ff ff 00", "a string of 4294967295, and only 0 bytes follow"},
                                {"dd ff ff ff ff 00", "a list of 4294967295, and only 1 bytes follow"},
                                {"df ff ff ff ff 00 00", "a dict of 4294967295, and only 2 bytes follow"},
                            });
}

}  // namespace
}  // namespace autobahn::wamp::testing
