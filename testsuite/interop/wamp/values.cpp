#include "values.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace interop {
namespace {

using namespace autobahn::wamp;

std::string repeated(const std::string& text, int times) {
  std::string whole;
  for (int i = 0; i < times; ++i) whole += text;
  return whole;
}

std::string allBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

Dict makeValues() {
  return {
      {"null", nullptr},
      {"true", true},
      {"false", false},
      {"zero", 0},
      {"minus_one", -1},
      {"two_to_31", std::int64_t{1} << 31},
      {"max_safe", (std::int64_t{1} << 53) - 1},
      {"two_to_53", std::int64_t{1} << 53},
      {"minus_two_to_53", -(std::int64_t{1} << 53)},
      {"beyond_53", (std::int64_t{1} << 53) + 1},
      {"int64_max", std::numeric_limits<std::int64_t>::max()},
      {"int64_min", std::numeric_limits<std::int64_t>::min()},
      {"uint64_max", std::numeric_limits<std::uint64_t>::max()},
      {"half", 0.5},
      {"huge", 1e300},
      {"tiny", 5e-324},
      {"empty_text", ""},
      {"world", "Grüße, 世界"},
      {"astral", "😀𝄞\U0010FFFD"},
      {"text_with_nul", std::string("a\0b", 3)},
      {"controls", "\x01\x1f\x7f\"\\/\t\r\n\u2028"},
      {"long_text", repeated("é", 40'000)},
      {"empty_bytes", Bytes()},
      {"all_bytes", Bytes(allBytes())},
      {"long_bytes", Bytes(repeated(allBytes(), 300))},
      {"list", List{1, List{2, List{3, List{}}}, Dict{}}},
      {"dict", Dict{{"", 1}, {"a b", Dict{{"c", List{nullptr, "d"}}}}}},
  };
}

}  // namespace

const Dict& namedValues() {
  static const Dict values = makeValues();
  return values;
}

}  // namespace interop
