// Against RapidJSON's documents (our decoder uses its number and string parsing, not its structure).
#include <rapidjson/document.h>

#include <algorithm>
#include <autobahn/util/crypto.hpp>
#include <cmath>

#include "consistency.hpp"
#include "target.hpp"

namespace autobahn::fuzz {
namespace {

using namespace wamp;

Value stringOf(const rapidjson::Value& value) {
  const std::string_view text(value.GetString(), value.GetStringLength());
  if (!text.starts_with('\0')) return text;
  return Bytes(util::base64Decode(text.substr(1)).value_or("?"));
}

// Ours can read it, so it is not deep.
Value valueOf(const rapidjson::Value& value) {
  if (value.IsBool()) return value.GetBool();
  if (value.IsInt64()) return value.GetInt64();
  if (value.IsUint64()) return value.GetUint64();
  if (value.IsNumber()) return value.GetDouble();
  if (value.IsString()) return stringOf(value);
  if (value.IsArray()) {
    List list;
    for (const auto& each : value.GetArray()) list.push_back(valueOf(each));
    return list;
  }
  if (value.IsObject()) {
    Dict dict;
    for (const auto& each : value.GetObject()) {
      dict[std::string(each.name.GetString(), each.name.GetStringLength())] = valueOf(each.value);
    }
    return dict;
  }
  return nullptr;
}

// RapidJSON's quick conversion of real numbers is inexact (its exact one makes anything of zeros with
// exponents): they are alike when nothing but the last digits differs.
bool areAlike(const Value& a, const Value& b) {
  if (a.type() != b.type()) return false;
  if (a.isDouble()) {
    constexpr double kLastDigits = 1e-14;
    constexpr double kTiny = 1e-290;
    return std::abs(a.asDouble() - b.asDouble()) <= kLastDigits * std::abs(a.asDouble()) + kTiny;
  }
  if (a.isList()) {
    return std::ranges::equal(a.asList(), b.asList(), areAlike);
  }
  if (a.isDict()) {
    return std::ranges::equal(a.asDict(), b.asDict(), [](const auto& x, const auto& y) {
      return x.first == y.first && areAlike(x.second, y.second);
    });
  }
  return canonical(a) == canonical(b);
}

// What is RapidJSON's and not JSON's: it takes NUL for the end, passes over any byte of a byte order mark,
// lets low surrogates pass alone, knows nothing of binary data, and makes infinity of some numbers.
bool isTheirLaxity(std::string_view input, std::string_view error) {
  return input.find('\0') != std::string_view::npos || isOurLimit(error) ||
         input.find_first_of("\xef\xbb\xbf") == 0 || error.find("base64") != std::string_view::npos ||
         error.find("too big") != std::string_view::npos;
}

}  // namespace

void tryJson(std::string_view input) {
  checkMessage("json", input);
  const Reading ours = checkValue(wamp::Encoding::json, input);
  rapidjson::Document theirs;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  theirs.Parse<kFlags>(input.data(), input.size());
  if (!ours.value) {
    if (!theirs.HasParseError()) require(isTheirLaxity(input, ours.valueError), "refused by us only");
    return;
  }
  require(!theirs.HasParseError(), "a value for us only");
  require(areAlike(*ours.value, valueOf(theirs)), "different values");
}

}  // namespace autobahn::fuzz
